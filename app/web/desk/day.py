"""A day in pictures: how many people complained about each component, half hour by half hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from aiohttp import web

from app.store.protocol import Store, Where
from app.web.desk.charts import Chart, chart
from app.web.desk.room import Room, page, room_of
from domain.heard.mention import MentionRecord, Role
from domain.incidents.incident import Incident

HALF_HOURS = 48
MOST = 50_000  # complaints of one day that are looked at


@dataclass(frozen=True, slots=True)
class Line:
    """One component's day."""

    component: str
    name: str
    drawing: Chart
    counts: tuple[int, ...]
    people: int

    @property
    def busiest(self) -> str:
        """The half hour with the most people, as "13:30"."""
        at = max(range(HALF_HOURS), key=self.counts.__getitem__)
        return clock(at)


def clock(half_hour: int) -> str:
    """Write when a half hour begins."""
    return f"{half_hour // 2:02d}:{30 * (half_hour % 2):02d}"


def people_by_half_hour(records: Iterable[MentionRecord]) -> dict[str, list[set[str]]]:
    """Count each person once per component and half hour (UTC)."""
    found: dict[str, list[set[str]]] = defaultdict(lambda: [set() for _ in range(HALF_HOURS)])
    for record in records:
        if record.classification is None:
            continue
        at = record.mention.created_at.astimezone(UTC)
        found[record.classification.component or ""][at.hour * 2 + at.minute // 30].add(record.person_id)
    return dict(found)


async def complaints_of(store: Store, day: date) -> list[MentionRecord]:
    """Find a day's complaints of customers."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return await store.find(
        MentionRecord, Where("created_at", "ge", start), Where("created_at", "lt", start + timedelta(days=1)),
        Where("is_complaint", "eq", True), Where("own", "eq", False), Where("role", "eq", str(Role.CUSTOMER)),
        limit=MOST,
    )  # fmt: skip


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [web.get("/day", show)]


async def show(request: web.Request) -> web.StreamResponse:
    """Show one day, today unless `?date=` says otherwise."""
    room = room_of(request)
    today = room.now.astimezone(UTC).date()
    day = _read_day(request.query.get("date", ""), today)
    found = people_by_half_hour(await complaints_of(room.store, day))
    told = await room.store.find(Incident, order="-declared_at", limit=200)
    return page(
        request, "day.html", day=day, today=today, before=day - timedelta(days=1), after=day + timedelta(days=1),
        lines=_lines(room, found), clock=clock, incidents=[i for i in told if _touches(i, day)],
    )  # fmt: skip


def _read_day(asked: str, today: date) -> date:
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return today
    return min(max(day, today - timedelta(days=3650)), today)


def _lines(room: Room, found: Mapping[str, list[set[str]]]) -> list[Line]:
    names = [*room.hubbub.components, *sorted(set(found) - set(room.hubbub.components))]
    counts = {name: tuple(map(len, found[name])) if name in found else (0,) * HALF_HOURS for name in names}
    top = max((max(series) for series in counts.values()), default=1)
    return [
        Line(name, room.component(name or None), chart(series, top=top), series,
             len(set().union(*found[name])) if name in found else 0)
        for name, series in counts.items()
    ]  # fmt: skip


def _touches(incident: Incident, day: date) -> bool:
    ended = incident.resolved_at
    return incident.started_at.date() <= day and (ended is None or ended.date() >= day)
