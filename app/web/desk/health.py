"""How well each source can be heard, in words; "we are deaf here" is as important as what is heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from app.store.protocol import Where
from app.web.desk.room import Room, page, room_of
from domain.heard.mention import MentionRecord
from domain.heard.source_health import TROUBLED, Flow, Level, health_of
from domain.records import SetAsideItem, SourceState
from listener.registry import SOURCES

SHOWN = 5  # items of a source that could not be read, the newest


@dataclass(frozen=True, slots=True)
class Hearing:
    """One source: what is set up, what is known, and the verdict."""

    name: str
    type: str
    state: SourceState
    level: str  # hears | waits | quiet | deaf | gone
    words: str
    since: datetime | None = None  # of the trouble
    flow: Flow | None = None


def hearing(name: str, type: str, every: timedelta, state: SourceState, now: datetime, flow: Flow | None) -> Hearing:
    """Say how well a source is heard."""
    health = health_of(state, every, now, flow, pushed=_is_pushed(type))
    words = health.words[:1].upper() + health.words[1:]
    words = f"We are deaf here: {health.words}" if health.level is Level.DEAF else words
    return Hearing(name, type, state, str(health.level), words, health.since, flow)


async def hearings(room: Room) -> list[Hearing]:
    """Look at all sources that are set up, and at those that once were; deaf ones first."""
    known = {state.id: state for state in await room.store.find(SourceState)}
    now = room.now
    flows = room.hubbub.listening.flows
    found = [
        hearing(s.name, s.type, s.every, known.pop(s.name, SourceState(s.name)), now, flows.get(s.name))
        for s in room.hubbub.sources
    ]
    found += [Hearing(name, "", state, "gone", "Not in the settings any more") for name, state in known.items()]
    order = (*Level, "gone")
    return sorted(found, key=lambda each: (order.index(each.level), each.name))


async def deaf_sources(room: Room) -> list[Hearing]:
    """List the sources we cannot hear now."""
    return [each for each in await hearings(room) if each.level in TROUBLED]


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
    aside = {each.name: await _set_aside(room, each.name) for each in heard if each.state.set_aside}
    return page(request, "sources.html", watch=watch, sources=heard, brought=brought, classifier_note=note, aside=aside)


async def _set_aside(room: Room, name: str) -> list[SetAsideItem]:
    return await room.store.find(SetAsideItem, Where("source", "eq", name), order="-at", limit=SHOWN)


def _is_pushed(type: str) -> bool:
    return type in SOURCES and SOURCES[type].pushed
