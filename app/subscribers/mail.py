"""The channel "mail": each word is written once per language and addressed to each subscriber."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.subscribers.carrier import Facts, Hand, Job, News
from app.subscribers.letters import Envelope, Letterhead, Stencil
from app.subscribers.sending import Exits
from domain.errors import PermanentError
from domain.ids import stable_id
from domain.told.mailing import Outcome, Verdict
from domain.told.subscriber import Errand, Subscriber
from status_page.words.subscriber_words import confirm_wording, news_wording, remind_wording
from status_page.words.told import name

KEPT = 24  # stencils


@dataclass(slots=True)
class MailCarrier:
    """Writes and hands over; `hands` is how many connections are open at once."""

    facts: Facts
    letterhead: Letterhead
    exits: Exits
    life: timedelta  # of an unconfirmed sign-up
    now: Callable[[], datetime]
    hands: int = 4
    stencils: OrderedDict[tuple[str, str], Stencil | None] = field(default_factory=OrderedDict)

    @asynccontextmanager
    async def hand(self) -> AsyncIterator[Hand]:
        """Open one connection (at its first mail)."""
        async with self.exits.one() as send:
            yield lambda job: self._carry(job, send)

    async def rest(self) -> None:
        """Close the connections."""
        await self.exits.close()

    async def _carry(self, job: Job, send: Callable[[Envelope], Awaitable[Outcome]]) -> Outcome:
        try:
            envelope = self._news(job.subscriber, job.what) if isinstance(job.what, News) else self._errand(job)
        except PermanentError as err:
            return Outcome(Verdict.REFUSED, str(err))
        return await send(envelope)

    def _news(self, subscriber: Subscriber, news: News) -> Envelope:
        mailing = news.mailing
        key = (mailing.id, subscriber.language)
        if key not in self.stencils:
            told = self.facts.tell(news, subscriber.language)
            wording = news_wording(told, self.facts.brand) if told is not None else None
            self.stencils[key] = Stencil(self.letterhead, wording, mailing.said_at) if wording is not None else None
            while len(self.stencils) > KEPT:
                self.stencils.popitem(last=False)
        stencil = self.stencils[key]
        if stencil is None:
            raise PermanentError("There is nothing to tell any more.")
        # The first mail of a story carries the id that the later ones refer to.
        thread = stable_id("story", mailing.about)
        return stencil.envelope(subscriber, thread if mailing.first else mailing.id, thread)

    def _errand(self, job: Job) -> Envelope:
        subscriber, brand = job.subscriber, self.facts.brand
        if job.what is Errand.CONFIRM:
            named = [name(c, self.facts.components, subscriber.language) for c in subscriber.components]
            wording = confirm_wording(brand, subscriber.language, named, self.life)
        else:
            wording = remind_wording(brand, subscriber.language)
        key = stable_id("errand", subscriber.id, str(subscriber.errand_at))
        return Stencil(self.letterhead, wording, self.now()).envelope(subscriber, key)
