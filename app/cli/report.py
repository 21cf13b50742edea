"""`hubbub report incident` and `hubbub report scorecard`: what customers saw against what we said, as a file."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.files import write_atomically
from app.review.data import review_json, scorecard_json
from app.review.gather import gather_review, gather_scorecard
from app.review.html import review_html, scorecard_html
from app.review.markdown import review_markdown, scorecard_markdown
from app.review.score_sheet import score_sheet
from app.review.sheet import Name, sheet
from app.store.open import open_existing
from app.store.protocol import Store
from config.settings import Settings
from domain.component import Component
from domain.heard.mention import MentionRecord
from domain.records import AuditEntry


class Format(StrEnum):
    """What a report can be written as."""

    HTML = "html"
    MARKDOWN = "markdown"
    JSON = "json"


Write = Callable[[Format], str]
_ENDINGS = {".html": Format.HTML, ".htm": Format.HTML, ".md": Format.MARKDOWN, ".json": Format.JSON}
FormatOption = Annotated[
    Format | None, typer.Option("--format", "-f", help="As --out ends, else Markdown.", show_default=False)
]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="The file to write; else it is printed.")]
report = typer.Typer(help="What customers saw against what we said, as HTML, Markdown or JSON.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(report, name="report")


@report.command("incident")
def incident(
    id: Annotated[str, typer.Argument(metavar="ID", help="inc_..., as on the desk and in the page's addresses.")],
    format: FormatOption = None,
    out: OutOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Review one incident minute by minute: complaints, our words, promises, people, quotes (masked)."""

    async def gathered(store: Store, settings: Settings) -> Write:
        found, brand = await gather_review(store, id, await _now(store)), settings.brand.name
        name = _namer(outfit.components(settings))
        writers: Mapping[Format, Callable[[], str]] = {
            Format.HTML: lambda: review_html(sheet(found, name), brand),
            Format.MARKDOWN: lambda: review_markdown(sheet(found, name), brand),
            Format.JSON: lambda: review_json(found),
        }
        return lambda wanted: writers[wanted]()

    _write(asyncio.run(_with_store(config, gathered)), format, out)


@report.command("scorecard")
def scorecard(
    days: Annotated[int, typer.Option(min=1, max=3650, help="Incidents declared in so many days.")] = 30,
    format: FormatOption = None,
    out: OutOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Say how fast and how honest we were, one row per incident and the medians."""

    async def gathered(store: Store, settings: Settings) -> Write:
        now, brand = await _now(store), settings.brand.name
        found = await gather_scorecard(store, now - timedelta(days=days), now)
        writers: Mapping[Format, Callable[[], str]] = {
            Format.HTML: lambda: scorecard_html(score_sheet(found), brand),
            Format.MARKDOWN: lambda: scorecard_markdown(score_sheet(found), brand),
            Format.JSON: lambda: scorecard_json(found),
        }
        return lambda wanted: writers[wanted]()

    _write(asyncio.run(_with_store(config, gathered)), format, out)


async def _with_store(config: Path, gathered: Callable[[Store, Settings], Awaitable[Write]]) -> Write:
    settings, secrets = load_all(config)
    store = await open_existing(outfit.store_url(settings, secrets), "there is nothing to report")
    try:
        return await gathered(store, settings)
    finally:
        await store.close()


def _namer(components: Mapping[str, Component]) -> Name:
    return lambda id: components[id].name("en") if id is not None and id in components else id or "no component"


def _write(made: Write, format: Format | None, out: Path | None) -> None:
    wanted = format or (_ENDINGS.get(out.suffix.lower()) if out is not None else None) or Format.MARKDOWN
    text = made(wanted)
    if out is None:
        sys.stdout.write(text)
        return
    write_atomically(out, text.encode())
    typer.echo(f"{out}: written as {wanted}.", err=True)


async def _now(store: Store) -> datetime:
    """Give the time up to which there is something to tell: the clock of a demo runs ahead of the wall's."""
    heard = await store.find(MentionRecord, order="-received_at", limit=1)
    done = await store.find(AuditEntry, order="-at", limit=1)
    return max([datetime.now(UTC), *(record.received_at for record in heard), *(entry.at for entry in done)])
