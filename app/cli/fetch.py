"""`hubbub fetch`: asks one source once and prints what was said, one JSON object a line."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.files import write_atomically
from domain.errors import ConfigError
from listener.http import make_session
from listener.source import Source
from listener.sources.replay import mention_line

MOST_PAGES = 1000  # a source that never says "no more" ends here


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fetch")(fetch)


def fetch(
    source: Annotated[str, typer.Argument(help="The name of a source in the settings.")],
    config: ConfigOption = DEFAULT_CONFIG,
    cursor: Annotated[Path | None, typer.Option(help="A file that keeps where to go on next time.")] = None,
    every_page: Annotated[bool, typer.Option("--all", help="Go on to the last page.")] = False,
) -> None:
    """Ask one source once; print what was said as JSON lines, which a `replay` source reads. Nothing is stored."""
    asyncio.run(_fetch(source, config, cursor, every_page))


async def _fetch(name: str, config: Path, cursor: Path | None, every_page: bool) -> None:
    settings, secrets = load_all(config)
    # Asked for by name, so also one that is switched off.
    wanted = [part.model_copy(update={"enabled": True}) for part in settings.sources if part.name == name]
    if not wanted:
        known = ", ".join(part.name for part in settings.sources) or "none"
        raise ConfigError(f"{config}: there is no source called {name}; known are: {known}")
    only = settings.model_copy(update={"sources": tuple(wanted)})
    async with make_session("hubbub/0.1 (fetch)", outfit.trusted_hosts(settings)) as session:
        for built in outfit.sources(only, secrets, session, lambda: datetime.now(UTC)):
            await _print_pages(built, cursor, MOST_PAGES if every_page else 1)


async def _print_pages(source: Source, cursor: Path | None, pages: int) -> None:
    at = _read(cursor)
    for _ in range(pages):
        batch = await source.fetch(at)
        for mention in batch.mentions:
            sys.stdout.write(json.dumps(mention_line(mention), ensure_ascii=False) + "\n")
        for item in batch.set_aside:
            sys.stderr.write(f"hubbub: one item set aside: {item.reason}\n")
        sys.stdout.flush()
        at = batch.cursor
        # Only once the page is printed: a crash before this prints it again, and loses nothing.
        if cursor is not None and at is not None:
            write_atomically(cursor, at.encode())
        if not batch.more:
            return
        if pages > 1 and batch.not_before is not None and batch.not_before > datetime.now(UTC):
            until = f"{batch.not_before:%H:%M:%S} UTC"
            sys.stderr.write(f"hubbub: more is there, but {source.name} asks to wait until {until}\n")
            return
    if pages > 1:
        sys.stderr.write(f"hubbub: left after {pages} pages; go on with the same --cursor\n")


def _read(cursor: Path | None) -> str | None:
    if cursor is None or not cursor.exists():
        return None
    try:
        return cursor.read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(f"{cursor}: the cursor cannot be read ({type(err).__name__})") from err
