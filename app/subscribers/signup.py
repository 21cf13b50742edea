"""What subscribers do: ask, confirm, change, stop. Every step is by POST; whoever only looks changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.store.protocol import Store, Where, update
from app.subscribers.erasing import erase_subscribers
from app.subscribers.links import Links, asked_for
from domain.errors import NotFound, TemporaryError
from domain.told.mailing import Mailing
from domain.told.subscriber import (
    KEPT_AFTER,
    Standing,
    Subscriber,
    Wish,
    asked,
    changed,
    confirmed,
    resumed,
    stopped,
    subscriber_id,
)

MAILINGS_KEPT = timedelta(days=90)
PAGE = 500


@dataclass(frozen=True, slots=True)
class SignUp:
    """The register of subscribers; `life` is how long a sign-up may stay unconfirmed."""

    store: Store
    links: Links
    life: timedelta
    now: Callable[[], datetime]

    async def ask(self, wish: Wish) -> Subscriber:
        """Take a wish; the message that asks for confirmation goes out in a moment. The caller must not tell more."""
        named, at = subscriber_id(wish.channel, wish.address), self.now()
        for _ in range(3):
            known = await self.store.get(Subscriber, named)
            if known is None:
                made = asked(None, wish, at)
                if (await self.store.add(made))[0]:
                    return made
                continue  # somebody was faster
            try:
                return await update(self.store, Subscriber, named, lambda s: asked(s, wish, at))
            except NotFound:  # erased meanwhile
                continue
        raise TemporaryError("The sign-up could not be stored; please try again.")

    async def find_confirming(self, word: str) -> Subscriber | None:
        """Give the subscriber of a confirmation link that is still good."""
        named = asked_for(word)
        known = await self.store.get(Subscriber, named) if named is not None else None
        if known is None or not self.links.may_confirm(known, word):
            return None
        expired = known.state is Standing.PENDING and self.now() - known.asked_at > self.life
        return None if expired or known.state is Standing.STOPPED else known

    async def confirm(self, word: str) -> Subscriber | None:
        """Press the button of a confirmation link; None when the link is not good (any more)."""
        known = await self.find_confirming(word)
        if known is None:
            return None
        return await self._change(known.id, lambda s: confirmed(s, self.now()))

    async def find(self, word: str) -> Subscriber | None:
        """Give the subscriber of a link to change or stop."""
        named = self.links.opened(word)
        return await self.store.get(Subscriber, named) if named is not None else None

    async def change(self, word: str, components: tuple[str, ...], language: str) -> Subscriber | None:
        """Choose other components or another language."""
        return await self._by(word, lambda s: changed(s, components, language))

    async def stop(self, word: str) -> Subscriber | None:
        """Want no more."""
        return await self._by(word, lambda s: stopped(s, self.now()))

    async def resume(self, word: str) -> Subscriber | None:
        """Begin again after all."""
        return await self._by(word, lambda s: resumed(s, self.now()))

    async def expire(self) -> int:
        """Erase what was never confirmed and what is over, with its address; returns how many."""
        at = self.now()
        gone = await self._erase(Where("state", "eq", Standing.PENDING), Where("asked_at", "lt", at - self.life))
        for over in (Standing.STOPPED, Standing.BOUNCED):
            gone += await self._erase(Where("state", "eq", over), Where("ended_at", "lt", at - KEPT_AFTER))
        await self.store.delete(Mailing, Where("finished_at", "lt", at - MAILINGS_KEPT))
        return gone

    async def _erase(self, *over: Where) -> int:
        gone = 0
        while found := await self.store.find(Subscriber, *over, limit=PAGE):
            gone += await erase_subscribers(self.store, [each.id for each in found], *over)
        return gone

    async def _by(self, word: str, change: Callable[[Subscriber], Subscriber]) -> Subscriber | None:
        named = self.links.opened(word)
        return await self._change(named, change) if named is not None else None

    async def _change(self, named: str, change: Callable[[Subscriber], Subscriber]) -> Subscriber | None:
        try:
            return await update(self.store, Subscriber, named, change)
        except NotFound:
            return None
