"""One case: what was said, what we answered, who it is, and everything that can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aiohttp import web

from alerts.modals import platform_limit
from app.desk.telling import telling
from app.store.protocol import Store, Where
from app.web.desk.acts import Outcome, act, back
from app.web.desk.queue import Wanted, find_cases
from app.web.desk.room import FORM, Room, actor_of, page, room_of
from domain.action import Verb
from domain.care.case import Case
from domain.heard.mention import MentionRecord, mention_id
from domain.incidents.incident import Incident
from domain.records import Person
from domain.work import Delivery, Line
from status_page.words.incident_words import reply_draft

NOTED = "noted: "  # how domain.care.case begins the history line of a note
SHOWN = 20  # newest posts of a case, and earlier contacts of its person
_VERBS = {
    Verb.CLAIM, Verb.RELEASE, Verb.REPLY, Verb.MARK_ANSWERED, Verb.NOT_A_COMPLAINT, Verb.SNOOZE, Verb.NOTE, Verb.CLOSE,
    Verb.ADD_TO_INCIDENT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of the conversation: a post of theirs (with what it answers, if we know that), or an answer of ours."""

    at: datetime
    said: MentionRecord | None = None
    before: MentionRecord | None = None
    ours: Delivery | None = None


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [web.get("/cases/{id}", show), web.post("/cases/{id}/{verb}", change)]


async def show(request: web.Request) -> web.StreamResponse:
    """Show a case."""
    return await _draw(request, Outcome(status=200))


async def change(request: web.Request) -> web.StreamResponse:
    """Do something with a case; a refusal is shown beside its form, which keeps what was written."""
    verb, case = request.match_info["verb"], request.match_info["id"]
    if verb not in _VERBS:
        raise web.HTTPNotFound(text="This cannot be done with a case.\n")
    outcome = await act(request, Verb(verb), case)
    if outcome.problem:
        return await _draw(request, outcome, verb)
    raise back(f"/desk/cases/{case}", outcome)


async def _draw(request: web.Request, outcome: Outcome, verb: str = "") -> web.Response:
    room = room_of(request)
    watch = await room.watch(f"case:{request.match_info['id'][:80]}")
    case = await room.store.get(Case, request.match_info["id"])
    if case is None:
        return page(request, "missing.html", status=404, what="case")
    kept = request.get(FORM, {}) if outcome.problem else {}
    return page(
        request, "case.html", status=outcome.status, watch=watch, case=case, problem=outcome.problem, problem_at=verb,
        kept=kept, **await _answering(room, case), **await _story(room.store, case), **await _around(request, case),
    )  # fmt: skip


async def _answering(room: Room, case: Case) -> dict[str, Any]:
    incident = await room.store.get(Incident, case.incident_id) if case.incident_id else None
    decision = await room.hubbub.front.care.decision(case)
    draft = reply_draft(case, await telling(room.store, case.incident_id), room.public_url)
    return {"incident": incident, "decision": decision, "draft": draft, "limit": platform_limit(case.source_type)}


async def _story(store: Store, case: Case) -> dict[str, Any]:
    records = [await store.get(MentionRecord, id) for id in case.mention_ids[-SHOWN:]]
    said = [record for record in records if record is not None]
    turns = [Turn(record.mention.created_at, record, await _before(store, record)) for record in said]
    turns += [Turn(reply.sent_at or reply.created_at, ours=reply) for reply in case.replies]
    notes, history = _split(case.history)
    incident = await store.get(Incident, case.incident_id) if case.incident_id else None
    if incident is not None:
        history = [replace(line, text=line.text.replace(incident.id, f"“{incident.title('en')}”")) for line in history]
    return {"turns": sorted(turns, key=lambda turn: turn.at), "notes": notes, "history": history,
            "hidden": max(0, len(case.mention_ids) - SHOWN)}  # fmt: skip


async def _before(store: Store, record: MentionRecord) -> MentionRecord | None:
    """Find the post that this one answers, if we heard it."""
    mention = record.mention
    if not mention.in_reply_to:
        return None
    return await store.get(MentionRecord, mention_id(mention.source, mention.in_reply_to))


def _split(history: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    notes = [Line(line.at, line.who, line.text.removeprefix(NOTED)) for line in history if line.text.startswith(NOTED)]
    return notes, [line for line in history if not line.text.startswith(NOTED)]


async def _around(request: web.Request, case: Case) -> dict[str, Any]:
    """The person's earlier contacts and cases, the incidents it can go to, and the queue beside it."""
    store = room_of(request).store
    theirs = Where("person_id", "eq", case.person_id)
    contacts = await store.find(MentionRecord, theirs, order="-created_at", limit=SHOWN + len(case.mention_ids))
    cases = await store.find(Case, theirs, order="-opened_at", limit=SHOWN + 1)
    return {
        "person": await store.get(Person, case.person_id),
        "contacts": [record for record in contacts if record.id not in case.mention_ids][:SHOWN],
        "cases": [other for other in cases if other.id != case.id],
        "open_incidents": await store.find(Incident, Where("is_open", "eq", True), order="-declared_at", limit=20),
        "queue": await find_cases(store, Wanted(), actor_of(request).id, limit=25),
    }
