"""Rows as token numbers in length-sorted batches, drawn so that sets, languages and classes stay in balance."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from sentiment.normalise import name_rare_emoji
from sentiment.training.rows import ALTERED, MISSING, Row
from sentiment.training.sets import ALTERED_PASSES, OWN_POSTS_PASSES, SETS

PAD = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded ids and mask (rows x tokens), label arrays; where there is a teacher its logits (rows x 12) and states.

    `states`: what its last layer makes of the word pieces that are no padding (pieces x width).
    """

    ids: np.ndarray
    mask: np.ndarray
    sentiment: np.ndarray
    complaint: np.ndarray
    kind: np.ndarray
    not_outage: np.ndarray
    taught: NDArray[np.float32] | None = None
    states: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Teaching:
    """What a teacher says of rows: logits (rows x 12), and in a file the states of their word pieces (fp16).

    Those of row `i` begin at piece `first[i]` of the file; they would not fit into memory.
    """

    logits: NDArray[np.float32]
    path: Path
    first: NDArray[np.int64]
    width: int

    def states(self, index: Sequence[int], lengths: Sequence[int]) -> NDArray[np.float32]:
        """The states of the pieces of the rows at `index`, one row after the other (pieces x width)."""
        stored = np.memmap(self.path, np.float16, "r").reshape(-1, self.width)
        parts = [stored[self.first[i] : self.first[i] + length] for i, length in zip(index, lengths, strict=True)]
        return np.concatenate(parts).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Rows beside their token numbers, and what a teacher says of them."""

    rows: Sequence[Row]
    tokens: Sequence[np.ndarray]
    taught: Teaching | None = None

    def batch(self, index: Sequence[int]) -> Batch:
        """The rows at `index`, padded to the longest of them."""
        lengths = [len(self.tokens[i]) for i in index]
        width = max(lengths)
        ids = np.full((len(index), width), PAD, dtype=np.int64)
        for line, i in enumerate(index):
            ids[line, : lengths[line]] = self.tokens[i]
        chosen = [self.rows[i] for i in index]
        return Batch(
            ids=ids,
            mask=(ids != PAD).astype(np.int64),
            sentiment=np.array([row.sentiment for row in chosen]),
            complaint=np.array([row.complaint for row in chosen]),
            kind=np.array([row.kind for row in chosen]),
            not_outage=np.array([row.not_outage for row in chosen]),
            taught=None if self.taught is None else self.taught.logits[list(index)],
            states=None if self.taught is None else self.taught.states(index, lengths),
        )


def encode(tokenizer: Tokenizer, rows: Sequence[Row], max_tokens: int) -> Corpus:
    """Token numbers of each row, cut at `max_tokens` (the closing sign is kept)."""
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    known = frozenset(piece.lstrip("▁") for piece in tokenizer.get_vocab())
    encoded = tokenizer.encode_batch_fast([name_rare_emoji(row.text, known) for row in rows])
    return Corpus(rows, [np.array(each.ids, dtype=np.int64) for each in encoded])


def draw(rows: Sequence[Row], chance: random.Random, scale: float = 1.0) -> list[int]:
    """Row numbers of one pass: the quota of each set, with its sentiment classes pulled towards equal shares."""
    quotas = {public.path: public.quota for public in SETS}
    groups: dict[str, list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        groups[row.group].append(position)
    drawn: list[int] = []
    for group, members in groups.items():
        passes = ALTERED_PASSES if group.endswith(ALTERED) else OWN_POSTS_PASSES
        quota = quotas.get(group, passes * len(members))
        drawn += _balanced(rows, members, round(quota * scale), chance)
    chance.shuffle(drawn)
    return drawn


def _balanced(rows: Sequence[Row], members: Sequence[int], count: int, chance: random.Random) -> list[int]:
    classes: dict[int, list[int]] = defaultdict(list)
    for position in members:
        classes[rows[position].sentiment].append(position)
    weights = {label: len(each) ** 0.5 for label, each in classes.items()}
    if MISSING in classes or "kind" in rows[members[0]].group or "posts" in rows[members[0]].group:
        weights = {label: float(len(each)) for label, each in classes.items()}
    total = sum(weights.values())
    drawn: list[int] = []
    for label, each in classes.items():
        drawn += _take(each, round(count * weights[label] / total), chance)
    return drawn


def _take(members: Sequence[int], count: int, chance: random.Random) -> list[int]:
    """`count` of `members`, each as often as any other before one comes again."""
    whole, rest = divmod(count, len(members))
    return [*members] * whole + chance.sample(list(members), rest)


def by_length(
    corpus: Corpus, order: Sequence[int], tokens: int, chance: random.Random | None = None
) -> Iterator[list[int]]:
    """Batches of about `tokens` padded tokens. With `chance` (training) sorting stays inside pools of 2,048 rows."""
    pool = 2048 if chance else max(1, len(order))
    for start in range(0, len(order), pool):
        batches = list(_pack(corpus, sorted(order[start : start + pool], key=lambda i: len(corpus.tokens[i])), tokens))
        if chance:
            chance.shuffle(batches)
        yield from batches


def _pack(corpus: Corpus, ordered: Sequence[int], tokens: int) -> Iterator[list[int]]:
    batch: list[int] = []
    for i in ordered:
        if batch and (len(batch) + 1) * len(corpus.tokens[i]) > tokens:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
