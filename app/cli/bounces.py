"""`hubbub bounces`: takes a mail that came back; the mail server pipes each one in."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.store.open import open_existing
from app.subscribers.bounces import MAX_BYTES
from app.subscribers.room import open_bounces


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bounces")(bounces)


def bounces(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Read one returned mail from standard input and hold it against the subscriber it proves."""
    raw = sys.stdin.buffer.read(MAX_BYTES)
    typer.echo(asyncio.run(_take(config, raw)))


async def _take(config: Path, raw: bytes) -> str:
    settings, secrets = load_all(config)
    store = await open_existing(outfit.store_url(settings, secrets), "it has no subscribers")
    try:
        taker = await open_bounces(settings, store, lambda: datetime.now(UTC))
        return await taker.take(raw)
    finally:
        await store.close()
