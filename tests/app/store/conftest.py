"""Both stores, for the one contract suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.store import Store, open_store
from app.store.schema import TABLES
from tests.mongo_server import mongo_uri  # noqa: F401 - a fixture


@pytest.fixture(params=["sqlite", pytest.param("mongo", marks=pytest.mark.mongo)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name an empty store of each sort."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hubbub.db"
    return str(request.getfixturevalue("mongo_uri"))


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """Open an empty store of each sort."""
    store = await open_store(store_url)
    for table in TABLES:
        await store.delete(table.kind)
    yield store
    await store.close()
