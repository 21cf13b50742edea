"""Incidents: what customers are told, in which words, and who waits for a word from us."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from alerts.modals import PROMISES, platform_limit
from app.desk.drafts import drafts, touched
from app.store.protocol import Where
from app.web.desk.acts import Outcome, act, back
from app.web.desk.room import FORM, Room, page, room_of
from domain.action import Verb
from domain.case import Case
from domain.component import ComponentStatus
from domain.follow_up import FollowUp
from domain.ids import stable_id
from domain.incident import Incident, IncidentStatus, next_phase
from domain.records import Person
from domain.signal import Signal
from status_page.words import incident_url

SHOWN = 200  # people listed of an incident
_VERBS = {Verb.UPDATE, Verb.RESOLVE, Verb.APPROVE_POST, Verb.EDIT_POST, Verb.SKIP_POST, Verb.SEND_FOLLOW_UPS}
_PHASES = [status for status in IncidentStatus if status is not IncidentStatus.RESOLVED]


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [
        web.get("/incidents", show_all), web.get("/incidents/declare", ask),
        web.post("/incidents/declare/declare", declare),
        web.get("/incidents/{id}", show), web.post("/incidents/{id}/{verb}", change),
    ]  # fmt: skip


async def show_all(request: web.Request) -> web.StreamResponse:
    """List the incidents, open ones first, and the signals that wait for a decision."""
    store = room_of(request).store
    watch = await room_of(request).watch("incidents")
    open_ = await store.find(Incident, Where("is_open", "eq", True), order="-declared_at", limit=50)
    over = await store.find(Incident, Where("is_open", "eq", False), order="-declared_at", limit=50)
    signals = await store.find(Signal, order="-opened_at", limit=30)
    return page(
        request, "incidents.html", watch=watch, incidents=open_, past=over,
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
    fields = drafts(touched(chosen, known), IncidentStatus.INVESTIGATING, room.languages)
    fields |= {"components": ",".join(chosen), "impact": "minor", "component_status": ComponentStatus.PARTIAL_OUTAGE,
               "next_update_minutes": "30"}  # fmt: skip
    if outcome.problem:
        fields = dict.fromkeys(fields, "")
        sent = request[FORM]
        fields.update(sent)
    return page(
        request, "declare.html", status=outcome.status, signal=signal, fields=fields, components=known,
        promises=PROMISES, problem=outcome.problem,
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
    """Approve what stands in the box: words that were changed there are kept first."""
    form = request[FORM]
    incident = await room_of(request).store.get(Incident, id)
    draft = next((d for d in incident.deliveries if d.id == form.get("delivery")), None) if incident else None
    if draft is not None and form.get("text", draft.text) != draft.text:
        outcome = await act(request, Verb.EDIT_POST, id)
        if outcome.problem:
            return outcome
    return await act(request, Verb.APPROVE_POST, id)


async def _draw(request: web.Request, outcome: Outcome, verb: str = "") -> web.Response:
    room = room_of(request)
    watch = await room.watch(f"incident:{request.match_info['id'][:80]}")
    incident = await room.store.get(Incident, request.match_info["id"])
    if incident is None:
        return page(request, "missing.html", status=404, what="incident")
    form = request.get(FORM, {}) if outcome.problem else {}
    return page(
        request, "incident.html", status=outcome.status, watch=watch, incident=incident, problem=outcome.problem,
        problem_at=f"{verb} {form.get('delivery', '')}".strip(), kept=form, **_forms(room, incident),
        **await _people(room, incident),
    )  # fmt: skip


def _forms(room: Room, incident: Incident) -> dict[str, Any]:
    parts = touched(sorted(incident.components), room.hubbub.components)
    phase = next_phase(incident.status)
    worst = max(incident.components.values(), key=tuple(ComponentStatus).index, default=ComponentStatus.OPERATIONAL)
    return {
        "phase": phase, "phases": _PHASES, "news": drafts(parts, phase, room.languages), "worst": worst,
        "ending": drafts(parts, IncidentStatus.RESOLVED, room.languages), "promises": PROMISES,
        "page_url": incident_url(room.public_url, room.languages[0], incident), "limit_of": platform_limit,
    }  # fmt: skip


async def _people(room: Room, incident: Incident) -> dict[str, Any]:
    store, linked = room.store, Where("incident_id", "eq", incident.id)
    broken = [(id, await store.get(Person, id)) for id in incident.still_broken[:SHOWN]]
    return {
        "cases": await store.find(Case, linked, order="opened_at", limit=SHOWN),
        "case_count": await store.count(Case, linked),
        "follow_ups": await store.find(FollowUp, linked, limit=SHOWN),
        "follow_up_counts": await store.group_count(FollowUp, "state", linked),
        "still_broken": broken,
    }
