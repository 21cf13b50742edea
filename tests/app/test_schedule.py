"""Rounds go on whatever one of them does, never overlap themselves, say once that they fail; sources set their pace."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.schedule import NET, SHORTEST_S, SPREAD_S, Round, guarded, make_schedule
from app.wiring import Hubbub

EVERY = timedelta(minutes=2)


async def step() -> None: ...


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


def test_rounds_are_spread_and_nothing_is_ever_skipped_for_being_late() -> None:
    rounds = [
        Round("providers", timedelta(minutes=10), step, jitter=True), Round("page", timedelta(seconds=1), step),
        Round("poll hn", EVERY, step, paced=True),
    ]  # fmt: skip
    jobs = {job.id: job for job in make_schedule(rounds).get_jobs()}
    assert {name: job.trigger.jitter for name, job in jobs.items()} == {"providers": 30, "page": None, "poll hn": None}
    assert {(job.misfire_grace_time, job.coalesce, job.max_instances) for job in jobs.values()} == {(None, True, 1)}


def test_a_fast_clock_makes_rounds_shorter_but_not_endless() -> None:
    (job,) = make_schedule([Round("page", timedelta(seconds=1), step)], speed=10_000).get_jobs()
    assert job.trigger.interval == timedelta(seconds=SHORTEST_S)


# --- paced rounds


def test_the_first_turns_of_many_sources_are_spread_over_a_minute_even_of_those_asked_once_a_day() -> None:
    rounds = [Round(f"poll {n}", timedelta(days=1), step, paced=True) for n in range(1000)]
    now = datetime.now(UTC)
    jobs = make_schedule(rounds).get_jobs()
    first = [(job.next_run_time - now).total_seconds() for job in jobs]
    assert 0 <= min(first) < 1
    assert SPREAD_S - 1 < max(first) < SPREAD_S + 5
    in_a_second = Counter(int(seconds) for seconds in first)
    assert max(in_a_second.values()) < 30
    assert {job.trigger.interval for job in jobs} == {timedelta(days=NET)}  # the net below a round that forgets itself


async def test_a_round_sets_its_own_pace() -> None:
    turns: list[float] = []
    loop = asyncio.get_running_loop()
    waits = [timedelta(seconds=5), timedelta(seconds=30), timedelta(hours=1)]

    async def turn() -> timedelta:
        turns.append(loop.time())
        return waits[len(turns) - 1]

    schedule = make_schedule([Round("poll x", timedelta(seconds=10), turn, paced=True)], speed=20)
    begun = loop.time()
    schedule.start()
    await asyncio.sleep(3)
    schedule.shutdown(wait=False)
    assert len(turns) == 3
    assert turns[0] - begun == pytest.approx(0.5, abs=0.3)
    assert turns[1] - turns[0] == pytest.approx(0.25, abs=0.25)
    assert turns[2] - turns[1] == pytest.approx(1.5, abs=0.4)


async def test_a_paced_round_that_fails_comes_again_after_its_interval() -> None:
    turns = 0

    async def turn() -> timedelta:
        nonlocal turns
        turns += 1
        raise ValueError

    schedule = make_schedule([Round("poll x", timedelta(seconds=25), turn, paced=True)], speed=100)
    schedule.start()
    await asyncio.sleep(1.4)
    schedule.shutdown(wait=False)
    assert 3 <= turns <= 6


async def test_a_slow_paced_round_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def turn() -> timedelta:
        await asyncio.sleep(1.2)
        return timedelta(seconds=1)

    schedule = make_schedule([Round("poll x", timedelta(seconds=50), turn, paced=True)], speed=100)
    schedule.start()
    await asyncio.sleep(2)
    schedule.shutdown(wait=False)
    assert caplog.records == []


async def test_a_round_that_ends_after_the_schedule_did_is_no_trouble(caplog: pytest.LogCaptureFixture) -> None:
    gate = asyncio.Event()

    async def turn() -> timedelta:
        await gate.wait()
        return EVERY

    schedule = make_schedule([Round("poll x", timedelta(seconds=5), turn, paced=True)], speed=100)
    schedule.start()
    await asyncio.sleep(0.5)
    schedule.remove_job("poll x")
    gate.set()
    await asyncio.sleep(0.1)
    schedule.shutdown(wait=False)
    assert [line for line in caplog.records if line.levelno >= logging.WARNING] == []


async def test_stopping_in_the_middle_of_a_round_leaves_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    started = asyncio.Event()

    async def turn() -> timedelta:
        started.set()
        await asyncio.sleep(60)
        return EVERY

    schedule = make_schedule([Round("poll x", timedelta(seconds=5), turn, paced=True)], speed=100)
    schedule.start()
    await started.wait()
    schedule.shutdown(wait=False)
    await asyncio.sleep(0.1)
    assert [line for line in caplog.records if line.levelno >= logging.WARNING] == []


# --- what is planned


def test_every_source_is_polled_at_its_own_pace_and_what_is_pushed_is_not() -> None:
    sources = [
        SimpleNamespace(name=name, type=type, every=EVERY)
        for name, type in (("square", "mastodon"), ("news", "rss"), ("form", "form"), ("shop", "webhook"))
    ]
    running: Any = SimpleNamespace(sources=sources, intake=SimpleNamespace(turn=lambda source: source.name))
    polls = Hubbub.polls(running)
    assert [one.name for one in polls] == ["poll square", "poll news"]
    assert all(one.paced and one.every == EVERY for one in polls)
    assert [one.step() for one in polls] == ["square", "news"]  # each its own, not the last one of the list
