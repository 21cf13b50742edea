"""A store in memory, a clock, and an intake between them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.pipeline.intake import Intake
from app.store.open import open_store
from app.store.protocol import Store
from domain.heard.roles import known
from tests.app.desk.office import Clock
from tests.app.pipeline.stream import make_intake

LISTS = known(own=("hubbub",), employees=("kim@town.example",), bots=("repeater",), competitors=("elma",))


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """A store in memory."""
    made = await open_store("sqlite://")
    yield made
    await made.close()


@pytest.fixture
def clock() -> Clock:
    """A clock that moves when it is told to."""
    return Clock()


@pytest.fixture
def intake(store: Store, clock: Clock) -> Intake:
    """An intake that knows some who are no customers."""
    return make_intake(store, clock, known=LISTS)
