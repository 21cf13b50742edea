"""What every publisher's test needs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The one session all publishers share."""
    async with aiohttp.ClientSession() as made:
        yield made
