"""Watches over the sources: who cannot be heard is told to the people on call, once, and once more when it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.store.protocol import Store, Where, update
from domain.heard.mention import MentionRecord
from domain.heard.source_health import QUIET_HOURS, TROUBLED, Flow, Health, Level, health_of, short
from domain.ids import stable_id
from domain.incidents.notice import Notice, NoticeKind
from domain.records import Kept, SourceState
from domain.work import Card
from listener.source import Source

log = logging.getLogger(__name__)
MEMORY = "listening"  # the record that says of whom the people on call have been told
DAYS = 7  # of the past that say what is usual
LOOK_EVERY = timedelta(minutes=5)  # between two counts of what a source brings
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Listening:
    """Knows how each polled source is heard; `look` renews that and tells what changed."""

    store: Store
    sources: Sequence[Source]
    channel: str  # Slack channel of the people on call
    now: Callable[[], datetime]
    health: Mapping[str, Health] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    counted_at: datetime | None = None

    async def look(self) -> None:
        """Judge every source, and tell of those that went deaf or quiet and of those that are heard again."""
        await self.measure()
        known = await self.store.get(Kept, MEMORY)
        told = dict(known.value) if known is not None else {}
        troubled = {name: h for name, h in self.health.items() if h.level in TROUBLED}
        news = {name: h for name, h in troubled.items() if name not in told}
        over = [name for name in told if name in self.health and self.health[name].level is Level.HEARS]
        gone = [name for name in told if name not in self.health]
        if not (news or over or gone):
            return
        await self._tell(news, over)
        kept = {name: since for name, since in told.items() if name not in (*over, *gone)}
        await self._remember(kept | {name: self.now().isoformat() for name in news})

    async def measure(self) -> None:
        """Judge every source as it is now."""
        at = self.now()
        if self.counted_at is None or at - self.counted_at >= LOOK_EVERY:
            self.flows, self.counted_at = {s.name: await self._flow(s.name, at) for s in self.sources}, at
        states = {state.id: state for state in await self.store.find(SourceState)}
        self.health = {
            s.name: health_of(states.get(s.name, SourceState(s.name)), s.every, at, self.flows.get(s.name))
            for s in self.sources
        }

    def unheard(self) -> tuple[str, ...]:
        """Name the sources that cannot be heard now, for evidence cards."""
        at = self.now()
        return tuple(short(h, name, at) for name, h in sorted(self.health.items()) if h.level in TROUBLED)

    async def _flow(self, name: str, at: datetime) -> Flow:
        recent = await self._count(name, at - QUIET_HOURS * HOUR, at)
        days = [at - timedelta(days=day) for day in range(1, DAYS + 1)]
        before = [await self._count(name, day - QUIET_HOURS * HOUR, day) for day in days]
        first = next((i for i in reversed(range(DAYS)) if before[i]), None)
        # Days before the first mention say nothing; with fewer than three days nothing is usual yet.
        usual = sum(before[: first + 1]) / (first + 1) if first is not None and first >= 2 else 0.0
        return Flow(await self._count(name, at - HOUR, at), recent, usual)

    async def _count(self, name: str, since: datetime, until: datetime) -> int:
        between = (Where("created_at", "gt", since), Where("created_at", "le", until))
        return await self.store.count(MentionRecord, Where("source", "eq", name), *between)

    async def _tell(self, news: Mapping[str, Health], over: Sequence[str]) -> None:
        at = self.now()
        for name, health in news.items():
            if health.level is Level.QUIET:  # a failure was logged when it happened
                log.warning("source %s is quiet: %s", name, health.words)
        bad = f"We cannot hear {', '.join(short(h, name, at) for name, h in news.items())}." if news else ""
        good = f"Heard again: {', '.join(over)}." if over else ""
        text = " ".join(filter(None, (bad, good)))
        named = stable_id("note", NoticeKind.SOURCE, at.isoformat())
        await self.store.add(Notice(named, NoticeKind.SOURCE, None, at, text, Card(self.channel)))

    async def _remember(self, told: Mapping[str, object]) -> None:
        if not (await self.store.add(Kept(MEMORY, told)))[0]:
            await update(self.store, Kept, MEMORY, lambda kept: replace(kept, value=told))
