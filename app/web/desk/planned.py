"""Planned maintenance: announced, moved, begun, completed or called off; what customers read of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aiohttp import web

from app.outbox.posting import why_stopped
from app.store.protocol import Where
from app.web.desk.acts import Outcome, act, approve, back
from app.web.desk.room import FORM, Room, page, room_of
from domain.action import Verb
from domain.ids import stable_id
from domain.incidents.planned import PlannedWork, WorkStatus
from status_page.words.work_words import work_url

_VERBS = {Verb.MOVE_WORK, Verb.UPDATE_WORK, Verb.START_WORK, Verb.COMPLETE_WORK, Verb.CANCEL_WORK, Verb.APPROVE_POST,
          Verb.EDIT_POST, Verb.SKIP_POST, Verb.CORRECT_POST, Verb.WITHDRAW_POST}  # fmt: skip
_FIELD = "%Y-%m-%dT%H:%M"  # what <input type="datetime-local"> reads
PHASES = {
    WorkStatus.SCHEDULED: "planned", WorkStatus.IN_PROGRESS: "in progress", WorkStatus.VERIFYING: "checking the result",
    WorkStatus.COMPLETED: "completed", WorkStatus.CANCELLED: "called off",
}  # fmt: skip


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [
        web.get("/maintenance", show_all), web.get("/maintenance/announce", ask),
        web.post("/maintenance/announce/announce_work", announce),
        web.get("/maintenance/{id}", show), web.post("/maintenance/{id}/{verb}", change),
    ]  # fmt: skip


async def show_all(request: web.Request) -> web.StreamResponse:
    """List what is planned and going on, then what is over."""
    store = room_of(request).store
    watch = await room_of(request).watch("maintenance")
    open_ = await store.find(PlannedWork, Where("finished_at", "eq", None), order="starts_at", limit=100)
    over = await store.find(PlannedWork, Where("finished_at", "ne", None), order="-starts_at", limit=50)
    return page(request, "maintenance.html", watch=watch, works=open_, past=over, phases=PHASES)


async def ask(request: web.Request) -> web.StreamResponse:
    """Show the form that announces maintenance."""
    return _form(request, Outcome(status=200))


async def announce(request: web.Request) -> web.StreamResponse:
    """Announce: the page, the feeds and the calendar say so at once, the posts wait for approval."""
    outcome = await act(request, Verb.ANNOUNCE_WORK, "")
    if outcome.problem:
        return _form(request, outcome)
    raise back(f"/desk/maintenance/{stable_id('mnt', outcome.done)}", outcome)


def _form(request: web.Request, outcome: Outcome) -> web.Response:
    room = room_of(request)
    begin = (room.now + timedelta(days=1)).replace(minute=0)
    fields = {"starts_at": begin.strftime(_FIELD), "ends_at": (begin + timedelta(hours=1)).strftime(_FIELD)}
    if outcome.problem:
        fields = request[FORM]
    return page(
        request, "announce.html", status=outcome.status, fields=fields, components=room.hubbub.components,
        problem=outcome.problem,
    )  # fmt: skip


async def show(request: web.Request) -> web.StreamResponse:
    """Show planned work."""
    return await _draw(request, Outcome(status=200))


async def change(request: web.Request) -> web.StreamResponse:
    """Do something with planned work."""
    verb, id = request.match_info["verb"], request.match_info["id"]
    if verb not in _VERBS:
        raise web.HTTPNotFound(text="This cannot be done with maintenance.\n")
    if verb == Verb.APPROVE_POST:
        work = await room_of(request).store.get(PlannedWork, id)
        outcome = await approve(request, id, work.deliveries if work else ())
    else:
        outcome = await act(request, Verb(verb), id)
    if outcome.problem:
        return await _draw(request, outcome, verb)
    raise back(f"/desk/maintenance/{id}", outcome)


async def _draw(request: web.Request, outcome: Outcome, verb: str = "") -> web.Response:
    room, id = room_of(request), request.match_info["id"]
    watch = await room.watch(f"work:{id[:80]}")
    work = await room.store.get(PlannedWork, id)
    if work is None:
        return page(request, "missing.html", status=404, what="maintenance")
    form = request.get(FORM, {}) if outcome.problem else {}
    stop = await why_stopped(room.store, room.hubbub.settings.publishing.stopped)
    return page(
        request, "work.html", status=outcome.status, watch=watch, work=work, problem=outcome.problem, stop=stop,
        problem_at=f"{verb} {form.get('delivery', '')}".strip(), kept=form, **_parts(room, work),
    )  # fmt: skip


def _parts(room: Room, work: PlannedWork) -> dict[str, Any]:
    posts = room.hubbub.front.posts
    onward = [WorkStatus.VERIFYING, WorkStatus.IN_PROGRESS] if work.is_active else []
    return {
        "phases": PHASES, "steps": [work.status, *(status for status in onward if status is not work.status)],
        "page_url": work_url(room.public_url, room.languages[0], work), "remark": posts.remark, "can": posts.can,
        "starts_field": work.starts_at.strftime(_FIELD), "ends_field": work.ends_at.strftime(_FIELD),
    }  # fmt: skip
