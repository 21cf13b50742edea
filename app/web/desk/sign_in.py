"""Coming in and going out: one-time links, passwords, sign-out."""

from __future__ import annotations

import logging
import re

from aiohttp import web

from app.web.desk.guard import OPEN, cookie_name, set_cookie
from app.web.desk.room import FORM, SESSION, Room, page, room_of
from app.web.desk.sessions import user_id
from app.web.inbound import address_of
from domain.ids import stable_id
from domain.records import AuditEntry
from domain.work import Actor

log = logging.getLogger(__name__)
_NEXT = re.compile(r"/desk(/[\w/.:-]*)?(\?[\w=&%.,:+-]*)?", re.ASCII)


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [
        web.get("/sign-in", ask, name=OPEN + "ask"),
        web.post("/sign-in", sign_in, name=OPEN + "sign_in"),
        web.get("/enter/{token}", show_link, name=OPEN + "link"),
        web.post("/enter/{token}", enter, name=OPEN + "enter"),
        web.post("/sign-out", sign_out),
    ]


async def ask(request: web.Request) -> web.StreamResponse:
    """Show the form for name and password."""
    if SESSION in request:
        raise web.HTTPSeeOther(_next(request.query.get("next", "")))
    return _form(request, next=request.query.get("next", ""))


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Check name and password; the refusal does not tell which of them was wrong."""
    room, form = room_of(request), request[FORM]
    name = form.get("name", "").strip()
    right, wait = await room.passwords.check(name, form.get("password", ""), address_of(request))
    if wait:
        answer = _form(request, 429, f"Too many tries. Please wait {wait} seconds.", name, form.get("next", ""))
        answer.headers["Retry-After"] = str(wait)
        return answer
    if not right:
        return _form(request, 403, "Name or password is not right.", name, form.get("next", ""))
    return await _welcome(room, Actor(user_id(name), name, "desk"), _next(form.get("next", "")))


def _form(request: web.Request, status: int = 200, problem: str = "", name: str = "", next: str = "") -> web.Response:
    has_users = bool(room_of(request).passwords.users)
    return page(request, "sign_in.html", status=status, problem=problem, name=name, next=next, has_users=has_users)


async def show_link(request: web.Request) -> web.StreamResponse:
    """Show the button behind a one-time link; only pressing it uses the link up."""
    good = room_of(request).links.is_good(request.match_info["token"])
    return page(request, "enter.html", status=200 if good else 410, good=good)


async def enter(request: web.Request) -> web.StreamResponse:
    """Use a one-time link up."""
    room = room_of(request)
    name = room.links.use(request.match_info["token"])
    if name is None:
        return page(request, "enter.html", status=410, good=False)
    return await _welcome(room, Actor(f"link:{name}", name, "desk"), "/desk")


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the session, here and in the store."""
    room = room_of(request)
    await room.sessions.end(request[SESSION])
    await _note(room, request[SESSION].actor, "sign_out")
    response = web.HTTPSeeOther("/desk/sign-in")
    response.del_cookie(cookie_name(room.public_url), path="/desk")
    raise response


async def _welcome(room: Room, actor: Actor, next: str) -> web.StreamResponse:
    session = await room.sessions.start(actor)
    await _note(room, actor, "sign_in")
    log.info("%s signed in to the desk", actor.id)
    response = web.HTTPSeeOther(next)
    set_cookie(room, response, session)
    raise response


async def _note(room: Room, actor: Actor, what: str) -> None:
    at = room.now
    key = stable_id("aud", actor.id, what, at.isoformat())
    await room.store.add(AuditEntry(key, at, f"{actor.name} ({actor.id})", "desk", what, ""))


def _next(wanted: str) -> str:
    """Allow only addresses of the desk itself: never send somebody who just signed in to another site."""
    return wanted if _NEXT.fullmatch(wanted) and ".." not in wanted and "//" not in wanted else "/desk"
