"""One message on its way out: sent, corrected or withdrawn, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import PermanentError, RateLimited, ServiceError, TemporaryError
from domain.work import Delivery, DeliveryState
from status_page.publishers.publisher import Edits, Finds, Learns, NotTaken, Published, Publisher, Withdraws

log = logging.getLogger(__name__)
GIVE_UP_AFTER = 12  # tries, about a day with the waits below
SETTLES = timedelta(seconds=30)  # so long after a try a platform may not show yet what it took
LOOK = "It may have been posted: look there before you send it again."
Claim = Callable[[Delivery], Awaitable[bool]]  # keeps a delivery as it is about to leave; False: it changed meanwhile


@dataclass(frozen=True, slots=True)
class Sender:
    """Hands deliveries to their publishers; in a dry run nothing leaves."""

    publishers: Mapping[str, Publisher]
    now: Callable[[], datetime]
    dry_run: bool = False

    async def carry(self, delivery: Delivery, claim: Claim) -> Delivery:
        """Do what is due about one delivery and give it back with what came of it."""
        publisher = self.publishers.get(delivery.channel)
        if publisher is None:
            return _over(delivery, f"no publisher is called {delivery.channel}")
        if self.dry_run:
            return _rehearsed(delivery)
        if delivery.state is DeliveryState.SENT:
            return await self._change(publisher, delivery)
        if isinstance(publisher, Finds):
            return await self._once(publisher, publisher, delivery, claim)
        return await self._publish(publisher, delivery, None)

    async def _once(self, publisher: Publisher, platform: Finds, delivery: Delivery, claim: Claim) -> Delivery:
        """Send where a repeat can double: each try is noted before it is made, and in doubt the platform is asked."""
        first, now = delivery.unsure_since, self.now()
        try:
            in_doubt = first is not None and now - first >= platform.remembers
            if in_doubt and (found := await platform.find(delivery)) is not None:
                log.info("delivery %s was at %s already", delivery.id, delivery.channel)
                return _sent(delivery, found, now)
        except TemporaryError as err:
            return self._later(delivery, err)
        except ServiceError as err:
            return _over(delivery, str(err))
        if delivery.attempts >= GIVE_UP_AFTER:
            return _over(delivery, f"given up after {delivery.attempts} tries.")
        settled = now + SETTLES if not platform.remembers else delivery.not_before
        tried = replace(delivery, unsure_since=first or now, not_before=settled)
        if not await claim(replace(tried, attempts=delivery.attempts + 1)):
            return delivery
        return await self._publish(publisher, tried, first)

    async def _publish(self, publisher: Publisher, delivery: Delivery, first: datetime | None) -> Delivery:
        """Send; `first` is the earlier try whose outcome is not known, which stays in doubt whatever comes of this."""
        try:
            published = await publisher.publish(delivery)
        except (RateLimited, NotTaken) as err:
            return self._later(replace(delivery, unsure_since=first), err)
        except TemporaryError as err:
            return self._later(delivery, err)
        except ServiceError as err:
            log.warning("delivery %s to %s failed for good: %s", delivery.id, delivery.channel, err)
            return _over(replace(delivery, unsure_since=first), str(err))
        return _sent(delivery, published, self.now())

    async def _change(self, publisher: Publisher, delivery: Delivery) -> Delivery:
        """Replace or take back what was sent; both can be repeated."""
        what = "withdrawn" if delivery.withdraw else "corrected"
        try:
            await (_withdraw if delivery.withdraw else _edit)(publisher, delivery)
        except TemporaryError as err:
            later = self._later(delivery, err)
            return later if later.is_due else _as_it_was(delivery, f"could not be {what}: {later.error}")
        except ServiceError as err:
            log.warning("delivery %s at %s could not be %s: %s", delivery.id, delivery.channel, what, err)
            return _as_it_was(delivery, f"could not be {what}: {err}")
        if delivery.withdraw:
            return replace(_as_it_was(delivery, None), state=DeliveryState.WITHDRAWN)
        return replace(_as_it_was(delivery, None), text=delivery.correction or "", edits=delivery.edits + 1)

    def _later(self, delivery: Delivery, err: TemporaryError) -> Delivery:
        attempts = delivery.attempts + 1
        if attempts >= GIVE_UP_AFTER:
            return _over(delivery, f"given up after {attempts} tries: {err}")
        wait = err.retry_after or timedelta(seconds=min(10 * 2**attempts, 7200))
        return replace(delivery, attempts=attempts, not_before=self.now() + wait, error=str(err)[:300])


async def learn_limits(publishers: Mapping[str, Publisher]) -> timedelta:
    """Ask the servers that say themselves how long a post may be; gives when to ask again."""
    wait = timedelta(hours=12)
    for publisher in publishers.values():
        if isinstance(publisher, Learns):
            try:
                await publisher.learn()
            except ServiceError as err:
                log.info("the limits of %s are not known yet: %s", publisher.name, err)
                wait = timedelta(minutes=10)
    return wait


async def _edit(publisher: Publisher, delivery: Delivery) -> None:
    if not isinstance(publisher, Edits):
        raise PermanentError(f"{delivery.channel} cannot edit posts.")
    await publisher.edit(delivery)


async def _withdraw(publisher: Publisher, delivery: Delivery) -> None:
    if not isinstance(publisher, Withdraws):
        raise PermanentError(f"{delivery.channel} cannot take posts back.")
    await publisher.withdraw(delivery)


def _sent(delivery: Delivery, published: Published, now: datetime) -> Delivery:
    return replace(
        delivery, state=DeliveryState.SENT, attempts=delivery.attempts + 1, sent_at=now, error=None, not_before=None,
        remote_id=published.remote_id, url=published.url, unsure_since=None,
    )  # fmt: skip


def _over(delivery: Delivery, error: str) -> Delivery:
    words = f"{error[:300]} {LOOK}" if delivery.unsure_since is not None else error[:300]
    attempts = delivery.attempts + 1
    return replace(delivery, state=DeliveryState.FAILED, attempts=attempts, error=words, not_before=None)


def _as_it_was(delivery: Delivery, error: str | None) -> Delivery:
    """Forget a wish for a change, because it was done or because it cannot be."""
    return replace(delivery, correction=None, withdraw=False, not_before=None, error=error[:300] if error else None)


def _rehearsed(delivery: Delivery) -> Delivery:
    if delivery.state is DeliveryState.SENT:
        log.info("dry run: delivery %s at %s would be changed", delivery.id, delivery.channel)
        return _as_it_was(delivery, "dry run: nothing was changed at the platform")
    public = delivery.to is None and delivery.handle is None
    log.info("dry run: would post %s to %s: %s", delivery.id, delivery.channel, delivery.text if public else "(answer)")
    return replace(delivery, state=DeliveryState.REHEARSED, sent_at=None, not_before=None, error=None)
