"""A signal: complaints about one component rise above what is expected; evidence for the people on call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused
from domain.work import Actor, Card, Line, card_due


class SignalState(StrEnum):
    """What the detector says about a component."""

    WARMING = "warming"  # not enough data yet
    QUIET = "quiet"
    WATCH = "watch"
    OPEN = "open"
    RECOVERING = "recovering"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Quote:
    """What one person said, masked, as evidence."""

    text: str
    source: str
    language: str
    at: datetime
    mention_id: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why we believe something is wrong. Says "customers report", never "we are down"."""

    since: datetime  # first report
    people: int
    minutes: int  # the window `people` and `expected` refer to
    expected: float  # people in the same window on a normal day
    score: float
    quotes: tuple[Quote, ...] = ()
    terms: tuple[str, ...] = ()  # said more than usual
    languages: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    regions: Mapping[str, int] = field(default_factory=dict)
    folded: int = 0  # duplicates and reposts not counted
    unseen: tuple[str, ...] = ()  # sources we cannot see now
    checked: tuple[str, ...] = ()  # other causes looked at, in words
    observed_series: tuple[int, ...] = ()  # people per 5 minutes, oldest first, the last 3 hours
    expected_series: tuple[float, ...] = ()
    quiet: str = ""  # why this is only for a look and calls nobody; "" when people may be called


@dataclass(frozen=True, slots=True)
class Signal:
    """One rise of one component, with one card. `mention_ids` come before it, `incident_id` after it."""

    id: str
    component: str
    state: SignalState
    opened_at: datetime
    evidence: Evidence
    mention_ids: tuple[str, ...] = ()
    acknowledged_by: Actor | None = None
    acknowledged_at: datetime | None = None
    dismissed_reason: str | None = None
    silenced_until: datetime | None = None
    incident_id: str | None = None
    parent_id: str | None = None  # the earlier signal whose story this one is a part of; only that one calls people
    escalations: int = 0
    escalate_at: datetime | None = None
    closed_at: datetime | None = None
    history: tuple[Line, ...] = ()
    card: Card | None = None
    revision: int = 0
    version: int = 0

    @property
    def active_key(self) -> str | None:
        """The component while the signal lives (one live signal per component), None afterwards."""
        return None if self.over else self.component

    @property
    def over(self) -> bool:
        """True once the signal needs nobody's attention any more."""
        return self.state is SignalState.CLOSED or self.dismissed_reason is not None

    @property
    def work_at(self) -> datetime | None:
        """When the next message about this signal is due."""
        return card_due(self.card, self.revision, len(self.history))


def acknowledge(signal: Signal, who: Actor, now: datetime) -> Signal:
    """Say "I am looking": stops the escalation."""
    _must_live(signal)
    if signal.acknowledged_by is not None:
        raise Refused(f"{signal.acknowledged_by.name} acknowledged it already.")
    signal = replace(signal, acknowledged_by=who, acknowledged_at=now, escalate_at=None)
    return told(signal, now, who.name, "acknowledged")


def dismiss(signal: Signal, reason: str, who: Actor, now: datetime) -> Signal:
    """End a signal that is no outage, with the reason."""
    _must_live(signal)
    if not reason.strip():
        raise Refused("Dismissing needs a reason.")
    signal = replace(signal, dismissed_reason=reason.strip(), escalate_at=None, closed_at=now)
    return told(signal, now, who.name, f"dismissed: {reason.strip()}")


def silence(signal: Signal, until: datetime, who: Actor, now: datetime) -> Signal:
    """Keep counting but page nobody about this component until `until`."""
    _must_live(signal)
    if until <= now:
        raise Refused("A silence needs a moment in the future.")
    signal = replace(signal, silenced_until=until, escalate_at=None)
    return told(signal, now, who.name, f"silenced until {until:%H:%M} UTC")


def observe(signal: Signal, state: SignalState, evidence: Evidence, now: datetime) -> Signal:
    """Take over the detector's newest view; a changed state is a line of history. What was loud once stays so."""
    evidence = evidence if signal.evidence.quiet else replace(evidence, quiet="")
    if signal.over or (state is signal.state and evidence == signal.evidence):
        return signal
    changed = state is not signal.state
    closed = now if state is SignalState.CLOSED else None
    signal = replace(signal, state=state, evidence=evidence, closed_at=closed)
    if closed is not None:
        signal = replace(signal, escalate_at=None)
    if changed:
        return told(signal, now, "hubbub", f"is now {state}: {evidence.people} people in {evidence.minutes} min")
    return replace(signal, revision=signal.revision + 1)


def confirmed(signal: Signal, after: timedelta | None, now: datetime) -> Signal:
    """Turn what was only for a look into an alert: other sources report it, too."""
    silent = signal.silenced_until is not None and signal.silenced_until > now
    if signal.over:
        return signal
    if after and not silent and _is_unattended(signal):
        signal = replace(signal, escalate_at=now + after)
    return told(signal, now, "hubbub", "other sources report it too: no longer only for a look")


def declared(signal: Signal, incident_id: str, who: Actor, now: datetime) -> Signal:
    """Tie the signal to the incident that was declared from it."""
    if signal.incident_id is not None:
        return signal
    signal = replace(
        signal, incident_id=incident_id, escalate_at=None,
        acknowledged_by=signal.acknowledged_by or who, acknowledged_at=signal.acknowledged_at or now,
    )  # fmt: skip
    return told(signal, now, who.name, "declared an incident")


def escalated(signal: Signal, target: str, after: timedelta | None, now: datetime) -> Signal:
    """Note that the next target was called; `after` is the wait until the one behind it (None: last)."""
    signal = replace(signal, escalations=signal.escalations + 1, escalate_at=now + after if after else None)
    return told(signal, now, "hubbub", f"not acknowledged, so {target} was called")


def muted(signal: Signal, until: datetime, now: datetime) -> Signal:
    """Call nobody until a planned maintenance is over; counting goes on. Safe to repeat."""
    if signal.over or (signal.silenced_until is not None and signal.silenced_until >= until):
        return signal
    signal = replace(signal, silenced_until=until, escalate_at=None)
    return told(signal, now, "hubbub", f"calls nobody until {until:%H:%M} UTC: planned maintenance")


def woken(signal: Signal, after: timedelta | None, now: datetime) -> Signal:
    """End a silence that has run out; if customers still report and nobody is looking, people are called again."""
    if signal.over or signal.silenced_until is None or signal.silenced_until > now:
        return signal
    signal = replace(signal, silenced_until=None)
    if not _is_unattended(signal):
        return signal
    signal = replace(signal, escalate_at=now + after if after else None)
    return told(signal, now, "hubbub", "the silence is over, and customers still report")


def joined(signal: Signal, parent: Signal, name: str, now: datetime) -> Signal:
    """Make a new signal a part of an earlier one called `name`: it calls nobody on its own."""
    signal = replace(signal, parent_id=parent.id, escalate_at=None)
    return told(signal, now, "hubbub", f"part of the same story as {name}, which calls people for both")


def parted(signal: Signal, after: timedelta | None, now: datetime) -> Signal:
    """Let a signal stand alone once the one it was a part of is over: it calls people if nobody is looking."""
    if signal.over or signal.parent_id is None:
        return signal
    signal = replace(signal, parent_id=None)
    if _is_unattended(signal):
        signal = replace(signal, escalate_at=now + after if after else None)
    return told(signal, now, "hubbub", "the story it was a part of is over, and this goes on")


def remarked(signal: Signal, now: datetime, who: str, text: str) -> Signal:
    """Add what somebody outside says (a technical monitor) to the timeline, once."""
    if signal.over or any((line.who, line.text) == (who, text) for line in signal.history):
        return signal
    return told(signal, now, who, text)


def told(signal: Signal, now: datetime, who: str, text: str) -> Signal:
    """Add a line to the history, which the card's thread shows."""
    return replace(signal, history=(*signal.history, Line(now, who, text)), revision=signal.revision + 1)


def _is_unattended(signal: Signal) -> bool:
    """Say whether customers report it now and nobody has taken it."""
    taken = signal.acknowledged_by is not None or signal.incident_id is not None or signal.parent_id is not None
    return signal.state is SignalState.OPEN and not taken and not signal.evidence.quiet


def _must_live(signal: Signal) -> None:
    if signal.over:
        raise Refused("This signal is over already.")
