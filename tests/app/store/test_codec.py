"""Records as plain data and back, over all shapes a record can take."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.store.codec import packed, plain, record_of, safe, unpacked, whole, words_of
from app.store.schema import TABLES
from domain.errors import PermanentError
from domain.heard.mention import MentionRecord
from domain.records import Kept
from tests.app.store.records import NOON, heard, meaning

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT, bool: st.booleans(), int: st.integers(-(2**63) + 1, 2**63 - 1), type(None): st.none(),
    float: st.floats(allow_nan=False), object: JSON_VALUES,
    datetime: st.datetimes(timezones=st.just(UTC)).map(whole),
}  # fmt: skip


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Give all values a field of this type can have."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint in SIMPLE:
        return SIMPLE[hint]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{field.name: values_of(hints[field.name]) for field in dataclasses.fields(hint)})  # type: ignore[arg-type]
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*map(values_of, args))
    if origin is tuple:
        return st.lists(values_of(args[0]), max_size=2).map(tuple)
    assert origin is Mapping, hint
    return st.dictionaries(values_of(args[0]), values_of(args[1]), max_size=2)


RECORDS = st.one_of(*(values_of(table.kind) for table in TABLES))


@given(RECORDS)
@settings(max_examples=150, deadline=None)
def test_any_record_is_equal_after_a_round_trip_in_either_form(record: Any) -> None:
    kind, body = type(record), plain(record)
    assert unpacked(kind, packed(body)) == record
    assert record_of(kind, body) == record
    assert record_of(kind, json.loads(packed(body))) == record


@given(st.text())
def test_safe_text_is_storable_and_stays_as_it_is(text: str) -> None:
    clean = safe(text)
    assert "\0" not in clean
    clean.encode()
    assert safe(clean) == clean


@given(st.datetimes(timezones=st.timezones() | st.none()))
def test_whole_moments_are_utc_to_the_millisecond_and_stay_so(moment: datetime) -> None:
    cut = whole(moment)
    assert cut.utcoffset() == timedelta(0)
    assert cut.microsecond % 1000 == 0
    assert whole(cut) == cut


def test_tuples_enums_and_their_keys_come_back_as_such() -> None:
    record = heard(classification=meaning(), edits=("a", "b"))
    known = unpacked(MentionRecord, packed(plain(record)))
    assert isinstance(known.edits, tuple)
    assert known.classification is not None
    assert {type(key) for key in known.classification.sentiment_scores} == {type(meaning().sentiment)}


def test_not_a_number_survives() -> None:
    known = unpacked(MentionRecord, packed(plain(heard(classification=meaning(complaint=float("nan"))))))
    assert known.classification is not None
    assert known.classification.complaint != known.classification.complaint


def test_loose_values_are_kept_as_json_has_them() -> None:
    kept = Kept("k", {"at": NOON, "pair": (1, 2), "some": frozenset({"x"})})
    assert plain(kept)["value"] == {"at": "2026-03-21T12:00:00.000+00:00", "pair": [1, 2], "some": ["x"]}


def test_what_cannot_be_kept_is_a_clear_mistake() -> None:
    with pytest.raises(TypeError, match="a complex cannot be kept"):
        plain(Kept("k", {"z": 1j}))


def test_fields_of_an_older_and_of_a_newer_hubbub_are_bridged() -> None:
    body = plain(heard())
    del body["edits"]
    assert record_of(MentionRecord, {**body, "invented_later": 1}) == heard()


def test_a_damaged_record_says_where_without_its_words() -> None:
    body = plain(heard(text="my card number is 4242"))
    body["stage"] = "lost"
    with pytest.raises(PermanentError, match=r"A stored MentionRecord cannot be read: stage: Input should be") as err:
        record_of(MentionRecord, body)
    assert "4242" not in str(err.value)


WORDS = [
    ("Ödeme ÇÖKTÜ!", ["odeme", "coktu"]), ("İstanbul ILIK", ["istanbul", "ilik"]),
    ("نمي‌شود", ["نمی", "شود"]), ("user_name@x.org", ["user", "name", "x", "org"]), ("😀 --", []),
    ("x\ud800y", ["x", "y"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WORDS, ids=lambda value: ascii(value)[:30])
def test_words_are_folded_the_same_for_both_stores(text: str, words: list[str]) -> None:
    assert words_of(text) == words
