"""Reading foreign data: paths, moments, and pages that survive their worst item."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import PermanentError
from domain.heard.mention import Author, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.items import (
    MAX_RAW,
    BadItem,
    collect,
    dig,
    kind_of,
    list_at,
    moment_at,
    moment_of,
    needed,
    number_at,
    raw_of,
    stars,
    text_at,
    web_url,
)
from tests.listener.service import NOW, ORIGIN

TEN = datetime(2026, 11, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-02T10:00:00Z", TEN),
        ("2026-11-02T13:00:00+03:00", TEN),
        ("2026-11-02 10:00:00", TEN),
        ("Mon, 02 Nov 2026 10:00:00 GMT", TEN),
        (1793613600, TEN),
        (1793613600.0, TEN),
        (1793613600000, TEN),
        ("1793613600", TEN),
        ("yesterday", None),
        ("", None),
        (True, None),
        (None, None),
        ([], None),
        (1e300, None),
        (float("nan"), None),
        (float("inf"), None),
        ("9999-12-31T23:59:59-12:00", None),
        ("0001-01-01T00:00:00+12:00", None),
        (-(10**40), None),
        ("2026-13-45", None),
    ],
)
def test_moments_in_every_usual_form_become_utc(value: object, moment: datetime | None) -> None:
    assert moment_of(value) == moment


def test_paths_end_quietly_where_the_data_ends() -> None:
    data = {"a": [{"b": "x"}], "n": 7, "t": True, "big": 10**30}
    assert dig(data, "a", 0, "b") == "x"
    assert dig(data, "a", 5, "b") is None
    assert dig(data, "n", "deeper") is None
    assert text_at(data, "n") == "7"
    assert (text_at(data, "t"), text_at(data, "big"), text_at(None, "x")) == ("", "", "")
    assert number_at(data, "n") == 7
    assert number_at({"n": "-12"}, "n") == -12
    assert number_at({"n": "twelve"}, "n") is None


def test_missing_values_are_named() -> None:
    with pytest.raises(BadItem, match=r"`account\.acct` is missing"):
        needed({"account": {}}, "account", "acct")
    with pytest.raises(BadItem, match="`at` is no readable date"):
        moment_at({"at": "soon"}, "at")
    with pytest.raises(PermanentError, match="`posts` should be a list"):
        list_at({"posts": {}}, "posts")


def test_one_bad_item_never_loses_its_page() -> None:
    def parse(item: object) -> Mention | None:
        return ORIGIN.mention(needed(item, "id"), Author("u"), needed(item, "text"), NOW) if item != "skip" else None

    parsed = collect([{"id": "1", "text": "a"}, {"id": 2}, "skip", 3, {"id": "1", "text": "a"}], parse)
    assert [mention.native_id for mention in parsed.mentions] == ["1"]
    assert [aside.reason for aside in parsed.set_aside] == [
        "`text` is missing or no text",
        "`id` is missing or no text",
    ]
    assert parsed.set_aside[0].raw == '{"id": 2}'


def test_raw_forms_are_short_and_safe() -> None:
    assert len(raw_of({"x": "y" * 10_000})) == MAX_RAW
    assert raw_of(b"\xff\x00{") == "\ufffd{"
    assert raw_of({"x": "\ud800"}) == '{"x": "\ufffd"}'


def test_a_mention_from_the_future_counts_as_said_now() -> None:
    assert ORIGIN.mention("1", Author("u"), "x", NOW + timedelta(days=400)).created_at == NOW


@pytest.mark.parametrize(
    ("native_id", "author", "text", "reason"),
    [("", "u", "x", "no id"), ("1", " ", "x", "no author"), ("1", "u", "\x00\n", "no text")],
)
def test_what_cannot_be_a_mention_says_why(native_id: str, author: str, text: str, reason: str) -> None:
    with pytest.raises(BadItem, match=reason):
        ORIGIN.mention(native_id, Author(author), text, NOW)


def test_foreign_names_and_addresses_are_made_harmless() -> None:
    author = Author("u", "Evil\u202e\nName", "e\x00vil", None, "javascript:alert(1)")
    mention = ORIGIN.mention("1", author, "x", NOW, url="data:text/html,x", language="tr-TR")
    assert mention.author == Author("u", "Evil Name", "evil", None, None)
    assert (mention.url, mention.language) == (None, "tr")


@pytest.mark.parametrize(
    ("value", "ok"),
    [("https://x.example/a?b#c", True), ("HTTP://X", True), ("javascript:x", False), ("https://a b", False),
     ('https://x"onload=', False), ("", False), (None, False)],
)  # fmt: skip
def test_only_web_addresses_pass(value: str | None, ok: bool) -> None:
    assert web_url(value) == (value if ok else None)


def test_ratings_and_kinds_outside_the_known_are_dropped() -> None:
    assert [stars(n) for n in (0, 1, 5, 6, None)] == [None, 1, 5, None, None]
    assert kind_of(" Review ") is MentionKind.REVIEW
    assert kind_of("shout") is None


def test_cursors_round_trip_and_broken_ones_start_afresh() -> None:
    assert read_cursor(write_cursor(a=1, b=None, c="x")) == {"a": 1, "c": "x"}
    assert [read_cursor(broken) for broken in (None, "", "{", "[1]", "7", "[" * 100_000)] == [{}] * 6


@given(st.one_of(st.text(st.characters(), max_size=40), st.floats(), st.integers(), st.booleans()))
def test_any_value_is_a_moment_or_none(value: object) -> None:
    moment = moment_of(value)
    assert moment is None or moment.tzinfo is not None
