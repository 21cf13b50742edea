"""How the desk says things: the clock of a case, states, times. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from alerts.cards import span, until
from domain.care.case import ACTIVE, Case, CaseStatus, FlagCode, warn_level
from domain.component import ComponentStatus
from domain.incidents.incident import Impact, IncidentStatus
from domain.incidents.signal import Signal, SignalState
from domain.work import Delivery, DeliveryState

REASONS = {
    FlagCode.COMPLAINT: "complaint", FlagCode.LOW_RATING: "low rating; complaint",
    FlagCode.REPORT: "sent through our own form; complaint",
    FlagCode.STILL_BROKEN: "says it is still broken; complaint",
}  # fmt: skip
DELIVERY = {
    DeliveryState.DRAFT: "waits for approval", DeliveryState.PENDING: "is on its way", DeliveryState.SENT: "arrived",
    DeliveryState.ASSISTED: "to be posted by hand", DeliveryState.SKIPPED: "not sent",
    DeliveryState.FAILED: "could not be sent", DeliveryState.WITHDRAWN: "taken back",
    DeliveryState.REHEARSED: "not sent (dry run)",
}  # fmt: skip
IMPACTS = {
    Impact.NONE: "none: customers notice nothing", Impact.MINOR: "minor: annoying, there is a way around",
    Impact.MAJOR: "major: something important does not work", Impact.CRITICAL: "critical: nearly nothing works",
}  # fmt: skip
PHASES = {
    IncidentStatus.INVESTIGATING: "investigating", IncidentStatus.IDENTIFIED: "cause found",
    IncidentStatus.MONITORING: "watching the fix", IncidentStatus.RESOLVED: "resolved",
}  # fmt: skip
HEALTH = {status: status.replace("_", " ") for status in ComponentStatus}
SNOOZES = (("15 minutes", 15), ("1 hour", 60), ("4 hours", 240), ("until tomorrow (24 h)", 1440))
SILENCES = (("30 minutes", 30), ("2 hours", 120), ("8 hours", 480), ("24 hours", 1440))
_LEVELS = ("calm", "half", "soon", "late")


@dataclass(frozen=True, slots=True)
class Clock:
    """What the clock of a case says: `level` chooses sign and colour, `lead` and `tail` stand around the moment."""

    level: str  # calm | half | soon | late | done
    lead: str
    at: datetime | None = None
    tail: str = ""


def clock(case: Case, now: datetime) -> Clock:
    """Say in words when the answer is due, or what became of it."""
    if case.status not in ACTIVE:
        return _over(case)
    if case.first_response_at is not None:
        return Clock("done", "Answered once, open again")
    level = _LEVELS[warn_level(case, now)]
    if case.due_at <= now:
        return Clock("late", "Late: answer was due", case.due_at, f"({until(case.due_at, now)})")
    return Clock(level, "Answer due", case.due_at, f"({until(case.due_at, now)})")


def _over(case: Case) -> Clock:
    if case.status is CaseStatus.ANSWERED and case.first_response_at is not None:
        took = span(case.first_response_at - case.opened_at)
        return Clock("done", "Answered", case.first_response_at, f"(after {took})")
    words = {CaseStatus.DISMISSED: "Not a complaint", CaseStatus.CLOSED: "Closed", CaseStatus.ANSWERED: "Answered"}
    return Clock("done", words[case.status])


def holder(case: Case, me: str) -> str:
    """Say who has a case; `me` is the id of the reader."""
    if case.assignee is None:
        return "Nobody has it yet" if case.status in ACTIVE else ""
    return "You have it" if case.assignee.id == me else f"{case.assignee.name} has it"


def signal_words(signal: Signal, now: datetime) -> tuple[str, str]:
    """Say the state of a signal: (level for the colour, words); a person's decision goes before the detector's view."""
    if signal.dismissed_reason is not None:
        return "done", f"dismissed: {signal.dismissed_reason}"
    if signal.state is SignalState.CLOSED:
        return "done", "over, reports are back to normal"
    easing = ", and it seems to recover" if signal.state is SignalState.RECOVERING else ""
    if signal.incident_id is not None:
        return "soon", f"incident declared{easing}"
    if signal.acknowledged_by is not None:
        return "half", f"{signal.acknowledged_by.name} is looking{easing}"
    if signal.silenced_until is not None and signal.silenced_until > now:
        return "half", "silenced, still counting"
    if signal.state is SignalState.OPEN:
        if signal.evidence.quiet:
            return "half", "for a look, nobody is called: only our own form reports it"
        return "late", "possible outage, nobody is looking yet"
    return "half", {SignalState.RECOVERING: "fewer reports, it seems to recover"}.get(signal.state, "we watch it")


def delivery_words(delivery: Delivery) -> str:
    """Say how far a message has come, with the error if there is one."""
    words = DELIVERY[delivery.state]
    if delivery.state is DeliveryState.PENDING and delivery.attempts:
        words += f", tried {delivery.attempts} times"
    if delivery.state is DeliveryState.SENT and delivery.is_due:
        words += ", is being taken back" if delivery.withdraw else ", is being corrected"
    return words + (", corrected" if delivery.edits else "")


def moment(at: datetime | None, now: datetime) -> Markup:
    """Write a moment as <time>, in UTC with its day when it is not near; the script shows the reader's own zone."""
    if at is None:
        return Markup("–")
    utc = at.astimezone(UTC)
    near = abs(at - now) < timedelta(hours=12)
    text = f"{utc:%H:%M} UTC" if near else f"{utc:%d %b %H:%M} UTC"
    return Markup('<time datetime="{}" data-form="{}" title="{}">{}</time>').format(
        utc.isoformat(timespec="seconds"), "clock" if near else "day", f"{utc:%d %b %Y %H:%M} UTC", text
    )
