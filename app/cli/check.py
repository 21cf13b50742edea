"""`hubbub check-config`: every problem of the settings at once."""

from __future__ import annotations

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check-config")(check_config)


def check_config(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Read the settings and the HUBBUB_* variables and list all problems."""
    settings, secrets = load_all(config)
    outfit.check(settings, secrets)
    typer.echo(f"{config}: {len(settings.sources)} sources, {len(settings.components)} components, no problems.")
