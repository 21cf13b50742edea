"""A service on loopback, and the session all sources share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from listener.http import make_session
from tests.listener.service import Service


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A service that answers as the test prepares it."""
    made = Service()
    async with TestServer(made.app()) as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The session as the product makes it, for services on this machine."""
    async with make_session("hubbub-test/1", ["127.0.0.1"]) as made:
        yield made
