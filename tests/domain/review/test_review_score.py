"""The scorecard: one row per incident, the medians and shares of a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.records import MonitorAlert
from domain.review.score import Scorecard, row_of, scorecard
from domain.review.story import Material, Review, review
from tests.domain.make import NOW, incident, word
from tests.domain.review.review_story import LATER, A, at, case_of, follow_up, says, story, told

SINCE = NOW - timedelta(days=30)


def score(*found: Review) -> Scorecard:
    return scorecard(found, SINCE, LATER)


def slower() -> Review:
    """Another incident: first public word after 30 minutes, still open; a monitor was first; nothing promised."""
    known = incident(word(at=at(30)), id="inc_2", declared_at=at(30))
    case = case_of(*A, id="case_2", incident_id="inc_2")
    monitor = MonitorAlert("m", "prometheus", "Errors", "payments", at(-5), at(9))
    return review(Material(known, cases=(case,), mentions=A, monitors=(monitor,)), LATER)


def silent() -> Review:
    """A private incident that customers complained about: nothing was said."""
    known = incident(word(at=at(5)), id="inc_3", declared_at=at(5), private=True)
    return review(Material(known, mentions=A), LATER)


FIRST = review(story(), LATER)


def test_a_row_says_what_its_review_says() -> None:
    row = row_of(FIRST)
    assert (row.people, row.unheard, row.to_alert, row.to_word, row.to_resolved) == (4, 3, 6, 10, 80)
    assert (row.kept.kept, row.kept.made, row.reach.either, row.satisfaction.score) == (1, 2, 3, 0.5)
    assert (row.customers_first, row.silent, row.still_broken) == (True, False, 1)


def test_medians_take_only_what_came() -> None:
    card = score(FIRST, slower(), silent())
    assert [row.to_word for row in card.rows] == [30, 10, None]  # newest first
    assert (card.to_alert, card.to_word, card.to_resolved) == (6.0, 20.0, 80.0)


def test_shares_count_people_and_promises_not_incidents() -> None:
    card = score(FIRST, slower(), silent())
    assert card.promises_kept == 0.5
    assert card.reached == 0.6  # the open and the private one owe no last word yet
    assert card.satisfied == 0.5
    assert (card.satisfaction.asked, card.satisfaction.fixed) == (2, 1)


def test_who_noticed_first_and_where_nothing_was_said() -> None:
    card = score(FIRST, slower(), silent())
    assert (card.complained, card.customers_first, card.silent) == (3, 2, 1)


def test_ratings_of_all_incidents_are_one_satisfaction() -> None:
    other = case_of(says("q", 1))
    more = story(incident=replace(told(), id="inc_9"), follow_ups=(follow_up(other, 90, rating=4),))
    assert score(FIRST, review(more, LATER)).satisfied == 2 / 3


def test_a_time_without_incidents_claims_nothing() -> None:
    card = score()
    assert (card.rows, card.to_word, card.promises_kept, card.reached, card.satisfied) == ((), None, None, None, None)
    assert (card.complained, card.silent) == (0, 0)


def test_an_incident_nobody_complained_about_is_neither_silent_nor_a_zero() -> None:
    row = row_of(review(Material(told()), LATER))
    assert (row.to_word, row.silent, row.customers_first) == (None, False, None)
