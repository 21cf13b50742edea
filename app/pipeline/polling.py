"""A round with one source: page by page, within its budget, at its pace; its failures are noted and never get out."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import aiohttp

from app.pipeline.lanes import Lanes
from app.pipeline.standing import (
    Taken,
    Trouble,
    answered,
    catches_up,
    failed,
    is_resting,
    may_go_on,
    pause_after,
    paused,
    rest_of,
)
from app.store.protocol import Store, update
from domain.errors import ServiceError
from domain.heard.budget import UNLIMITED, Budget, OverBudget, spend, why_not
from domain.heard.mention import Batch
from domain.records import SourceState, Spending
from listener.source import Source

log = logging.getLogger(__name__)

MAX_PAGES = 40  # a source that never says "no more" is left after this many pages, until its next turn
INSTANT = timedelta(milliseconds=1)
# The request was sent and no whole answer came: it may have been charged all the same.
_ANSWER_LOST = (TimeoutError, aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionResetError)
Keep = Callable[[str, Batch, datetime | None], Awaitable[Taken]]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Polls sources; `keep` stores a batch and says what became of it."""

    store: Store
    now: Callable[[], datetime]
    keep: Keep
    budgets: Mapping[str, Budget] = field(default_factory=dict)  # by the source's name
    chance: Callable[[], float] = random.random
    lanes: Lanes = field(default_factory=Lanes)
    busy: set[str] = field(default_factory=set)  # names of the sources that are polled right now
    capped: set[str] = field(default_factory=set)  # whose last round ended before their news did

    async def turn(self, source: Source) -> timedelta:
        """Poll a source unless it is to be left alone, and say how long to wait before its next turn."""
        state = await self.state(source.name)
        rest = rest_of(state, source.every, self.now())
        return rest if rest > timedelta(0) else (await self._round(source, state))[1]

    async def poll(self, source: Source) -> Taken:
        """Poll a source now, unless it, its back-off or its budget forbids that."""
        state = await self.state(source.name)
        return Taken() if is_resting(state, self.now()) else (await self._round(source, state))[0]

    async def state(self, source: str) -> SourceState:
        """Give the health record of a source, made on first use."""
        known = await self.store.get(SourceState, source)
        if known is None:
            await self.store.add(SourceState(source))
            known = await self.store.get(SourceState, source)
        return known or SourceState(source)

    async def _round(self, source: Source, state: SourceState) -> tuple[Taken, timedelta]:
        if source.name in self.busy:
            return Taken(), source.every
        self.busy.add(source.name)
        try:
            return await self._pages(source, state)
        finally:
            self.busy.discard(source.name)

    async def _pages(self, source: Source, state: SourceState) -> tuple[Taken, timedelta]:
        total, catching_up = Taken(), catches_up(state, source.every, self.now())
        for _ in range(MAX_PAGES):
            page = await self._page(source, state, catching_up)
            total += page.taken
            state = page.state
            if not page.goes_on:
                break
        else:
            await self._note(state, lambda s: replace(s, capped=s.capped + 1))
        self._tell_capped(source.name, page)
        return total, page.wait

    async def _page(self, source: Source, state: SourceState, catching_up: bool) -> _Page:
        """Ask for one page and keep it; what it may cost is noted before it is asked for."""
        before, budget = state.spent, self.budgets.get(source.name, UNLIMITED)
        over = why_not(budget.daily, budget.monthly, before, source.page_cost, self.now())
        if over is not None:
            return await self._paused(state, over)
        if source.page_cost > 0:  # a crash before the answer is noted must not make the page free
            reserved = spend(before, source.page_cost, self.now())
            state = await self._note(state, lambda s: replace(s, spent=reserved))
        try:
            batch = await self.lanes.fetch(source, state.cursor)
        except ServiceError as err:
            return await self._failed(source, state, err, before)
        # The past ends now, not when the round began: entries without a date are dated by the fetch.
        back = self.now() + INSTANT if catching_up else state.back_since
        taken = await self.keep(source.name, batch, back)
        spent = spend(before, batch.cost, self.now()) if source.page_cost or batch.cost else before
        return await self._answered(source, state, _Heard(batch, taken, spent, back))

    async def _paused(self, state: SourceState, over: OverBudget) -> _Page:
        at = self.now()
        if state.trouble != Trouble.BUDGET:
            log.warning("source %s pauses until %s UTC: %s", state.id, f"{over.until:%Y-%m-%d %H:%M}", over.reason)
        state = await self._note(state, lambda s: paused(s, over, at))
        return _Page(state, over.until - at)

    async def _answered(self, source: Source, state: SourceState, heard: _Heard) -> _Page:
        at, batch = self.now(), heard.batch
        if state.failing_since is not None:
            log.info("source %s answers again after %s", source.name, at - state.failing_since)
        pause = pause_after(state, batch, source.every, at, self.chance())
        state = await self._note(
            state, lambda s: answered(s, batch, heard.taken, pause, at, spent=heard.spent, back=heard.back)
        )
        return _Page(state, pause.wait, heard.taken, may_go_on(batch, at), ended=not batch.more)

    async def _failed(self, source: Source, state: SourceState, err: ServiceError, before: Spending | None) -> _Page:
        at = self.now()
        if state.failing_since is None:
            log.warning("source %s fails: %s", source.name, err)
        spent = state.spent if isinstance(err.__cause__, _ANSWER_LOST) else before
        pause = pause_after(state, err, source.every, at, self.chance())
        state = await self._note(state, lambda s: failed(s, err, pause, at, spent))
        return _Page(state, pause.wait)

    async def _note(self, state: SourceState, change: Callable[[SourceState], SourceState]) -> SourceState:
        """Write a change of the health record: at once where it is still as we know it, else on what it is by now."""
        changed = change(state)
        if changed == state:
            return state
        if await self.store.replace(replace(changed, version=state.version)):
            return replace(changed, version=state.version + 1)
        await self.state(state.id)  # made again where it was deleted meanwhile
        return await update(self.store, SourceState, state.id, change)

    def _tell_capped(self, name: str, last: _Page) -> None:
        if last.goes_on and name not in self.capped:
            self.capped.add(name)
            log.warning("source %s has more news than %s pages a round; it goes on in its next turn", name, MAX_PAGES)
        elif last.ended and name in self.capped:
            self.capped.discard(name)
            log.info("source %s is heard to the end again", name)


@dataclass(frozen=True, slots=True)
class _Heard:
    """An answer whose mentions are stored, and what is to be noted with it."""

    batch: Batch
    taken: Taken
    spent: Spending | None
    back: datetime | None


@dataclass(frozen=True, slots=True)
class _Page:
    """How the source stands after a page, and what comes next."""

    state: SourceState
    wait: timedelta
    taken: Taken = field(default_factory=Taken)
    goes_on: bool = False  # the next page may be asked for at once
    ended: bool = False  # there is no more news
