"""Several components in trouble at once are one story: roll them up into one parent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.incidents.signal import SignalState

TOGETHER = 2  # components
NEAR = 30  # minutes between their openings
_RANK = (
    SignalState.WARMING, SignalState.QUIET, SignalState.CLOSED, SignalState.WATCH, SignalState.RECOVERING,
    SignalState.OPEN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opening:
    """A component's live rise: when it opened (minutes since the epoch) and how it stands."""

    state: SignalState
    opened: int
    score: float


@dataclass(frozen=True, slots=True)
class Parent:
    """One signal for all `components` (loudest first), with the reason."""

    components: tuple[str, ...]
    state: SignalState
    opened: int
    score: float
    reason: str


def roll_up(openings: Mapping[str, Opening]) -> Parent | None:
    """Join components that opened within half an hour of each other; None if fewer than two did."""
    live = {name: each for name, each in openings.items() if each.state in (SignalState.OPEN, SignalState.RECOVERING)}
    group = max((_near(live, each.opened) for each in live.values()), key=len, default=[])
    if len(group) < TOGETHER:
        return None
    names = tuple(sorted(group, key=lambda name: (-live[name].score, name)))
    opened = min(live[name].opened for name in names)
    state = max((live[name].state for name in names), key=_RANK.index)
    reason = f"Customers report trouble with {len(names)} components within {NEAR} min: {', '.join(names)}."
    return Parent(names, state, opened, max(live[name].score for name in names), reason)


def _near(live: Mapping[str, Opening], start: int) -> list[str]:
    return [name for name, each in live.items() if 0 <= each.opened - start <= NEAR]
