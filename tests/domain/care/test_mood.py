"""The same people's tone before and after the end: per person first, only those who wrote in both windows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.care.mood import AFTERMATH, Mood, mood, tone
from domain.heard.classification import Classification, Sentiment
from domain.heard.mention import MentionRecord
from tests.domain.make import NOW, meaning, mention, record

BEGAN, ENDED = NOW, NOW + timedelta(hours=2)
DURING, AFTER = NOW + timedelta(hours=1), NOW + timedelta(hours=5)
NOBODY = Mood(0, None, None)


def felt(positive: float, negative: float) -> Classification:
    """A meaning with a tone."""
    scores = {Sentiment.POSITIVE: positive, Sentiment.NEGATIVE: negative, Sentiment.NEUTRAL: 1 - positive - negative}
    return meaning(sentiment_scores=scores)


def said(person: str, at: datetime, positive: float, negative: float) -> MentionRecord:
    """What a person wrote, with its tone."""
    made = record(mention(native=f"{person}-{at.isoformat()}-{positive}", created_at=at), felt(positive, negative))
    return replace(made, person_id=person)


def test_the_tone_of_those_who_wrote_in_both_windows_is_compared() -> None:
    found = mood([said("a", DURING, 0.0, 0.9), said("a", AFTER, 0.8, 0.1)], {"a"}, BEGAN, ENDED)
    assert found.people == 1
    assert found.before == pytest.approx(-0.9)
    assert found.after == pytest.approx(0.7)
    assert found.change == pytest.approx(1.6)


def test_a_person_who_writes_a_lot_weighs_no_more_than_others() -> None:
    loud = [said("loud", DURING + timedelta(minutes=n), 0.0, 1.0) for n in range(9)]
    rows = [*loud, said("loud", AFTER, 0.0, 1.0), said("calm", DURING, 0.0, 0.0), said("calm", AFTER, 1.0, 0.0)]
    found = mood(rows, {"loud", "calm"}, BEGAN, ENDED)
    assert found.people == 2
    assert found.before == pytest.approx(-0.5)
    assert found.after == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("rows", "people"),
    [
        ([], {"a"}),
        ([said("a", DURING, 0, 1)], {"a"}),
        ([said("a", AFTER, 1, 0)], {"a"}),
        ([said("a", DURING, 0, 1), said("b", AFTER, 1, 0)], {"a", "b"}),
        ([said("a", DURING, 0, 1), said("a", AFTER, 1, 0)], set[str]()),
        ([said("a", BEGAN - timedelta(minutes=1), 0, 1), said("a", AFTER, 1, 0)], {"a"}),
        ([said("a", DURING, 0, 1), said("a", ENDED + AFTERMATH + timedelta(seconds=1), 1, 0)], {"a"}),
        ([said("a", DURING, 0, 1), replace(said("a", AFTER, 1, 0), deleted_at=AFTER)], {"a"}),
        ([said("a", DURING, 0, 1), replace(said("a", AFTER, 1, 0), classification=None)], {"a"}),
    ],
    ids=["nothing", "silent after", "silent before", "different people", "nobody asked for", "before it began",
         "long after", "taken back", "not understood"],
)  # fmt: skip
def test_without_words_in_both_windows_there_is_no_mood(rows: list[MentionRecord], people: set[str]) -> None:
    assert mood(rows, people, BEGAN, ENDED) == NOBODY


def test_an_incident_that_goes_on_has_no_after() -> None:
    assert mood([said("a", DURING, 0, 1), said("a", AFTER, 1, 0)], {"a"}, BEGAN, None) == NOBODY
    assert NOBODY.change is None


@pytest.mark.parametrize(
    ("at", "counts"),
    [(BEGAN, True), (ENDED, True), (BEGAN - timedelta(milliseconds=1), False)],
    ids=["as it began", "as it ended", "just before"],
)
def test_the_edges_of_the_first_window_belong_to_it(at: datetime, counts: bool) -> None:
    assert mood([said("a", at, 0, 1), said("a", AFTER, 1, 0)], {"a"}, BEGAN, ENDED).people == counts


def test_the_last_moment_of_the_week_after_still_counts() -> None:
    assert mood([said("a", DURING, 0, 1), said("a", ENDED + AFTERMATH, 1, 0)], ["a"], BEGAN, ENDED).people == 1


def test_tone_goes_from_minus_one_to_one_and_takes_missing_figures_as_zero() -> None:
    assert tone(felt(1, 0)) == 1
    assert tone(felt(0, 1)) == -1
    assert tone(meaning(sentiment_scores={})) == 0
