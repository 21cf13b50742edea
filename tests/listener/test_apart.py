"""Work in a process of its own: it can be stopped, it can die, and the next piece of work is done all the same."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.errors import NotFound, PermanentError, TemporaryError
from listener.apart import Apart

LONG = timedelta(seconds=60)


@pytest.fixture
async def apart() -> AsyncIterator[Apart]:
    made = Apart()
    yield made
    made.stop()


def endless(letters: int) -> object:
    """Look for what a hostile feed makes feedparser look for: one call into C that holds the lock of all threads."""
    return re.search(r"(([a-z]+)@)(\2)+$", "a" * letters)


def fail(message: str) -> None:
    raise NotFound(message)


def die(code: int) -> None:
    os._exit(code)


def give_lock() -> object:
    return asyncio.Lock().acquire()  # a coroutine: nothing that could be handed over


async def test_work_gives_its_result_from_another_process(apart: Apart) -> None:
    assert await apart.run(LONG, sum, [1, 2, 3]) == 6
    assert await apart.run(LONG, int, "ff", base=16) == 255
    there = await apart.run(LONG, os.getpid)
    assert there != os.getpid()
    assert there == await apart.run(LONG, os.getpid), "one process does all the work"


async def test_what_work_raises_comes_back(apart: Apart) -> None:
    with pytest.raises(NotFound, match="no such feed"):
        await apart.run(LONG, fail, "no such feed")
    with pytest.raises(ValueError, match="invalid literal"):
        await apart.run(LONG, int, "x")


async def test_work_that_takes_too_long_is_stopped_and_holds_nobody_up(apart: Apart) -> None:
    await apart.run(LONG, abs, 1)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    started = time.perf_counter()
    with pytest.raises(PermanentError, match="takes longer than 1 seconds"):
        await apart.run(timedelta(seconds=1), endless, 10_000_000)
    ticking.cancel()
    assert time.perf_counter() - started < 5
    assert ticks > 20, "the loop went on meanwhile"
    assert await apart.run(LONG, abs, -2) == 2


async def test_a_process_that_dies_is_replaced(apart: Apart) -> None:
    with pytest.raises(TemporaryError, match="ended before it was done"):
        await apart.run(LONG, die, 3)
    with pytest.raises(TemporaryError):
        await apart.run(LONG, give_lock)
    assert await apart.run(LONG, abs, -2) == 2


async def test_cancelled_work_is_stopped(apart: Apart) -> None:
    await apart.run(LONG, abs, 1)
    waiting = asyncio.create_task(apart.run(LONG, endless, 10_000_000))
    await asyncio.sleep(0.2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    started = time.perf_counter()
    assert await apart.run(LONG, abs, -2) == 2
    assert time.perf_counter() - started < 10


async def test_several_pieces_of_work_take_turns(apart: Apart) -> None:
    done = await asyncio.gather(*(apart.run(LONG, pow, n, 2) for n in range(20)))
    assert done == [n * n for n in range(20)]
