"""Turns each new public word into mailings, one per channel; an older one of the same story ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.store.protocol import Store, Where
from app.subscribers.news import supersede
from domain.ids import stable_id
from domain.incidents.incident import Incident
from domain.incidents.planned import REMIND_BEFORE, PlannedWork, WorkStatus
from domain.told.mailing import FRESH, Mailing, mailing_id
from domain.told.subscriber import Channel, Standing, Subscriber, lane

log = logging.getLogger(__name__)
Story = Incident | PlannedWork
MOST_SEEN = 10_000


@dataclass(frozen=True, slots=True)
class Word:
    """A public word that subscribers may be told: its id and when it was said."""

    news: str
    at: datetime


def newest(story: Story, now: datetime) -> Word | None:
    """Give the word about a story that is news now; None when it is not public, or all of it is old."""
    if isinstance(story, Incident):
        word = Word(story.updates[-1].id, story.updates[-1].at) if story.public else None
    elif _is_reminded(story):
        word = Word(stable_id("remind", story.id, story.starts_at.isoformat()), now)
    else:
        word = Word(story.updates[-1].id, story.changed_at)
    return word if word is not None and now - word.at <= FRESH else None


def _is_reminded(work: PlannedWork) -> bool:
    """Say whether the reminder is the newest word about planned work."""
    said_since = work.changed_at >= work.starts_at - REMIND_BEFORE
    return work.status is WorkStatus.SCHEDULED and work.reminded_of == work.starts_at and not said_since


@dataclass(slots=True)
class Planner:
    """Looks for new words; a word that was planned is never planned again, whatever is lost in between."""

    store: Store
    channels: Sequence[Channel]
    now: Callable[[], datetime]
    seen: dict[str, str] = field(default_factory=dict)  # story -> the word that was planned last

    async def run(self) -> int:
        """Plan what is new; returns how many mailings were made."""
        made = 0
        for story in await self._stories():
            word = newest(story, self.now())
            if word is not None and self.seen.get(story.id) != word.news:
                for channel in self.channels:
                    made += await self._plan(channel, story, word)
                self._remember(story.id, word.news)
        return made

    async def _stories(self) -> list[Story]:
        """Give what may have a new word: everything that is not over, and what ended lately."""
        since = self.now() - FRESH
        found: list[Story] = []
        for where in (Where("is_open", "eq", True), Where("resolved_at", "ge", since)):
            found += await self.store.find(Incident, where)
        for where in (Where("finished_at", "eq", None), Where("finished_at", "ge", since)):
            found += await self.store.find(PlannedWork, where)
        return found

    async def _plan(self, channel: Channel, story: Story, word: Word) -> int:
        active = Where("lane", "eq", lane(channel, Standing.ACTIVE))
        if not await self.store.find(Subscriber, active, limit=1):
            return 0
        at = self.now()
        thread = Where("thread", "eq", f"{channel} {story.id}")
        named = mailing_id(channel, story.id, word.news)
        others = [m for m in await self.store.find(Mailing, thread) if m.id != named]
        mailing = Mailing(named, channel, story.id, word.news, word.at, at, first=not others)
        is_new = (await self.store.add(mailing))[0]
        for other in others:  # also when it is not new: a crash may have come between
            if not other.is_over:
                await supersede(self.store, other, at)
        if is_new:
            log.info("mailing %s: %s to subscribers by %s", named, story.id, channel)
        return int(is_new)

    def _remember(self, story: str, news: str) -> None:
        self.seen.pop(story, None)
        self.seen[story] = news
        while len(self.seen) > MOST_SEEN:
            self.seen.pop(next(iter(self.seen)))
