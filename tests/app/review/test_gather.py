"""A review is gathered from a real store as it would be from the records themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.review import gather
from app.review.gather import ToldElsewhere, gather_review, gather_scorecard
from app.store import Store
from domain.errors import NotFound
from domain.heard.classification import Sentiment
from domain.records import MonitorAlert
from domain.review.story import Step, review
from tests.domain.make import NOW, incident, meaning, word
from tests.domain.review.review_story import LATER, at, case_of, says, story

SINCE = NOW - timedelta(days=30)


async def test_the_store_gives_the_same_review_as_the_records(store: Store) -> None:
    found = await gather_review(store, "inc_1", LATER)
    same = review(story(), LATER)
    assert (found.seen, found.words, found.private_words) == (same.seen, same.words, same.private_words)
    assert (found.milestones, found.reach, found.quotes) == (same.milestones, same.reach, same.quotes)
    assert (found.seen.people, found.unheard, found.minutes_to(Step.PUBLIC_WORD)) == (4, 3, 10)


async def test_an_unknown_incident_is_answered_with_those_there_are(store: Store) -> None:
    with pytest.raises(NotFound, match=r"no incident 'inc_x'. The newest are: inc_1 \(Payments fail\)\."):
        await gather_review(store, "inc_x", LATER)


async def test_an_empty_store_says_that_there_is_nothing(empty: Store) -> None:
    for asked in (gather_review(empty, "inc_1", LATER), gather_scorecard(empty, SINCE, LATER)):
        with pytest.raises(NotFound, match="No incident was ever declared"):
            await asked


async def test_a_merged_incident_names_the_one_that_tells_its_story_now(store: Store) -> None:
    await store.add(incident(id="inc_2", merged_into="inc_3"), incident(id="inc_3", merged_into="inc_1"))
    with pytest.raises(ToldElsewhere, match=r"inc_2 was merged into inc_1 \(Payments fail\)") as told:
        await gather_review(store, "inc_2", LATER)
    assert told.value.target == "inc_1"


async def test_two_that_were_merged_into_each_other_end_somewhere(store: Store) -> None:
    await store.add(incident(id="inc_2", merged_into="inc_3"), incident(id="inc_3", merged_into="inc_2"))
    with pytest.raises(ToldElsewhere):
        await gather_review(store, "inc_2", LATER)


async def test_the_words_of_merged_incidents_are_told_also_over_two_merges(store: Store) -> None:
    first, second = word(name="upd_a", at=at(2)), word(name="upd_b", at=at(4))
    await store.add(incident(first, id="inc_2", merged_into="inc_3"), incident(second, id="inc_3", merged_into="inc_1"))
    found = await gather_review(store, "inc_1", LATER)
    assert [w.told_by for w in found.words][:3] == ["inc_2", "inc_3", ""]
    assert found.minutes_to(Step.PUBLIC_WORD) == 2


async def test_a_complaint_that_was_put_into_another_incident_is_not_counted(store: Store) -> None:
    said = says("z", 30)
    await store.add(said, case_of(said, incident_id="inc_2"))
    assert (await gather_review(store, "inc_1", LATER)).seen.people == 4


@pytest.mark.parametrize(
    ("changes", "noticed"),
    [
        ({}, True),
        ({"component": "delivery"}, False),
        ({"started_at": at(-1500), "received_at": at(5)}, False),  # it fires since yesterday
        ({"started_at": at(-90), "ended_at": at(-60)}, False),
        ({"started_at": at(-90), "ended_at": at(-20)}, True),
        ({"started_at": at(200), "received_at": at(200)}, False),
    ],
)
async def test_which_monitors_noticed_it(store: Store, changes: dict[str, object], noticed: bool) -> None:
    alert = MonitorAlert("mon", "prometheus", "Errors", "payments", at(-5), at(1))
    await store.add(replace(alert, **changes))  # type: ignore[arg-type]
    found = await gather_review(store, "inc_1", LATER)
    assert (found.reached(Step.MONITOR) is not None) is noticed


async def test_what_affected_people_wrote_afterwards_is_read_for_their_tone(store: Store) -> None:
    glad = meaning(is_complaint=False, component=None, sentiment_scores={Sentiment.POSITIVE: 1.0})
    await store.add(says("a", 300, "thanks!", meaning=glad, case_id=None))
    mood = (await gather_review(store, "inc_1", LATER)).mood
    assert (mood.people, mood.after) == (2, pytest.approx((1.0 - 0.9) / 2))  # b wrote "still broken"


async def test_more_complaints_than_are_read_are_said_to_be_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MOST", 2)
    found = await gather_review(store, "inc_1", LATER)
    assert found.seen.cut
    assert found.seen.people >= 2


async def test_an_incident_that_names_no_component_counts_what_is_linked(store: Store) -> None:
    said = says("q", 1)
    bare = incident(word(components={}, at=at(1)), id="inc_2", started_at=at(1))
    await store.add(bare, said, case_of(said, incident_id="inc_2"))
    assert (await gather_review(store, "inc_2", LATER)).seen.people == 1


async def test_the_scorecard_takes_the_incidents_of_its_time_without_the_merged_ones(store: Store) -> None:
    old = incident(id="inc_old", declared_at=NOW - timedelta(days=31))
    await store.add(old, incident(word(at=at(50)), id="inc_2", merged_into="inc_1"))
    card = await gather_scorecard(store, SINCE, LATER)
    assert [row.incident.id for row in card.rows] == ["inc_1"]
    assert (card.to_word, card.promises_kept, card.reached) == (10.0, 0.5, 0.6)
    assert not card.cut


async def test_a_time_without_incidents_is_an_empty_scorecard(store: Store) -> None:
    card = await gather_scorecard(store, LATER, LATER + timedelta(days=1))
    assert card.rows == ()


async def test_a_scorecard_of_very_many_incidents_says_that_there_were_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "MOST_INCIDENTS", 1)
    await store.add(incident(id="inc_2", declared_at=at(500)))
    card = await gather_scorecard(store, SINCE, at(900))
    assert card.cut
    assert [row.incident.id for row in card.rows] == ["inc_2"]
