"""How well each source can be heard, in words; "we are deaf here" is as important as what is heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from alerts.cards import span
from app.store.protocol import Where
from app.web.desk.room import Room, page, room_of
from domain.mention import MentionRecord
from domain.records import SourceState
from listener.registry import SOURCES

PATIENCE = 5  # polls that may be missed before we call ourselves deaf
SOON = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Hearing:
    """One source: what is set up, what is known, and the verdict."""

    name: str
    type: str
    state: SourceState
    level: str  # hears | waits | deaf | gone
    words: str
    since: datetime | None = None  # deaf since then


def hearing(name: str, type: str, every: timedelta, state: SourceState, now: datetime) -> Hearing:
    """Say how well a source is heard: it fails, it is silent for too long, or all is well."""
    if state.failing_since is not None:
        since = state.last_success or state.failing_since
        return Hearing(name, type, state, "deaf", f"We are deaf here: {state.error or 'it does not answer'}", since)
    if _is_pushed(type):
        return Hearing(name, type, state, "hears", "Brought to us: nothing to ask for")
    if state.last_success is None:
        return Hearing(name, type, state, "waits", "Not asked yet")
    lag = now - state.last_success
    if lag > max(every * PATIENCE, SOON):
        return Hearing(name, type, state, "deaf", f"We are deaf here: not asked for {span(lag)}", state.last_success)
    if state.not_before is not None and state.not_before > now:
        return Hearing(name, type, state, "waits", "Its quota makes us wait")
    return Hearing(name, type, state, "hears", "Answers")


async def hearings(room: Room) -> list[Hearing]:
    """Look at all sources that are set up, and at those that once were; deaf ones first."""
    known = {state.id: state for state in await room.store.find(SourceState)}
    now = room.now
    found = [
        hearing(source.name, source.type, source.every, known.pop(source.name, SourceState(source.name)), now)
        for source in room.hubbub.sources
    ]
    found += [Hearing(name, "", state, "gone", "Not in the settings any more") for name, state in known.items()]
    order = ("deaf", "waits", "hears", "gone")
    return sorted(found, key=lambda each: (order.index(each.level), each.name))


async def deaf_sources(room: Room) -> list[Hearing]:
    """List the sources we cannot hear now."""
    return [each for each in await hearings(room) if each.level == "deaf"]


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [web.get("/sources", show)]


async def show(request: web.Request) -> web.StreamResponse:
    """Show every source and its health."""
    room = room_of(request)
    watch = await room.watch("sources")
    heard = await hearings(room)
    pushed = [each.name for each in heard if _is_pushed(each.type)]
    brought = {name: await room.store.count(MentionRecord, Where("source", "eq", name)) for name in pushed}
    note = room.hubbub.classifier_note
    return page(request, "sources.html", watch=watch, sources=heard, brought=brought, classifier_note=note)


def _is_pushed(type: str) -> bool:
    return type in SOURCES and SOURCES[type].pushed
