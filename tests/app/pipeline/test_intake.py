"""Mentions come in once each, the cursor only behind them, and a failing source is its own affair."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from app.pipeline.intake import LATE, MAX_PAGES, MAX_TEXT, Intake, Taken
from app.store.open import open_store
from app.store.protocol import Store
from domain.errors import AuthError, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.mention import Batch, MentionRecord, SetAside, Stage
from tests.app.desk.office import Clock, Crash, Crashing
from tests.domain.make import NOW, meaning, mention


@dataclass
class Stream:
    """A source that gives the batches it was given, by cursor; errors are raised."""

    script: dict[str | None, Batch | ServiceError] = field(default_factory=dict)
    name: str = "mastodon"
    every: timedelta = timedelta(minutes=2)
    asked: list[str | None] = field(default_factory=list)

    async def fetch(self, cursor: str | None) -> Batch:
        """Give the batch behind a cursor."""
        self.asked.append(cursor)
        found = self.script.get(cursor, Batch((), cursor))
        if isinstance(found, ServiceError):
            raise found
        return found


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """A store in memory."""
    made = await open_store("sqlite://")
    yield made
    await made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def intake(store: Store, clock: Clock) -> Intake:
    return Intake(store, clock, frozenset({"hubbub"}))


def batch(cursor: str, *natives: str, **more: Any) -> Batch:
    return Batch(tuple(mention(f"text {native}", native) for native in natives), cursor, **more)


async def texts(store: Store) -> list[str]:
    return sorted(record.mention.text for record in await store.find(MentionRecord))


async def test_what_is_new_is_stored_and_the_cursor_follows(intake: Intake, store: Store) -> None:
    source = Stream({None: batch("c1", "1", "2", more=True), "c1": batch("c2", "3")})
    assert await intake.poll(source) == Taken(stored=3)
    state = await intake.state("mastodon")
    assert (state.cursor, state.fetched, state.stored, state.last_success) == ("c2", 3, 3, NOW)
    assert await texts(store) == ["text 1", "text 2", "text 3"]
    await intake.poll(source)
    assert source.asked == [None, "c1", "c2"]


@pytest.mark.parametrize(("writes", "written"), [(1, False), (1, True), (2, False), (3, False), (3, True)])
async def test_a_kill_anywhere_in_a_poll_loses_nothing_and_doubles_nothing(
    store: Store, clock: Clock, writes: int, written: bool
) -> None:
    source = Stream({None: batch("c1", "1", "2")})
    dying = Crashing(store, writes, written=written)
    with pytest.raises(Crash):
        await Intake(dying, clock).poll(source)  # type: ignore[arg-type]
    again = Intake(store, clock)
    await again.poll(source)
    assert await texts(store) == ["text 1", "text 2"]
    assert (await again.state("mastodon")).cursor == "c1"


async def test_a_kill_between_storing_and_the_cursor_gives_duplicates_only(store: Store, clock: Clock) -> None:
    source = Stream({None: batch("c1", "1", "2")})
    with pytest.raises(Crash):  # writes: health record, mentions, then the cursor
        await Intake(Crashing(store, 3, written=False), clock).poll(source)  # type: ignore[arg-type]
    assert await Intake(store, clock).poll(source) == Taken(duplicates=2)


async def test_the_same_mention_twice_in_one_page_is_one(intake: Intake, store: Store) -> None:
    assert await intake.take([mention(), mention()]) == Taken(stored=1, duplicates=1)
    assert len(await store.find(MentionRecord)) == 1


async def test_the_same_id_at_another_source_is_another_mention(intake: Intake, store: Store) -> None:
    other = replace(mention(), id="men_other", source="mastodon-tr")
    assert await intake.take([mention(), other]) == Taken(stored=2)


async def test_an_edit_is_understood_afresh_and_the_earlier_text_is_kept(intake: Intake, store: Store) -> None:
    await intake.take([mention("it works")])
    (known,) = await store.find(MentionRecord)
    await store.replace(replace(known, stage=Stage.UNDERSTOOD, classification=meaning(), case_id="case_1"))
    edited = mention("it is broken", created_at=NOW + timedelta(hours=2), edited_at=NOW + timedelta(hours=2))
    assert await intake.take([edited]) == Taken(edited=1)
    assert await intake.take([edited]) == Taken(duplicates=1)
    (record,) = await store.find(MentionRecord)
    assert (record.mention.text, record.edits) == ("it is broken", ("it works",))
    assert (record.stage, record.classification, record.case_id) == (Stage.NEW, None, "case_1")
    assert record.mention.created_at == NOW


@pytest.mark.parametrize(("age", "history"), [(timedelta(), False), (LATE, False), (LATE + timedelta(seconds=1), True)])
async def test_what_arrives_late_is_history(intake: Intake, store: Store, age: timedelta, history: bool) -> None:
    await intake.take([mention(created_at=NOW - age)])
    assert (await store.find(MentionRecord))[0].history is history


@pytest.mark.parametrize(("handle", "own"), [("hubbub", True), ("@Hubbub", True), ("hubbub2", False), ("", False)])
async def test_our_own_accounts_are_known(intake: Intake, store: Store, handle: str, own: bool) -> None:
    await intake.take([mention(author=replace(mention().author, handle=handle))])
    assert (await store.find(MentionRecord))[0].own is own


async def test_a_very_long_text_is_cut_not_refused(intake: Intake, store: Store) -> None:
    long = mention("آ" * 20_000)
    await intake.take([long])
    (record,) = await store.find(MentionRecord)
    assert len(record.mention.text) == MAX_TEXT
    assert record.mention.text.endswith("آ…")
    assert await intake.take([long]) == Taken(duplicates=1)


async def test_items_that_were_set_aside_are_counted_and_logged(
    intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    aside = (SetAside("{…", "the line is no JSON"),)
    assert await intake.poll(Stream({None: batch("c1", "1", set_aside=aside)})) == Taken(stored=1)
    assert (await intake.state("mastodon")).set_aside == 1
    assert "the line is no JSON" in caplog.text


async def test_the_figures_of_a_source_add_up_over_pages(intake: Intake) -> None:
    pages = {None: batch("a", "1", "2", more=True), "a": batch("b", "3", more=True), "b": batch("c", "3", "4")}
    await intake.poll(Stream(pages))
    state = await intake.state("mastodon")
    assert (state.fetched, state.stored) == (5, 4)


async def test_a_failure_is_logged_once_and_so_is_the_recovery(
    intake: Intake, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    source = Stream({None: TemporaryError("town.example cannot be reached.")})
    for _ in range(3):
        assert await intake.poll(source) == Taken()
        clock.passes(minutes=1)
    failing = await intake.state("mastodon")
    assert (failing.failures, failing.failing_since, failing.error) == (3, NOW, "town.example cannot be reached.")
    source.script[None] = batch("c1", "1")
    await intake.poll(source)
    await intake.poll(source)
    state = await intake.state("mastodon")
    assert (state.failures, state.failing_since, state.error, state.stored) == (0, None, None, 1)
    words = [line.getMessage() for line in caplog.records]
    assert words == [
        "source mastodon fails: town.example cannot be reached.", "source mastodon answers again after 0:03:00",
    ]  # fmt: skip


@pytest.mark.parametrize("error", [AuthError("no"), PermanentError("no"), TemporaryError("no")])
async def test_no_failure_of_a_source_gets_out(intake: Intake, error: ServiceError) -> None:
    assert await intake.poll(Stream({None: error})) == Taken()


async def test_pages_before_a_failure_are_kept(intake: Intake, store: Store) -> None:
    source = Stream({None: batch("c1", "1", more=True), "c1": TemporaryError("gone")})
    assert await intake.poll(source) == Taken(stored=1)
    state = await intake.state("mastodon")
    assert (state.cursor, state.error) == ("c1", "gone")


async def test_a_source_that_asks_to_wait_is_left_alone_until_then(intake: Intake, clock: Clock) -> None:
    source = Stream({None: RateLimited("slow down", timedelta(minutes=10))})
    await intake.poll(source)
    clock.passes(minutes=9)
    await intake.poll(source)
    assert len(source.asked) == 1
    clock.passes(minutes=1)
    await intake.poll(source)
    assert len(source.asked) == 2


async def test_a_quota_in_the_answer_ends_the_paging(intake: Intake, clock: Clock) -> None:
    source = Stream({None: batch("c1", "1", more=True, not_before=NOW + timedelta(minutes=5)), "c1": batch("c2", "2")})
    assert await intake.poll(source) == Taken(stored=1)
    assert source.asked == [None]
    clock.passes(minutes=5)
    assert await intake.poll(source) == Taken(stored=1)
    assert (await intake.state("mastodon")).not_before is None


async def test_endless_paging_is_left_until_the_next_turn(intake: Intake) -> None:
    endless = Stream({None: batch("x", "1", more=True), "x": batch("x", "1", more=True)})
    await intake.poll(endless)
    assert len(endless.asked) == MAX_PAGES


async def test_one_source_down_leaves_the_others_alone(intake: Intake, store: Store) -> None:
    down = Stream({None: TemporaryError("down")}, name="bluesky")
    up = Stream({None: batch("c1", "1")})
    for source in (down, up):
        await intake.poll(source)
    assert await texts(store) == ["text 1"]
    assert (await intake.state("bluesky")).failing_since == NOW
    assert (await intake.state("mastodon")).failing_since is None
