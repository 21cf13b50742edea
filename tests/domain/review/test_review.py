"""The review of one incident, counted by hand: who complained when, what we said, how long it took."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.care.mood import Mood
from domain.care.satisfaction import Satisfaction
from domain.heard.classification import Sentiment
from domain.incidents.incident import IncidentStatus
from domain.incidents.promises import Promise, Tally
from domain.records import MonitorAlert
from domain.review.said import Means, Reach
from domain.review.story import Material, Step, review
from tests.domain.make import ADA, NOW, incident, meaning, word
from tests.domain.review.review_story import LATER, A, at, case_of, says, story, told

FOUND = review(story(), LATER)


def test_people_are_counted_once_per_bar_and_copies_not_at_all() -> None:
    seen = FOUND.seen
    assert (seen.people, seen.complaints, seen.copies, seen.after_end) == (4, 7, 1, 1)
    assert (seen.axis.start, seen.axis.step, seen.axis.slots) == (at(-1), 2, 71)
    assert {slot: people for slot, people in enumerate(seen.bars) if people} == {0: 1, 2: 2, 3: 1, 10: 1, 45: 1}
    assert {slot: people for slot, people in enumerate(seen.newly) if people} == {0: 1, 2: 2, 10: 1}
    assert (seen.first, seen.last) == (at(0), at(90))
    assert list(seen.languages.items()) == [("en", 3), ("fa", 1), ("tr", 1)]  # one of them wrote in two
    assert seen.sources == {"mastodon": 3, "appstore": 1}
    assert seen.components == {"payments": 4}


def test_the_steps_stand_in_order_with_the_minutes_between_them() -> None:
    assert [(m.step, m.minutes, m.since_last, m.status) for m in FOUND.milestones] == [
        (Step.FIRST_COMPLAINT, 0, 0, None), (Step.ALERT, 6, 6, None), (Step.ACKNOWLEDGED, 7, 1, None),
        (Step.DECLARED, 10, 3, None), (Step.PUBLIC_WORD, 10, 0, None),
        (Step.UPDATE, 35, 25, IncidentStatus.IDENTIFIED), (Step.RESOLVED, 80, 45, None),
        (Step.LAST_FOLLOW_UP, 86, 6, None),
    ]  # fmt: skip
    assert FOUND.unheard == 3
    assert not any(m.ahead for m in FOUND.milestones)


def test_public_words_and_words_to_single_customers_are_told_apart() -> None:
    assert [(w.at, w.means, w.channel, w.status, tuple(w.texts), w.about) for w in FOUND.words] == [
        (at(10), Means.PAGE, "page", "investigating", ("en", "fa"), "upd_1"),
        (at(11), Means.POST, "mastodon", "sent", ("en", "tr"), "upd_1"),
        (at(35), Means.PAGE, "page", "identified", ("en",), "upd_2"),
        (at(80), Means.PAGE, "page", "resolved", ("en",), "upd_3"),
    ]  # fmt: skip
    assert [(w.at, w.means, w.texts) for w in FOUND.private_words] == [
        (at(15), Means.ANSWER, {}), (at(85), Means.FOLLOW_UP, {}), (at(86), Means.FOLLOW_UP, {}),
    ]  # fmt: skip
    assert {slot: count for slot, count in enumerate(FOUND.answers) if count} == {8: 1, 43: 2}
    assert FOUND.unsent == {"skipped": 1}


def test_promises_reach_and_satisfaction_are_added_up() -> None:
    assert FOUND.promises == (Promise(at(10), at(40), at(35)), Promise(at(35), at(65), at(80)))
    assert FOUND.kept == Tally(1, 1, (15,))
    assert FOUND.reach == Reach(affected=5, answered=2, told=2, either=3, forbidden=1, waiting=1)
    assert FOUND.reach.share == 0.6
    assert FOUND.satisfaction == Satisfaction(asked=2, answered=2, fixed=1, still_broken=0, ratings=(5, 2))
    assert FOUND.still_broken == 1
    assert FOUND.mood == Mood(0, None, None)


def test_an_incident_without_complaints_has_no_minutes_to_anything() -> None:
    found = review(Material(told()), LATER)
    assert (found.seen.people, found.seen.first, found.customers_first) == (0, None, None)
    assert [found.minutes_to(step) for step in Step] == [None] * len(Step)
    assert sum(found.seen.bars) == 0
    assert [m.minutes for m in found.milestones] == [10, 10, 35, 80]  # counted from where it began
    assert found.reach.share is None
    assert found.axis.start <= at(10) < found.axis.end


def test_of_a_private_incident_nothing_was_said() -> None:
    private = replace(told(), private=True, deliveries=())
    found = review(story(incident=private, follow_ups=()), LATER)
    assert (found.words, found.promises, found.kept) == ((), (), Tally())
    assert found.reached(Step.PUBLIC_WORD) is None
    assert found.minutes_to(Step.DECLARED) == 10
    assert found.unheard == found.seen.people == 4


def test_an_open_incident_is_told_up_to_now_and_its_last_promise_counts_once_it_is_late() -> None:
    known = told()
    open_ = replace(known, updates=known.updates[:2], resolved_at=None)
    early = review(story(incident=open_, follow_ups=()), at(60))
    assert (early.ended, early.reached(Step.RESOLVED)) == (None, None)
    assert early.axis.slot(at(60)) == early.axis.slots - 1
    assert (early.seen.people, early.seen.after_end) == (4, 0)
    assert early.kept == Tally(1, 0)
    assert review(story(incident=open_, follow_ups=()), at(70)).kept == Tally(1, 1, (5,))


def test_what_was_said_and_noticed_before_the_first_complaint_is_ahead_of_it() -> None:
    known = incident(word(at=at(-20)), started_at=at(-20), declared_at=at(-20), declared_by=ADA)
    monitor = MonitorAlert("mon_1", "prometheus", "HighErrorRate", "payments", at(-25), at(-25))
    late = replace(monitor, id="mon_2", started_at=at(3))
    found = review(Material(known, mentions=A, monitors=(late, monitor)), at(60))
    assert [(m.step, m.minutes, m.ahead) for m in found.milestones] == [
        (Step.MONITOR, 0, True), (Step.DECLARED, 0, True), (Step.PUBLIC_WORD, 0, True),
        (Step.FIRST_COMPLAINT, 0, False),
    ]  # fmt: skip
    assert (found.customers_first, found.unheard) == (False, 0)
    assert found.axis.start == at(-20)  # the picture begins with people, not with machines
    assert review(Material(known, mentions=A, monitors=(late,)), at(60)).customers_first is True
    assert review(Material(known, mentions=A), at(60)).customers_first is True


def test_a_merged_incident_brings_its_own_words_and_promises_along() -> None:
    first = word(name="upd_0", at=at(4), next_update_by=at(8))
    other = incident(first, word(name="upd_00", at=at(9)), id="inc_0", started_at=at(-5), declared_at=at(4),
                     merged_into="inc_1")  # fmt: skip
    found = review(story(merged=(other,)), LATER)
    assert [(w.about, w.told_by) for w in found.words][:3] == [("upd_0", "inc_0"), ("upd_00", "inc_0"), ("upd_1", "")]
    assert found.minutes_to(Step.PUBLIC_WORD) == 4
    assert found.unheard == 3
    assert found.kept == Tally(1, 2, (15, 1))
    assert found.began == at(-5)


def test_its_signal_shows_earlier_complaints_where_it_was_declared_by_hand() -> None:
    by_hand = replace(told(), started_at=at(10))
    assert review(story(incident=by_hand, cases=()), LATER).seen.first == at(0)
    assert review(story(incident=by_hand, cases=(), signals=()), LATER).seen.first == at(20)


@pytest.mark.parametrize(
    ("minute", "opened", "counts"),
    [(-29, -29, True), (-31, 2, False), (-31, -31, True), (-24 * 60, -24 * 60, True), (-24 * 60 - 1, -2000, False)],
)  # fmt: skip
def test_older_complaints_of_a_linked_case_count_where_only_a_person_can_have_linked_it(
    minute: float, opened: float, counts: bool
) -> None:
    old = says("z", minute)
    linked = case_of(old, opened_at=at(opened))
    found = review(Material(told(), cases=(linked,), mentions=(old, *A)), LATER)
    assert found.seen.first == (at(minute) if counts else at(0))


def test_the_mood_is_that_of_the_affected_people_before_and_after() -> None:
    glad = meaning(is_complaint=False, sentiment_scores={Sentiment.POSITIVE: 0.8, Sentiment.NEGATIVE: 0.1})
    thanks = says("a", 100, "works again, thanks", meaning=glad)
    found = review(story(talk=(*A, says("c", 3), thanks)), LATER).mood
    assert (found.people, found.before) == (1, pytest.approx(-0.9))
    assert found.after == pytest.approx(0.7)


def test_a_reopened_incident_has_no_end_and_its_first_resolve_is_an_update() -> None:
    known = told()
    again = replace(known, updates=(*known.updates, word(IncidentStatus.INVESTIGATING, "upd_4", at=at(100))),
                    resolved_at=None)  # fmt: skip
    found = review(story(incident=again), at(120))
    updates = [(m.minutes, m.status) for m in found.milestones if m.step is Step.UPDATE]
    assert updates == [
        (35, IncidentStatus.IDENTIFIED), (80, IncidentStatus.RESOLVED), (100, IncidentStatus.INVESTIGATING),
    ]  # fmt: skip
    assert found.ended is None


def test_whose_complaint_was_taken_off_is_neither_affected_nor_counted() -> None:
    material = story(incident=replace(told(), not_about=("case_c",)))
    taken = tuple(replace(c, incident_id=None) if c.id == "case_c" else c for c in material.cases)
    found = review(replace(material, cases=taken), LATER)
    assert found.seen.people == 3
    assert (found.reach.affected, found.reach.told) == (4, 1)


def test_a_year_is_reviewed_in_whole_days() -> None:
    known = replace(told(), updates=told().updates[:1], resolved_at=None)
    found = review(story(incident=known), NOW + timedelta(days=365))
    assert found.axis.step == 4 * 1440
    assert found.axis.slots <= 120
