"""The lower part of the incident card: severity, who leads, who writes, and what is done more rarely."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from alerts.blocks import Block, actions, button, context, phrase, section, select
from alerts.cards import people
from domain.action import Verb
from domain.incidents.incident import Incident, IncidentStatus, promise_tally
from domain.work import Actor

MORE = "more"  # the action id of the menu whose values are "verb|incident" or "verb|incident|phase"
_PERSON = re.compile(r"[UW][A-Z0-9]{1,20}")
_WORDS = {
    IncidentStatus.INVESTIGATING: "we look", IncidentStatus.IDENTIFIED: "cause found",
    IncidentStatus.MONITORING: "fix in place",
}  # fmt: skip


def team_blocks(incident: Incident, now: datetime) -> Iterator[Block]:
    """Draw severity, people, promises and the rarer buttons of an incident."""
    if incident.private:
        yield section(":lock: *Private: nothing of this leaves until you publish it.*")
    if incident.merged_into is not None:
        yield section(":arrow_right: *Another incident tells this story now.*")
    yield context(" · ".join(part for part in (_people(incident), _promises(incident, now)) if part))
    if incident.suggests_reopening:
        count = people(len(incident.still_broken))
        yield section(f":warning: *{count} say so: open it again?* Nothing opens by itself.")
    yield actions("team", incident.id, incident.revision, list(_buttons(incident)))


def shown(person: Actor | None) -> str:
    """Show a person of ours: as a mention where Slack knows them."""
    if person is None:
        return "nobody"
    return f"<@{person.id}>" if _PERSON.fullmatch(person.id) else phrase(person.name, 60)


def _people(incident: Incident) -> str:
    return f"{incident.severity} · lead: {shown(incident.lead)} · communications: {shown(incident.comms)}"


def _promises(incident: Incident, now: datetime) -> str:
    made = promise_tally(incident, now)
    return f"promises kept: {made.kept} of {made.made}" if made.made else ""


def _buttons(incident: Incident) -> Iterator[Block]:
    if incident.is_open and incident.lead is None:
        yield button("I lead", Verb.TAKE_LEAD, incident.id)
    if incident.is_open and incident.comms is None:
        yield button("I write to customers", Verb.TAKE_COMMS, incident.id)
    yield from select("More …", MORE, list(_choices(incident)))


def _choices(incident: Incident) -> Iterator[tuple[str, str]]:
    def value(verb: Verb) -> str:
        return f"{verb}|{incident.id}"

    if incident.merged_into is not None:
        yield "Take the merge back", value(Verb.UNMERGE)
    elif incident.private:
        yield "Publish it", value(Verb.PUBLISH)
    elif incident.is_open:
        for phase, words in _WORDS.items():
            yield f"Write: {words}", f"{value(Verb.UPDATE)}|{phase}"
    yield "Severity and people", value(Verb.ORGANISE)
    yield "Note for the timeline", value(Verb.TIMELINE)
    if incident.merged_into is None:
        yield "Merge into another", value(Verb.MERGE)
    if incident.is_open and len(incident.components) > 1:
        yield "Split", value(Verb.SPLIT)
