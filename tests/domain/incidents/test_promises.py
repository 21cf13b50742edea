"""The promise clock: reminded before it breaks, called when it has, measured for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.incidents.incident import IncidentStatus, promise_tally
from domain.incidents.promises import (
    Promise,
    Step,
    Tally,
    Watch,
    called,
    next_step,
    promises,
    remind_at,
    reminded,
    watch_of,
)
from tests.domain.make import NOW, incident, word

MINUTE = timedelta(minutes=1)
DUE = NOW + 30 * MINUTE


@pytest.mark.parametrize(
    ("span", "ahead"), [(4, 2), (10, 5), (15, 5), (30, 6), (60, 12), (120, 15), (24 * 60, 15), (0, 0), (-5, 0)]
)
def test_a_reminder_comes_a_fifth_before_the_end_but_5_to_15_minutes(span: int, ahead: int) -> None:
    due = NOW + span * MINUTE
    assert due - remind_at(NOW, due) == ahead * MINUTE


@given(st.integers(1, 20_000))
def test_a_reminder_is_never_before_half_of_the_time_nor_after_its_end(minutes: int) -> None:
    due = NOW + minutes * MINUTE
    assert NOW + minutes * MINUTE / 2 <= remind_at(NOW, due) < due


@pytest.mark.parametrize(
    ("minute", "watch", "step"),
    [
        (0, Watch(DUE), None),
        (23, Watch(DUE), None),
        (24, Watch(DUE), Step.REMIND),
        (29, reminded(Watch(DUE)), None),
        (30, reminded(Watch(DUE)), Step.CALL),
        (30, Watch(DUE), Step.CALL),  # we were down while it was time to remind
        (34, called(Watch(DUE), DUE, 5 * MINUTE), None),
        (35, called(Watch(DUE), DUE, 5 * MINUTE), Step.CALL),
        (99, Watch(DUE, calls=2), None),  # everybody was called
    ],
)
def test_what_is_to_be_done_about_a_promise(minute: int, watch: Watch, step: Step | None) -> None:
    assert next_step(watch, NOW, NOW + minute * MINUTE, 2) is step


def test_another_promise_is_watched_anew() -> None:
    known = called(reminded(Watch(DUE)), DUE, None)
    assert watch_of(known, DUE) is known
    assert watch_of(known, DUE + MINUTE) == Watch(DUE + MINUTE)
    assert watch_of(None, DUE) == Watch(DUE)


def test_kept_and_broken_promises_are_counted_with_how_late_they_were() -> None:
    told = incident(
        word(next_update_by=NOW + 30 * MINUTE),
        word(name="2", at=NOW + 30 * MINUTE, next_update_by=NOW + 60 * MINUTE),  # on the minute: kept
        word(name="3", at=NOW + 62 * MINUTE + timedelta(seconds=1)),  # 2 min 1 s late, promises nothing
        word(name="4", at=NOW + 90 * MINUTE, next_update_by=NOW + 100 * MINUTE),
    )
    assert promise_tally(told, NOW + 99 * MINUTE) == Tally(1, 1, (3,))
    assert promise_tally(told, NOW + 105 * MINUTE) == Tally(1, 2, (3, 5))
    assert promise_tally(told, NOW + 105 * MINUTE).made == 3


def test_the_end_answers_a_promise_and_makes_none() -> None:
    end = word(IncidentStatus.RESOLVED, "2", at=NOW + 20 * MINUTE, next_update_by=NOW + 40 * MINUTE)
    over = incident(word(next_update_by=DUE), end)
    assert promise_tally(over, NOW + 999 * MINUTE) == Tally(1, 0)
    assert promises(over.updates) == [Promise(NOW, DUE, end.at), Promise(end.at, NOW + 40 * MINUTE)]


def test_what_nobody_outside_was_told_is_no_promise() -> None:
    assert promise_tally(incident(word(next_update_by=DUE), private=True), NOW + 99 * MINUTE) == Tally()
    assert promises(()) == []
