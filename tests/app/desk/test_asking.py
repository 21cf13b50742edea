"""The question after the end fits every platform in every language; a mail carries a link that only we can make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from app.desk.asking import Asking, FeedbackLinks
from domain.care.follow_up import follow_up_id
from status_page.publishers.publisher import Published
from status_page.words.lengths import bluesky_length, mastodon_length, x_length
from tests.domain.make import case, incident, word

PAGE = "https://status.a-rather-long-name.example"
LINKS = FeedbackLinks(b"k" * 32, PAGE)
LONG = "Card payments, transfers, refunds and the balance of gift cards fail or show what is not true " * 3
TITLES = {"en": LONG, "tr": LONG, "fa": "پرداخت با کارت، کارت به کارت و بازگشت پول انجام نمی‌شود " * 5}
MEASURES: dict[str, tuple[int, Any]] = {
    "bluesky": (300, bluesky_length), "x": (280, x_length), "mastodon": (500, mastodon_length),
}  # fmt: skip


@dataclass
class Short:
    """A channel with a limit of its own."""

    name: str

    @property
    def limit(self) -> int:
        """How much it takes."""
        return MEASURES[self.name][0]

    def measure(self, text: str) -> int:
        """Count as the platform does."""
        counted: int = MEASURES[self.name][1](text)
        return counted

    async def publish(self, delivery: object) -> Published:
        """Take nothing: nothing is sent here."""
        raise AssertionError


ASKING = Asking(LINKS, {name: Short(name) for name in MEASURES})


@pytest.mark.parametrize("language", ["en", "tr", "fa"])
@pytest.mark.parametrize("channel", list(MEASURES))
def test_the_question_fits_with_the_handle_before_it_however_long_the_title(channel: str, language: str) -> None:
    asked = case(language=language, source_type=channel, reply_channel=channel, handle="a_person_with_a_handle")
    text, said_in = ASKING(incident(word(), titles=TITLES), asked)
    limit, measure = MEASURES[channel]
    assert said_in == language
    assert measure(f"@a_person_with_a_handle {text}") <= limit
    assert {"en": "“yes” or “no”", "tr": "“evet” ya da “hayır”", "fa": "«بله» یا «خیر»"}[language] in text
    assert f"{PAGE}/{language}/incidents/inc_1.html" in text
    assert {"en": "“stop”", "tr": "“Dur”", "fa": "«لغو»"}[language] in text


def test_a_title_that_fits_stays_whole() -> None:
    text, _ = ASKING(incident(word()), case(reply_channel="mastodon", handle="z"))
    assert text.startswith("You told us about this problem: Payments fail. As far as we can see, it is solved.")


def test_where_a_person_posts_it_by_hand_the_platforms_limit_counts() -> None:
    text, _ = Asking(LINKS, {})(incident(word(), titles=TITLES), case(source_type="mastodon", reply_channel="reader"))
    assert 300 < len(text) <= 500
    assert "feedback" not in text


@pytest.mark.parametrize("language", ["en", "tr", "fa"])
def test_a_mail_carries_the_persons_own_link(language: str) -> None:
    asked = case(language=language, contact="z@mail.example", reply_channel="form")
    text, _ = ASKING(incident(word(), titles=TITLES), asked)
    (link,) = [each for each in text.split() if "/feedback/" in each]
    assert LINKS.opened(link.rpartition("/")[2]) == follow_up_id("inc_1", asked.person_id)
    assert "z@mail" not in link and asked.person_id not in link
    assert TITLES[language].strip() in text


@pytest.mark.parametrize(
    "change",
    [lambda w: w[:-1], lambda w: w + "0", lambda w: w.upper() if w.upper() != w else "X", lambda w: w[::-1],
     lambda w: w[:20] + "0" * 32, lambda w: ("0" if w[0] != "0" else "1") + w[1:], lambda w: "", lambda w: "ş" * 52],
)  # fmt: skip
def test_a_word_that_was_changed_opens_nothing(change: Any) -> None:
    ours = LINKS.of("fol_0123456789abcdef0123").rpartition("/")[2]
    assert LINKS.opened(ours) == "fol_0123456789abcdef0123"
    assert LINKS.opened(change(ours)) is None


def test_another_key_opens_nothing_and_is_not_shown() -> None:
    other = FeedbackLinks(b"another", PAGE)
    assert other.opened(LINKS.of("fol_0123456789abcdef0123").rpartition("/")[2]) is None
    assert "another" not in repr(other)
