"""A desk with a browser, empty or with a few customers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from app.store import Store, open_store
from tests.app.web.desk.hall import Browser, Clock, make_application, make_hubbub

Opened = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """An empty store in memory."""
    store = await open_store("sqlite://")
    yield store
    await store.close()


@pytest.fixture
def clock() -> Clock:
    """Hubbub's own clock."""
    return Clock()


@pytest.fixture
def wall() -> Clock:
    """The real time, by which sessions age."""
    return Clock()


@pytest.fixture
def open_desk(store: Store, clock: Clock, wall: Clock, aiohttp_client: Any) -> Opened:
    """Open a desk with the settings a test asks for, nobody signed in."""

    async def opened(**settings: Any) -> Browser:
        hubbub = make_hubbub(store, clock, **settings)
        application = make_application(hubbub, wall, lambda: wall.at.timestamp())
        return Browser(await aiohttp_client(application), application, hubbub, wall)

    return opened


@pytest.fixture
async def desk(open_desk: Opened) -> Browser:
    """A desk that somebody signed in to."""
    browser = await open_desk()
    page = await browser.sign_in()
    assert page.status == 200
    return browser
