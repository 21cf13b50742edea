"""Plays the scenario: minute by minute without waiting, or live on a fast clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from app.demo.scenario.load import MINUTES, background
from app.demo.stage import Stage
from app.pipeline.spotting import Past
from app.schedule import Round, make_schedule

CALM_STEP, QUIET_STEP = 3, 15  # minutes between two looks while no signal is live, and while nobody speaks
SEED = 20261
MONDAY = datetime(
    2026, 3, 2, tzinfo=UTC
)  # the scenario begins on a Monday at midnight; the clock, whenever it is started
A_MINUTE = timedelta(minutes=1)
Told = Callable[[int], None]


async def warm(stage: Stage) -> None:
    """Teach the detector three quiet weeks, once."""
    hubbub, start = stage.hubbub, stage.clock.start
    names = list(hubbub.components)
    past = (
        Past(start + timedelta(minutes=m.minute), m.component, m.outage_like, m.other, m.neutral)
        for m in background(names, MONDAY, SEED)
    )
    await hubbub.spotting.learn(past, start)


async def play_to(stage: Stage, last: int, told: Told = lambda minute: None) -> None:
    """Play up to a minute without waiting; every step can be killed and taken up again."""
    stage.world.skip_to(stage.clock.now() - timedelta(minutes=1))
    stage.hubbub.page.refresh_every = timedelta(hours=2)  # simulated ones, which pass in a second
    for minute in range(stage.clock.minute + 1, last + 1):
        stage.clock.go_to(minute)
        await step(stage, minute)
        told(minute)


async def step(stage: Stage, minute: int) -> None:
    """One minute of the world and of hubbub; nights are long, and minutes in which nothing happens cost little."""
    await stage.world.step()
    heard_all = stage.world.said == stage.heard and minute % QUIET_STEP != 0
    if not stage.hubbub.spotting.live and (minute % CALM_STEP != 0 or heard_all):
        await stage.hubbub.spotting.run()
        return
    stage.heard = stage.world.said
    await poll(stage, minute)
    await stage.hubbub.settle()
    if await stage.operator.step():
        await stage.hubbub.settle()


async def poll(stage: Stage, minute: int | None = None) -> None:
    """Ask every source whose turn it is in this minute (None: all of them)."""
    for source in stage.hubbub.sources:
        rested = minute is None or minute - stage.polled.get(source.name, -MINUTES) >= source.every // A_MINUTE
        if source.name != "form" and rested:
            await stage.hubbub.intake.poll(source)
            stage.polled[source.name] = minute if minute is not None else stage.clock.minute


def live(stage: Stage, speed: float) -> AsyncIOScheduler:
    """Go on in scheduled rounds, `speed` times as fast as the wall clock; gives the running schedule."""
    stage.clock.run(speed)
    stage.hubbub.page.refresh_every = timedelta(minutes=10)
    minute = timedelta(minutes=1)

    async def keep() -> None:
        stage.clock.keep()

    rounds = [
        *stage.hubbub.rounds(),
        *stage.hubbub.everywhere(),
        Round("world", minute / 4, stage.world.step),
        Round("people", minute, stage.operator.step),
        Round("clock", minute, keep),
    ]
    schedule = make_schedule(rounds, speed=speed)
    schedule.start()
    return schedule


def progress_line(minute: int) -> None:
    """Show on a terminal how far the scenario is."""
    if sys.stderr.isatty() and minute % 30 == 0:
        sys.stderr.write(f"\rhubbub: day {minute // 1440 + 1}, {minute % 1440 // 60:02}:{minute % 60:02} ")
