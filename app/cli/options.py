"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from config.load import load
from config.secrets import Secrets
from config.settings import Settings

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The settings file.")]
DEFAULT_CONFIG = Path("hubbub.yaml")


def load_all(path: Path) -> tuple[Settings, Secrets]:
    """Read settings and secrets. Raises ConfigError with every problem."""
    return load(path, os.environ)
