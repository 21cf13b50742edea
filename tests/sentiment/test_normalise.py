"""What the tokenizer gets to see."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.normalise import lower, name_rare_emoji, normalise

SAME_MEANING = [
    ("masks as in training data", "en", "@BankHelp see https://t.co/x or a.b@c.org, 0812 345 6789", None),
    ("Turkish capitals", "tr", "İNTERNET ÇÖKTÜ YİNE", "internet çöktü yine"),
    ("Turkish dotless i", "tr", "IŞIKLAR SÖNDÜ KAPANDI", "ışıklar söndü kapandı"),
    ("English capitals", "en", "INTERNET IS DOWN", "internet is down"),
    ("a few capitals stay", "en", "My VPN is down", "My VPN is down"),
    ("Arabic ye and kaf in Persian", "fa", "كيفيت خيلي بد", "کیفیت خیلی بد"),
    ("Arabic keeps its letters", "ar", "كيفية", "كيفية"),
    ("Persian letters in Arabic text", "ar", "کیف", "كيف"),
    ("half-space opens", "fa", "نمی\u200cشود", "نمی شود"),
    ("Persian digits", "fa", "۲ ساعت", "2 ساعت"),
    ("Arabic digits", "ar", "٣ ساعات", "3 ساعات"),
    ("tatweel and vowel marks", "fa", "ســـلامٌ", "سلام"),
    ("letters drawn out", "en", "soooooo baaaad", "soo baad"),
    ("signs drawn out", "en", "why?!!!!!!!!", "why?!!!"),
    ("mojibake", "en", "donâ€™t", "don't"),
    ("skin tones and variation selectors", "en", "👍🏽 ❤️", "👍 ❤"),
    ("control characters", "en", "a\x00b\x07c\u2028d", "abc d"),
    ("direction marks", "fa", "\u202bسلام\u202c\u200f", "سلام"),
    ("white space", "en", "  a \n\t b  ", "a b"),
    ("nothing", "en", "", ""),
]


@pytest.mark.parametrize(("why", "language", "text", "wanted"), SAME_MEANING, ids=[row[0] for row in SAME_MEANING])
def test_text_is_folded_where_writing_differs_but_meaning_does_not(
    why: str, language: str, text: str, wanted: str | None
) -> None:
    found = normalise(text, language)
    if wanted is None:
        assert found == "@user see http or <email>, <number>"
    else:
        assert found == wanted, why


def test_masked_text_stays_as_it_is() -> None:
    masked = "@user thanks http <email> <number>"
    assert normalise(masked, "en") == masked


def test_short_numbers_are_kept_because_they_say_how_much_and_how_long() -> None:
    assert normalise("charged 1299 after 3 days", "en") == "charged 1299 after 3 days"


def test_rare_emoji_become_words_and_known_ones_stay() -> None:
    assert normalise("ok 🪫 👍", "en", known_emoji=frozenset("👍")) == "ok low battery 👍"


def test_text_without_emoji_is_not_touched_by_naming() -> None:
    assert name_rare_emoji("çok güzel", frozenset()) == "çok güzel"


def test_turkish_lower_case_keeps_one_letter_one_letter() -> None:
    assert lower("İIiı", "tr") == "iıiı"
    assert len(lower("İ", "en")) == 1


@pytest.mark.parametrize("text", ["\ud83d", "a\udfffb", "\x00", "\u200c\u200c", "\ufeff", "😀" * 5000, "ا" * 20_000])
def test_hostile_text_is_taken(text: str) -> None:
    assert normalise(text, "unknown").encode("utf-8") is not None


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet=st.characters(), max_size=80), language=st.sampled_from(["en", "tr", "fa", "unknown"]))
def test_any_text_gives_clean_text(text: str, language: str) -> None:
    found = normalise(text, language)
    assert found == found.strip()
    assert not any(ord(sign) < 32 for sign in found)
    found.encode("utf-8")
