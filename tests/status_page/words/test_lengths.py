"""How long a post is as each platform counts: examples with known results, and rules that hold for any text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from status_page.words.lengths import (
    Measure,
    bluesky_length,
    fitting,
    graphemes,
    has_link,
    mastodon_length,
    telegram_length,
    x_length,
)

MEASURES: list[Measure] = [x_length, bluesky_length, mastodon_length, telegram_length, graphemes]
FAMILY, FLAG, THUMB, ENGLAND = "👨‍👩‍👧", "🇹🇷", "👍🏽", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
LINK = "https://status.acme.com/en/incidents/inc_0123456789abcdef0123.html"
LATIN = st.text(st.characters(max_codepoint=0x24F, categories=["L", "N"]), max_size=60)  # no dots, so no links
PERSIAN = st.text(st.sampled_from("پرداختهاانجامنمیشود\u200c ۰۱۲؟،"), max_size=60)
CJK = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=60)
EMOJI = st.lists(st.sampled_from([FAMILY, FLAG, THUMB, ENGLAND, "✅", "🐱", "❤️", "1️⃣"]), max_size=20)
anything = settings(deadline=None, max_examples=150)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("This is a test.", 15),
        ("https://test.com", 23),
        ("http://t.co", 23),
        (LINK, 23),
        ("test.com", 23),  # X makes a link of it
        ("Test https://test.com test https://test.com test.com test", 86),
        (f"Ödemeler çalışmıyor: {LINK}", 44),
        (f"پرداخت‌ها درست شد: {LINK}، ببینید", 50),
        ("の" * 140, 280),
        ("𝗼𝘁", 4),
        (FAMILY * 140, 280),
        (FLAG + THUMB + ENGLAND + "1️⃣" + "❤️", 10),
        ("🐱‍🐱", 5),  # no emoji of its own: two, joined by a character that counts one
        ("©®", 2),
        ("☺", 2),
        ("“quoted” – and more…", 21),  # “…” counts two
        ("\u2067fa\u2069", 6),  # the marks of right-to-left text count two
        ("e\u0301" * 10, 10),  # composed before it is counted
        ("payment.Please wait", 19),
        ("Node.js 3.5 v1.2.3 e.g. this", 28),
        ("a@acme.com @acme.com #acme.com", 30),
    ],
)
def test_x_counts_by_weights(text: str, length: int) -> None:
    assert x_length(text) == length


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://status.acme.com", True),
        ("see http://10.1.2.3/x", True),
        ("see acme.com", True),
        ("acme.com.tr", True),
        ("(acme.io)", True),
        ("ACME.COM!", True),
        ("acme.com/path?x=1", True),
        ("ödeme.com", True),
        ("acme. com", False),
        ("Node.js", False),
        ("fixed.Thanks", False),
        ("@acme.com", False),
        ("care@acme.com", False),
        ("12.30 or 3.5", False),
        ("https://", False),
        ("", False),
    ],
)
def test_a_link_is_what_x_makes_one_of(text: str, link: bool) -> None:
    assert has_link(text) is link


def test_an_address_nobody_can_reach_counts_as_long_as_it_is() -> None:
    long = "https://localhost:8080/en/incidents/inc_0123.html"
    assert x_length(long) == len(long)
    assert x_length("http://a.test") == 23


@anything
@given(LATIN)
def test_latin_letters_of_every_kind_count_one(text: str) -> None:
    assert x_length(text) == len(unicodedata.normalize("NFC", text))


@anything
@given(PERSIAN)
def test_persian_counts_one_with_its_joiners(text: str) -> None:
    assert x_length(text) == len(text)


@anything
@given(CJK)
def test_chinese_counts_two(text: str) -> None:
    assert x_length(text) == 2 * len(unicodedata.normalize("NFC", text))


@anything
@given(EMOJI)
def test_an_emoji_counts_two_for_x_and_one_for_bluesky_of_however_many_parts(emoji: list[str]) -> None:
    spaced = " ".join(emoji)
    spaces = max(len(emoji) - 1, 0)
    assert x_length(spaced) == 2 * len(emoji) + spaces
    assert graphemes(spaced) == len(emoji) + spaces


@anything
@given(LATIN, CJK, EMOJI)
def test_words_around_a_link_count_as_without_it(before: str, after: str, emoji: list[str]) -> None:
    after = f"{after} {' '.join(emoji)}"
    whole, parts = f"{before} {LINK} {after}", x_length(f"{before} ") + x_length(f" {after}")
    assert x_length(whole) == parts + 23
    assert mastodon_length(whole) == len(before) + len(after) + 2 + 23


@anything
@given(st.text(max_size=80), st.text(max_size=80))
@example("e", "\u0301")
@example("👨‍", "👩")
def test_joining_texts_never_makes_more_of_them_than_their_sum(one: str, two: str) -> None:
    for measure in (bluesky_length, telegram_length, graphemes):
        assert measure(one + two) <= measure(one) + measure(two)
        assert measure(one + two) >= max(measure(one), measure(two)) or measure is graphemes


@anything
@given(st.text(max_size=200))
def test_no_measure_breaks_and_x_is_never_below_its_characters(text: str) -> None:
    assert all(measure(text) >= 0 for measure in MEASURES)
    assert graphemes(text) <= len(text) <= telegram_length(text) <= 2 * len(text)
    assert bluesky_length(text) >= graphemes(text)
    plain = unicodedata.normalize("NFC", text)
    assert x_length(plain) == x_length(text)


@anything
@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=400))
def test_what_bluesky_takes_has_few_enough_graphemes_and_bytes(text: str) -> None:
    fits = graphemes(text) <= 300 and len(text.encode()) <= 3000
    assert (bluesky_length(text) <= 300) is fits


def test_many_bytes_in_few_graphemes_are_too_long_for_bluesky() -> None:
    family = "👩‍👩‍👧‍👦"  # 25 bytes
    assert (graphemes(family * 120), bluesky_length(family * 120)) == (120, 300)
    assert (graphemes(family * 121), bluesky_length(family * 121)) == (121, 303)


@anything
@given(st.text(max_size=300), st.integers(20, 200), st.sampled_from(MEASURES))
def test_what_is_made_to_fit_fits_and_nothing_longer_would(text: str, limit: int, measure: Measure) -> None:
    made = fitting(lambda room: text[:room], measure, limit, 0)
    assert measure(made) <= limit
    assert text.startswith(made)
    if measure is telegram_length:
        assert made == text or measure(text[: len(made) + 1]) > limit


def test_what_cannot_fit_is_given_as_short_as_it_gets() -> None:
    assert fitting(lambda room: "x" * max(room, 50), len, 20, 10) == "x" * 50
