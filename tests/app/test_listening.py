"""Sources that cannot be heard are told once, and once more when they can be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from app.listening import LOOK_EVERY, Listening
from app.store import Store
from app.store.open import open_store
from app.store.protocol import update
from domain.heard.mention import Batch
from domain.heard.source_health import Level
from domain.incidents.notice import DAY, Notice, NoticeKind, why_no_notice
from domain.records import SourceState
from tests.domain.make import NOW, mention, record

EVERY = timedelta(minutes=2)


@dataclass
class Polled:
    """A source by name only; nobody polls it here."""

    name: str
    type: str = "rss"
    every: timedelta = EVERY
    page_cost: float = 0.0

    async def fetch(self, cursor: str | None) -> Batch:
        return Batch((), cursor)


class Wall:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self):  # type: ignore[no-untyped-def]
        return self.at


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = await open_store("sqlite:///:memory:")
    yield opened
    await opened.close()


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def listening(store: Store, wall: Wall) -> Listening:
    return Listening(store, [Polled("forum"), Polled("town")], "#on-call", wall)


async def told(store: Store) -> list[str]:
    return [notice.text for notice in await store.find(Notice, order="at")]


async def test_a_source_that_falls_silent_is_told_once_and_once_when_it_is_back(
    listening: Listening, store: Store, wall: Wall
) -> None:
    await store.add(SourceState("forum", last_success=NOW), SourceState("town", last_success=NOW))
    await listening.look()
    assert await told(store) == []
    wall.at = NOW + 2 * EVERY + timedelta(minutes=1, seconds=1)
    await update(store, SourceState, "town", lambda s: replace(s, last_success=wall.at))
    await listening.look()
    await listening.look()
    assert await told(store) == [f"We cannot hear forum (since {NOW:%H:%M} UTC: it is not asked any more)."]
    assert listening.unheard() == (f"forum (since {NOW:%H:%M} UTC: it is not asked any more)",)
    wall.at += timedelta(minutes=3)
    for name in ("forum", "town"):
        await update(store, SourceState, name, lambda s: replace(s, last_success=wall.at))
    await listening.look()
    await listening.look()
    assert (await told(store))[1:] == ["Heard again: forum."]
    assert listening.unheard() == ()


async def test_a_restart_does_not_tell_it_again(listening: Listening, store: Store, wall: Wall) -> None:
    await store.add(SourceState("forum", failing_since=NOW, error="no token", trouble="auth"))
    await listening.look()
    await Listening(store, listening.sources, "#on-call", wall).look()
    assert len(await told(store)) == 1


async def test_a_stumble_in_between_does_not_say_that_it_is_heard_again(
    listening: Listening, store: Store, wall: Wall
) -> None:
    await store.add(SourceState("forum", last_success=NOW, failing_since=NOW, error="no token", trouble="auth"))
    await listening.look()
    await update(store, SourceState, "forum", lambda s: replace(s, trouble="temporary"))
    await listening.look()
    assert len(await told(store)) == 1


async def test_all_that_fall_silent_at_once_are_one_notice(listening: Listening, store: Store) -> None:
    for name in ("forum", "town"):
        await store.add(SourceState(name, failing_since=NOW, error="no network", trouble="permanent"))
    await listening.look()
    [text] = await told(store)
    assert "forum" in text
    assert "town" in text


async def test_a_source_that_answers_but_brings_nothing_is_noticed(
    listening: Listening, store: Store, wall: Wall
) -> None:
    for day in (1, 2, 3):
        for i in range(20):
            at = NOW - timedelta(days=day, minutes=5 + i)
            await store.add(record(mention(native=f"{day}-{i}", source="forum", created_at=at)))
    await store.add(SourceState("forum", last_success=NOW), SourceState("town", last_success=NOW))
    await listening.look()
    assert listening.health["forum"].level is Level.QUIET
    assert listening.health["town"].level is Level.HEARS
    assert listening.flows["forum"].usual == 20
    wall.at += LOOK_EVERY
    await store.add(record(mention(native="new", source="forum", created_at=wall.at)))
    await update(store, SourceState, "forum", lambda s: replace(s, last_success=wall.at))
    await listening.look()
    assert (await told(store))[-1].endswith("Heard again: forum.")


async def test_notices_about_sources_leave_room_for_the_others(store: Store) -> None:
    about_sources = [Notice(f"n{i}", NoticeKind.SOURCE, None, NOW, "deaf") for i in range(9)]
    assert why_no_notice(NoticeKind.VOLUME, None, about_sources, NOW + DAY / 2) is None
