"""The detector's memory as JSON: survives a restart, at most 16 kB per component with four slices."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

from domain.incidents.signal import SignalState
from sentiment.spikes.baseline import Baseline, HalfHour
from sentiment.spikes.detector import State
from sentiment.spikes.machine import Machine
from sentiment.spikes.scan import RING, Slice, Windows

VERSION = 1
Memory = dict[str, Any]


def dump(state: State) -> Memory:
    """Write a state as plain JSON values; numbers keep six digits, rings are kept as differences."""
    windows = state.windows
    plain: Memory = {**_named(state), "version": VERSION}
    kept = plain["windows"]
    kept["report_ring"] = _steps(windows.report_ring, state.minute)
    kept["expected_ring"] = _steps(windows.expected_ring, state.minute)
    kept["reports"] = kept["expected"] = 0.0  # only differences matter
    for name, part in windows.slices.items():
        kept["slices"][name] |= {"ring": _steps(part.ring, state.minute), "cumulative": 0.0}
    rounded: Memory = _rounded(plain)
    return rounded


def load(memory: Memory) -> State:
    """Read a state back. Raises ValueError if another version wrote it (then learn again from history)."""
    if memory.get("version") != VERSION:
        raise ValueError(f"This detector state has version {memory.get('version')}, {VERSION} is understood.")
    minute = memory["minute"]
    rest = {f.name: memory[f.name] for f in fields(State) if f.name not in ("baseline", "windows", "machine")}
    base = dict(memory["baseline"])
    base["half"] = HalfHour(**base["half"])
    windows = dict(memory["windows"])
    for name in ("report_ring", "expected_ring"):
        windows[name] = _ring(windows[name], minute)
    windows["slices"] = {
        name: Slice(**{**part, "ring": _ring(part["ring"], minute)}) for name, part in windows["slices"].items()
    }
    machine = memory["machine"] | {"state": SignalState(memory["machine"]["state"])}
    return State(baseline=Baseline(**base), windows=Windows(**windows), machine=Machine(**machine), **rest)


def _steps(ring: list[float], minute: int) -> list[float]:
    """Per-minute steps of a running sum, oldest first."""
    ordered = [ring[(minute + 1 + i) % RING] for i in range(RING)]
    return [after - before for before, after in pairwise(ordered)]


def _ring(steps: list[float], minute: int) -> list[float]:
    """Running sums that end at zero, so that they go on from there."""
    ring, total = [0.0] * RING, -sum(steps)
    for i, step in enumerate([0.0, *steps]):
        total += step
        ring[(minute + 1 + i) % RING] = total
    ring[minute % RING] = 0.0
    return ring


def _named(value: Any) -> Any:
    """Give dataclasses as dictionaries of their own; unlike `asdict` it does not copy every number of every list."""
    if isinstance(value, dict):
        return {key: _named(each) for key, each in value.items()}
    return {f.name: _named(getattr(value, f.name)) for f in fields(value)} if is_dataclass(value) else value


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        short = float(f"{value:.6g}")
        return int(short) if short.is_integer() else short
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
