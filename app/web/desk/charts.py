"""Bar charts of our own as plain figures for inline SVG; the templates add the table that says the same. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite

WIDTH, HEIGHT = 720.0, 120.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; lengths in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars on one scale, and the line of what is expected as the points of a polyline."""

    bars: tuple[Bar, ...]
    line: str
    top: int  # what the upper edge stands for
    highest: int
    total: int
    width: float = WIDTH
    height: float = HEIGHT


def chart(observed: Sequence[int], expected: Sequence[float] = (), top: float | None = None) -> Chart:
    """Draw `observed` as bars and `expected` as steps; `top` sets a common scale for several charts."""
    sane = [value if isfinite(value) and value > 0 else 0.0 for value in expected]
    ceiling = max(1, ceil(max([top or 0, *observed, *sane], default=1)))
    slot = WIDTH / max(len(observed), 1)
    bars = tuple(_bar(at, value, slot, ceiling) for at, value in enumerate(observed))
    return Chart(bars, _steps(sane, ceiling), ceiling, max(observed, default=0), sum(observed))


def _bar(at: int, value: int, slot: float, top: int) -> Bar:
    height = HEIGHT * value / top
    if value:
        height = max(height, 2.0)  # one person is seen beside a hundred
    gap = slot * 0.18
    return Bar(round(at * slot + gap / 2, 2), round(HEIGHT - height, 2), round(slot - gap, 2), round(height, 2), value)


def _steps(values: Sequence[float], top: int) -> str:
    slot = WIDTH / max(len(values), 1)
    points = []
    for at, value in enumerate(values):
        y = round(HEIGHT - HEIGHT * value / top, 2)
        points += [f"{round(at * slot, 2)},{y}", f"{round((at + 1) * slot, 2)},{y}"]
    return " ".join(points)
