"""A quiet component for the detector's tests: a steady audience with a day, few reports, and room for trouble."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

from sentiment.spikes import Bucket

MONDAY = 29_193_120  # minutes since the epoch, a Monday midnight
DAY = 1440


def poisson(rng: random.Random, rate: float) -> int:
    """Draw a count (Knuth; good for rates below 50)."""
    limit, product, count = math.exp(-rate), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def ordinary(
    minutes: int, *, start: int = MONDAY, talk: float = 5.0, seed: int = 1,
    change: Callable[[int, Bucket], Bucket] | None = None,
) -> Iterator[Bucket]:  # fmt: skip
    """Make `minutes` ordinary minutes; `change(i, bucket)` may put trouble into them."""
    rng = random.Random(seed)
    for i in range(minutes):
        minute = start + i
        rate = talk * (1 + 0.5 * math.sin(2 * math.pi * (minute % DAY) / DAY))
        reports, others, rest = (poisson(rng, rate * share) for share in (0.02, 0.05, 0.93))
        bucket = Bucket(minute, reports, others, rest, poisson(rng, rate * 0.002))
        yield bucket if change is None else change(i, bucket)
