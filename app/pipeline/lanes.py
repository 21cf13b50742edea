"""How many sources are asked at once: a bound that slow ones, or all of one kind, cannot use up for the others."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

from domain.errors import TemporaryError
from domain.heard.mention import Batch
from listener.source import Source

QUICK, SLOW = 48, 16  # together fewer than the connections of the session, so nobody waits for one of those
# Names are resolved, files read and feeds waited for in the loop's own threads. Python's 6 of them on 2 cores would let
# one server whose name does not resolve hold up all others.
THREADS = QUICK + SLOW + 16
OF_A_TYPE = 24  # when a whole platform hangs, half of the places stay free for the others
SLOW_AFTER = timedelta(seconds=5)
LONGEST = timedelta(minutes=3)  # of one page; a visit to a stream may last two


@dataclass(slots=True)
class Lanes:
    """Lets a bounded number of fetches run; who was slow the last time waits in a lane of its own.

    A place is held for one page, not for a round: a source with much to tell takes turns with the others.
    """

    quick: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(QUICK))
    slow: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SLOW))
    types: dict[str, asyncio.Semaphore] = field(
        default_factory=lambda: defaultdict(lambda: asyncio.Semaphore(OF_A_TYPE))
    )
    slow_ones: set[str] = field(default_factory=set)
    longest: timedelta = LONGEST
    slow_after: timedelta = SLOW_AFTER
    clock: Callable[[], float] = time.monotonic  # not the app's: that one may run faster

    async def fetch(self, source: Source, cursor: str | None) -> Batch:
        """Get one page as soon as there is a place. Raises TemporaryError when it takes longer than `longest`."""
        async with AsyncExitStack() as places:
            if source.name in self.slow_ones:
                await places.enter_async_context(self.slow)
            else:
                await places.enter_async_context(self.types[source.type])
                await places.enter_async_context(self.quick)
            begun = self.clock()
            try:
                return await self._bounded(source, cursor)
            finally:
                was_slow = self.clock() - begun > self.slow_after.total_seconds()
                (self.slow_ones.add if was_slow else self.slow_ones.discard)(source.name)

    async def _bounded(self, source: Source, cursor: str | None) -> Batch:
        limit = asyncio.timeout(self.longest.total_seconds())
        try:
            async with limit:
                return await source.fetch(cursor)
        except TimeoutError as err:
            if not limit.expired():
                raise
            seconds = self.longest.total_seconds()
            raise TemporaryError(f"It did not give a page within {seconds:g} seconds.") from err
