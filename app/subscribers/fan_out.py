"""A mailing on its way through all subscribers of a channel: batch after batch in the order of ids, resumable.

What survives a crash: `position` (everybody up to there had their turn) and `done` (who had it behind that). They are
written after every `NOTE_EVERY` messages, so a kill repeats at most those and the few under way, each under the
Message-ID (or Idempotency-Key) it had before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from app.outbox.posting import why_stopped
from app.store.protocol import Store, Where, update
from app.subscribers.carrier import Carrier, Job, News, share
from app.subscribers.news import news_of
from app.subscribers.retrying import Retries, mark
from domain.errors import ServiceError, TemporaryError
from domain.told.mailing import (
    SENT,
    Mailing,
    MailingState,
    Outcome,
    Verdict,
    advanced,
    finished,
    noted,
    owe,
    paused,
    why_suspicious,
)
from domain.told.subscriber import Channel, Standing, Subscriber, lane, why_not

log = logging.getLogger(__name__)
BATCH, NOTE_EVERY = 200, 50


@dataclass(slots=True)
class Batch:
    """What has come of one batch so far: what was sent is written down as it comes, everything else at the end."""

    store: Store
    mailing: Mailing
    now: Callable[[], datetime]
    sent: list[str] = field(default_factory=list)  # ids, not written yet
    others: list[tuple[Subscriber, Outcome]] = field(default_factory=list)
    count: int = 0
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def hear(self, job: Job, outcome: Outcome) -> None:
        """Take what came of one message."""
        self.count += 1
        if outcome.verdict is not Verdict.SENT:
            self.others.append((job.subscriber, outcome))
            return
        self.sent.append(job.subscriber.id)
        if job.subscriber.failures:
            await mark(self.store, job.subscriber, outcome, self.now())
        if len(self.sent) >= NOTE_EVERY:
            await self.write()

    async def write(self) -> None:
        """Write down who was sent to."""
        async with self.busy:
            ids = list(self.sent)
            await self._note(ids, [SENT] * len(ids))
            del self.sent[: len(ids)]  # only now: what could not be written is written with the next

    async def settle(self, suspects: bool) -> None:
        """Put off and refuse what was not sent. Raises TemporaryError when that looks like a fault of ours."""
        outcomes = [outcome for _, outcome in self.others]
        if suspects and (why := why_suspicious(outcomes, self.count)) is not None:
            raise TemporaryError(why)
        for subscriber, outcome in self.others:
            if outcome.verdict is Verdict.LATER:
                await self.store.add(owe(self.mailing, subscriber.id, outcome, self.now()))
            else:
                await mark(self.store, subscriber, outcome, self.now())
        await self._note([subscriber.id for subscriber, _ in self.others], outcomes)

    async def _note(self, ids: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        if ids:
            change = partial(noted, ids=ids, outcomes=outcomes, now=self.now())
            self.mailing = await update(self.store, Mailing, self.mailing.id, change)


@dataclass(frozen=True, slots=True)
class Lane:
    """Takes the mailings of one channel to its subscribers; with `dry_run` nobody is written to."""

    store: Store
    channel: Channel
    carrier: Carrier
    now: Callable[[], datetime]
    batch: int = BATCH
    dry_run: bool = False
    stopped: bool = False  # by the settings; the switch in the store is asked each time

    async def run(self) -> int:
        """Go on with everything that is due, in turns; returns how many batches were worked on."""
        retries, batches = Retries(self.store, self.channel, self.carrier, self.now), 0
        try:
            while due := await self._due():
                for mailing in due:
                    await self._step(mailing)
                    batches += 1
                await retries.run()
            if not await self._is_stopped():
                await retries.run()
        finally:
            await self.carrier.rest()
        return batches

    async def _is_stopped(self) -> bool:
        return await why_stopped(self.store, self.stopped) is not None

    async def _due(self) -> Sequence[Mailing]:
        if await self._is_stopped():
            return ()
        running = Where("lane", "eq", f"{self.channel} {MailingState.RUNNING}")
        return await self.store.find(Mailing, running, Where("work_at", "le", self.now()), order="work_at", limit=50)

    async def _step(self, mailing: Mailing) -> None:
        """Take one batch of one mailing through; trouble of the channel pauses it."""
        news = await news_of(self.store, mailing)
        if news is None or mailing.is_old(self.now()):
            await self._finish(mailing, MailingState.WITHDRAWN)
            return
        shelf = Where("lane", "eq", lane(self.channel, Standing.ACTIVE))
        found = await self.store.find(
            Subscriber, shelf, Where("id", "gt", mailing.position), order="id", limit=self.batch
        )
        if not found:
            await self._finish(mailing, MailingState.DONE)
            return
        try:
            await self._send(mailing, news, found)
        except ServiceError as err:
            await self._pause(mailing, err)

    async def _send(self, mailing: Mailing, news: News, found: Sequence[Subscriber]) -> None:
        done = frozenset(mailing.done)
        wanted = [s for s in found if why_not(s, news.touched, mailing.said_at) is None]
        batch = Batch(self.store, mailing, self.now)
        try:
            if not self.dry_run:
                await share([Job(s, news) for s in wanted if s.id not in done], self.carrier, batch.hear)
                await batch.settle(suspects=self.channel is Channel.MAIL)
        finally:
            await batch.write()
        unwanted = len(found) - len(wanted)
        change = partial(advanced, position=found[-1].id, unwanted=unwanted, now=self.now())
        await update(self.store, Mailing, mailing.id, change)

    async def _pause(self, mailing: Mailing, err: ServiceError) -> None:
        wait = err.retry_after if isinstance(err, TemporaryError) else None
        after = await update(self.store, Mailing, mailing.id, lambda m: paused(m, str(err), self.now(), wait))
        level = logging.WARNING if after.tries == 1 else logging.DEBUG
        log.log(level, "mailing %s waits at %d sent: %s", mailing.id, after.sent, err)

    async def _finish(self, mailing: Mailing, state: MailingState) -> None:
        after = await update(self.store, Mailing, mailing.id, lambda m: finished(m, state, self.now()))
        log.info(
            "mailing %s is %s: %d sent, %d put off, %d refused, %d unwanted", mailing.id, after.state, after.sent,
            after.owed, after.refused, after.unwanted,
        )  # fmt: skip
