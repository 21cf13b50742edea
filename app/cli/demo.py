"""`hubbub demo`: the built-in scenario, live or at once."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.cli.run import until_told
from app.demo import play
from app.demo.report import report
from app.demo.scenario.load import MINUTES
from app.demo.stage import CURTAIN, Stage, leave_settings, set_stage
from app.files import write_atomically
from app.web.desk import one_time_link

DEFAULT_PORT = 8080
SPEED = 120.0  # two simulated minutes a second


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    once: Annotated[bool, typer.Option(help="Play to the end without waiting, then stop.")] = False,
    speed: Annotated[float, typer.Option(min=1, max=100_000, help="Times as fast as the wall clock.")] = SPEED,
    data: Annotated[Path | None, typer.Option(help="Keep everything in this folder and go on there.")] = None,
    report_to: Annotated[Path | None, typer.Option("--report", help="Write what came of it as JSON.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0: any free port.")] = None,
) -> None:
    """Play a customer's two days: praise, jokes, a delivery problem, a payment outage, and how people hear of it."""
    door = port if port is not None else 0 if once else DEFAULT_PORT
    with folder(data) as place:
        asyncio.run(_once(place, door, report_to) if once else _live(place, door, speed, report_to))


@contextmanager
def folder(data: Path | None) -> Iterator[Path]:
    """Give the folder of a demo: the named one, or one that is gone afterwards."""
    if data is not None:
        yield data.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="hubbub-demo-", ignore_cleanup_errors=True) as temporary:
        yield Path(temporary)


async def _once(data: Path, port: int, report_to: Path | None) -> None:
    async with AsyncExitStack() as stack:
        stage = await set_stage(data, "127.0.0.1", port, stack)
        await play.warm(stage)
        gc.freeze()  # what is there now stays: looking through it again and again costs a tenth of the time
        await play.play_to(stage, MINUTES - 1, play.progress_line)
        await _report(stage, report_to)
        leave_settings(stage)


async def _live(data: Path, port: int, speed: float, report_to: Path | None) -> None:
    async with AsyncExitStack() as stack:
        stage = await set_stage(data, "127.0.0.1", port, stack)
        await stage.hubbub.page.refresh()
        _welcome(stage, one_time_link(stage.application, stage.url))
        await play.warm(stage)
        await play.play_to(stage, CURTAIN, play.progress_line)
        _say("the curtain rises: in a few seconds customers begin to report that they cannot pay")
        schedule = play.live(stage, speed)
        stack.callback(schedule.shutdown, wait=False)
        await until_told()
        if report_to is not None:
            await _report(stage, report_to)


def _welcome(stage: Stage, sign_in: str) -> None:
    _say(f"""the demo is playing; open

    {stage.url}/                    the page customers see (also /tr/ and /fa/)
    {stage.url}/stand-in/slack/     a local Slack: cards with working buttons
    {stage.url}/stand-in/town/      the social network where it all happens
    {sign_in}    the desk (this link works once)

Press Ctrl-C to stop. First, a day and a half of customers' talk is played quickly.""")


async def _report(stage: Stage, report_to: Path | None) -> None:
    found = json.dumps(await report(stage), ensure_ascii=False, indent=2)
    if report_to is None:
        sys.stdout.write(found + "\n")
    else:
        write_atomically(report_to, found.encode() + b"\n")


def _say(text: str) -> None:
    sys.stderr.write(f"\nhubbub: {text}\n")
    sys.stderr.flush()
