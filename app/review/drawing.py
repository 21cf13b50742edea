"""The picture of a review as plain figures for inline SVG: complaints as bars, our words as numbered marks. Pure.

It is drawn twice, for wide and for narrow screens, since letters in a drawing shrink with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from domain.review.seen import A_MINUTE, Axis
from domain.review.story import Review, Step

WIDE, NARROW = 760.0, 340.0
BARS, STRIP, LANE = 150.0, 34.0, 22.0  # heights
LEFT, RIGHT = 30.0, 12.0  # margins
_TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)  # minutes
_TICK_ROOM = 62.0  # of the letters under the axis


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """One public word: its number, where it stands on the time axis, and how high."""

    number: int
    x: float
    y: float
    ends: bool = False  # the word that says it is solved


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its words."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn; lengths in units of the drawing."""

    width: float
    height: float
    top: float  # where the bars' area begins
    base: float  # where it ends
    newly: tuple[Box, ...]  # people who complain for the first time
    again: tuple[Box, ...]  # above them: people who had complained before
    answers: tuple[Box, ...]  # words to single customers, under the axis
    marks: tuple[Mark, ...]
    silence: Box | None  # from the first complaint to the first public word
    hours: tuple[Tick, ...]
    scale: tuple[Tick, ...]
    left: float = LEFT
    right: float = RIGHT


@dataclass(frozen=True, slots=True)
class _Place:
    """Knows where a moment stands."""

    axis: Axis
    width: float

    @property
    def slot(self) -> float:
        """How wide a bar's place is."""
        return (self.width - LEFT - RIGHT) / self.axis.slots

    def x(self, at: datetime) -> float:
        """Give the place of a moment, at the edge where it lies beside the picture."""
        gone = (at - self.axis.start) / (self.axis.step * A_MINUTE)
        return round(LEFT + min(max(gone, 0.0), float(self.axis.slots)) * self.slot, 1)


def picture(review: Review, spoken: Sequence[tuple[datetime, bool]], zero: datetime, width: float = WIDE) -> Picture:
    """Draw a review; `spoken` are its numbered words (does it end?), `zero` is where the minutes begin."""
    place = _Place(review.axis, width)
    placed = [(n, place.x(at), ends) for n, (at, ends) in enumerate(spoken, 1) if _within(review.axis, at)]
    lanes = _lanes([x for _, x, _ in placed])
    top = (max(lanes, default=0) + 1) * LANE + 4 if lanes else 8.0
    base = top + BARS
    marks = tuple(
        Mark(n, x, (lane + 0.5) * LANE, ends) for (n, x, ends), lane in zip(placed, lanes, strict=True)
    )  # fmt: skip
    most = max(1, *review.seen.bars)
    newly = _bars(review.seen.newly, (), place, most, base)
    again = _bars(_rest(review), review.seen.newly, place, most, base)
    answers = _hanging(review.answers, place, base + 22)
    height = base + 24 + (STRIP + 4 if answers else 0)
    return Picture(
        width, height, top, base, newly, again, answers, marks, _silence(review, place, top), _hours(place, zero),
        _scale(most, base),
    )  # fmt: skip


def _within(axis: Axis, at: datetime) -> bool:
    return axis.slot(at) is not None


def _lanes(xs: Sequence[float]) -> list[int]:
    """Give each mark the lowest lane where it covers no other one."""
    ends: list[float] = []
    chosen = []
    for x in xs:
        lane = next((n for n, end in enumerate(ends) if end <= x), len(ends))
        ends[lane : lane + 1] = [x + LANE]
        chosen.append(lane)
    return chosen


def _rest(review: Review) -> tuple[int, ...]:
    return tuple(
        max(people - newly, 0) for people, newly in zip(review.seen.bars, review.seen.newly, strict=True)
    )  # fmt: skip


def _bars(values: Sequence[int], below: Sequence[int], place: _Place, most: int, base: float) -> tuple[Box, ...]:
    found = []
    for slot, value in enumerate(values):
        if value:
            under = BARS * (below[slot] if below else 0) / most
            tall = max(BARS * value / most, 2.0)
            found.append(_box(place, slot, base - under - tall, tall))
    return tuple(found)


def _hanging(values: Sequence[int], place: _Place, top: float) -> tuple[Box, ...]:
    most = max(1, *values)
    return tuple(
        _box(place, slot, top, max(STRIP * value / most, 2.0)) for slot, value in enumerate(values) if value
    )  # fmt: skip


def _box(place: _Place, slot: int, y: float, height: float) -> Box:
    gap = min(place.slot * 0.15, 3.0)
    x = LEFT + slot * place.slot + gap / 2
    return Box(round(x, 2), round(y, 2), round(min(place.slot - gap, 40.0), 2), round(height, 2))


def _silence(review: Review, place: _Place, top: float) -> Box | None:
    """Shade the time in which customers complained and nothing was public."""
    if review.seen.first is None:
        return None
    told = review.reached(Step.PUBLIC_WORD)
    if told is not None and told.ahead:
        return None
    start, end = place.x(review.seen.first), place.x(told.at if told else review.ended or review.axis.end)
    return Box(start, top, round(max(end - start, 1.0), 1), BARS)


def _hours(place: _Place, zero: datetime) -> tuple[Tick, ...]:
    """Label the axis in minutes or hours since `zero`."""
    room = place.width - LEFT - RIGHT
    span = place.axis.slots * place.axis.step
    most = max(2, int(room / _TICK_ROOM))
    step = next((step for step in _TICKS if span / step <= most), 1440 * ceil(span / 1440 / most))
    first = ceil((place.axis.start - zero) / (step * A_MINUTE))
    last = (place.axis.end - zero) // (step * A_MINUTE)
    return tuple(
        Tick(place.x(zero + n * step * A_MINUTE), after(n * step * A_MINUTE)) for n in range(first, last + 1)
    )  # fmt: skip


def after(span: timedelta) -> str:
    """Write a short length of time for an axis: "0", "15 min", "1 h 30", "2 d", "−5 min"."""
    total = round(span / A_MINUTE)
    sign, total = ("−" if total < 0 else ""), abs(total)
    if total == 0:
        return "0"
    if total < 60:
        return f"{sign}{total} min"
    if total % 1440 == 0:
        return f"{sign}{total // 1440} d"
    return f"{sign}{total // 60} h" + (f" {total % 60:02d}" if total % 60 else "")


def _scale(most: int, base: float) -> tuple[Tick, ...]:
    """Draw lines at whole numbers of people: the top, and the half where that is a whole number, too."""
    values = {0, most} | ({most // 2} if most % 2 == 0 else set())
    return tuple(Tick(round(base - BARS * value / most, 1), str(value)) for value in sorted(values))
