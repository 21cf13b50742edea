"""A fake Slack for the tests that need one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from alerts.client import SlackClient
from tests.alerts.fake_slack import TOKEN, FakeSlack, running


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Slack, on loopback."""
    async with running() as fake:
        yield fake


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The one session all clients share."""
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.fixture
def client(slack: FakeSlack, session: aiohttp.ClientSession) -> SlackClient:
    """A client of that Slack, without pacing."""
    return SlackClient(TOKEN, session=session, base_url=slack.base_url, per_second=None)
