"""What was said before, told again minute by minute: to learn from it, and to try settings on it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import NamedTuple

from app.store.protocol import Store, Where
from domain.component import Component
from domain.heard.classification import Kind
from domain.heard.mention import MentionRecord, Stage
from sentiment.people import Crowd, close, count
from sentiment.spikes import Bucket, minute_of, moment_of

PAGE = timedelta(hours=6)  # of mentions that are read at once
WARM_UP = timedelta(days=28)  # of history the detector learns from, where there is so much


class Past(NamedTuple):
    """A minute of history of one component: people with its problem, with another one, posts of the content."""

    minute: datetime
    component: str
    reports: int
    others: int
    neutral: int


def as_report(record: MentionRecord, components: Mapping[str, Component]) -> MentionRecord:
    """Let a complaint of a kind that its component is about count as a report of an outage there.

    "My card was declined" is a payment complaint, and a hundred of them in ten minutes are a payment outage.
    """
    meaning = record.classification
    component = components.get(meaning.component or "") if meaning else None
    if meaning is None or component is None or meaning.kind not in component.kinds:
        return record
    return replace(record, classification=replace(meaning, kind=Kind.OUTAGE))


def buckets_of(past: Iterable[Past]) -> list[tuple[str, Bucket]]:
    """Shape history into the detector's minutes; content posts belong to none, so they count for each."""
    past = list(past)
    neutral = Counter[datetime]()
    for minute in past:
        neutral[minute.minute] += minute.neutral
    return [(m.component, Bucket(minute_of(m.minute), m.reports, m.others, neutral[m.minute], 0)) for m in past]


@dataclass(slots=True)
class Retelling:
    """Stored mentions as if each had been heard in time: late ones count in the minute in which they were said."""

    components: Mapping[str, Component]
    crowd: Crowd = field(init=False)
    waiting: list[tuple[datetime, str, MentionRecord]] = field(default_factory=list)
    minute: int | None = None  # the next one to be told

    def __post_init__(self) -> None:
        """Begin with nobody."""
        self.crowd = Crowd(tuple(self.components))

    def tell(self, records: Iterable[MentionRecord], until: datetime) -> Iterator[tuple[str, Bucket]]:
        """Take in all that was said before `until` (and after the last call's), and give the minutes that are over."""
        for record in records:
            heappush(self.waiting, (_heard_at(record, self.crowd.counting.fresh), record.id, record))
        if self.minute is None and self.waiting:
            self.minute = minute_of(self.waiting[0][0])
        while self.minute is not None and self.minute < minute_of(until):
            self.minute += 1
            yield from self._until(moment_of(self.minute))

    def _until(self, now: datetime) -> Iterable[tuple[str, Bucket]]:
        while self.waiting and self.waiting[0][0] < now:
            at, _, record = heappop(self.waiting)
            count(self.crowd, replace(as_report(record, self.components), history=False), at)
        return close(self.crowd, now)


def _heard_at(record: MentionRecord, fresh: int) -> datetime:
    said, received = record.mention.created_at, record.received_at
    late = record.history or received - said > timedelta(minutes=fresh)
    return said if late else max(said, received)


async def stored(store: Store, since: datetime, until: datetime) -> AsyncIterator[tuple[list[MentionRecord], datetime]]:
    """Read the understood mentions of a time page by page, each with the moment up to which it reaches."""
    while since < until:
        end = min(since + PAGE, until)
        page = await store.find(
            MentionRecord, Where("created_at", "ge", since), Where("created_at", "lt", end),
            Where("stage", "eq", str(Stage.UNDERSTOOD)), order="created_at",
        )  # fmt: skip
        yield page, end
        since = end


async def first_said(store: Store, since: datetime) -> datetime | None:
    """Say when the oldest mention from `since` on was made, None without any."""
    oldest = await store.find(MentionRecord, Where("created_at", "ge", since), order="created_at", limit=1)
    return oldest[0].mention.created_at if oldest else None


async def minutes_of(
    store: Store, components: Mapping[str, Component], since: datetime, until: datetime
) -> dict[str, list[Bucket]]:
    """Give the minutes of each component ("": reports that name none) between two moments, from stored mentions."""
    minutes: dict[str, list[Bucket]] = defaultdict(list)
    first = await first_said(store, since)
    if first is None:
        return minutes
    retelling = Retelling(components)
    async for page, end in stored(store, first, until):
        for component, bucket in retelling.tell(page, end):
            minutes[component].append(bucket)
    return minutes
