"""Incidents: what customers are told, in which words, and who waits for a word from us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from aiohttp import web

from alerts.modals import PROMISES
from app.desk.drafts import touched
from app.desk.wording import suggested, words_for
from app.outbox.posting import Stop, why_stopped
from app.store.protocol import Where
from app.web.desk.acts import Outcome, act, approve, back
from app.web.desk.room import FORM, Room, page, room_of
from app.web.desk.sessions import user_id
from domain.action import Verb
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.care.satisfaction import tally
from domain.component import ComponentStatus
from domain.ids import stable_id
from domain.incidents.incident import Incident, IncidentStatus, next_phase, promise_tally
from domain.incidents.merging import why_not_merge
from domain.incidents.severity import Severity
from domain.incidents.signal import Signal
from domain.incidents.templates import Template, offered
from domain.records import Person
from domain.work import Actor
from status_page.words.incident_words import incident_url

SHOWN = 200  # people listed of an incident
_VERBS = {Verb.UPDATE, Verb.RESOLVE, Verb.APPROVE_POST, Verb.EDIT_POST, Verb.SKIP_POST, Verb.SEND_FOLLOW_UPS,
          Verb.CORRECT_POST, Verb.WITHDRAW_POST, Verb.ORGANISE, Verb.TAKE_LEAD, Verb.TAKE_COMMS, Verb.PUBLISH,
          Verb.MERGE, Verb.UNMERGE, Verb.SPLIT, Verb.TIMELINE, Verb.NOT_ABOUT, Verb.IS_ABOUT}  # fmt: skip
_AGAIN = ComponentStatus.PARTIAL_OUTAGE  # how a component is that was well, when its incident is opened again
_PHASES = [status for status in IncidentStatus if status is not IncidentStatus.RESOLVED]


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [
        web.get("/incidents", show_all), web.get("/incidents/declare", ask),
        web.post("/incidents/declare/declare", declare), web.post("/incidents/posting/{verb}", switch_posting),
        web.get("/incidents/{id}", show), web.post("/incidents/{id}/{verb}", change),
    ]  # fmt: skip


async def show_all(request: web.Request) -> web.StreamResponse:
    """List the incidents, open ones first, and the signals that wait for a decision."""
    return await _list(request, Outcome(status=200))


async def switch_posting(request: web.Request) -> web.StreamResponse:
    """Stop everything that is to be said in public, or let it go out again."""
    verb = request.match_info["verb"]
    if verb not in {Verb.STOP_POSTING, Verb.RESUME_POSTING}:
        raise web.HTTPNotFound(text="This cannot be done with posts.\n")
    outcome = await act(request, Verb(verb), "")
    if outcome.problem:
        return await _list(request, outcome)
    raise back("/desk/incidents", outcome)


async def _list(request: web.Request, outcome: Outcome) -> web.Response:
    store = room_of(request).store
    watch = await room_of(request).watch("incidents")
    open_ = await store.find(Incident, Where("is_open", "eq", True), order="-declared_at", limit=50)
    over = await store.find(Incident, Where("is_open", "eq", False), order="-declared_at", limit=50)
    signals = await store.find(Signal, order="-opened_at", limit=30)
    return page(
        request, "incidents.html", status=outcome.status, problem=outcome.problem, watch=watch, incidents=open_,
        past=over, stop=await _stop(request),
        signals=[signal for signal in signals if not signal.over], past_signals=[s for s in signals if s.over],
    )  # fmt: skip


async def ask(request: web.Request) -> web.StreamResponse:
    """Show the form that declares an incident, from a signal (`?signal=`) or without one."""
    return await _declare_form(request, Outcome(status=200), request.query.get("signal", "")[:80])


async def declare(request: web.Request) -> web.StreamResponse:
    """Declare: the page and the feeds say so at once, the posts wait for approval."""
    subject = request[FORM].get("signal", "")[:80]
    outcome = await act(request, Verb.DECLARE, subject)
    if outcome.problem:
        return await _declare_form(request, outcome, subject)
    raise back(f"/desk/incidents/{stable_id('inc', subject or outcome.done)}", outcome)


async def _declare_form(request: web.Request, outcome: Outcome, subject: str) -> web.Response:
    room = room_of(request)
    signal = await room.store.get(Signal, subject) if subject else None
    if subject and signal is None:
        return page(request, "missing.html", status=404, what="signal")
    chosen = [signal.component] if signal else []
    known = room.hubbub.components
    since = signal.evidence.since if signal else None
    fields = room.hubbub.front.begun(IncidentStatus.INVESTIGATING, touched(chosen, known), since, room.languages)
    fields |= {"components": ",".join(chosen), "impact": "minor", "component_status": ComponentStatus.PARTIAL_OUTAGE,
               "next_update_minutes": "30", "private": "", "severity": ""}  # fmt: skip
    if outcome.problem:
        fields = dict.fromkeys(fields, "")
        sent = request[FORM]
        fields.update(sent)
    return page(
        request, "declare.html", status=outcome.status, signal=signal, fields=fields, components=known,
        promises=PROMISES, problem=outcome.problem, doubtful=outcome.doubtful, severities=list(Severity),
    )  # fmt: skip


async def show(request: web.Request) -> web.StreamResponse:
    """Show an incident."""
    return await _draw(request, Outcome(status=200))


async def change(request: web.Request) -> web.StreamResponse:
    """Do something with an incident."""
    verb, id = request.match_info["verb"], request.match_info["id"]
    if verb not in _VERBS:
        raise web.HTTPNotFound(text="This cannot be done with an incident.\n")
    outcome = await _approve(request, id) if verb == Verb.APPROVE_POST else await act(request, Verb(verb), id)
    if outcome.problem:
        return await _draw(request, outcome, verb)
    raise back(f"/desk/incidents/{id}", outcome)


async def _approve(request: web.Request, id: str) -> Outcome:
    incident = await room_of(request).store.get(Incident, id)
    return await approve(request, id, incident.deliveries if incident else ())


async def _draw(request: web.Request, outcome: Outcome, verb: str = "") -> web.Response:
    room = room_of(request)
    watch = await room.watch(f"incident:{request.match_info['id'][:80]}")
    incident = await room.store.get(Incident, request.match_info["id"])
    if incident is None:
        return page(request, "missing.html", status=404, what="incident")
    form = request.get(FORM, {}) if outcome.problem else {}
    return page(
        request, "incident.html", status=outcome.status, watch=watch, incident=incident, problem=outcome.problem,
        problem_at=f"{verb} {form.get('delivery', '')}".strip(), kept=form, doubtful=outcome.doubtful,
        **_forms(room, incident, request.query.get("words", "")), **await _people(room, incident),
        **await _team(room, incident), stop=await _stop(request),
    )  # fmt: skip


async def _stop(request: web.Request) -> Stop | None:
    room = room_of(request)
    return await why_stopped(room.store, room.hubbub.settings.publishing.stopped)


def _forms(room: Room, incident: Incident, words: str) -> dict[str, Any]:
    parts = touched(sorted(incident.components), room.hubbub.components)
    front = room.hubbub.front
    phase, template = next_phase(incident.status), words_for(words, front.templates)
    news = front.begun(phase, parts, incident.started_at, room.languages)
    if template is not None and template.phase in _PHASES:
        phase = template.phase
        news |= suggested(template, parts, incident.started_at, room.now, room.languages)
    worst = max(incident.components.values(), key=tuple(ComponentStatus).index, default=ComponentStatus.OPERATIONAL)
    return {
        "phase": phase, "phases": _PHASES, "news": news, "worst": worst if incident.is_open else _AGAIN,
        "ending": front.begun(IncidentStatus.RESOLVED, parts, incident.started_at, room.languages),
        "chosen": words, "templates": list(_links(front.templates)), "promises": PROMISES,
        "page_url": incident_url(room.public_url, room.languages[0], incident),
        "remark": front.posts.remark, "can": front.posts.can,
    }  # fmt: skip


def _links(own: Sequence[Template]) -> Iterator[tuple[str, str]]:
    for step in _PHASES:
        yield from ((f"{step}.{number}", template.name) for number, template in enumerate(offered(step, own)))


async def _team(room: Room, incident: Incident) -> dict[str, Any]:
    """Give what the forms about severity, people, merging and splitting need."""
    others = await room.store.find(Incident, Where("is_open", "eq", True), order="-declared_at", limit=50)
    users = [Actor(user_id(user.name), user.name, "desk") for user in room.hubbub.settings.desk.users]
    people = dict.fromkeys(person for person in (incident.lead, incident.comms, *users) if person is not None)
    into = await room.store.get(Incident, incident.merged_into) if incident.merged_into else None
    return {
        "severities": list(Severity), "people": [(f"{p.via}|{p.id}|{p.name}", p.name) for p in people],
        "mergeable": [other for other in others if why_not_merge(incident, other) is None], "into": into,
        "tally": promise_tally(incident, room.now),
        "suggestions": await room.hubbub.front.incidents.linking.suggestions(incident),
    }  # fmt: skip


async def _people(room: Room, incident: Incident) -> dict[str, Any]:
    store, linked = room.store, Where("incident_id", "eq", incident.id)
    broken = [(id, await store.get(Person, id)) for id in incident.still_broken[:SHOWN]]
    follow_ups = await store.find(FollowUp, linked)
    return {
        "cases": await store.find(Case, linked, order="opened_at", limit=SHOWN),
        "case_count": await store.count(Case, linked),
        "follow_ups": follow_ups[:SHOWN],
        "came_back": tally(follow_ups),
        "follow_up_counts": await store.group_count(FollowUp, "state", linked),
        "still_broken": broken,
    }
