"""Only the word for opting out stops our messages, with or without its quotes; a longer sentence never does."""

from __future__ import annotations

import pytest

from domain.care.follow_up import asks_to_stop


@pytest.mark.parametrize(
    "text",
    [
        "stop", "STOP", "@nar stop", "stop.", '"stop"', "'Stop'", "“stop”!", "stop please", "Please stop.",
        "stop, please", "dur", "“Dur”", "DUR!", "Durdurun", "dur lütfen", "Lütfen dur", "@nar „dur“", "لغو", "«لغو»",
        "لغو!", "لغو کنید", "لغو كنيد", "« لغو »", "stop?", "لغو؟",
    ],
)  # fmt: skip
def test_the_word_alone_asks_to_stop(text: str) -> None:
    assert asks_to_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "@nar", "...", "«»", "please", "stop charging my card", "please stop the charges", "it won't stop",
        "don't stop", "stop it works", "stopped", "dur bakalım", "dur bir dakika", "durdu", "durmadan kopuyor",
        "lütfen", "سفارشم را لغو کنید", "لغو شد", "لغو نکنید", "yes", "evet", "بله",
    ],
)  # fmt: skip
def test_a_longer_sentence_does_not(text: str) -> None:
    assert not asks_to_stop(text)
