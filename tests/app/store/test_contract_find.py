"""What every store must do when it is asked: conditions, None, order, paging, counting, forgetting, search."""

from __future__ import annotations

from typing import Any

import pytest

from app.store import Store, Where
from domain.care.case import ACTIVE, Case, CaseStatus
from domain.heard.mention import MentionRecord, Stage
from domain.records import Person
from tests.app.store.records import NOON, after, case, heard, meaning

PAST = CaseStatus.CLOSED
CASES = [
    case("a", person_id="p1", updated_at=None, component=None),
    case("b", person_id="p2", updated_at=after(1), component="login"),
    case("c", person_id="p3", updated_at=after(2), component="payments"),
    case("d", person_id="p4", updated_at=after(2), component="payments", status=PAST, incident_id="i1"),
]
ASKED: list[tuple[list[Where], str]] = [
    ([], "abcd"),
    ([Where("component", "eq", "payments")], "cd"),
    ([Where("component", "ne", "payments")], "ab"),
    ([Where("component", "eq", None)], "a"),
    ([Where("component", "ne", None)], "bcd"),
    ([Where("component", "in_", ["login", "payments"])], "bcd"),
    ([Where("component", "in_", ["login", None])], "ab"),
    ([Where("component", "in_", [])], ""),
    ([Where("component", "in_", frozenset({"nothing"}))], ""),
    ([Where("component", "lt", "m")], "b"),
    ([Where("updated_at", "lt", after(2))], "b"),
    ([Where("updated_at", "le", after(2))], "bcd"),
    ([Where("updated_at", "gt", after(1))], "cd"),
    ([Where("updated_at", "ge", after(1))], "bcd"),
    ([Where("updated_at", "eq", after(1))], "b"),
    ([Where("updated_at", "in_", [after(1), None])], "ab"),
    ([Where("updated_at", "lt", None)], ""),
    ([Where("updated_at", "le", None)], ""),
    ([Where("updated_at", "gt", None)], ""),
    ([Where("updated_at", "ge", None)], ""),
    ([Where("status", "eq", CaseStatus.OPEN)], "abc"),
    ([Where("status", "in_", ACTIVE)], "abc"),
    ([Where("open_key", "eq", "p2|login")], "b"),
    ([Where("id", "in_", ["a", "d", "z"])], "ad"),
    ([Where("id", "gt", "b")], "cd"),
    ([Where("status", "eq", "open"), Where("component", "ne", None), Where("updated_at", "gt", after(1))], "c"),
    ([Where("updated_at", "ge", after(1)), Where("updated_at", "lt", after(2))], "b"),
]


@pytest.mark.parametrize(("where", "expected"), ASKED, ids=lambda value: str(value)[:60])
async def test_conditions_choose_the_records_that_meet_all_of_them(
    store: Store, where: list[Where], expected: str
) -> None:
    await store.add(*CASES)
    assert sorted(known.id for known in await store.find(Case, *where)) == list(expected)
    assert await store.count(Case, *where) == len(expected)


async def test_a_flag_is_asked_for_by_true_and_false(store: Store) -> None:
    await store.add(heard("m1", own=True), heard("m2"), heard("m3", classification=meaning(is_complaint=False)))
    assert await _ids(store, Where("own", "eq", True)) == ["m1"]
    assert await _ids(store, Where("own", "in_", [False])) == ["m2", "m3"]
    assert await _ids(store, Where("is_complaint", "eq", False)) == ["m3"]
    assert await _ids(store, Where("is_complaint", "ne", False)) == ["m1", "m2"]


ORDERS = [
    ("updated_at", "abcd"), ("-updated_at", "dcba"), ("id", "abcd"), ("-id", "dcba"), ("component", "abcd"),
    ("-component", "dcba"), ("opened_at", "abcd"), ("-opened_at", "dcba"),
]  # fmt: skip


@pytest.mark.parametrize(("order", "expected"), ORDERS)
async def test_order_puts_none_first_and_ties_by_id(store: Store, order: str, expected: str) -> None:
    await store.add(*reversed(CASES))
    assert "".join(known.id for known in await store.find(Case, order=order)) == expected


async def test_text_is_ordered_by_code_point(store: Store) -> None:
    words = ["a", "Z", "é", "z", "ا", "😀", "ی"]
    await store.add(*(heard(f"m{n}", person_id=word) for n, word in enumerate(words)))
    found = await store.find(MentionRecord, order="person_id")
    assert [known.person_id for known in found] == sorted(words)


async def test_pages_show_every_record_once(store: Store) -> None:
    await store.add(*(heard(f"m{n:02}") for n in range(25)))
    pages = [await store.find(MentionRecord, order="-created_at", limit=10, skip=skip) for skip in (0, 10, 20, 30)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert [known.id for page in pages for known in page] == [f"m{n:02}" for n in reversed(range(25))]


async def test_a_limit_of_none_at_all_gives_nothing_and_skip_works_alone(store: Store) -> None:
    await store.add(*CASES)
    assert await store.find(Case, limit=0) == []
    assert [known.id for known in await store.find(Case, order="id", skip=3)] == ["d"]


MISTAKES: list[tuple[Where, str]] = [
    (Where("text", "eq", "x"), "cases cannot be asked for 'text'; declared are: id, status"),
    (Where("id; DROP TABLE cases", "eq", "x"), "cannot be asked for"),
    (Where("status", "like", "x"), "'like' is no operator; known are: eq"),  # type: ignore[arg-type]
    (Where("status", "in_", "open"), "in_ takes a collection"),
    (Where("status", "in_", None), "in_ takes a collection"),
    (Where("status", "eq", ["open"]), "the others one value"),
    (Where("due_at", "lt", "2026-03-21"), "due_at is a datetime, not '2026-03-21'"),
    (Where("due_at", "in_", [NOON, 5]), "due_at is a datetime, not 5"),
    (Where("status", "eq", True), "status is a str, not True"),
]


@pytest.mark.parametrize(("where", "message"), MISTAKES, ids=lambda value: str(value)[:40])
async def test_a_wrong_question_is_a_clear_mistake(store: Store, where: Where, message: str) -> None:
    for ask in (store.find, store.count, store.delete):
        with pytest.raises(ValueError, match=message):
            await ask(Case, where)


async def test_wrong_fields_to_order_or_group_by_are_clear_mistakes(store: Store) -> None:
    with pytest.raises(ValueError, match="cannot be asked for 'text'"):
        await store.find(Case, order="-text")
    with pytest.raises(ValueError, match="due_at is a datetime; only text can be counted"):
        await store.group_count(Case, "due_at")


async def test_group_count_counts_per_value_and_those_without_one(store: Store) -> None:
    await store.add(*CASES)
    assert await store.group_count(Case, "component") == {"": 1, "login": 1, "payments": 2}
    assert await store.group_count(Case, "component", Where("status", "eq", "open")) == {
        "": 1, "login": 1, "payments": 1,
    }  # fmt: skip
    assert await store.group_count(Case, "incident_id", Where("component", "eq", "none")) == {}


async def test_deleting_forgets_only_what_matches(store: Store) -> None:
    await store.add(*CASES, heard())
    assert await store.delete(Case, Where("updated_at", "lt", after(2))) == 1
    assert await store.delete(Case, Where("updated_at", "lt", after(2))) == 0
    assert sorted(known.id for known in await store.find(Case)) == ["a", "c", "d"]
    assert await store.delete(Case) == 3
    assert await store.count(MentionRecord) == 1


async def test_the_oldest_people_can_be_forgotten(store: Store) -> None:
    await store.add(*(Person(f"p{n}", "", "x", NOON, after(n)) for n in range(5)))
    assert await store.delete(Person, Where("last_seen", "lt", after(3))) == 3


SAID = {
    "m1": "Ödeme sistemi ÇÖKTÜ, IŞIK yok, ısınma yok",
    "m2": "ödeme geçti, teşekkürler",
    "m3": "پرداخت‌های من انجام نمي‌شود كتاب",
    "m4": "سلام، پرداخت مشکلی ندارد",
    "m5": "Payment_page is down at café #fail 503",
    "m6": "no words here 😀",
}
SEARCHES = [
    ("çöktü", ["m1"]), ("coktu", ["m1"]), ("ÇÖKTÜ", ["m1"]), ("COKTU odeme", ["m1"]), ("ödeme", ["m1", "m2"]),
    ("isik", ["m1"]), ("ışık", ["m1"]), ("IŞIK", ["m1"]), ("ısın", ["m1"]), ("tesekkur", ["m2"]),
    ("پرداخت", ["m3", "m4"]), ("پرداخت کتاب", ["m3"]), ("كتاب", ["m3"]), ("نمی‌شود", ["m3"]), ("نمي شود", ["m3"]),
    ("cafe", ["m5"]), ("#fail", ["m5"]), ("page", ["m5"]), ("pay", ["m5"]), ("ayment", []), ("503", ["m5"]),
    ("down payment", ["m5"]), ("down ödeme", []), ("😀", []), ("", []), ('"', []), ("OR AND NOT NEAR(", []),
    (".*", []), ("pay*", ["m5"]), ("words:here", ["m6"]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), SEARCHES)
async def test_search_finds_the_beginnings_of_words_in_any_spelling(
    store: Store, words: str, expected: list[str]
) -> None:
    await store.add(*(heard(id, text, after(-n)) for n, (id, text) in enumerate(SAID.items())))
    assert [known.id for known in await store.search_mentions(words, 10)] == expected


async def test_search_gives_the_newest_first_up_to_its_limit(store: Store) -> None:
    await store.add(*(heard(f"m{n}", "ödeme yok", after(n)) for n in range(5)))
    assert [known.id for known in await store.search_mentions("ödeme", 2)] == ["m4", "m3"]
    assert await store.search_mentions("ödeme", 0) == []
    assert await store.search_mentions("ödeme", -1) == []


async def test_search_follows_edits_and_forgets_what_is_deleted(store: Store) -> None:
    await store.add(heard("m1", "ödeme yok"), heard("m2", "ödeme var"))
    await store.replace(heard("m1", "kargo yok", stage=Stage.UNDERSTOOD))
    assert [known.id for known in await store.search_mentions("kargo", 5)] == ["m1"]
    assert [known.id for known in await store.search_mentions("ödeme", 5)] == ["m2"]
    await store.delete(MentionRecord, Where("id", "eq", "m2"))
    assert await store.search_mentions("ödeme", 5) == []


async def _ids(store: Store, *where: Where) -> list[Any]:
    return [known.id for known in await store.find(MentionRecord, *where, order="id")]
