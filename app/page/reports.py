"""Counts how many people complained, half hour by half hour, for the chart on the page; reads each half hour once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import fmean, median

from app.store.protocol import Store, Where
from domain.heard.brigading import public_people
from domain.heard.mention import MentionRecord, Role
from status_page.pages.reports import EVERYTHING, SLOT, SLOTS, Line, Reports

DAY = SLOT * SLOTS
USUAL_DAYS, FEWEST_DAYS = 7, 3  # days that "usual" rests on; with fewer nothing is called usual
STAYS_OPEN = 4 * SLOT  # late mentions still change half hours that began so long ago
BACKFILL = 96  # earlier half hours read in one go, so that no print waits for a week of mentions
MOST = 20_000  # complaints of one half hour that are looked at
Counts = Mapping[str, int]  # component or circle -> people
Circles = Mapping[str, frozenset[str] | None]  # name of a page -> its components, None: all, and what names none


@dataclass(slots=True)
class ReportCount:
    """Remembers the counts of the last eight days in memory; what it may say is decided by status_page/reports.py."""

    store: Store
    now: Callable[[], datetime]
    circles: Circles
    every: timedelta = timedelta(minutes=10)
    counted: dict[datetime, Counts] = field(default_factory=dict)  # by the beginning of the half hour
    last_hour: Counts = field(default_factory=dict)
    oldest: datetime | None = None  # when the first mention we know was made
    measured_at: datetime | None = None

    async def measure(self) -> None:
        """Count what is new, and a part of what came before the start, unless that was done a moment ago."""
        now = self.now()
        if self.measured_at is not None and now - self.measured_at < self.every:
            return
        current = slot_of(now)
        if self.oldest is None:
            first = await self.store.find(MentionRecord, order="created_at", limit=1)
            self.oldest = first[0].mention.created_at if first else None
        wanted = [current - place * SLOT for place in range((USUAL_DAYS + 1) * SLOTS)]
        open_since = current - STAYS_OPEN
        missing = [slot for slot in wanted if slot not in self.counted and slot < open_since]
        for slot in [*(s for s in wanted if s >= open_since), *missing[:BACKFILL]]:
            self.counted[slot] = people(await self._said(slot, slot + SLOT), self.circles)
        self.last_hour = people(await self._said(now - 2 * SLOT, current + SLOT), self.circles)
        self.counted = {slot: self.counted[slot] for slot in wanted if slot in self.counted}
        self.measured_at = now

    async def _said(self, since: datetime, until: datetime) -> list[MentionRecord]:
        if self.oldest is None or until <= self.oldest:
            return []
        return await self.store.find(
            MentionRecord, Where("created_at", "ge", since), Where("created_at", "lt", until),
            Where("is_complaint", "eq", True), Where("own", "eq", False), Where("role", "eq", str(Role.CUSTOMER)),
            limit=MOST,
        )  # fmt: skip

    def reports(self, circle: str, components: Collection[str]) -> Reports | None:
        """Give the last 24 hours of a page with its components, None before the first count."""
        if self.measured_at is None:
            return None
        since = slot_of(self.measured_at) - (SLOTS - 1) * SLOT
        lines = {component: self._line(component, since) for component in components}
        return Reports(since, {**lines, EVERYTHING: self._line(_PAGE + circle, since)})

    def _line(self, name: str, since: datetime) -> Line:
        slots = [since + place * SLOT for place in range(SLOTS)]
        usual = [self._usual(slot, name) for slot in slots]
        known = tuple(value for value in usual if value is not None)
        observed = tuple(self._count(slot, name) for slot in slots)
        return Line(observed, known if len(known) == len(usual) else (), self.last_hour.get(name, 0))

    def _usual(self, slot: datetime, name: str) -> float | None:
        """Give the middle of the last days at this time, each smoothed over three half hours."""
        days = []
        for day in range(1, USUAL_DAYS + 1):
            around = [slot - day * DAY + step * SLOT for step in (-1, 0, 1)]
            if all(self._is_known(each) for each in around):
                days.append(fmean(self._count(each, name) for each in around))
        return median(days) if len(days) >= FEWEST_DAYS else None

    def _is_known(self, slot: datetime) -> bool:
        return slot in self.counted and self.oldest is not None and slot >= self.oldest

    def _count(self, slot: datetime, name: str) -> int:
        return self.counted.get(slot, {}).get(name, 0)


def slot_of(moment: datetime) -> datetime:
    """Give the beginning of the half hour (UTC) that a moment falls into."""
    utc = moment.astimezone(UTC)
    return utc.replace(minute=30 * (utc.minute // 30), second=0, microsecond=0)


def people(records: Iterable[MentionRecord], circles: Circles) -> Counts:
    """Count each person once per component and once per circle; copies of what somebody else wrote do not count.

    Of our own form only what came with proof of work counts, once per network, and it shows nothing on its own.
    """
    found: dict[str, set[str]] = defaultdict(set)
    by_form: dict[str, set[str]] = defaultdict(set)  # networks
    for record in records:
        if record.classification is None or record.duplicate_of is not None:
            continue
        sent, component = record.mention.submission, record.classification.component
        if sent is not None and (sent.incident is not None or not sent.proven):
            continue
        who, voices = (record.person_id, found) if sent is None else (sent.network, by_form)
        for name in _named(component, circles):
            voices[name].add(who)
    return {name: public_people(len(found[name]), len(by_form[name])) for name in {*found, *by_form}}


def _named(component: str | None, circles: Circles) -> list[str]:
    """Name the lines that a report about a component stands in."""
    pages = [_PAGE + name for name, members in circles.items() if members is None or component in members]
    return [*([component] if component is not None else []), *pages]


_PAGE = "/"  # before the name of a circle; no component's id has it
