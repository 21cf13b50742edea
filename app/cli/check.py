"""`hubbub check-config`: every problem of the settings at once."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from config.updates import UpdateTemplate
from domain.incidents.incident import IncidentStatus
from domain.incidents.tone import Remark, remarks


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check-config")(check_config)


def check_config(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Read the settings and the HUBBUB_* variables; list all problems, and what customers may not like to read."""
    settings, secrets = load_all(config)
    outfit.check(settings, secrets)
    for template in settings.update_templates:
        for language, remark in _remarks(template):
            typer.echo(f"update_templates: {template.name}, {language}: {remark.advice}", err=True)
    typer.echo(f"{config}: {len(settings.sources)} sources, {len(settings.components)} components, no problems.")


def _remarks(template: UpdateTemplate) -> Iterator[tuple[str, Remark]]:
    over = template.phase is IncidentStatus.RESOLVED
    for language, text in template.texts.items():
        for remark in remarks(text, language, promised="{next_update}" in text, over=over):
            yield language, remark
