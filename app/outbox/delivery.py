"""The outbox: everything that is to leave the building, sent once, retried with patience, its outcome recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from app.outbox.posting import why_stopped
from app.outbox.sending import GIVE_UP_AFTER as GIVE_UP_AFTER
from app.outbox.sending import Sender
from app.slack.cards import Cards, Shown
from app.store.protocol import Store, Where, update
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.incidents.incident import Incident
from domain.incidents.notice import Notice
from domain.incidents.planned import PlannedWork
from domain.incidents.signal import Signal
from domain.told.posting import Parent, thread_parent
from domain.work import Delivery, DeliveryState
from status_page.publishers.publisher import Publisher

log = logging.getLogger(__name__)
Due = TypeVar("Due", Signal, Incident, PlannedWork, Case, FollowUp, Notice)
Telling = TypeVar("Telling", Incident, PlannedWork)
Sending = TypeVar("Sending", Incident, PlannedWork, Case, FollowUp)


@dataclass(frozen=True, slots=True)
class Outbox:
    """Works through records whose `work_at` has come: alerts, incidents, planned work, cases, follow-ups, notices."""

    store: Store
    publishers: Mapping[str, Publisher]
    cards: Cards | None  # None: no Slack is set up
    now: Callable[[], datetime]
    dry_run: bool = False
    stopped: bool = False  # by the settings; the switch in the store is asked each time
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    failing: set[str] = field(default_factory=set)  # records whose failure was logged

    async def run(self, limit: int = 200) -> int:
        """Do what is due now; returns how many records were worked on."""
        async with self.busy:  # two rounds at once would post a card twice
            done = await self._each(Signal, self._show, limit)
            done += await self._each(Incident, self._posts, limit)
            done += await self._each(PlannedWork, self._posts, limit)
            done += await self._each(Case, self._replies, limit)
            done += await self._each(FollowUp, self._follow_up, limit)
            return done + await self._each(Notice, self._show, limit)

    async def _each(self, kind: type[Due], work: Callable[[Due], Awaitable[None]], limit: int) -> int:
        records = await self.store.find(kind, Where("work_at", "le", self.now()), order="work_at", limit=limit)
        for record in records:
            try:
                await work(record)
            except Exception:  # the boundary of one record: whatever is wrong with it, the others get their turn
                level = logging.DEBUG if record.id in self.failing else logging.ERROR
                log.log(level, "the messages of %s wait", record.id, exc_info=True)
                self.failing.add(record.id)
            else:
                self.failing.discard(record.id)
        return len(records)

    async def _show(self, record: Shown) -> None:
        if self.cards is not None:
            await self.cards.show(record)
        elif record.card is not None and record.work_at is not None:
            # Without Slack a card is never current; looked at once a day, it cannot crowd out what is to be sent.
            later = replace(record.card, not_before=self.now() + timedelta(days=1))
            await update(self.store, type(record), record.id, lambda r: replace(r, card=later))

    async def _posts(self, record: Telling) -> None:
        kind = type(record)
        for planned in record.deliveries:
            latest = await self.store.get(kind, record.id)
            delivery = next((d for d in latest.deliveries if d.id == planned.id), None) if latest else None
            if latest is None or delivery is None:
                continue
            parent = thread_parent(latest, delivery)
            if parent is not None:  # else the first post of the thread is still on its way
                await self._carry(kind, record.id, delivery, parent)
        fresh = await self.store.get(kind, record.id)
        if fresh is not None:
            await self._show(fresh)

    async def _replies(self, case: Case) -> None:
        for delivery in case.replies:
            await self._carry(Case, case.id, delivery)
        fresh = await self.store.get(Case, case.id)
        if fresh is not None:
            await self._show(fresh)

    async def _follow_up(self, follow_up: FollowUp) -> None:
        await self._carry(FollowUp, follow_up.id, follow_up.delivery)

    async def _carry(self, kind: type[Sending], id: str, before: Delivery, parent: Parent | None = None) -> None:
        """Do what is due about one delivery of a record, and keep what came of it."""
        if not self._is_due(before) or not await self._may_leave(before):
            return
        delivery = before
        if parent is not None and before.state is DeliveryState.PENDING:
            delivery = replace(before, reply_to=parent.reply_to, root=parent.root)

        async def claim(noted: Delivery) -> bool:
            kept = await update(self.store, kind, id, lambda r: with_outcome(r, before, noted, only_if_same=True))
            return noted in deliveries_of(kept)

        after = await Sender(self.publishers, self.now, self.dry_run).carry(delivery, claim)
        if after is not delivery:
            await update(self.store, kind, id, lambda r: _seen(with_outcome(r, before, after)))

    def _is_due(self, delivery: Delivery) -> bool:
        waits = delivery.not_before is not None and delivery.not_before > self.now()
        return delivery.is_due and not waits

    async def _may_leave(self, delivery: Delivery) -> bool:
        """Ask the switch before each message: it is to stop what is under way. What was said can be taken back."""
        return delivery.withdraw or await why_stopped(self.store, self.stopped) is None


def deliveries_of(record: Incident | PlannedWork | Case | FollowUp) -> tuple[Delivery, ...]:
    """Give the messages that a record causes."""
    if isinstance(record, FollowUp):
        return (record.delivery,)
    return record.replies if isinstance(record, Case) else record.deliveries


def with_outcome(record: Sending, before: Delivery, after: Delivery, only_if_same: bool = False) -> Sending:
    """Put what came of a delivery in its place, and keep what a person asked for meanwhile."""
    changed = tuple(_merged(d, before, after, only_if_same) for d in deliveries_of(record))
    if isinstance(record, FollowUp):
        return replace(record, delivery=changed[0])
    return replace(record, replies=changed) if isinstance(record, Case) else replace(record, deliveries=changed)


def _merged(now: Delivery, before: Delivery, after: Delivery, only_if_same: bool) -> Delivery:
    if now.id != after.id or (only_if_same and now != before):
        return now
    if (now.correction, now.withdraw) == (before.correction, before.withdraw):
        return after
    return replace(after, correction=now.correction, withdraw=now.withdraw, not_before=None)


def _seen(record: Sending) -> Sending:
    return record if isinstance(record, FollowUp) else replace(record, revision=record.revision + 1)
