"""Watches what waits to go out to subscribers; a queue that stands still is told to the people on call."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.posting import why_stopped
from app.store.protocol import Store, Where, update
from domain.ids import stable_id
from domain.mailing import Mailing, MailingState, Owed
from domain.notice import Notice, NoticeKind
from domain.records import Kept
from domain.subscriber import Channel, Standing, Subscriber, lane
from domain.work import Card

log = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=10)
MEMORY = "subscribers:stuck"  # the record that says which queues the people on call have been told of
_NAMES = {
    Channel.MAIL: "mail", Channel.WEBHOOK: "webhooks", Channel.SLACK: "messages to Slack channels",
    Channel.PUSH: "notifications",
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
        stuck = {str(channel): length for channel, length in self.lengths.items() if length.is_stuck and not halted}
        news = {name: length for name, length in stuck.items() if name not in told}
        over = [name for name in told if name not in stuck]
        if not news and not over:
            return
        await self._tell([_stuck_words(Channel(name), length) for name, length in news.items()], over)
        at = self.now().isoformat()
        await self._remember({name: told.get(name, at) for name in stuck})

    async def length(self, channel: Channel) -> Length:
        """Measure one queue: mailings under way, messages put off, and what new subscribers are owed."""
        at = self.now()
        running = Where("lane", "eq", f"{channel} {MailingState.RUNNING}")
        mailings = await self.store.find(Mailing, running)
        active = Where("lane", "eq", lane(channel, Standing.ACTIVE))
        waiting = 0
        for mailing in mailings:
            behind = await self.store.count(Subscriber, active, Where("id", "gt", mailing.position))
            waiting += max(0, behind - len(mailing.done))
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

    async def _tell(self, stuck: Sequence[str], over: Sequence[str]) -> None:
        at = self.now()
        good = [f"{_NAMES[Channel(name)]} to subscribers: the queue moves again." for name in over]
        for words in stuck:
            log.error("%s", words)
        for words in good:
            log.info("%s", words)
        text = " ".join([*stuck, *(words[:1].upper() + words[1:] for words in good)])
        named = stable_id("note", NoticeKind.QUEUE, at.isoformat())
        await self.store.add(Notice(named, NoticeKind.QUEUE, None, at, text, Card(self.room)))

    async def _remember(self, told: Mapping[str, object]) -> None:
        if not (await self.store.add(Kept(MEMORY, told)))[0]:
            await update(self.store, Kept, MEMORY, lambda kept: replace(kept, value=told))


def _stuck_words(channel: Channel, length: Length) -> str:
    minutes, name = int(length.stands / timedelta(minutes=1)), _NAMES[channel]
    start = f"{name[:1].upper()}{name[1:]} to subscribers: stuck for {minutes} min"
    return f"{start}, {length.waiting:,} wait. {length.error}".strip()
