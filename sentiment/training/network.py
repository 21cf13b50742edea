"""The network: a BERT encoder and a wide part, mean pooling, one projection, three heads, all in one forward pass."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoConfig, BertModel

from sentiment.training.wide import Wide

SENTIMENT = slice(0, 3)
COMPLAINT = slice(3, 4)
KIND = slice(4, 12)
OUTPUTS = 12


class MultiHead(nn.Module):  # type: ignore[misc,unused-ignore]
    """Logits of sentiment (3), complaint (1) and kind (8) in this order."""

    def __init__(self, encoder: BertModel, dropout: float = 0.1) -> None:
        super().__init__()
        hidden = encoder.config.hidden_size
        self.encoder = encoder
        self.project = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.Linear(hidden, OUTPUTS)
        self.wide = Wide(encoder.config.vocab_size, hidden)
        # The word embeddings lie on a 4-bit grid; frozen they can be shipped in 4 bits without loss.
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits (rows x 12)."""
        return self.seen(input_ids, attention_mask)[0]

    def seen(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (rows x 12), and what the last layer makes of each word piece (rows x tokens x width)."""
        words = self.encoder.embeddings.word_embeddings(input_ids) + self.wide.tones(input_ids)
        states = self.encoder(inputs_embeds=words, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        hidden = nn.functional.gelu(self.project(self.dropout(pooled)))
        logits = self.heads(self.dropout(hidden))
        sentiment = logits[:, SENTIMENT] + self.wide.said(input_ids, attention_mask)
        return torch.cat([sentiment, logits[:, SENTIMENT.stop :]], 1), states


def cut(base: Path, layers: int, frozen: int = 0) -> MultiHead:
    """A fresh network on the first `layers` layers of the base encoder, of which the lowest `frozen` do not learn.

    Dropping the top layers before fine-tuning keeps nearly all of a task's score at a fraction of the cost
    (Sajjad et al., "On the Effect of Dropping Layers of Pre-trained Transformer Models", 2023).
    """
    config = AutoConfig.from_pretrained(base)
    config.num_hidden_layers = layers
    # Without dropout on the attention the quick kernel runs; the two other dropouts stay.
    config.attention_probs_dropout_prob = 0.0
    encoder = BertModel.from_pretrained(base, config=config, add_pooling_layer=False, dtype=torch.float32)
    if frozen:
        for part in (encoder.embeddings, *encoder.encoder.layer[:frozen]):
            part.requires_grad_(False)
    return MultiHead(encoder)
