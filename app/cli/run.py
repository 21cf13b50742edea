"""`hubbub run`: listens, alerts and publishes until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import typer
from aiohttp import web

from alerts.socket import SlackSocket
from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.leading import Leading, this_process
from app.schedule import make_schedule
from app.slack.socket import SocketDesk
from app.web.server import add_site, make_web
from app.wiring import Hubbub, build
from domain.errors import ConfigError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run hubbub with the settings of a file."""
    asyncio.run(_run(config))


async def _run(config: Path) -> None:
    settings, secrets = load_all(config)
    outfit.check(settings, secrets)
    async with AsyncExitStack() as stack:
        hubbub = await build(settings, secrets, stack, now=lambda: datetime.now(UTC))
        application = make_web(hubbub)
        add_site(application, hubbub)
        await serve(application, settings.web.host, settings.web.port, stack)
        await start_socket(hubbub, stack)
        schedule = make_schedule(hubbub.everywhere())
        schedule.start()
        stack.callback(schedule.shutdown, wait=False)
        _say(f"page {settings.web.public_url}/ · desk {settings.web.public_url}/desk")
        await _until_told_or_replaced(lead(hubbub, Leading(hubbub.store, hubbub.now, this_process())))


async def lead(hubbub: Hubbub, leading: Leading) -> None:
    """Do the rounds as soon as no other process on this store does. Raises ServiceError when another takes over."""
    await leading.wait(_say)
    try:
        await hubbub.remember()
        schedule = make_schedule(hubbub.rounds())
        schedule.start()
        try:
            await leading.keep()
        finally:
            schedule.shutdown(wait=False)
    finally:
        await leading.give_up()


async def _until_told_or_replaced(leading: Coroutine[None, None, None]) -> None:
    rounds, told = asyncio.create_task(leading), asyncio.create_task(until_told())
    await asyncio.wait((rounds, told), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    rounds.cancel()
    with suppress(asyncio.CancelledError):
        await rounds


def _say(words: str) -> None:
    sys.stderr.write(f"hubbub: {words}\n")


async def serve(application: web.Application, host: str, port: int, stack: AsyncExitStack) -> int:
    """Open the door at `host`:`port` (0: any) and give the port. Raises ConfigError when it is taken."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=3)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as err:
        raise ConfigError(f"web: {host}:{port} cannot be opened ({err.strerror}); choose another web.port") from err
    return int(runner.addresses[0][1])


async def start_socket(hubbub: Hubbub, stack: AsyncExitStack) -> None:
    """Connect Socket Mode where the settings ask for it."""
    token = hubbub.secrets.slack_app_token
    if hubbub.settings.slack.mode != "socket" or hubbub.slack_desk is None or token is None:
        return
    desk = SocketDesk(hubbub.slack_desk)
    socket = SlackSocket(token.get_secret_value(), desk.take, base_url=hubbub.settings.slack.api_url)
    await socket.start()
    stack.push_async_callback(socket.stop)


async def until_told() -> None:
    """Wait for Ctrl-C or a polite kill."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()
    _say("stopping")
