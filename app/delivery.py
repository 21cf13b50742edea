"""The outbox: everything that is to leave the building, sent once, retried with patience, its outcome recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from app.cards import Cards, Shown
from app.store.protocol import Store, Where, update
from domain.case import Case
from domain.errors import ServiceError, TemporaryError
from domain.follow_up import FollowUp
from domain.incident import Incident, thread_parent
from domain.notice import Notice
from domain.signal import Signal
from domain.work import Delivery, DeliveryState
from status_page.publishers.publisher import Publisher

log = logging.getLogger(__name__)
Due = TypeVar("Due", Signal, Incident, Case, FollowUp, Notice)
GIVE_UP_AFTER = 12  # tries, about a day with the waits below


@dataclass(frozen=True, slots=True)
class Outbox:
    """Works through records whose `work_at` has come: alerts, incidents, cases, follow-ups, notices."""

    store: Store
    publishers: Mapping[str, Publisher]
    cards: Cards | None  # None: no Slack is set up
    now: Callable[[], datetime]
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    failing: set[str] = field(default_factory=set)  # records whose failure was logged

    async def run(self, limit: int = 200) -> int:
        """Do what is due now; returns how many records were worked on."""
        async with self.busy:  # two rounds at once would post a card twice
            done = await self._each(Signal, self._show, limit)
            done += await self._each(Incident, self._posts, limit)
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

    async def _posts(self, incident: Incident) -> None:
        for planned in incident.deliveries:
            latest = await self.store.get(Incident, incident.id)
            delivery = next((d for d in latest.deliveries if d.id == planned.id), None) if latest else None
            if latest is None or delivery is None or not self._is_due(delivery):
                continue
            parent = thread_parent(latest, delivery)
            if parent is None:  # the first post of the thread is still on its way
                continue
            sent = await self._send(replace(delivery, reply_to=parent.reply_to, root=parent.root))
            await update(self.store, Incident, incident.id, lambda i, d=sent: _put(i, d))  # type: ignore[misc]
        fresh = await self.store.get(Incident, incident.id)
        if fresh is not None:
            await self._show(fresh)

    async def _replies(self, case: Case) -> None:
        for delivery in case.replies:
            if self._is_due(delivery):
                sent = await self._send(delivery)
                await update(self.store, Case, case.id, lambda c, d=sent: _put_reply(c, d))  # type: ignore[misc]
        fresh = await self.store.get(Case, case.id)
        if fresh is not None:
            await self._show(fresh)

    async def _follow_up(self, follow_up: FollowUp) -> None:
        sent = await self._send(follow_up.delivery)
        await update(self.store, FollowUp, follow_up.id, lambda f: replace(f, delivery=sent))

    def _is_due(self, delivery: Delivery) -> bool:
        waits = delivery.not_before is not None and delivery.not_before > self.now()
        return delivery.state is DeliveryState.PENDING and not waits

    async def _send(self, delivery: Delivery) -> Delivery:
        """Hand one delivery to its publisher and give it back with what came of it."""
        publisher = self.publishers.get(delivery.channel)
        if publisher is None:
            return _outcome(delivery, DeliveryState.FAILED, f"no publisher is called {delivery.channel}")
        try:
            published = await publisher.publish(delivery)
        except TemporaryError as err:
            return self._later(delivery, err)
        except ServiceError as err:
            log.warning("delivery %s to %s failed for good: %s", delivery.id, delivery.channel, err)
            return _outcome(delivery, DeliveryState.FAILED, str(err)[:300])
        return replace(
            delivery, state=DeliveryState.SENT, attempts=delivery.attempts + 1, sent_at=self.now(), error=None,
            remote_id=published.remote_id, url=published.url, not_before=None,
        )  # fmt: skip

    def _later(self, delivery: Delivery, err: TemporaryError) -> Delivery:
        attempts = delivery.attempts + 1
        if attempts >= GIVE_UP_AFTER:
            return _outcome(delivery, DeliveryState.FAILED, f"given up after {attempts} tries: {err}")
        wait = err.retry_after or timedelta(seconds=min(10 * 2**attempts, 7200))
        return replace(delivery, attempts=attempts, not_before=self.now() + wait, error=str(err)[:300])


def _outcome(delivery: Delivery, state: DeliveryState, error: str) -> Delivery:
    return replace(delivery, state=state, attempts=delivery.attempts + 1, error=error, not_before=None)


def _put(incident: Incident, sent: Delivery) -> Incident:
    deliveries = tuple(sent if d.id == sent.id else d for d in incident.deliveries)
    return replace(incident, deliveries=deliveries, revision=incident.revision + 1)


def _put_reply(case: Case, sent: Delivery) -> Case:
    replies = tuple(sent if d.id == sent.id else d for d in case.replies)
    return replace(case, replies=replies, revision=case.revision + 1)
