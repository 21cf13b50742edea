"""Who cares for an incident: its lead and whoever writes to customers; set at the start, changed at any time. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.incidents.incident import Impact, Incident, told
from domain.incidents.severity import Severity
from domain.work import Actor

LIKELY = {
    Impact.CRITICAL: Severity.SEV1,
    Impact.MAJOR: Severity.SEV2,
    Impact.MINOR: Severity.SEV3,
    Impact.NONE: Severity.SEV4,
}


def organised(incident: Incident, severity: Severity, lead: Actor | None, comms: Actor | None, who: Actor,
              now: datetime) -> Incident:  # fmt: skip
    """Set severity and people; a line of history says what changed, nothing when nothing did."""
    changes = [
        f"severity is {severity}" if severity is not incident.severity else "",
        _change("lead", incident.lead, lead), _change("communications", incident.comms, comms),
    ]  # fmt: skip
    said = [change for change in changes if change]
    if not said:
        return incident
    return told(replace(incident, severity=severity, lead=lead, comms=comms), now, who.name, "; ".join(said))


def _change(role: str, before: Actor | None, after: Actor | None) -> str:
    if before == after:
        return ""
    return f"{role} is {after.name}" if after is not None else f"nobody has {role} any more"
