"""The queue: cases by the time an answer is due, for whoever looks for the next one to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from app.store.protocol import Store, Where
from app.web.desk.health import deaf_sources
from app.web.desk.room import Room, actor_of, page, room_of
from domain.care.case import ACTIVE, Case, CaseStatus
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal

TABS = {"waiting": "Waiting for an answer", "mine": "Mine", "unassigned": "Unassigned", "all": "All"}
PAGE = 40
FOUND = 400  # mentions that a search looks at
_FILTERS = ("language", "source", "component")
_ACTIVE = sorted(ACTIVE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see of the queue."""

    tab: str = "waiting"
    language: str = ""
    source: str = ""
    component: str = ""
    q: str = ""
    skip: int = 0

    def query(self, **changes: str) -> str:
        """Write it as the query of an address; what is as usual is left out."""
        values = {"tab": self.tab, "language": self.language, "source": self.source, "component": self.component,
                  "q": self.q, **changes}  # fmt: skip
        usual = {"tab": "waiting"}
        return urlencode({name: value for name, value in values.items() if value and value != usual.get(name)})


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Read an address; words that mean nothing are left out, a search looks through all cases unless told otherwise."""
    q = query.get("q", "").strip()[:100]
    tab = query.get("tab", "")
    skip = query.get("skip", "")
    return Wanted(
        tab=tab if tab in TABS else "all" if q else "waiting", q=q,
        language=query.get("language", "")[:20], source=query.get("source", "")[:60],
        component=query.get("component", "")[:60],
        skip=min(int(skip), 100_000) if skip.isascii() and skip.isdigit() and len(skip) < 7 else 0,
    )  # fmt: skip


def tab_conditions(tab: str, me: str) -> list[Where]:
    """Say which cases belong to a tab; snoozed ones wait elsewhere until they are back."""
    if tab == "waiting":
        return [Where("status", "eq", str(CaseStatus.OPEN))]
    if tab == "mine":
        return [Where("status", "in_", _ACTIVE), Where("assignee", "eq", me)]
    if tab == "unassigned":
        return [Where("status", "in_", _ACTIVE), Where("assignee", "eq", None)]
    return []


async def find_cases(store: Store, wanted: Wanted, me: str, limit: int = PAGE) -> list[Case]:
    """Find the cases of a view: due first; among all of them those that changed last."""
    where = tab_conditions(wanted.tab, me)
    where += [Where(name, "eq", getattr(wanted, name)) for name in _FILTERS if getattr(wanted, name)]
    if wanted.q:
        said = await store.search_mentions(wanted.q, FOUND)
        where.append(Where("id", "in_", sorted({record.case_id for record in said if record.case_id})))
    order = "-updated_at" if wanted.tab == "all" else "due_at"
    return await store.find(Case, *where, order=order, limit=limit, skip=wanted.skip)


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [web.get("", show)]


async def show(request: web.Request) -> web.StreamResponse:
    """Show the queue."""
    room, me = room_of(request), actor_of(request).id
    watch = await room.watch("queue")
    wanted = read_wanted(request.query)
    found = await find_cases(room.store, wanted, me, PAGE + 1)
    return page(
        request, "queue.html", watch=watch, wanted=wanted, tabs=TABS, cases=found[:PAGE], more=len(found) > PAGE,
        page_size=PAGE, counts=await _counts(room.store, me), choices=await _choices(room), **await glance(room),
    )  # fmt: skip


async def glance(room: Room) -> dict[str, Any]:
    """Say what else needs eyes: live signals, open incidents, sources that cannot be heard."""
    store = room.store
    return {
        "signals": await store.find(Signal, Where("active_key", "ne", None), order="-opened_at", limit=10),
        "incidents": await store.find(Incident, Where("is_open", "eq", True), order="-declared_at", limit=10),
        "deaf": await deaf_sources(room),
    }


async def _counts(store: Store, me: str) -> dict[str, int]:
    return {tab: await store.count(Case, *tab_conditions(tab, me)) for tab in TABS if tab != "all"}


async def _choices(room: Room) -> dict[str, list[str]]:
    known = {name: sorted(key for key in await room.store.group_count(Case, name) if key) for name in _FILTERS[:2]}
    return {**known, "component": list(room.hubbub.components)}
