"""Many sources at once: bounded, and nobody waits long behind those that are slow."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from app.pipeline.lanes import OF_A_TYPE, QUICK, SLOW, THREADS, Lanes
from app.pipeline.polling import Rounds
from app.pipeline.standing import Taken
from app.store.protocol import Store
from domain.errors import TemporaryError
from domain.heard.mention import Batch
from listener.http import make_session
from tests.app.desk.office import Clock
from tests.app.pipeline.stream import Stream

MOMENT = timedelta(milliseconds=50)


@dataclass
class Counter:
    """How many fetches run now, and did at most."""

    running: int = 0
    most: int = 0


@dataclass
class Lazy(Stream):
    """A source that takes its time."""

    takes: float = 0.02
    counter: Counter = field(default_factory=Counter)

    async def fetch(self, cursor: str | None) -> Batch:
        """Take the time, then give nothing."""
        self.counter.running += 1
        self.counter.most = max(self.counter.most, self.counter.running)
        try:
            await asyncio.sleep(self.takes)
            return await super().fetch(cursor)
        finally:
            self.counter.running -= 1


def many(count: int, type: str = "rss", **more: object) -> list[Lazy]:
    return [Lazy(name=f"{type}-{n}", type=type, **more) for n in range(count)]  # type: ignore[arg-type]


async def fetch_all(lanes: Lanes, sources: list[Lazy]) -> float:
    begun = time.monotonic()
    await asyncio.gather(*(lanes.fetch(source, None) for source in sources))
    return time.monotonic() - begun


async def test_only_so_many_are_asked_at_once() -> None:
    counter = Counter()
    lanes = Lanes(quick=asyncio.Semaphore(8))
    await fetch_all(lanes, many(30, counter=counter) + many(30, "x", counter=counter))
    assert counter.most == 8


async def test_whoever_has_a_place_finds_a_connection_and_a_thread() -> None:
    async with make_session("test") as session:
        assert session.connector is not None
        assert session.connector.limit > QUICK + SLOW
    assert QUICK + SLOW < THREADS
    assert OF_A_TYPE < QUICK


async def test_one_platform_leaves_room_for_the_others() -> None:
    lanes = Lanes()
    hanging = [asyncio.create_task(lanes.fetch(source, None)) for source in many(200, "mastodon", takes=30)]
    await asyncio.sleep(0.05)
    assert await fetch_all(lanes, many(40, "rss")) < 2
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_who_was_slow_waits_among_the_slow() -> None:
    lanes = Lanes(quick=asyncio.Semaphore(2), slow=asyncio.Semaphore(1), slow_after=MOMENT)
    slow = many(3, takes=0.1)
    await fetch_all(lanes, slow)
    assert lanes.slow_ones == {source.name for source in slow}
    for source in slow:
        source.takes = 5
    hanging = [asyncio.create_task(lanes.fetch(source, None)) for source in slow]
    await asyncio.sleep(0.05)
    assert await fetch_all(lanes, many(10, "quick", takes=0.01)) < 1
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_who_is_quick_again_is_among_the_quick_again() -> None:
    lanes = Lanes(slow_after=MOMENT)
    (source,) = many(1, takes=0.1)
    await lanes.fetch(source, None)
    source.takes = 0
    await lanes.fetch(source, None)
    assert lanes.slow_ones == set()


async def test_a_page_that_takes_for_ever_is_given_up_and_its_place_is_free_again() -> None:
    lanes = Lanes(quick=asyncio.Semaphore(1), longest=MOMENT, slow_after=timedelta(minutes=1))
    (source,) = many(1, takes=30)
    for _ in range(2):
        with pytest.raises(TemporaryError, match=r"did not give a page within 0\.05 seconds"):
            await lanes.fetch(source, None)
    await lanes.fetch(many(1, takes=0)[0], None)


async def test_the_time_limit_of_a_source_itself_stays_its_own() -> None:
    class Broken(Stream):
        async def fetch(self, cursor: str | None) -> Batch:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await Lanes().fetch(Broken(), None)


async def test_a_round_with_many_pages_takes_turns_with_the_others(store: Store, clock: Clock) -> None:
    order: list[str] = []

    class Noted(Lazy):
        async def fetch(self, cursor: str | None) -> Batch:
            order.append(self.name)
            return await super().fetch(cursor)

    async def keep(source: str, batch: Batch, back: object) -> Taken:
        return Taken()

    rounds = Rounds(store, clock, keep, lanes=Lanes(quick=asyncio.Semaphore(1)))
    pages: dict[str | None, Batch] = {str(n): Batch((), str(n + 1), more=True) for n in range(20)}
    talker = Noted({None: Batch((), "0", more=True), **pages}, name="talker", takes=0.01)
    others = [Noted(name=f"other-{n}", takes=0.01) for n in range(5)]
    await asyncio.gather(*(rounds.poll(source) for source in (talker, *others)))
    assert max(order.index(other.name) for other in others) < 12
    assert order.count("talker") == 22
