"""A real store with one payment outage in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.store import Store, open_store
from tests.domain.review.review_story import records, story


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A database file with the story of tests/domain/review_story.py."""
    opened = await open_store(f"sqlite:///{tmp_path}/hubbub.db")
    await opened.add(*records(story()))
    yield opened
    await opened.close()


@pytest.fixture
async def empty() -> AsyncIterator[Store]:
    """A store in memory."""
    opened = await open_store("sqlite://")
    yield opened
    await opened.close()
