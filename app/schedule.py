"""When things happen: one jittered job per source, and the regular rounds of the pipeline (APScheduler)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)
SHORTEST_S = 0.25  # on a fast clock no round runs more often than this
Step = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Round:
    """Something to be done again and again; it never overlaps itself."""

    name: str
    every: timedelta
    step: Step
    jitter: bool = False


def make_schedule(rounds: list[Round], *, speed: float = 1.0) -> AsyncIOScheduler:
    """Plan the rounds; `speed` > 1 runs them more often, for a clock that runs faster than the wall's."""
    schedule = AsyncIOScheduler(timezone="UTC")
    for one in rounds:
        seconds = max(one.every.total_seconds() / speed, SHORTEST_S if speed > 1 else 0.02)
        schedule.add_job(
            guarded(one), "interval", seconds=seconds, id=one.name, coalesce=True, max_instances=1,
            # The default grace is one second: on a busy machine jobs would be skipped in silence.
            misfire_grace_time=None, jitter=min(seconds / 10, 30) if one.jitter else None,
        )  # fmt: skip
    return schedule


def guarded(one: Round) -> Step:
    """Keep a failing round from ending the schedule; it is logged when it begins to fail and when it recovers."""
    failing = False

    async def run() -> None:
        nonlocal failing
        try:
            await one.step()
        except Exception:  # the boundary of a round: the next one must get its turn
            if not failing:
                log.exception("round %s fails", one.name)
            failing = True
        else:
            if failing:
                log.info("round %s works again", one.name)
            failing = False

    return run
