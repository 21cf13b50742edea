"""Whose complaint belongs to which incident: moved along with a merge, taken off, put on by a person's word. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.care.case import Case, CaseStatus
from domain.errors import Refused
from domain.incidents.incident import Incident, told
from domain.work import Actor, Line


def moved(case: Case, start: str, end: str | None, who: Actor, now: datetime) -> Case:
    """Move a case from one incident to another (None: to none); what belongs elsewhere meanwhile is left alone."""
    if case.incident_id != start or start == end:
        return case
    words = f"moved it to incident {end}" if end else f"said it is not about incident {start}"
    line = Line(now, who.name, words)
    return replace(case, incident_id=end, history=(*case.history, line), revision=case.revision + 1, updated_at=now)


def taken_off(incident: Incident, case_id: str, who: Actor, now: datetime) -> Incident:
    """Remember that a case is not about this incident, so that nothing links or suggests it again."""
    if case_id in incident.not_about:
        return incident
    return told(replace(incident, not_about=(*incident.not_about, case_id)), now, who.name, "took a complaint off")


def put_on(incident: Incident, case_id: str) -> Incident:
    """Forget that a case was taken off."""
    return replace(incident, not_about=tuple(known for known in incident.not_about if known != case_id))


def is_suggested(case: Case, incident: Incident) -> bool:
    """Say whether a person should look if a case is about the incident: nobody could tell what it is about."""
    free = case.incident_id is None and case.status is not CaseStatus.DISMISSED
    return free and case.component is None and case.id not in incident.not_about


def must_be_linked(case: Case, incident: Incident) -> None:
    """Refuse to take off what is neither linked nor suggested."""
    if case.incident_id is not None and case.incident_id != incident.id:
        raise Refused("This complaint belongs to another incident.")
