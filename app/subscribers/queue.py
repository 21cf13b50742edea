"""Watches what waits to go out to subscribers; a queue that stands still is told to the people on call."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.outbox.posting import why_stopped
from app.store.protocol import Store, Where, update
from app.subscribers.news import left
from domain.ids import stable_id
from domain.incidents.notice import Notice, NoticeKind
from domain.records import Kept
from domain.told.mailing import Mailing, MailingState, Owed
from domain.told.subscriber import Channel, Subscriber
from domain.work import Card

log = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=10)
MEMORY = "subscribers:stuck"  # the record that says which queues the people on call have been told of
_NAMES: Mapping[str, str] = {
    Channel.MAIL: "Mail", Channel.WEBHOOK: "Webhooks", Channel.SLACK: "Slack messages", Channel.PUSH: "Notifications",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Length:
    """How long a queue is, how long it has stood still, and why if anybody knows."""

    waiting: int = 0
    stands: timedelta = timedelta()
    error: str = ""

    @property
    def is_stuck(self) -> bool:
        """True when a person should look."""
        return self.stands > STUCK_AFTER


@dataclass(slots=True)
class Queue:
    """The queues of all channels that are offered."""

    store: Store
    channels: Sequence[Channel]
    room: str  # Slack channel of the people on call
    now: Callable[[], datetime]
    stopped: bool = False  # by the settings; the switch in the store is asked each time
    lengths: Mapping[Channel, Length] = field(default_factory=dict)

    async def look(self) -> None:
        """Measure, and tell of queues that stand still and of those that move again."""
        self.lengths = {channel: await self.length(channel) for channel in self.channels}
        known = await self.store.get(Kept, MEMORY)
        told = dict(known.value) if known is not None else {}
        # What a person has stopped stands still on purpose.
        halted = await why_stopped(self.store, self.stopped) is not None
        stuck = {str(c): length for c, length in self.lengths.items() if length.is_stuck and not halted}
        await self._tell({name: stuck[name] for name in stuck.keys() - told.keys()}, told.keys() - stuck.keys())
        if stuck.keys() != told.keys():
            await self._remember({name: told.get(name, self.now().isoformat()) for name in stuck})

    async def length(self, channel: Channel) -> Length:
        """Measure one queue: mailings under way, messages put off, and what new subscribers are owed."""
        at = self.now()
        running = Where("lane", "eq", f"{channel} {MailingState.RUNNING}")
        mailings = await self.store.find(Mailing, running)
        waiting = sum([await left(self.store, mailing) for mailing in mailings])
        stands = [at - mailing.waits_since for mailing in mailings]
        mine = Where("channel", "eq", channel)
        waiting += await self.store.count(Owed, mine)
        overdue = await self.store.find(Owed, mine, Where("not_before", "le", at), order="not_before", limit=1)
        stands += [at - each.not_before for each in overdue]
        due = Where("work_at", "le", at)
        waiting += await self.store.count(Subscriber, mine, due)
        new = await self.store.find(Subscriber, mine, due, order="work_at", limit=1)
        stands += [at - (each.errand_at or at) for each in new]
        errors = [mailing.error for mailing in mailings if mailing.error]
        return Length(waiting, max(stands, default=timedelta()), errors[0] if errors else "")

    async def _tell(self, stuck: Mapping[str, Length], over: Iterable[str]) -> None:
        at = self.now()
        bad = [_stuck_words(name, stuck[name]) for name in sorted(stuck)]
        good = [f"{_NAMES[name]} to subscribers: the queue moves again." for name in sorted(over)]
        for words in bad:
            log.error("%s", words)
        for words in good:
            log.info("%s", words)
        if not (text := " ".join([*bad, *good])):
            return
        named = stable_id("note", NoticeKind.QUEUE, at.isoformat())
        await self.store.add(Notice(named, NoticeKind.QUEUE, None, at, text, Card(self.room)))

    async def _remember(self, told: Mapping[str, object]) -> None:
        if not (await self.store.add(Kept(MEMORY, told)))[0]:
            await update(self.store, Kept, MEMORY, lambda kept: replace(kept, value=told))


def _stuck_words(name: str, length: Length) -> str:
    start = f"{_NAMES[name]} to subscribers: stuck for {int(length.stands / timedelta(minutes=1))} min"
    return f"{start}, {length.waiting:,} wait. {length.error}".strip()
