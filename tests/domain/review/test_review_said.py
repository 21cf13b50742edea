"""What we said: posts that went out, words to single customers, and how many of them were reached."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.care.case import CaseStatus
from domain.care.follow_up import ReplyVerdict
from domain.care.satisfaction import Answer
from domain.review.said import Means, Reach, private_words, public_words, reach, unsent
from domain.work import DeliveryState
from tests.domain.make import delivery, incident
from tests.domain.review.review_story import at, case_of, follow_up, says, told


@pytest.mark.parametrize(
    ("state", "said"),
    [(state, state in (DeliveryState.SENT, DeliveryState.WITHDRAWN)) for state in DeliveryState],
)
def test_only_posts_that_customers_could_read_are_words(state: DeliveryState, said: bool) -> None:
    known = incident(deliveries=(delivery(state=state, sent_at=at(1)),))
    assert [w.means for w in public_words(known)] == ([Means.PAGE, Means.POST] if said else [Means.PAGE])
    assert unsent(known) == ({} if said else {str(state): 1})


def test_posts_of_one_update_on_one_channel_are_one_word_at_the_first_ones_time() -> None:
    sent = [
        delivery(id="d1", state=DeliveryState.SENT, subject="upd_1", sent_at=at(3), language="en"),
        delivery(id="d2", state=DeliveryState.WITHDRAWN, subject="upd_1", sent_at=at(2), language="tr"),
        delivery(id="d3", state=DeliveryState.SENT, subject="upd_1", sent_at=at(1), channel="x"),
        delivery(id="d4", state=DeliveryState.SENT, subject="upd_2", sent_at=None),
    ]
    words = public_words(incident(deliveries=tuple(sent)))
    assert [(w.at, w.channel, w.status, sorted(w.texts)) for w in words] == [
        (at(0), "page", "investigating", ["en"]), (at(0), "mastodon", "sent", ["en"]), (at(1), "x", "sent", ["en"]),
        (at(2), "mastodon", "sent", ["en", "tr"]),
    ]  # fmt: skip


def test_a_post_that_was_taken_back_says_so() -> None:
    gone = delivery(state=DeliveryState.WITHDRAWN, sent_at=at(1))
    assert public_words(incident(deliveries=(gone,)))[-1].status == "withdrawn"


def test_a_private_incidents_updates_are_no_public_words() -> None:
    assert public_words(replace(told(), private=True, deliveries=())) == ()


def test_words_to_single_customers_carry_no_text() -> None:
    reply = delivery(state=DeliveryState.SENT, sent_at=at(1), text="your order 123")
    draft = replace(reply, id="d2", state=DeliveryState.DRAFT)
    found = private_words([case_of(says("a", 0), replies=(reply, draft))], [])
    assert [(w.at, w.means, w.texts) for w in found] == [(at(1), Means.ANSWER, {})]


def test_nobody_is_reached_where_nobody_is_linked() -> None:
    assert reach([], []) == Reach()
    assert Reach().share is None


def test_a_person_with_two_cases_counts_once() -> None:
    one = case_of(says("a", 0), first_response_at=at(1))
    two = replace(one, id="case_2", first_response_at=None)
    assert reach([one, two], [follow_up(one, 90)]) == Reach(affected=1, answered=1, told=1, either=1)


def test_dismissed_people_are_not_affected() -> None:
    gone = case_of(says("a", 0), status=CaseStatus.DISMISSED)
    assert reach([gone], [follow_up(gone, 90)]) == Reach()


def test_whoever_answered_was_told_even_if_we_do_not_know_how() -> None:
    known = case_of(says("a", 0))
    by_hand = follow_up(known, None, ReplyVerdict.ASSISTED, answer=Answer.FIXED, answered_at=at(99))
    assert reach([known], [by_hand]).told == 1
