"""Customers' own words in a review: few, short, masked, languages in turn."""

from __future__ import annotations

import pytest

from domain.review.quotes import QUOTE_LENGTH, QUOTES, quotes, shortened
from tests.domain.make import meaning
from tests.domain.review.review_story import at, says


def test_languages_take_turns_and_each_person_speaks_once() -> None:
    said = [says(f"en{n}", n, f"declined {n}") for n in range(9)] + [
        says("en0", 0.5, "again me"), says("tr", 20, "çalışmıyor", language="tr"),
        says("fa", 30, "نمی‌شود", language="fa"),
    ]  # fmt: skip
    found = quotes(said)
    assert [quote.language for quote in found] == ["en", "en", "en", "en", "tr", "fa"]
    assert [quote.text for quote in found][:2] == ["declined 0", "declined 1"]
    assert len(found) == QUOTES
    assert [quote.at for quote in found] == sorted(quote.at for quote in found)


def test_the_surest_complaint_of_a_language_is_taken_first() -> None:
    said = [
        says("a", 0, "hm", meaning=meaning(complaint=0.6)),
        says("b", 5, "declined", meaning=meaning(complaint=0.99)),
    ]
    assert [quote.text for quote in quotes(said, most=1)] == ["declined"]


def test_copies_erased_and_empty_ones_are_not_quoted() -> None:
    said = [says("a", 0, duplicate_of="men_x"), says("b", 1, "", deleted_at=at(2)), says("c", 2, "  \n")]
    assert quotes(said) == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("call me on +90 532 123 45 67 please", "call me on [phone] please"),
        ("zeynep@mail.example was charged", "[mail] was charged"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),  # text stays text; whoever shows it escapes it
        ("two\n\nlines\tand  more", "two lines and more"),
        ("I press Confirm.… I press Confirm. Nothing", "I press Confirm. Nothing"),  # a feed's title and its text
    ],
)
def test_a_quote_is_one_masked_line(text: str, shown: str) -> None:
    assert quotes([says("a", 0, text)])[0].text == shown


def test_what_is_masked_is_never_cut_in_half() -> None:
    card = "4111 1111 1111 1111"
    text = "x" * (QUOTE_LENGTH - 12) + " " + card
    shown = quotes([says("a", 0, text)])[0].text
    assert "4111" not in shown


def test_long_words_are_cut_at_the_end_of_a_word() -> None:
    assert shortened("one two three four", 12) == "one two…"
    assert shortened("a" * 20, 10) == "a" * 9 + "…"
    assert shortened("short", 12) == "short"
