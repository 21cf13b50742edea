"""Messages that were put off, one subscriber at a time; and what refusals mean for a subscriber."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from app.store.protocol import Store, Where, update
from app.subscribers.carrier import Carrier, Job, News, share
from app.subscribers.news import news_of
from domain.errors import NotFound, ServiceError
from domain.told.mailing import Mailing, Outcome, Owed, Verdict, put_off
from domain.told.subscriber import Channel, Standing, Subscriber, reached, refused

log = logging.getLogger(__name__)
LIMIT = 200
RETRY_REST = timedelta(minutes=1)  # while the channel itself is down
OTHER_REFUSALS = {Channel.MAIL: 3}  # in a row; programs and workspaces get a little more patience
_PATIENCE = 5


@dataclass(frozen=True, slots=True)
class Retries:
    """Tries again what is due."""

    store: Store
    channel: Channel
    carrier: Carrier
    now: Callable[[], datetime]

    async def run(self) -> int:
        """Try what is due now; returns how many."""
        mine = Where("channel", "eq", self.channel)
        due = await self.store.find(Owed, mine, Where("not_before", "le", self.now()), order="not_before", limit=LIMIT)
        tried = 0
        for mailing_id, owed in groupby(sorted(due, key=lambda o: o.mailing_id), key=lambda o: o.mailing_id):
            tried += await self._of_one(mailing_id, {each.subscriber_id: each for each in owed})
        return tried

    async def _of_one(self, mailing_id: str, owed: dict[str, Owed]) -> int:
        mailing = await self.store.get(Mailing, mailing_id)
        if mailing is not None and mailing.held_by is not None and not mailing.is_old(self.now()):
            for each in owed.values():
                await self._later(replace(each, not_before=self.now() + RETRY_REST))
            return 0
        news = await self._fresh(mailing) if mailing is not None else None
        if news is None:
            await self._forget(owed.values())
            if mailing is not None:
                await self._count(mailing, stale=len(owed))
            return 0
        known = await self.store.find(Subscriber, Where("id", "in_", list(owed)))
        jobs = [Job(each, news) for each in known if each.state is Standing.ACTIVE]
        await self._forget(owed[gone] for gone in owed.keys() - {job.subscriber.id for job in jobs})

        async def hear(job: Job, outcome: Outcome) -> None:
            await self._settle(news, owed[job.subscriber.id], job.subscriber, outcome)

        try:
            await share(jobs, self.carrier, hear)
        except ServiceError as err:
            # The channel is down: all of them wait, and no try is counted against them.
            log.debug("retries of %s wait: %s", mailing_id, err)
            for each in owed.values():
                await self._later(replace(each, not_before=self.now() + RETRY_REST))
        return len(jobs)

    async def _fresh(self, mailing: Mailing) -> News | None:
        """Give the news unless a newer word of the same story is out: then this one would only confuse."""
        if mailing.is_old(self.now()):
            return None
        newer = (Where("thread", "eq", mailing.thread), Where("created_at", "gt", mailing.created_at))
        return None if await self.store.count(Mailing, *newer) else await news_of(self.store, mailing)

    async def _settle(self, news: News, owed: Owed, subscriber: Subscriber, outcome: Outcome) -> None:
        if outcome.verdict is Verdict.LATER:
            if (again := put_off(owed, outcome, self.now())) is not None:
                await self._later(again)
                return
            outcome = Outcome(Verdict.REFUSED, f"given up after {owed.attempts + 1} tries: {outcome.error}")
        await mark(self.store, subscriber, outcome, self.now())
        await self._forget([owed])
        is_sent = outcome.verdict is Verdict.SENT
        await self._count(news.mailing, sent=int(is_sent), given_up=int(not is_sent))

    async def _later(self, owed: Owed) -> None:
        await self.store.replace(owed)

    async def _count(self, mailing: Mailing, *, sent: int = 0, given_up: int = 0, stale: int = 0) -> None:
        def change(known: Mailing) -> Mailing:
            added = sent + given_up + stale
            return replace(
                known, sent=known.sent + sent, given_up=known.given_up + given_up, stale=known.stale + stale,
                owed=max(0, known.owed - added),
            )  # fmt: skip

        await update(self.store, Mailing, mailing.id, change)

    async def _forget(self, owed: Iterable[Owed]) -> None:
        ids = [each.id for each in owed]
        if ids:
            await self.store.delete(Owed, Where("id", "in_", ids))


async def mark(store: Store, subscriber: Subscriber, outcome: Outcome, now: datetime, *, late: bool = False) -> None:
    """Write down at a subscriber what came of a message, where that changes anything; `late`: by a bounce."""
    most = OTHER_REFUSALS.get(subscriber.channel, _PATIENCE)

    def change(known: Subscriber) -> Subscriber:
        if outcome.verdict is Verdict.SENT:
            return reached(known)
        if outcome.verdict is Verdict.OURS:
            return known
        return refused(known, outcome.error, now, gone=outcome.verdict is Verdict.GONE, most=most, late=late)

    try:
        after = await update(store, Subscriber, subscriber.id, change)
    except NotFound:  # erased meanwhile
        return
    if after.state is Standing.BOUNCED:
        log.info("subscriber %s (%s) does not take our messages any more", after.id, after.channel)
