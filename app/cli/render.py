"""`hubbub render`: the static page, from what is stored, into any folder."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.page import press
from app.store.open import open_store
from domain.incident import Incident
from domain.planned import PlannedWork


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("render")(render)


def render(
    out_dir: Annotated[Path, typer.Argument(help="The folder to publish into.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Render the status page."""
    count = asyncio.run(_render(out_dir, config))
    typer.echo(f"{out_dir}: published, with {count} incidents.")


async def _render(out_dir: Path, config: Path) -> int:
    settings, secrets = load_all(config)
    store = await open_store(outfit.store_url(settings, secrets))
    try:
        incidents = [i for i in await store.find(Incident, order="-declared_at") if i.public]
        planned = await store.find(PlannedWork)
        printing = press(settings, store, outfit.components(settings), lambda: datetime.now(UTC))
        printing.print_to(out_dir, incidents, planned, datetime.now(UTC))
    finally:
        await store.close()
    return len(incidents)
