"""Who is called next when nobody acknowledges a signal: a pure decision over the owner's list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.incidents.signal import Signal, SignalState


class Way(StrEnum):
    """How a target is reached."""

    SLACK = "slack"  # address: channel or user id
    WEBHOOK = "webhook"  # address: URL
    MAIL = "mail"  # address: mail address


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to call: `wait` is how long nobody may react before this target is called."""

    name: str
    way: Way
    address: str
    wait: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Call:
    """Call `target` now, because of `reason`; `after` is the wait until the one behind it, None for the last."""

    target: Target
    after: timedelta | None
    reason: str


def first_wait(targets: Sequence[Target]) -> timedelta | None:
    """Say how long after its opening a signal calls the first target, None where there is none."""
    return targets[0].wait if targets else None


def next_target(signal: Signal, targets: Sequence[Target], now: datetime) -> Call | None:
    """Decide whom to call now; None while nobody needs to be called (any more, or yet)."""
    if _is_cared_for(signal, now) or signal.escalate_at is None or signal.escalate_at > now:
        return None
    if signal.escalations >= len(targets):
        return None
    behind = targets[signal.escalations + 1 :]
    minutes = int((now - signal.opened_at).total_seconds() // 60)
    reason = f"nobody has acknowledged it in {minutes} min"
    return Call(targets[signal.escalations], behind[0].wait if behind else None, reason)


def _is_cared_for(signal: Signal, now: datetime) -> bool:
    silenced = signal.silenced_until is not None and signal.silenced_until > now
    taken = signal.acknowledged_by is not None or signal.incident_id is not None
    return signal.over or taken or silenced or signal.state is not SignalState.OPEN
