"""`hubbub run`: listens, alerts and publishes until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import typer
from aiohttp import web

from alerts.socket import SlackSocket
from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.schedule import make_schedule
from app.slack_socket import SocketDesk
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
        schedule = make_schedule(hubbub.rounds())
        schedule.start()
        stack.callback(schedule.shutdown, wait=False)
        sys.stderr.write(f"hubbub: page {settings.web.public_url}/ · desk {settings.web.public_url}/desk\n")
        await until_told()


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
    sys.stderr.write("hubbub: stopping\n")
