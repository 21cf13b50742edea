"""What words and pairs of words say by themselves, beside the deep network: two small tables that learn with it.

The word table of the base is frozen on its 4-bit grid: only the layers above it can learn what a word says in our
texts. A narrow table of our own is added to it (in the manner of Hu et al., "LoRA: Low-Rank Adaptation of Large
Language Models", 2021). Pairs of word pieces have a direct say in the sentiment (Cheng et al., "Wide & Deep Learning
for Recommender Systems", 2016), hashed into a fixed number of lines (Joulin et al., "Bag of Tricks for Efficient Text
Classification", 2016).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

TONES = 16
PAIRS = 1 << 18
FIRST, SECOND = 1_000_003, 7_919
"""A pair of word pieces stands in line (first * `FIRST` + second * `SECOND`) mod `PAIRS`."""
_SENTIMENTS = 3
_SPREAD = 0.05


class Wide(nn.Module):  # type: ignore[misc,unused-ignore]
    """The two tables for a network of `pieces` word pieces and `width` numbers a piece. Both say nothing at first."""

    def __init__(self, pieces: int, width: int) -> None:
        super().__init__()
        self.tone = nn.Embedding(pieces, TONES)
        self.widen = nn.Linear(TONES, width, bias=False)
        self.pairs = nn.Embedding(PAIRS, _SENTIMENTS)
        nn.init.normal_(self.tone.weight, std=_SPREAD)
        nn.init.zeros_(self.widen.weight)
        nn.init.zeros_(self.pairs.weight)

    def tones(self, input_ids: Tensor) -> Tensor:
        """What is added to the vectors of the word pieces (rows x tokens x width)."""
        return self.widen(self.tone(input_ids))

    def said(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """What is added to the logits of the sentiment (rows x 3): a sum over pairs by the root of its length."""
        line = (input_ids[:, :-1] * FIRST + input_ids[:, 1:] * SECOND) % PAIRS
        heard = (self.pairs(line) * attention_mask[:, 1:, None]).sum(1)
        return heard / torch.sqrt(attention_mask.sum(1, keepdim=True).float())
