"""The messages that sign-ups cause, "is this really wanted?" and "you get this already"; no mailing delays them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.store.protocol import Store, Where, update
from app.subscribers.carrier import Carrier, Job, share
from domain.errors import NotFound, ServiceError
from domain.told.mailing import OWED_WAITS, TROUBLE_WAITS, Outcome, Verdict
from domain.told.subscriber import Channel, Errand, Standing, Subscriber, confirmed

log = logging.getLogger(__name__)
LIMIT = 200
# Whoever takes the message of these has shown that they want it: the challenge was answered, the browser allowed it.
_PROVEN_BY_TAKING = frozenset({Channel.WEBHOOK, Channel.PUSH})


@dataclass(frozen=True, slots=True)
class Errands:
    """Runs what is due, each channel by its own carrier."""

    store: Store
    carriers: Mapping[Channel, Carrier]
    now: Callable[[], datetime]
    dry_run: bool = False

    async def run(self) -> int:
        """Do what is due now; returns how many messages were tried."""
        due = await self.store.find(Subscriber, Where("work_at", "le", self.now()), order="work_at", limit=LIMIT)
        for channel in dict.fromkeys(each.channel for each in due):
            await self._of(channel, [each for each in due if each.channel is channel])
        return len(due)

    async def _of(self, channel: Channel, due: Sequence[Subscriber]) -> None:
        carrier = self.carriers.get(channel)
        if carrier is None or self.dry_run:  # the owner switched it off, or nothing may leave
            for each in due:
                await self._change(each, _dropped)
            return
        left = {each.id: each for each in due}

        async def hear(job: Job, outcome: Outcome) -> None:
            left.pop(job.subscriber.id)
            await self._change(job.subscriber, lambda known: settled(known, outcome, self.now()))

        try:
            await share([Job(each, each.errand) for each in due if each.errand is not None], carrier, hear)
        except ServiceError as err:
            log.info("%d messages to new subscribers wait: %s", len(left), err)
            for each in left.values():
                await self._change(each, lambda known: delayed(known, self.now()))
        finally:
            await carrier.rest()

    async def _change(self, subscriber: Subscriber, change: Callable[[Subscriber], Subscriber]) -> None:
        try:
            await update(self.store, Subscriber, subscriber.id, change)
        except NotFound:
            log.debug("subscriber %s is gone", subscriber.id)


def settled(subscriber: Subscriber, outcome: Outcome, now: datetime) -> Subscriber:
    """Write down what came of an errand; one that is refused is dropped, and the sign-up expires."""
    if outcome.verdict is Verdict.LATER and subscriber.errand_tries < len(OWED_WAITS):
        wait = outcome.retry_after or timedelta(seconds=OWED_WAITS[subscriber.errand_tries])
        return replace(subscriber, errand_at=now + wait, errand_tries=subscriber.errand_tries + 1)
    if outcome.verdict is not Verdict.SENT:
        return replace(_dropped(subscriber), error=outcome.error[:200])
    proven = subscriber.errand is Errand.CONFIRM and subscriber.channel in _PROVEN_BY_TAKING
    done = replace(_dropped(subscriber), told_at=now, error=None)
    return confirmed(done, now) if proven and done.state is Standing.PENDING else done


def delayed(subscriber: Subscriber, now: datetime) -> Subscriber:
    """Wait because the whole channel has trouble; no try is counted."""
    return replace(subscriber, errand_at=now + timedelta(seconds=TROUBLE_WAITS[0]))


def _dropped(subscriber: Subscriber) -> Subscriber:
    return replace(subscriber, errand=None, errand_at=None)
