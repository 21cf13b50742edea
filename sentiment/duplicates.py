"""Who said it first? Reposts and near-identical texts are folded, so that one loud text is one voice.

Short texts ("is it down?") are what many people write on their own: they are folded only for the same author. MinHash
sketches by rensa; candidates by banding, in a sliding window.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rensa import RMinHash

PERMUTATIONS, ROWS, SEED = 64, 4, 7
ALIKE = 0.7  # Jaccard similarity of word pairs and triples
FREE_WORDS = 7  # fewer words prove nothing about copying
_NOISE = re.compile(r"https?://\S+|@[\w.@-]+|[^\w\s#]+", re.UNICODE)
_REPOST = re.compile(r"^\s*(?:RT|via)\s+@[\w.]+:?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Copy:
    """`of` is the id of the mention that said it before; `reason` tells why we think so."""

    of: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Seen:
    id: str
    author: str
    at: datetime
    text: str
    sketch: tuple[int, ...]
    repost: bool


@dataclass(slots=True)
class Recent:
    """What was said in the last `window`, indexed by bands of its sketch."""

    window: timedelta = timedelta(hours=24)
    most: int = 50_000
    _queue: deque[_Seen] = field(default_factory=deque)
    _bands: dict[tuple[int, ...], list[_Seen]] = field(default_factory=dict)
    _exact: dict[tuple[str, str], _Seen] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the texts remembered."""
        return len(self._queue)

    def fold(self, id: str, author: str, text: str, at: datetime) -> Copy | None:
        """Say which earlier text this one repeats, None if it is new; new ones are remembered.

        Args:
            id: of the mention; the same id again is no copy of itself.
            author: person behind it.
            text: plain text, normalised or not.
            at: when it was said; texts older than the window behind it are forgotten.
        """
        self._forget(at)
        words, repost = _words(text)
        plain = " ".join(words)
        mine = self._exact.get((author, plain))
        if mine is not None and mine.id != id:
            return Copy(mine.id, "the same person said the same before")
        seen = _Seen(id, author, at, plain, _sketch(words), repost)
        original = self._alike(seen) if len(words) >= FREE_WORDS or repost else None
        if original is not None:
            return Copy(original.id, "a repost" if repost else "nearly the same words as an earlier post")
        self._remember(seen)
        return None

    def _alike(self, seen: _Seen) -> _Seen | None:
        best, most = None, ALIKE
        for band in _bands(seen.sketch):
            for other in self._bands.get(band, ()):
                same = sum(a == b for a, b in zip(seen.sketch, other.sketch, strict=True)) / PERMUTATIONS
                if other.id != seen.id and same >= most:
                    best, most = other, same
        return best

    def _remember(self, seen: _Seen) -> None:
        self._queue.append(seen)
        self._exact[seen.author, seen.text] = seen
        for band in _bands(seen.sketch):
            self._bands.setdefault(band, []).append(seen)

    def _forget(self, now: datetime) -> None:
        while self._queue and (now - self._queue[0].at > self.window or len(self._queue) >= self.most):
            old = self._queue.popleft()
            if self._exact.get((old.author, old.text)) is old:
                del self._exact[old.author, old.text]
            for band in _bands(old.sketch):
                left = [other for other in self._bands[band] if other is not old]
                if left:
                    self._bands[band] = left
                else:
                    del self._bands[band]


def _words(text: str) -> tuple[list[str], bool]:
    stripped = _REPOST.sub("", text)
    return _NOISE.sub(" ", stripped).casefold().split(), stripped != text


def _sketch(words: list[str]) -> tuple[int, ...]:
    shingles = [" ".join(words[i : i + n]) for n in (2, 3) for i in range(len(words) - n + 1)] or [" ".join(words)]
    sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    sketch.update(shingles)
    return tuple(sketch.digest())


def _bands(sketch: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [(i, *sketch[i : i + ROWS]) for i in range(0, PERMUTATIONS, ROWS)]
