"""Plain volume spikes (viral, a campaign, praise or anger): a notice for the care team that never pages.

A decayed record: the two-hour mean is news when it beats everything of the last days by a clear step. Only the past is
used. Measured on the tweets about five brands of the Numenta Anomaly Benchmark (docs/detection.md).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import log1p
from typing import NamedTuple

WINDOW = timedelta(hours=2)
RECORD_HALF_LIFE = timedelta(days=8)
MEAN_HALF_LIFE = timedelta(days=2)
REST = timedelta(hours=12)  # one notice per event
STEP = 0.075  # log-units above the record: 8%
SMALL = 2.0  # posts per five minutes: below, ups and downs are chance
FIVE_MINUTES = timedelta(minutes=5)


class Tone(StrEnum):
    """What the crowd sounds like."""

    GOOD = "good"
    BAD = "bad"
    MIXED = "mixed"


class VolumeReading(NamedTuple):
    """`score`: log-units above the decayed record (0 or less is ordinary); `notice`: worth telling once."""

    at: datetime
    score: float
    notice: bool

    @property
    def reason(self) -> str:
        """One sentence for the notice."""
        if not self.notice:
            return "The volume is within what the last days have seen."
        return "People talk more about us than at any time in the last days."


@dataclass(slots=True)
class VolumeState:
    """The last two hours, the slow mean and the record of one stream."""

    recent: deque[tuple[datetime, float]] = field(default_factory=deque)
    total: float = 0.0
    first: datetime | None = None
    before: datetime | None = None
    mean: float = 0.0
    record: float = 0.0
    rest_until: datetime | None = None
    fresh: deque[tuple[datetime, float]] = field(default_factory=deque)  # levels too new to be part of the record


def watch_volume(state: VolumeState, at: datetime, value: float) -> VolumeReading:
    """Take in the mentions of one step of any length (in place) and say whether that is news.

    Args:
        state: of this stream, changed in place.
        at: start of the step; earlier steps than the last one are ignored.
        value: mentions in the step, not negative.
    """
    if state.before is not None and at <= state.before:
        return VolumeReading(at, 0.0, False)
    elapsed = at - state.before if state.before is not None else timedelta()
    state.before = at
    state.first = state.first or at
    level = _level(state, at, value)
    if at - state.first < WINDOW:
        state.mean, state.record = level, max(state.record, level)
        return VolumeReading(at, 0.0, False)
    _ripen(state, at)
    score = level - max(state.record, state.mean)
    resting = state.rest_until is not None and at < state.rest_until
    notice = score > STEP and not resting
    if notice:
        state.rest_until = at + REST
    _remember(state, at, level, elapsed)
    return VolumeReading(at, 0.0 if resting else score, notice)


def _ripen(state: VolumeState, at: datetime) -> None:
    while state.fresh and at - state.fresh[0][0] >= FIVE_MINUTES:
        state.record = max(state.record, state.fresh.popleft()[1])


def _remember(state: VolumeState, at: datetime, level: float, elapsed: timedelta) -> None:
    kept = 0.5 ** (elapsed / RECORD_HALF_LIFE)
    state.record = state.mean + (state.record - state.mean) * kept
    state.fresh.append((at, level))
    state.mean += (1 - 0.5 ** (elapsed / MEAN_HALF_LIFE)) * (level - state.mean)


def tone_of(good: int, bad: int) -> Tone:
    """Say how a crowd sounds from its positive and negative mentions; two thirds decide."""
    if not good + bad:
        return Tone.MIXED
    share = bad / (good + bad)
    return Tone.BAD if share >= 2 / 3 else Tone.GOOD if share <= 1 / 3 else Tone.MIXED


def read_volume(steps: Iterable[tuple[datetime, float]]) -> Iterable[VolumeReading]:
    """Watch a whole series, oldest first."""
    state = VolumeState()
    for at, value in steps:
        yield watch_volume(state, at, value)


def _level(state: VolumeState, at: datetime, value: float) -> float:
    """Log of the mean of the last two hours, in posts per five minutes."""
    state.recent.append((at, value))
    state.total += value
    while at - state.recent[0][0] >= WINDOW:
        state.total -= state.recent.popleft()[1]
    return log1p(max(state.total, 0.0) / (WINDOW / FIVE_MINUTES) / SMALL)
