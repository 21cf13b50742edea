"""When things happen: a job per source that sets its own pace, and the regular rounds of the pipeline (APScheduler)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)
SHORTEST_S = 0.25  # on a fast clock no round runs more often than this
AT_LEAST_S = 0.02
SPREAD_S = 60.0  # the first turns of paced rounds fall into this time after the start, not all into one moment
NET, NET_S = 10, 3600  # a paced round that never planned its next turn gets one after so many intervals (and seconds)
Step = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Round:
    """Something to be done again and again; it never overlaps itself."""

    name: str
    every: timedelta
    step: Step
    jitter: bool = False
    paced: bool = False  # the step gives a timedelta: how long to wait before its next turn


def make_schedule(rounds: list[Round], *, speed: float = 1.0) -> AsyncIOScheduler:
    """Plan the rounds; `speed` > 1 runs them more often, for a clock that runs faster than the wall's."""
    schedule = AsyncIOScheduler(timezone="UTC")
    paced = [one for one in rounds if one.paced]
    for place, one in enumerate(paced):
        seconds = _seconds(one.every, speed)
        first = min(seconds, SPREAD_S / speed) * (place + 1) / len(paced)
        _add(
            schedule, one, _self_paced(one, schedule, speed), max(seconds * NET, NET_S), next_run_time=_from_now(first)
        )
    for one in rounds:
        if not one.paced:
            seconds = _seconds(one.every, speed)
            _add(schedule, one, guarded(one), seconds, jitter=min(seconds / 10, 30) if one.jitter else None)
    return schedule


def _add(schedule: AsyncIOScheduler, one: Round, run: Step, seconds: float, **more: object) -> None:
    # misfire_grace_time: the default is one second: on a busy machine jobs would be skipped in silence.
    schedule.add_job(
        run, "interval", seconds=seconds, id=one.name, coalesce=True, max_instances=1, misfire_grace_time=None, **more
    )


def _self_paced(one: Round, schedule: AsyncIOScheduler, speed: float) -> Step:
    """Let a round plan its own next turn as soon as it is done; one that fails comes again after its interval."""
    step = guarded(one)

    async def run() -> None:
        wait = await step()
        seconds = _seconds(wait if isinstance(wait, timedelta) else one.every, speed)
        try:
            schedule.modify_job(one.name, next_run_time=_from_now(seconds))
        except JobLookupError:  # the schedule was shut down meanwhile
            log.debug("round %s is planned no more", one.name)

    return run


def guarded(one: Round) -> Step:
    """Keep a failing round from ending the schedule; it is logged when it begins to fail and when it recovers."""
    failing = False

    async def run() -> object:
        nonlocal failing
        result: object = None
        try:
            result = await one.step()
        except asyncio.CancelledError:
            log.debug("round %s was cut short", one.name)  # hubbub stops; the scheduler would print a traceback
        except Exception:  # the boundary of a round: the next one must get its turn
            if not failing:
                log.exception("round %s fails", one.name)
            failing = True
        else:
            if failing:
                log.info("round %s works again", one.name)
            failing = False
        return result

    return run


def _seconds(span: timedelta, speed: float) -> float:
    return max(span.total_seconds() / speed, SHORTEST_S if speed > 1 else AT_LEAST_S)


def _from_now(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)  # the schedule goes by the wall clock whatever the app's says
