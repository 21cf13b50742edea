"""Reports from customers in the last 24 hours beside what is usual: figures for the chart, its words and its table.

Few people could be recognised by when they spoke, so a number below `FEWEST` is never shown: not in the table, not in
the words, not as the height of a bar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

SLOT = timedelta(minutes=30)
SLOTS = 48
FEWEST = 3
EVERYTHING = ""  # the line of all components together, with the reports that name none
WIDTH, HEIGHT, STEP = 480, 96, 10  # of the drawing: 48 bars of ten units
_SURELY_MORE = 5  # people in an hour: fewer are never called "more than usual"


@dataclass(frozen=True, slots=True)
class Line:
    """One component's day: people per half hour, oldest first, the last one still running; what is usual, if known."""

    observed: tuple[int, ...]
    usual: tuple[float, ...] = ()  # as many as `observed`, or none
    last_hour: int = 0  # people, each once

    @property
    def usual_hour(self) -> float | None:
        """How many people are usual in such an hour, None while too little is known."""
        return sum(self.usual[-2:]) if self.usual else None

    @property
    def is_high(self) -> bool:
        """True when clearly more people report something than is usual."""
        usual = self.usual_hour
        return usual is not None and self.last_hour >= max(_SURELY_MORE, 2 * usual + FEWEST)


@dataclass(frozen=True, slots=True)
class Reports:
    """The last 24 hours: `lines` by component, `EVERYTHING` for all of them together."""

    since: datetime  # when the first half hour began
    lines: Mapping[str, Line] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Paths for an inline SVG of WIDTH x HEIGHT: bars, the outline of what is usual, and what the upper edge means."""

    bars: str
    now: str  # the bar of the half hour that is still running
    usual: str
    top: int


def shown(count: float) -> int | None:
    """Round a number of people for the public; None stands for "fewer than 3"."""
    rounded = round(count)
    return rounded if rounded >= FEWEST else None


def scale_of(lines: Sequence[Line]) -> int:
    """Give a common upper edge for the charts of these lines, at least 10."""
    return max(10, ceil(max((max((*line.observed, *line.usual), default=0) for line in lines), default=0)))


def draw(line: Line, top: int) -> Drawing:
    """Draw a line; what may not be shown has no bar."""
    bars = [_bar(place, count, top) for place, count in enumerate(line.observed)]
    steps = "".join(f"H{place * STEP}V{_y(usual, top)}" for place, usual in enumerate(line.usual))
    usual = f"M0 {HEIGHT}{steps}H{WIDTH}V{HEIGHT}" if steps else ""
    return Drawing("".join(bars[:-1]), bars[-1] if bars else "", usual, top)


def _bar(place: int, count: int, top: int) -> str:
    return f"M{place * STEP + STEP // 2} {HEIGHT}V{_y(count, top)}" if shown(count) else ""


def _y(value: float, top: int) -> int:
    return HEIGHT - round(HEIGHT * min(value, top) / top) if shown(value) else HEIGHT


def rows(reports: Reports, line: Line) -> list[tuple[datetime, int | None, int | None]]:
    """Give the half hours worth a line in the table: (when it began, people, usual); the others had fewer than 3."""
    usual = line.usual or (0.0,) * len(line.observed)
    told = [
        (reports.since + place * SLOT, shown(count), shown(normal))
        for place, (count, normal) in enumerate(zip(line.observed, usual, strict=True))
    ]
    return [row for row in told if row[1] is not None or row[2] is not None]
