"""What customers saw: the time axis, which complaints belong, how people are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.care.case import CaseStatus
from domain.heard.classification import Classification
from domain.heard.mention import Role
from domain.review.seen import MOST_BARS, Axis, axis, scope, seen
from domain.review.story import Material, Step, review
from tests.domain.make import NOW, meaning
from tests.domain.review.review_story import LATER, at, case_of, says, story, told


@pytest.mark.parametrize(
    ("minutes", "step", "slots"),
    [(0, 1, 1), (59, 1, 60), (118, 1, 119), (119, 2, 61), (60 * 9, 5, 109), (60 * 24 * 3, 60, 73),
     (1440 * 100, 1440, 101), (1440 * 365, 4 * 1440, 92), (-5, 1, 1)],
)  # fmt: skip
def test_the_axis_takes_the_finest_step_that_fits(minutes: float, step: int, slots: int) -> None:
    found = axis(NOW, NOW + timedelta(minutes=minutes))
    assert (found.step, found.slots) == (step, slots)
    assert found.start <= NOW < found.end
    assert found.slots <= MOST_BARS


def test_bars_begin_at_round_times() -> None:
    found = axis(NOW + timedelta(minutes=3, seconds=20), NOW + timedelta(hours=9))
    assert found.start == NOW.replace(minute=45)
    assert found.moment(2) == NOW.replace(minute=55)


def test_a_moment_beside_the_axis_has_no_bar() -> None:
    found = Axis(NOW, 2, 3)
    assert [found.slot(at(m)) for m in (-0.1, 0, 1.9, 2, 5.9, 6)] == [None, 0, 0, 1, 2, None]
    assert found.counts([at(-1), at(0), at(1), at(5), at(9)]) == (2, 0, 1)


@pytest.mark.parametrize(
    ("minute", "changes", "belongs"),
    [
        (0, {}, True),
        (-0.1, {}, False),  # nobody linked it
        (140, {}, True),
        (140.1, {}, False),
        (5, {"meaning": meaning(component="delivery")}, False),
        (5, {"meaning": meaning(component=None)}, False),
        (5, {"meaning": meaning(is_complaint=False)}, False),
        (5, {"role": Role.BOT}, False),
        (5, {"own": True}, False),
        (5, {"classification": None}, False),
        (5, {"history": True}, True),  # heard late, but said then
    ],
)
def test_which_unlinked_complaints_belong(minute: float, changes: dict[str, Classification], belongs: bool) -> None:
    assert scope(told(), (), NOW, LATER).holds(says("z", minute, **changes)) is belongs


@pytest.mark.parametrize(
    ("changes", "belongs"),
    [
        ({"incident_id": "inc_1"}, True),
        ({"incident_id": None}, True),  # not linked, but about the same
        ({"incident_id": "inc_2"}, False),
        ({"incident_id": None, "status": CaseStatus.DISMISSED}, False),
        ({"incident_id": "inc_1", "status": CaseStatus.DISMISSED}, False),
        ({"incident_id": None, "id": "case_off"}, False),
    ],
)
def test_what_people_decided_about_a_case_decides(changes: dict[str, object], belongs: bool) -> None:
    said = says("z", 5)
    incident = replace(told(), not_about=("case_off",))
    assert scope(incident, [case_of(said, **changes)], NOW, LATER).holds(said) is belongs


def test_a_linked_mention_counts_whatever_the_classifier_said() -> None:
    said = says("z", 5, meaning=meaning(is_complaint=False, component=None))
    assert scope(told(), [case_of(said)], NOW, LATER).holds(said)


def test_the_clock_ends_what_is_counted_of_an_open_incident() -> None:
    open_ = replace(told(), updates=told().updates[:1], resolved_at=None)
    assert not scope(open_, (), NOW, at(4)).holds(says("z", 5))
    assert scope(open_, (), NOW, at(5)).holds(says("z", 5))


def test_nobody_is_counted_where_nobody_spoke() -> None:
    found = seen([], Axis(NOW, 1, 3), None)
    assert (found.bars, found.newly, found.people, found.first) == ((0, 0, 0), (0, 0, 0), 0, None)


def test_more_than_was_read_is_said() -> None:
    assert seen([says("z", 1)], Axis(NOW, 1, 3), None, cut=True).cut


people_and_minutes = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(min_value=-50, max_value=400)), max_size=40
)  # fmt: skip


@given(said=people_and_minutes, declared=st.integers(min_value=-30, max_value=200))
def test_bars_add_up_to_people_and_bars_and_no_time_is_negative(said: Sequence[tuple[str, int]], declared: int) -> None:
    known = told()
    moved = tuple(replace(update, at=update.at + timedelta(minutes=declared)) for update in known.updates)
    incident = replace(known, updates=moved, declared_at=at(declared), resolved_at=moved[-1].at)
    material = Material(incident, mentions=tuple(says(person, minute) for person, minute in dict.fromkeys(said)))
    found = review(material, LATER)
    counted = {(person, at(minute)) for person, minute in said if _counts(minute, moved[-1].at)}
    assert sum(found.seen.bars) == len({(found.axis.slot(moment), person) for person, moment in counted})
    assert sum(found.seen.newly) == found.seen.people == len({person for person, _ in counted})
    assert all(newly <= bar for newly, bar in zip(found.seen.newly, found.seen.bars, strict=True))
    assert all(m.minutes >= 0 and m.since_last >= 0 for m in found.milestones)
    assert found.unheard <= found.seen.people
    assert (found.minutes_to(Step.PUBLIC_WORD) is None) == (found.seen.people == 0)


def _counts(minute: int, ended: datetime) -> bool:
    return minute >= 0 and at(minute) <= ended + timedelta(hours=1)


def test_the_whole_story_is_inside_its_picture() -> None:
    found = review(story(), LATER)
    assert sum(found.answers) == len(found.private_words)
    assert all(found.axis.slot(m.at) is not None for m in found.milestones)
