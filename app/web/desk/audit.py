"""The log: who did what, where and when; nobody can change it here."""

from __future__ import annotations

from aiohttp import web

from app.store.protocol import Where
from app.web.desk.room import page, room_of
from domain.records import AuditEntry

PAGE = 100
_ROOMS = {"case": "cases", "inc": "incidents", "sig": "signals", "sub": "subscribers"}


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [web.get("/audit", show)]


async def show(request: web.Request) -> web.StreamResponse:
    """Show the newest entries, of everything or of one record (`?subject=`)."""
    store = room_of(request).store
    watch = await room_of(request).watch("audit")
    subject = request.query.get("subject", "")[:80]
    asked = request.query.get("skip", "")
    skip = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 0
    where = [Where("subject", "eq", subject)] if subject else []
    entries = await store.find(AuditEntry, *where, order="-at", limit=PAGE + 1, skip=skip)
    return page(
        request, "audit.html", watch=watch if not skip else "", entries=entries[:PAGE], more=len(entries) > PAGE,
        skip=skip, page_size=PAGE, subject=subject, address=address,
    )  # fmt: skip


def address(subject: str) -> str | None:
    """Give the page of the record that an entry is about."""
    room = _ROOMS.get(subject.partition("_")[0])
    return f"/desk/{room}/{subject}" if room else None
