"""Puts the desk on the web application, and gives out its one-time links."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiohttp import web

from app.web.desk import audit, cases, day, health, incidents, planned, queue, review, sign_in, signals, subscribers
from app.web.desk.guard import OPEN, guard, seal
from app.web.desk.links import Links
from app.web.desk.live import Pulse, Stream, is_watchable
from app.web.desk.once import Once
from app.web.desk.passwords import Passwords
from app.web.desk.room import PAGES, ROOM, SESSION, STATIC, Room, environment, room_of
from app.web.desk.sessions import Sessions

if TYPE_CHECKING:
    from app.wiring import Hubbub

_TYPES = {".css": "text/css", ".js": "text/javascript", ".txt": "text/plain"}
_FILES = {str(path.relative_to(STATIC)): path for path in STATIC.rglob("*") if path.suffix in _TYPES}


def wall_clock() -> datetime:
    """Give the real time: sessions and links age by it, also where hubbub runs on a fast clock."""
    return datetime.now(UTC)


def add_desk(
    application: web.Application, hubbub: Hubbub, *, wall: Callable[[], datetime] = wall_clock,
    clock: Callable[[], float] = time.monotonic,
) -> None:  # fmt: skip
    """Mount the desk under `/desk`; `wall` ages sessions and links, `clock` the waits after wrong passwords."""
    users = {user.name: user.password_hash for user in hubbub.settings.desk.users}
    key = hubbub.secrets.session_key.get_secret_value() if hubbub.secrets.session_key else "hubbub"
    room = Room(
        hubbub=hubbub, sessions=Sessions(hubbub.store, users, key, wall), links=Links(wall), once=Once(),
        passwords=Passwords(users, clock), pulse=Pulse(hubbub.store),
    )  # fmt: skip
    desk = web.Application(middlewares=[guard])
    desk[ROOM] = application[ROOM] = room
    desk[PAGES] = environment()
    for part in (queue, cases, incidents, review, planned, signals, subscribers, health, day, audit, sign_in):
        desk.add_routes(part.routes())
    desk.add_routes([web.get("/live", _live), web.get("/static/{name:.+}", _file, name=OPEN + "static")])
    desk.on_response_prepare.append(seal)
    desk.on_shutdown.append(_close)
    application.add_subapp("/desk", desk)


def one_time_link(application: web.Application, public_url: str, name: str = "Operator") -> str:
    """Make a link that signs somebody in once, within 15 minutes, under `name`; print it, never log it."""
    return f"{public_url.rstrip('/')}/desk/enter/{application[ROOM].links.make(name)}"


async def _live(request: web.Request) -> web.StreamResponse:
    room = room_of(request)
    watch, _, known = request.query.get("watch", "").partition("~")
    if not is_watchable(watch):
        raise web.HTTPBadRequest(text="This cannot be watched.\n")
    return await Stream(room.pulse, room.sessions, room.closing).serve(request, request[SESSION], watch, known)


async def _file(request: web.Request) -> web.StreamResponse:
    """Serve one of the files that were there at the start; the address carries the content's hash."""
    path = _FILES.get(request.match_info["name"])
    if path is None:
        raise web.HTTPNotFound(text="There is no such file.\n")
    response = web.FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})
    response.content_type = _TYPES[path.suffix]
    return response


async def _close(desk: web.Application) -> None:
    desk[ROOM].closing.set()
