"""`hubbub corrections export` and `hubbub password`: small tools for the people behind a running hubbub."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.privacy.masking import masking
from app.store.open import open_existing
from domain.records import Correction
from sentiment.corrections import training_rows

corrections = typer.Typer(help="What the team said against the classifier.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(corrections, name="corrections")
    app.command("password")(password)


@corrections.command("export")
def export(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print the corrections as training rows, one JSON object a line."""
    for row in asyncio.run(_rows(config)):
        sys.stdout.write(row + "\n")


async def _rows(config: Path) -> list[str]:
    settings, secrets = load_all(config)
    store = await open_existing(outfit.store_url(settings, secrets), "there are no corrections")
    try:
        known = await store.find(Correction, order="at")
    finally:
        await store.close()
    hide = masking(settings.privacy.mask)
    rows = training_rows(correction for correction in known if correction.text)  # the words of others are erased
    return [json.dumps({**row, "text": hide(row["text"])}, ensure_ascii=False) for row in rows]


def password(
    words: Annotated[
        str,
        typer.Option(
            prompt="Password",
            hide_input=True,
            confirmation_prompt=True,
            show_default=False,
            help="The password; left out, it is asked for. Given here, it stays in the shell's history.",
        ),
    ],
) -> None:
    """Make the hash of a password for `desk.users` in the settings."""
    from argon2 import PasswordHasher

    typer.echo(PasswordHasher().hash(words))
