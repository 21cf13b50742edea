"""What every store must do: writing, reading back, compare-and-set, hostile and large records."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from app.store import Store, Where, open_store, update
from app.store.codec import MAX_BYTES
from domain.care.case import Case, CaseStatus, claim
from domain.errors import NotFound, PermanentError, Refused, TemporaryError
from domain.heard.mention import MentionRecord
from domain.incidents.signal import Signal, SignalState
from domain.records import Kept, Person
from domain.work import Actor
from tests.app.store.records import NOON, after, case, heard, meaning, one_of_each, signal


@pytest.mark.parametrize("record", one_of_each(), ids=lambda record: type(record).__name__)
async def test_a_record_comes_back_as_it_was(store: Store, record: Any) -> None:
    assert await store.add(record) == [True]
    assert await store.get(type(record), record.id) == record


async def test_a_record_that_is_not_there_is_none(store: Store) -> None:
    assert await store.get(Case, "nobody") is None


async def test_a_taken_id_is_left_as_it_was(store: Store) -> None:
    await store.add(heard("m1", "first"))
    assert await store.add(heard("m1", "second")) == [False]
    assert (await _kept(store, MentionRecord, "m1")).mention.text == "first"


async def test_one_known_record_never_stops_its_batch(store: Store) -> None:
    await store.add(heard("m2"))
    batch: list[Any] = [heard("m1"), heard("m2"), Kept("k"), heard("m3"), heard("m3"), Kept("k")]
    assert await store.add(*batch) == [True, False, True, True, False, False]
    assert await store.count(MentionRecord) == 3


async def test_an_empty_batch_is_no_work(store: Store) -> None:
    assert await store.add() == []


async def test_a_person_has_one_active_case_per_problem(store: Store) -> None:
    assert await store.add(case("c1"), case("c2"), case("c3", person_id="p2")) == [True, False, True]


async def test_cases_that_are_over_do_not_collide(store: Store) -> None:
    over = [case(f"c{n}", status=CaseStatus.CLOSED) for n in range(3)]
    assert await store.add(*over, case("c9")) == [True] * 4


async def test_a_component_has_one_live_signal(store: Store) -> None:
    assert await store.add(signal("s1"), signal("s2")) == [True, False]
    await store.replace(replace(signal("s1"), state=SignalState.CLOSED))
    assert await store.add(signal("s2")) == [True]


async def test_replacing_counts_the_version(store: Store) -> None:
    await store.add(case())
    assert await store.replace(case(text="new"))
    known = await _kept(store, Case, "c1")
    assert (known.text, known.version) == ("new", 1)
    assert await store.replace(replace(known, text="newer"))
    assert (await _kept(store, Case, "c1")).version == 2


async def test_a_stale_record_is_not_written(store: Store) -> None:
    await store.add(case())
    await store.replace(case(text="first"))
    assert not await store.replace(case(text="second"))
    assert (await _kept(store, Case, "c1")).text == "first"


async def test_a_record_that_is_gone_is_not_brought_back_by_replacing(store: Store) -> None:
    assert not await store.replace(case())
    assert await store.count(Case) == 0


async def test_replacing_never_breaks_a_unique_key(store: Store) -> None:
    closed = case("c2", status=CaseStatus.CLOSED)
    await store.add(case("c1"), closed)
    assert not await store.replace(replace(closed, status=CaseStatus.OPEN))
    assert (await _kept(store, Case, "c2")) == closed


async def test_replaced_fields_are_found_by_their_new_value(store: Store) -> None:
    await store.add(heard())
    await store.replace(heard(classification=meaning(component="delivery")))
    assert await store.count(MentionRecord, Where("component", "eq", None)) == 0
    assert await store.count(MentionRecord, Where("component", "eq", "delivery")) == 1


async def test_moments_are_kept_to_the_millisecond_in_utc(store: Store) -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    await store.add(heard(at=datetime(2026, 3, 21, 15, 30, 0, 123_999, tzinfo=tehran)))
    at = (await _kept(store, MentionRecord, "m1")).mention.created_at
    assert at == NOON.replace(microsecond=123_000)
    assert at.utcoffset() == timedelta(0)


HOSTILE = [
    "nul \0 byte", "lone \ud800 surrogate \udfff", "pair \ud83d\ude00", "'; DROP TABLE mentions; --", "$where",
    "a.b.$c", "{\"$gt\": 1}",
    "\u202eevil\u202c", "﷽" * 50, "🏳️‍🌈👩‍👩‍👧", "İıŞşĞğ", "می‌خواهم", "\r\n\t\x1b[31m", "\ufeffbom\uffff", "", " ",
    '"', "\\", "%s %(x)s {0}", "\U0010ffff",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_hostile_text_breaks_nothing(store: Store, text: str) -> None:
    record = heard(f"id {text}", text, person_id=text, classification=meaning(component=text))
    assert await store.add(record, Kept(f"kept {text}", {text: [text, {text: text}]})) == [True, True]
    known = await _kept(store, MentionRecord, record.id)
    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
    assert known.mention.text == clean
    assert await store.find(MentionRecord, Where("person_id", "eq", text)) == [known]
    assert await store.group_count(MentionRecord, "component", Where("component", "in_", [text])) == {clean: 1}
    assert (await _kept(store, Kept, f"kept {text}")).value == {clean: [clean, {clean: clean}]}
    assert await store.replace(known)
    assert await store.search_mentions(text, 5) in ([], [replace(known, version=1)])


async def test_numbers_beyond_64_bits_and_moments_at_the_edge_of_time_are_kept_within(store: Store) -> None:
    edge = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=3, minutes=30)))
    odd = replace(heard(at=edge).mention, rating=10**40)
    assert await store.add(replace(heard(), mention=odd)) == [True]
    known = await _kept(store, MentionRecord, "m1")
    assert known.mention.rating == 2**63 - 1
    assert known.mention.created_at.year == 1


async def test_a_large_record_is_kept(store: Store) -> None:
    text = "büyük " * 400_000
    await store.add(heard(text=text))
    assert (await _kept(store, MentionRecord, "m1")).mention.text == text


async def test_a_record_too_large_is_refused_alone(store: Store) -> None:
    giant = heard("giant", "x" * (MAX_BYTES + 1))
    assert await store.add(heard("m1"), giant, heard("m2")) == [True, False, True]
    with pytest.raises(PermanentError, match="giant has 12 MB"):
        await store.replace(giant)


async def test_a_record_with_a_value_that_cannot_be_kept_is_refused_alone(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    batch: list[Any] = [Kept("k1", {"z": 1j}), heard("m1"), heard("m2", text=5)]  # type: ignore[arg-type]
    assert await store.add(*batch) == [False, True, False]
    assert "Kept k1 is not kept: a complex cannot be kept in a record" in caplog.text


async def test_an_unknown_kind_is_a_clear_mistake(store: Store) -> None:
    with pytest.raises(ValueError, match="Actor is not a kind of record"):
        await store.get(Actor, "x")  # type: ignore[type-var]


async def test_closing_twice_does_no_harm(store_url: str) -> None:
    store = await open_store(store_url)
    await store.close()
    await store.close()


async def test_what_was_written_is_there_after_reopening(store: Store, store_url: str) -> None:
    await store.add(*one_of_each())
    again = await open_store(store_url)
    for record in one_of_each():
        assert await again.get(type(record), record.id) == record
    await again.close()


# update: read, change, compare-and-set


async def test_update_gives_the_record_as_it_is_stored(store: Store) -> None:
    await store.add(case())
    changed = await update(store, Case, "c1", lambda c: claim(c, Actor("U1", "Ana"), after(1)))
    assert changed.version == 1
    assert await store.get(Case, "c1") == changed


async def test_update_without_a_change_writes_nothing(store: Store) -> None:
    await store.add(case())
    assert await update(store, Case, "c1", lambda c: replace(c)) == case()
    assert (await _kept(store, Case, "c1")).version == 0


async def test_update_of_nothing_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="no Case c1"):
        await update(store, Case, "c1", lambda c: c)


async def test_update_that_never_gets_its_turn_gives_up(store: Store) -> None:
    await store.add(case("c1"), case("c2", status=CaseStatus.CLOSED))
    with pytest.raises(TemporaryError, match="changed by others"):
        await update(store, Case, "c2", lambda c: replace(c, status=CaseStatus.OPEN), tries=2)


async def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told(store: Store, store_url: str) -> None:
    await store.add(case())
    rival = await open_store(store_url)
    ana, ben = Actor("U1", "Ana"), Actor("U2", "Ben")
    outcomes = await asyncio.gather(
        update(store, Case, "c1", lambda c: claim(c, ana, after(1))),
        update(rival, Case, "c1", lambda c: claim(c, ben, after(1))),
        return_exceptions=True,
    )
    await rival.close()
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    winner = (await _kept(store, Case, "c1")).assignee
    assert len(refusals) == 1
    assert winner is not None
    assert winner.name in str(refusals[0])


async def test_no_change_of_many_at_once_is_lost(store: Store) -> None:
    await store.add(Person("p1", "Ayşe", "mastodon", NOON, NOON))

    def count(person: Person) -> Person:
        return replace(person, mentions=person.mentions + 1)

    await asyncio.gather(*(update(store, Person, "p1", count, tries=60) for _ in range(12)))
    person = await _kept(store, Person, "p1")
    assert (person.mentions, person.version) == (12, 12)


async def test_the_same_record_added_by_two_at_once_is_stored_once(store: Store, store_url: str) -> None:
    rival = await open_store(store_url)
    both = await asyncio.gather(store.add(signal("s1")), rival.add(signal("s2")))
    await rival.close()
    assert sorted(both) == [[False], [True]]
    assert await store.count(Signal) == 1


async def _kept(store: Store, kind: type[Any], id: str) -> Any:
    known = await store.get(kind, id)
    assert known is not None
    return known
