"""The scorer of the Numenta Anomaly Benchmark, standard profile, written from its paper (Lavin and Ahmad, 2015).

In each labelled window the first alarm earns up to 1 (the earlier the better), a missed window costs 1, an alarm
outside costs up to .11 (little just behind a window). The first 15% of a file (of at most 5,000 rows) are not scored.
The sum is scaled so that silence is 0 and perfection 100.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import exp
from pathlib import Path

FALSE_ALARM = 0.11


@dataclass(frozen=True, slots=True)
class Series:
    """One brand: the volume per step and the labelled windows as first and last row."""

    name: str
    times: tuple[datetime, ...]
    values: tuple[float, ...]
    windows: tuple[tuple[int, int], ...]


def read_series(folder: Path) -> list[Series]:
    """Read the brands in `folder` (CSV files and labels.json)."""
    labels = json.loads((folder / "labels.json").read_text())["windows"]
    return [_read(path, labels[path.name]) for path in sorted(folder.glob("*.csv"))]


def _read(path: Path, windows: list[list[str]]) -> Series:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    times = [datetime.fromisoformat(row["timestamp"]) for row in rows]
    bounds = [(times.index(_at(first)), times.index(_at(last))) for first, last in windows]
    return Series(path.stem, tuple(times), tuple(float(row["value"]) for row in rows), tuple(bounds))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text.split(".")[0])


def points(series: Series, alarms: list[int]) -> float:
    """Sum up the points of one file; `alarms` are row numbers."""
    best = [-1.0] * len(series.windows)
    total, probation = 0.0, int(0.15 * min(len(series.values), 5000))
    for row in alarms:
        if row < probation:
            continue
        inside = [i for i, (first, last) in enumerate(series.windows) if first <= row <= last]
        if inside:
            first, last = series.windows[inside[0]]
            best[inside[0]] = max(best[inside[0]], _sigmoid(-(last - row + 1) / (last - first + 1)) / _sigmoid(-1.0))
        else:
            total += _penalty(series, row)
    return total + sum(best)


def normalised(scored: Mapping[str, float], brands: list[Series]) -> float:
    """Scale the points of several files to 0 (silence) .. 100 (perfect)."""
    windows = sum(len(series.windows) for series in brands)
    return 100 * (sum(scored[series.name] for series in brands) + windows) / (2 * windows)


def _penalty(series: Series, row: int) -> float:
    before = [(first, last) for first, last in series.windows if last < row]
    if not before:
        return -FALSE_ALARM
    first, last = before[-1]
    return FALSE_ALARM * _sigmoid((row - last) / (last - first))


def _sigmoid(x: float) -> float:
    return -1.0 if x > 3 else 2 / (1 + exp(5 * x)) - 1
