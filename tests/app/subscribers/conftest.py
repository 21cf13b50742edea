"""One town for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.app.subscribers.town import Town, open_town
from tests.mongo_server import mongo_uri  # noqa: F401 - a fixture


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A town with every channel open."""
    async with open_town() as opened:
        yield opened
