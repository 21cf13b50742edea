"""What people of ours do for subscribers: let a mailing wait or go on, find one address, stop it, erase it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from app.store.protocol import Store, Where, update
from app.subscribers.addresses import AddressProblem, read_address
from app.subscribers.erasing import erase_subscribers
from domain.action import Action, Verb
from domain.errors import Refused
from domain.told.mailing import Mailing, MailingState, Owed, held, hurried, released
from domain.told.subscriber import Channel, Standing, Subscriber, stopped, subscriber_id

_MAILINGS = frozenset({Verb.PAUSE_MAILING, Verb.RESUME_MAILING, Verb.RETRY_MAILING})
SUBSCRIBER_VERBS = _MAILINGS | {Verb.LOOK_UP_SUBSCRIBER, Verb.STOP_SUBSCRIBER, Verb.ERASE_SUBSCRIBER}
PAGE = 500


@dataclass(frozen=True, slots=True)
class SubscriberDesk:
    """Acts on one mailing or one subscriber; nobody can act on all addresses at once."""

    store: Store
    now: Callable[[], datetime]

    async def act(self, action: Action) -> str:
        """Carry out what a person asked for; returns the word for them, raises Refused with the reason."""
        if action.verb in _MAILINGS:
            return await self._mailing(action)
        known = await self.store.get(Subscriber, action.subject)
        if known is None:
            raise Refused("This address is not known (any more).")
        if action.verb is Verb.LOOK_UP_SUBSCRIBER:
            return "Found."
        if action.verb is Verb.ERASE_SUBSCRIBER:
            return await self._erase(known)
        return await self._stop(known)

    async def find(self, typed: str) -> Subscriber | None:
        """Find the subscriber of exactly this address, on whichever channel it fits."""
        for channel in Channel:
            address = read_address(channel, typed, plain_http=True, push_hosts=None)
            if not isinstance(address, AddressProblem):
                known = await self.store.get(Subscriber, subscriber_id(channel, address))
                if known is not None:
                    return known
        return None

    async def _mailing(self, action: Action) -> str:
        named, who, at = action.subject, action.actor.name, self.now()
        if action.verb is Verb.PAUSE_MAILING:
            await update(self.store, Mailing, named, lambda m: held(m, who))
            return "Paused: what is under way still goes out, the rest waits."
        if action.verb is Verb.RESUME_MAILING:
            after = await update(self.store, Mailing, named, lambda m: released(m, at))
            late = after.state is MailingState.RUNNING and after.is_old(at)
            return "It is more than a day old, so it ends instead." if late else "It goes on where it stopped."
        await update(self.store, Mailing, named, hurried)
        count = await self._hurry(named, at)
        return f"Tried again now; {count:,} that were put off go first." if count else "Tried again now."

    async def _hurry(self, mailing: str, at: datetime) -> int:
        mine, later, count = Where("mailing_id", "eq", mailing), Where("not_before", "gt", at), 0
        while owed := await self.store.find(Owed, mine, later, limit=PAGE):
            moved = [await self.store.replace(replace(each, not_before=at)) for each in owed]
            count += sum(moved)
            if not all(moved):  # they are being tried this very moment
                break
        return count

    async def _stop(self, known: Subscriber) -> str:
        if known.state in (Standing.STOPPED, Standing.BOUNCED):
            raise Refused("This address gets no news already.")
        await update(self.store, Subscriber, known.id, lambda s: stopped(s, self.now()))
        return "Stopped: this address gets no more news, and is erased in 30 days."

    async def _erase(self, known: Subscriber) -> str:
        await erase_subscribers(self.store, [known.id])
        return f"Erased: an address on the channel {known.channel}."
