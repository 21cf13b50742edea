"""Which store a URL opens, and what the owner is told when it cannot be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.store import open_store
from domain.errors import ConfigError

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("url", ["", "hubbub.db", "postgres://ana:secret@db/x", "sqlite:hubbub.db", "SQLITE//x"])
async def test_an_unknown_scheme_names_the_known_ones_and_not_the_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"must begin with sqlite://, mongodb:// or mongodb\+srv://") as err:
        await open_store(url)
    assert "secret" not in str(err.value)


def test_a_database_driver_is_imported_only_when_it_is_asked_for() -> None:
    script = (
        "import asyncio, sys; from app.store import open_store\n"
        "assert not {'pymongo', 'sqlite3'} & set(sys.modules)\n"
        "async def run(): await (await open_store('sqlite://')).close()\n"
        "asyncio.run(run()); assert 'sqlite3' in sys.modules and 'pymongo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)
