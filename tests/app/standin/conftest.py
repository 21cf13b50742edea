from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.app.standin.world import World, slack_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = await slack_world()
    yield made
    await made.close()
