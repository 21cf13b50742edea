"""Hostile text stays text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.text import clean, escape, fit, isolate, link, one_line, phrase, plain, quote, web_url
from tests.alerts.records import HOSTILE

ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=400)


@pytest.mark.parametrize(
    ("hostile", "safe"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U123>", "&lt;@U123&gt;"),
        ("<https://evil.example|Bank>", "&lt;https://evil.example|Bank&gt;"),
        ("a & b &amp; c", "a &amp; b &amp;amp; c"),
        ("@channel now", "@\u2060channel now"),
        ("@Here", "@\u2060Here"),
        ("mail@hereford.example", "mail@hereford.example"),
        ("*bold*", "∗bold∗"),
        ("_it_ ~no~ `x`", "ˍitˍ ∼no∼ ˋxˋ"),
        ("snake_case 5*3 a~b", "snake_case 5*3 a~b"),
        ("a\u202eb\u2066c\u2069", "abc"),
        ("bell\x07 null\x00 escape\x1b[31m", "bell null escape[31m"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("Z" + "\u0301" * 50, "Z" + "\u0301" * 3),
        ("half \ud800 pair", "half  pair"),
        ("نمی‌شود", "نمی‌شود"),
    ],
)
def test_hostile_text_loses_its_powers_and_keeps_its_words(hostile: str, safe: str) -> None:
    assert escape(hostile) == safe


@given(ANY)
def test_no_text_keeps_a_bracket_a_control_character_or_a_bidi_override(text: str) -> None:
    safe = escape(text)
    assert not re.search("[<>\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff`]", safe)
    assert re.sub("&(amp|lt|gt);", "", safe).count("&") == 0
    safe.encode("utf-8")


@given(ANY, st.integers(min_value=8, max_value=60))
def test_cut_text_fits_and_never_ends_inside_an_entity(text: str, limit: int) -> None:
    safe = fit(text * 3, limit)
    assert len(safe) <= limit
    assert re.sub("&(amp|lt|gt);", "", safe).count("&") == 0


def test_a_short_text_is_not_cut_and_a_long_one_says_so() -> None:
    assert fit("all of it", 9) == "all of it"
    assert fit("all of it and more", 9) == "all of i…"
    assert fit("ab&&&&", 8) == "ab&amp;…"


def test_right_to_left_words_are_fenced_and_others_are_not() -> None:
    assert isolate("سلام") == "\u2068سلام\u2069"
    assert isolate("hello") == "hello"
    assert phrase("سلام", 40) == "\u2068سلام\u2069"


def test_plain_text_is_one_line_and_never_empty() -> None:
    assert plain("two\nlines  here", 40) == "two lines here"
    assert plain("x" * 40, 10) == "x" * 9 + "…"
    assert [plain(text, 40) for text in ("", " \n", "\x00\u202e")] == ["–"] * 3


def test_a_quote_marks_each_line_and_drops_empty_ones() -> None:
    assert quote("one\n\n\ntwo") == "> one\n> two"
    assert quote("") == "> _(no text)_"
    assert quote("\n".join("abcdef"), lines=3) == "> a\n> b\n> c\n> …"


def test_a_quote_in_a_quote_does_not_swallow_what_follows() -> None:
    assert quote(">>> mine now") == "> &gt;&gt;&gt; mine now"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_quote_of_hostile_text_stays_within_a_block(hostile: str) -> None:
    assert 0 < len(quote(hostile, 1500)) < 2000
    assert all(line.startswith("> ") for line in quote(hostile).split("\n"))


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "data:text/html,x", "ftp://x.example", "https://", "https://[",
     "http://a b.example", "https://x.example/\u202egpj", "https://x.example/" + "a" * 3000, "//x.example", "https://x.example\n"],
)  # fmt: skip
def test_what_is_no_web_address_is_not_linked(url: str | None) -> None:
    assert web_url(url) is None
    assert link(url, "Open") == "Open"


def test_an_address_cannot_break_out_of_its_link() -> None:
    assert link("https://x.example/?a=1&b=2", "Open") == "<https://x.example/?a=1&amp;b=2|Open>"
    assert link("https://x.example/a|b>c<d", "Open") == "<https://x.example/a%7Cb%3Ec%3Cd|Open>"


def test_one_line_folds_white_space() -> None:
    assert one_line(" a\t b\n\nc ") == "a b c"
    assert clean("a\tb\nc") == "a b\nc"
