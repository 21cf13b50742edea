"""How messages reach subscribers of one channel: what a carrier does, and how several hands share the work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.component import Component
from domain.errors import ServiceError
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork
from domain.told.mailing import Mailing, Outcome
from domain.told.subscriber import Errand, Subscriber
from status_page.words.told import Told, tell


@dataclass(frozen=True, slots=True)
class News:
    """A mailing with the story it tells."""

    mailing: Mailing
    story: Incident | PlannedWork

    @property
    def touched(self) -> frozenset[str]:
        """The components that the story has touched so far."""
        return frozenset(self.story.components)


@dataclass(frozen=True, slots=True)
class Job:
    """One message for one subscriber."""

    subscriber: Subscriber
    what: News | Errand


@dataclass(frozen=True, slots=True)
class Facts:
    """What every message needs to know about us."""

    brand: str
    public_url: str
    components: dict[str, Component]

    def tell(self, news: News, language: str) -> Told | None:
        """Put a word into a language; None when it is not there any more."""
        return tell(news.story, news.mailing.news, language, self.components, self.public_url)


Hand = Callable[[Job], Awaitable[Outcome]]
Tell = Callable[[Job, Outcome], Awaitable[None]]


class Carrier(Protocol):
    """A channel. A hand does one message after the other; ServiceError means that the channel itself has trouble."""

    @property
    def hands(self) -> int:
        """How many messages may be under way at once."""

    def hand(self) -> AbstractAsyncContextManager[Hand]:
        """Open one hand, with the connection it keeps."""

    async def rest(self) -> None:
        """Close what was kept open: there is nothing to do for now."""


async def share(jobs: Iterable[Job], carrier: Carrier, tell: Tell) -> None:
    """Let the hands of a carrier do the jobs; `tell` hears of each that came to an end.

    When the channel has trouble, what is under way is finished, the rest is left, and the trouble is raised.
    """
    waiting, troubles = deque(jobs), list[ServiceError]()

    async def work() -> None:
        try:
            async with carrier.hand() as hand:
                while waiting:
                    job = waiting.popleft()
                    await tell(job, await hand(job))
        except BaseException as err:
            waiting.clear()
            if not isinstance(err, ServiceError):
                raise
            troubles.append(err)

    # All of them come to an end before anything is raised: a hand that went on would be doubled by the next try.
    ends = await asyncio.gather(*(work() for _ in range(min(carrier.hands, len(waiting)))), return_exceptions=True)
    for end in (*filter(None, ends), *troubles):
        raise end
