"""Mentions come in once each, whatever is shown again, edited or late; who is no customer is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.pipeline.intake import LATE, MAX_TEXT, Intake, Taken
from app.store.protocol import Store
from domain.heard.mention import Author, Batch, MentionRecord, Role, SetAside, Stage
from domain.records import SetAsideItem
from tests.app.desk.office import Clock
from tests.domain.make import NOW, meaning, mention

AN_HOUR = timedelta(hours=1)


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


async def test_a_post_and_its_edit_on_one_page_are_one_edited_post(intake: Intake, store: Store) -> None:
    assert await intake.take([mention("it works"), mention("it is broken")]) == Taken(stored=1, edited=1)
    (record,) = await store.find(MentionRecord)
    assert (record.mention.text, record.edits) == ("it is broken", ("it works",))


async def test_other_stars_for_the_same_words_are_an_edit(intake: Intake, store: Store) -> None:
    await intake.take([mention("meh", rating=4)])
    assert await intake.take([mention("meh", rating=1)]) == Taken(edited=1)
    (record,) = await store.find(MentionRecord)
    assert (record.mention.rating, record.edits, record.stage) == (1, (), Stage.NEW)


async def test_a_page_is_stored_with_three_questions_however_long_it_is(store: Store, clock: Clock) -> None:
    calls: list[str] = []

    class Counting:
        def __getattr__(self, name: str) -> object:
            calls.append(name)
            return getattr(store, name)

    counted = Intake(Counting(), clock)  # type: ignore[arg-type]
    page = [mention(f"text {n}", str(n)) for n in range(100)]
    assert await counted.take(page) == Taken(stored=100)
    assert await counted.take(page) == Taken(duplicates=100)
    assert calls == ["find", "add", "find"]


@pytest.mark.parametrize(("age", "history"), [(timedelta(), False), (LATE, False), (LATE + timedelta(seconds=1), True)])
async def test_what_arrives_late_is_history(intake: Intake, store: Store, age: timedelta, history: bool) -> None:
    await intake.take([mention(created_at=NOW - age)])
    assert (await store.find(MentionRecord))[0].history is history


@pytest.mark.parametrize(("handle", "own"), [("hubbub", True), ("@Hubbub", True), ("hubbub2", False), ("", False)])
async def test_our_own_accounts_are_known(intake: Intake, store: Store, handle: str, own: bool) -> None:
    await intake.take([mention(author=replace(mention().author, handle=handle))])
    assert (await store.find(MentionRecord))[0].own is own


@pytest.mark.parametrize(
    ("author", "role", "own"),
    [
        (Author("1", "Hubbub", "hubbub"), Role.OWN, True),
        (Author("1", "Kim", "kim", url="https://town.example/@kim"), Role.EMPLOYEE, True),
        (Author("1", "Kim", "kim", url="https://elsewhere.example/@kim"), Role.CUSTOMER, False),
        (Author("1", "R", "Repeater"), Role.BOT, False),
        (Author("1", "E", "@Elma"), Role.COMPETITOR, False),
        (Author("1", "Hubbub", "zeynep"), Role.CUSTOMER, False),
    ],
)
async def test_who_speaks_is_kept_with_every_mention(
    intake: Intake, store: Store, author: Author, role: Role, own: bool
) -> None:
    assert await intake.take([mention(author=author)]) == Taken(stored=1)
    (record,) = await store.find(MentionRecord)
    assert (record.role, record.own) == (role, own)


async def test_a_very_long_text_is_cut_not_refused(intake: Intake, store: Store) -> None:
    long = mention("آ" * 20_000)
    await intake.take([long])
    (record,) = await store.find(MentionRecord)
    assert len(record.mention.text) == MAX_TEXT
    assert record.mention.text.endswith("آ…")
    assert await intake.take([long]) == Taken(duplicates=1)


async def test_what_is_pushed_is_kept_like_what_is_polled(intake: Intake, store: Store) -> None:
    pushed = Batch((mention("1", "1"), mention("2", "2")), None, (SetAside("{", "no JSON"),), deleted=("2", "9"))
    assert await intake.keep("mastodon", pushed) == Taken(stored=2, deleted=1, set_aside=1)
    assert {r.mention.native_id: r.mention.text for r in await store.find(MentionRecord)} == {"1": "1", "2": ""}
    assert [item.raw for item in await store.find(SetAsideItem)] == ["{"]
    assert await intake.keep("mastodon", pushed) == Taken(duplicates=2)


async def test_what_was_removed_stays_removed_however_often_a_cache_shows_it(intake: Intake, store: Store) -> None:
    await intake.keep("mastodon", Batch((mention("oops"),), None, deleted=("1",)))
    for text in ("oops", "oops, edited"):
        assert await intake.take([mention(text)]) == Taken(duplicates=1)
    (record,) = await store.find(MentionRecord)
    assert (record.mention.text, record.edits, record.deleted_at) == ("", (), NOW)
