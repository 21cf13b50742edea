"""Live pages: one small mark says whether what a page shows has changed; server-sent events carry it."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from app.store.protocol import Store, Where
from domain.care.case import ACTIVE, Case
from domain.care.follow_up import FollowUp
from domain.errors import ServiceError
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork
from domain.incidents.signal import Signal
from domain.records import AuditEntry, SourceState
from domain.told.mailing import Mailing
from domain.told.subscriber import Subscriber

if TYPE_CHECKING:
    from app.web.desk.sessions import Session, Sessions

LOOK_S = 1.0  # between two looks at the store, shared by all who watch the same
CHECK_S = 20.0  # between two looks whether the session still stands
_WATCHED = re.compile(
    r"(queue|incidents|maintenance|subscribers|sources|audit)|(case|incident|signal|work):[\w-]{1,80}"
)


def is_watchable(watch: str) -> bool:
    """Say whether `watch` names something that can be watched."""
    return _WATCHED.fullmatch(watch) is not None


@dataclass(slots=True)
class Pulse:
    """Looks at the store on behalf of everyone who watches; `look_s` in seconds."""

    store: Store
    look_s: float = LOOK_S
    marks: dict[str, tuple[float, str]] = field(default_factory=dict)
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def mark(self, watch: str) -> str:
        """Give a short text that differs whenever the watched records do. Raises ServiceError."""
        async with self.looking:
            seen, known = self.marks.get(watch, (0.0, ""))
            if known and time.monotonic() - seen < self.look_s * 0.9:
                return known
            room, _, record = watch.partition(":")
            seen_now = hashlib.sha256(repr(await _LOOKS[room](self.store, record)).encode()).hexdigest()[:16]
            if len(self.marks) > 1000:
                self.marks.clear()
            self.marks[watch] = (time.monotonic(), seen_now)
            return seen_now


async def _queue(store: Store, record: str) -> object:
    newest = await store.find(Case, order="-updated_at", limit=1)
    return (
        [(case.id, case.revision) for case in newest],
        await store.count(Case, Where("status", "in_", sorted(ACTIVE))),
        [(s.id, s.revision) for s in await store.find(Signal, Where("active_key", "ne", None), limit=50)],
        [(i.id, i.revision) for i in await store.find(Incident, Where("is_open", "eq", True), limit=50)],
        [(s.id, s.failing_since) for s in await store.find(SourceState)],
    )


async def _case(store: Store, record: str) -> object:
    case = await store.get(Case, record)
    return case.revision if case else None, case.mention_ids if case else None, await _queue(store, record)


async def _incidents(store: Store, record: str) -> object:
    incidents = await store.find(Incident, order="-declared_at", limit=50)
    signals = await store.find(Signal, order="-opened_at", limit=50)
    return [(i.id, i.revision) for i in incidents], [(s.id, s.revision) for s in signals]


async def _incident(store: Store, record: str) -> object:
    incident = await store.get(Incident, record)
    linked = Where("incident_id", "eq", record)
    states = sorted((await store.group_count(FollowUp, "state", linked)).items())
    answers = sorted((await store.group_count(FollowUp, "answer", linked)).items())
    return incident.revision if incident else None, states, answers, await store.count(Case, linked)


async def _maintenance(store: Store, record: str) -> object:
    return [(work.id, work.revision) for work in await store.find(PlannedWork, order="-starts_at", limit=100)]


async def _work(store: Store, record: str) -> object:
    work = await store.get(PlannedWork, record)
    return work.revision if work else None


async def _signal(store: Store, record: str) -> object:
    signal = await store.get(Signal, record)
    return signal.revision if signal else None


async def _sources(store: Store, record: str) -> object:
    return [(s.id, s.failing_since, s.failures, s.stored, s.set_aside) for s in await store.find(SourceState)]


async def _subscribers(store: Store, record: str) -> object:
    mailings = await store.find(Mailing, order="-created_at", limit=20)
    shelves = await store.group_count(Subscriber, "lane")
    return [(m.id, m.version) for m in mailings], sorted(shelves.items())


async def _audit(store: Store, record: str) -> object:
    return [entry.id for entry in await store.find(AuditEntry, order="-at", limit=1)]


_LOOKS: dict[str, Callable[[Store, str], Awaitable[object]]] = {
    "queue": _queue, "case": _case, "incidents": _incidents, "incident": _incident, "signal": _signal,
    "sources": _sources, "audit": _audit, "maintenance": _maintenance, "work": _work,
    "subscribers": _subscribers,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stream:
    """One open page that is told of news until the browser, the session or hubbub goes away."""

    pulse: Pulse
    sessions: Sessions
    closing: asyncio.Event

    async def serve(self, request: web.Request, session: Session, watch: str, known: str) -> web.StreamResponse:
        """Send the event "news" whenever what is watched differs from what the page is known to show."""
        try:
            async with sse_response(request, headers={"Cache-Control": "no-store"}) as stream:
                await self._tell(stream, session, watch, known)
        except ConnectionResetError:  # the browser has gone to another page already
            return web.Response(status=499)
        return stream

    async def _tell(self, stream: EventSourceResponse, session: Session, watch: str, known: str) -> None:
        checked = time.monotonic()
        while stream.is_connected():
            seen = await self._mark(watch)
            if seen and seen != known:
                known = seen
                await stream.send(seen, event="news", retry=3000)
            if await self._pause():
                return
            if time.monotonic() - checked > CHECK_S:
                checked = time.monotonic()
                if await self.sessions.find(session.word) is None:
                    return

    async def _mark(self, watch: str) -> str:
        try:
            return await self.pulse.mark(watch)
        except ServiceError:  # the database rests; the next look tells
            return ""

    async def _pause(self) -> bool:
        """Wait for the next look; True when hubbub is closing."""
        try:
            async with asyncio.timeout(self.pulse.look_s):
                await self.closing.wait()
        except TimeoutError:
            return False
        return True
