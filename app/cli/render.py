"""`hubbub render`: the static pages, from what is stored, into any folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.page.press import PagePress, press
from app.page.reports import BACKFILL, USUAL_DAYS
from app.page.sheets import Sheet
from app.store.open import is_there, open_store
from domain.errors import ConfigError, ServiceError
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork
from status_page.pages.reports import SLOTS
from status_page.publish import publish_site
from status_page.render import render_site

Say = Callable[[str], None]
EMPTY = "sqlite://"  # in memory: looking makes no file


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("render")(render)


def render(
    out_dir: Annotated[
        Path, typer.Argument(help="The folder to publish into; further pages go beside it, into OUT_DIR-NAME.")
    ],
    page: Annotated[
        str | None, typer.Option("--page", help="Only this page, into OUT_DIR; the first has the brand's name.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Render the status page, and those of further brands."""
    asyncio.run(_render(out_dir, page, config, typer.echo))


async def _render(out_dir: Path, page: str | None, config: Path, say: Say) -> None:
    settings, secrets = load_all(config)
    at = datetime.now(UTC)
    url = outfit.store_url(settings, secrets)
    if not is_there(url):
        typer.echo("The database is not there yet: this is a page without incidents.", err=True)
    store = await open_store(url if is_there(url) else EMPTY)
    try:
        printing = press(settings, store, outfit.components(settings), lambda: at)
        places = folders(printing.sheets, out_dir, page)
        incidents = await store.find(Incident, order="-declared_at")
        planned = await store.find(PlannedWork)
        await _count(printing)
        _print(printing, places, incidents, planned, say)
    finally:
        await store.close()


def folders(sheets: Sequence[Sheet], out_dir: Path, page: str | None) -> list[tuple[Sheet, Path]]:
    """Say which page goes where: one that was named into the folder itself, else the further ones beside it.

    Raises ConfigError for a page that the settings do not have.
    """
    if page is None:
        named = out_dir if out_dir.name not in ("", "..") else out_dir.resolve()
        return [(s, named.with_name(f"{named.name}-{s.name}") if s.name else out_dir) for s in sheets]
    names = [sheet.name or sheet.brand for sheet in sheets]
    if page not in names:
        raise ConfigError(f"--page: there is no page {page!r}; the settings have {', '.join(names)}.")
    return [(sheets[names.index(page)], out_dir)]


async def _count(printing: PagePress) -> None:
    """Count the reports of all the days that the chart rests on, which a running hubbub does bit by bit."""
    if printing.count is not None:
        printing.count.every = timedelta(0)
        for _ in range(-(-(USUAL_DAYS + 1) * SLOTS // BACKFILL)):
            await printing.count.measure()


def _print(
    printing: PagePress, places: Sequence[tuple[Sheet, Path]], incidents: Sequence[Incident],
    planned: Sequence[PlannedWork], say: Say,
) -> None:  # fmt: skip
    """Print each page; what goes wrong with one is raised when the others are there."""
    trouble: ServiceError | None = None
    for sheet, folder in places:
        count = printing.count if sheet.chart else None
        reports = count.reports(sheet.name, [c.id for c in sheet.components]) if count is not None else None
        site = sheet.site(incidents, planned, printing.now(), reports)
        try:
            publish_site(render_site(site), folder)
        except ServiceError as err:
            trouble = trouble or err
        else:
            say(f"{folder}: published, with {len(site.incidents)} incidents.")
    if trouble is not None:
        raise trouble
