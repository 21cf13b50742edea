"""`hubbub stop-posting` and `hubbub resume-posting`: the switch for everything we say in public, at once."""

from __future__ import annotations

import asyncio
import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.outbox.posting import note, switch, why_stopped
from app.store.open import open_existing
from domain.work import Actor


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("stop-posting")(stop_posting)
    app.command("resume-posting")(resume_posting)


def stop_posting(
    reason: Annotated[str, typer.Argument(help="Why; shown on the desk and on the cards.")] = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Let nothing more go out to customers, from this moment on; what is approved waits."""
    asyncio.run(_switch(config, True, reason))


def resume_posting(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Let what waits go out again."""
    asyncio.run(_switch(config, False, ""))


async def _switch(config: Path, stopped: bool, reason: str) -> None:
    settings, secrets = load_all(config)
    store = await open_existing(outfit.store_url(settings, secrets), "no hubbub runs on it, and nothing was changed")
    who, now = Actor(_user(), _user(), "command line"), datetime.now(UTC)
    try:
        changed = await switch(store, stopped, who, now, reason)
        stop = await why_stopped(store, settings.publishing.stopped)
        words = stop.words if stop is not None else "Posting goes on: what was approved goes out now."
        if changed:
            await note(store, stopped, who, now, words)
    finally:
        await store.close()
    typer.echo(words)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have no names for its users
        return "somebody"
