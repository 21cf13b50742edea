"""How a review speaks: the leading sentences, minutes, shares, and what foreign text may do (nothing)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.review import words
from app.review.rows import kept, said
from app.review.sheet import sheet
from domain.care.mood import Mood
from domain.care.satisfaction import Satisfaction
from domain.incidents.promises import Promise
from domain.records import MonitorAlert
from domain.review.story import Material, review
from domain.work import DeliveryState
from tests.domain.make import NOW, delivery, incident, word
from tests.domain.review.review_story import LATER, A, at, story, told


@pytest.mark.parametrize(
    ("count", "shown"), [(None, "–"), (0, "0 min"), (9.5, "9.5 min"), (59.0, "59 min"), (60, "1 h"), (125, "2 h 5 min"),
                         (4320, "3 days")],
)  # fmt: skip
def test_minutes_in_words(count: float | None, shown: str) -> None:
    assert words.minutes(count) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, "–"), (0.0, "0 %"), (0.666, "67 %"), (1.0, "100 %")])
def test_shares_in_words(value: float | None, shown: str) -> None:
    assert words.share(value) == shown


def test_the_lead_says_who_waited_how_long() -> None:
    assert words.lead(review(story(), LATER)) == (
        "4 people complained. The first public word came 10 min after the first complaint; "
        "3 people had complained by then."
    )


def test_the_lead_of_those_who_were_faster_than_their_customers() -> None:
    ahead = review(Material(incident(word(at=at(-9)), started_at=at(-9)), mentions=A[:1]), at(60))
    assert words.lead(ahead) == "1 person complained. Our first public word was there before the first complaint."


def test_the_lead_of_a_silent_incident() -> None:
    private = incident(private=True)
    assert words.lead(review(Material(private, mentions=A), at(60))) == (
        "1 person complained. Customers were told nothing: it is private, so all of them were left without one."
    )
    assert words.lead(review(Material(private), at(60))) == "Nobody complained. Nothing of it is public."


def test_the_tone_in_words() -> None:
    assert words.tone(Mood(0, None, None)) == ""
    assert words.tone(Mood(3, -0.8, 0.1)) == "friendlier after the end (-0.80 before, +0.10 after, 3 people)"
    assert words.tone(Mood(1, 0.1, -0.5)).startswith("angrier")
    assert words.tone(Mood(1, 0.1, 0.15)).startswith("the same")


def test_answers_in_words() -> None:
    assert words.ratings(Satisfaction(0, 0, 0, 0)) == ""
    assert words.ratings(Satisfaction(5, 0, 0, 0)) == "0 of 5 answered"
    assert words.ratings(Satisfaction(5, 3, 2, 1)) == "3 of 5 answered: 2 solved, 1 not"


def test_foreign_lines_neither_hide_nor_turn_anything() -> None:
    assert words.line("a\u202eb\x07\n c") == "ab c"
    assert words.line("x" * 500, 10) == "x" * 9 + "…"
    assert words.line("\u202e") == "–"


def test_a_day_is_named_only_when_it_is_another_one() -> None:
    assert words.utc(at(0), NOW) == "16:45"
    assert words.utc(at(60 * 12), NOW) == "07 Mar 04:45"
    assert words.utc(NOW) == "06 Mar 2026 16:45"


@pytest.mark.parametrize(
    ("promise", "outcome", "late"),
    [
        (Promise(at(0), at(30), at(30)), "kept", False),
        (Promise(at(0), at(30), at(30.5)), "broken, 1 min late", True),
        (Promise(at(0), at(30)), "broken, 330 min late so far", True),
        (Promise(at(0), at(999)), "still open", False),
    ],
)
def test_what_became_of_a_promise(promise: Promise, outcome: str, late: bool) -> None:
    found = kept(promise, review(story(), LATER))
    assert (found.outcome, found.late) == (outcome, late)


def test_a_post_without_its_update_has_a_number_of_its_own() -> None:
    lost = delivery(state=DeliveryState.WITHDRAWN, sent_at=at(12), subject=None)
    found = said(review(Material(replace(told(), deliveries=(lost,))), LATER), NOW)
    assert [(s.number, s.heading) for s in found][:2] == [
        (1, "Investigating"),
        (2, "Post on Mastodon, taken back later"),
    ]


def test_words_before_the_first_complaint_say_so() -> None:
    ahead = review(Material(incident(word(at=at(-9)), started_at=at(-9)), mentions=A), at(60))
    assert sheet(ahead, str).said[0].minutes == "before the first complaint"
    assert sheet(ahead, str).figures[2].remark == "before it"


@pytest.mark.parametrize(("started", "word_"), [(-9, "a monitor was first"), (9, "customers were first")])
def test_who_noticed_first_in_words(started: float, word_: str) -> None:
    alert = MonitorAlert("m", "prometheus", "Errors", "payments", at(started), at(started))
    assert ("Monitors", word_) in sheet(review(story(monitors=(alert,)), LATER), str).who
    assert ("Monitors", "none noticed it") in sheet(review(story(), LATER), str).who
