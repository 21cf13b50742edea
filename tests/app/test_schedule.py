"""Rounds go on whatever one of them does, never overlap themselves, and say once that they fail."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from app.schedule import SHORTEST_S, Round, guarded, make_schedule


async def test_a_failing_round_is_logged_once_and_so_is_its_recovery(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    results: list[Exception | None] = [ValueError("a"), ValueError("b"), None, None, ValueError("c")]

    async def step() -> None:
        if (error := results.pop(0)) is not None:
            raise error

    run = guarded(Round("outbox", timedelta(seconds=1), step))
    for _ in range(5):
        await run()
    assert [line.getMessage() for line in caplog.records] == [
        "round outbox fails", "round outbox works again", "round outbox fails",
    ]  # fmt: skip


async def test_a_slow_round_never_overlaps_itself_and_holds_up_no_other() -> None:
    running, most, quick = 0, 0, 0

    async def slow() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.6)
        running -= 1

    async def fast() -> None:
        nonlocal quick
        quick += 1

    every = timedelta(seconds=5)
    schedule = make_schedule([Round("slow", every, slow), Round("fast", every, fast)], speed=100)
    schedule.start()
    await asyncio.sleep(1.4)
    schedule.shutdown(wait=False)
    assert most == 1
    assert quick >= 3


def test_polls_are_spread_and_nothing_is_ever_skipped_for_being_late() -> None:
    async def step() -> None: ...

    rounds = [Round("poll hn", timedelta(minutes=10), step, jitter=True), Round("page", timedelta(seconds=1), step)]
    jobs = {job.id: job for job in make_schedule(rounds).get_jobs()}
    assert {name: job.trigger.jitter for name, job in jobs.items()} == {"poll hn": 30, "page": None}
    assert {(job.misfire_grace_time, job.coalesce, job.max_instances) for job in jobs.values()} == {(None, True, 1)}


def test_a_fast_clock_makes_rounds_shorter_but_not_endless() -> None:
    async def step() -> None: ...

    (job,) = make_schedule([Round("page", timedelta(seconds=1), step)], speed=10_000).get_jobs()
    assert job.trigger.interval == timedelta(seconds=SHORTEST_S)
