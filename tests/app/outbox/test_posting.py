"""The switch for everything we say in public: kept in the store, seen by every process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.outbox.posting import IN_SETTINGS, Stop, note, switch, why_stopped
from app.store.open import open_store
from app.store.protocol import Store
from domain.records import AuditEntry, Kept
from tests.domain.make import ADA, BORA, NOW


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = await open_store("sqlite://")
    yield opened
    await opened.close()


async def test_nothing_is_stopped_at_first(store: Store) -> None:
    assert await why_stopped(store) is None


async def test_who_stops_it_says_why_and_when(store: Store) -> None:
    assert await switch(store, True, ADA, NOW, "  wrong words ")
    stop = await why_stopped(store)
    assert stop == Stop("Ada", NOW, "wrong words")
    assert stop.words == (
        "Posting is stopped by Ada since 2026-03-06 16:45 UTC (wrong words): what is approved waits."
    )  # fmt: skip


async def test_a_second_press_changes_nothing_and_the_first_name_stays(store: Store) -> None:
    assert await switch(store, True, ADA, NOW)
    assert not await switch(store, True, BORA, NOW)
    stop = await why_stopped(store)
    assert stop is not None
    assert stop.by == "Ada"
    assert await switch(store, False, BORA, NOW)
    assert not await switch(store, False, BORA, NOW)
    assert await why_stopped(store) is None
    assert await switch(store, True, BORA, NOW)


async def test_the_settings_stop_it_whatever_the_switch_says(store: Store) -> None:
    stop = await why_stopped(store, in_settings=True)
    assert stop == Stop(IN_SETTINGS)
    assert stop.words == "Posting is stopped by the settings (publishing.stopped): what is approved waits."


async def test_a_value_that_nobody_wrote_does_no_harm(store: Store) -> None:
    await store.add(Kept("posting", {"stopped": True, "at": 5}))
    assert await why_stopped(store) == Stop("")


async def test_what_was_done_at_the_command_line_is_in_the_log(store: Store) -> None:
    await note(store, True, ADA, NOW, "stopped")
    (entry,) = await store.find(AuditEntry)
    assert (entry.action, entry.actor, entry.detail) == ("stop_posting", "Ada (U1)", "stopped")
