"""`hubbub detect`: counts in as CSV, scores and states out as CSV, line by line, for back-tests and for other tools."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Protocol

import typer

from domain.errors import ConfigError
from sentiment.spikes import Bucket, Sensitivity, Settings, State, minute_of, observe
from sentiment.volume import VolumeState, watch_volume

COLUMNS = ("time", "outage", "complaint", "neutral", "duplicate")
DIFFERENCES = ("complaint", "neutral", "duplicate")  # of counts de-duplicated on their own: may dip below zero
VOLUME_COLUMNS = ("time", "value")
SLICES = ("region:", "language:", "source:")


class _Reader(Protocol):
    """What `csv.reader` gives."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("detect")(detect_stdin)


def detect_stdin(
    volume: Annotated[bool, typer.Option("--volume", help="Watch plain volume (time,value); never pages.")] = False,
    sensitivity: Annotated[str, typer.Option(help="low, normal or high.")] = "normal",
) -> None:
    """Read counts per minute as CSV and print a score and a state for each."""
    detect(sys.stdin, sys.stdout.write, volume=volume, sensitivity=sensitivity)


def detect(
    lines: Iterable[str], write: Callable[[str], object], *, volume: bool = False, sensitivity: str = "normal"
) -> None:
    """Read counts from `lines` and write one line for each: `time,score,state,expected` or `time,score,notice`.

    Args:
        lines: CSV with a header; one row a minute, with `volume` any step.
        write: receives whole lines with their line end.
        volume: watch plain volume (`time,value`) instead of outages.
        sensitivity: low, normal or high.

    Raises:
        ConfigError: an unknown sensitivity, a bad header or a bad row (with its line number).
    """
    if sensitivity not in set(Sensitivity):
        raise ConfigError(f"sensitivity must be low, normal or high, not {sensitivity!r}.")
    reader = csv.reader(lines)
    if volume:
        _detect_volume(reader, write)
    else:
        _detect_outages(reader, write, Settings(sensitivity=Sensitivity(sensitivity)))


def _detect_outages(reader: _Reader, write: Callable[[str], object], settings: Settings) -> None:
    names = _header(reader, COLUMNS)
    state = State()
    write("time,score,state,expected\n")
    for row in _rows(reader, names):
        counts = {name: _number(reader, name, row[name]) for name in names if name != "time"}
        slices = {name: round(value) for name, value in counts.items() if name.startswith(SLICES)}
        outage, complaint, neutral, duplicate = (round(counts[name]) for name in COLUMNS[1:])
        minute = minute_of(_time(reader, row["time"]))
        reading = observe(state, Bucket(minute, outage, complaint, neutral, duplicate, slices or None), settings)
        write(f"{row['time']},{reading.score:.3f},{reading.state},{reading.expected:.4f}\n")


def _detect_volume(reader: _Reader, write: Callable[[str], object]) -> None:
    names = _header(reader, VOLUME_COLUMNS)
    state = VolumeState()
    write("time,score,notice\n")
    for row in _rows(reader, names):
        reading = watch_volume(state, _time(reader, row["time"]), _number(reader, "value", row["value"]))
        write(f"{row['time']},{max(reading.score, 0.0):.4f},{int(reading.notice)}\n")


def _header(reader: _Reader, wanted: tuple[str, ...]) -> list[str]:
    try:
        names = [name.strip().removeprefix("\ufeff") for name in next(reader)]
    except (StopIteration, csv.Error) as err:
        raise ConfigError(f"Line 1: no header; expected {','.join(wanted)}.") from err
    problems = [f"Line 1: the column {name!r} is missing." for name in wanted if name not in names]
    allowed = SLICES if wanted is COLUMNS else ()
    for i, name in enumerate(names):
        if name in names[:i]:
            problems.append(f"Line 1: the column {name!r} is there twice.")
        elif name not in wanted and not name.startswith(allowed):
            problems.append(f"Line 1: the column {name!r} is unknown; expected {','.join(wanted)}.")
    if problems:
        raise ConfigError(*problems)
    return names


def _rows(reader: _Reader, names: list[str]) -> Iterator[dict[str, str]]:
    try:
        for row in reader:
            if not row:
                continue
            if len(row) != len(names):
                raise ConfigError(f"Line {reader.line_num}: {len(row)} values, but the header names {len(names)}.")
            yield dict(zip(names, (value.strip() for value in row), strict=True))
    except csv.Error as err:
        raise ConfigError(f"Line {reader.line_num}: not CSV ({err}).") from err


def _number(reader: _Reader, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError as err:
        raise ConfigError(f"Line {reader.line_num}: {name} must be a number, not {text!r}.") from err
    if name in DIFFERENCES and -1e12 < value < 0:
        return 0.0
    if not 0 <= value < 1e12:  # false for nan, too
        raise ConfigError(f"Line {reader.line_num}: {name} must be a count from 0, not {text!r}.")
    return value


def _time(reader: _Reader, text: str) -> datetime:
    """Read ISO 8601 (without an offset: UTC) or seconds since the epoch."""
    try:
        moment = datetime.fromtimestamp(float(text), UTC) if _is_number(text) else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as err:
        raise ConfigError(f"Line {reader.line_num}: time must look like 2026-03-01T12:00, not {text!r}.") from err
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()
