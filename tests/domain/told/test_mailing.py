"""How far a mailing is, how long it waits, and when a batch smells of a fault of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.told.mailing import (
    OWED_WAITS,
    SENT,
    TROUBLE_WAITS,
    Mailing,
    MailingState,
    Outcome,
    Verdict,
    advanced,
    finished,
    mailing_id,
    noted,
    owe,
    paused,
    put_off,
    why_suspicious,
)
from domain.told.subscriber import Channel
from tests.domain.make import NOW

MAILING = Mailing("mailing_1", Channel.MAIL, "inc_1", "upd_1", NOW, NOW)
MINUTE = timedelta(minutes=1)


def test_a_word_has_one_mailing_per_channel() -> None:
    ids = {mailing_id(channel, about, news) for channel in Channel for about in "ab" for news in "cd"}
    assert len(ids) == 16


def test_who_had_their_turn_is_noted_and_forgotten_once_the_position_is_behind_them() -> None:
    outcomes = [SENT, Outcome(Verdict.LATER), Outcome(Verdict.GONE), Outcome(Verdict.OURS)]
    after = noted(MAILING, ["a", "b", "c", "d"], outcomes, NOW + MINUTE)
    assert (after.done, after.sent, after.owed, after.refused) == (("a", "b", "c", "d"), 1, 1, 2)
    on = advanced(after, "d", 7, NOW + MINUTE)
    assert (on.position, on.done, on.unwanted, on.waits_since) == ("d", (), 7, NOW + MINUTE)


def test_trouble_makes_it_wait_longer_each_time_until_something_goes_out() -> None:
    mailing, waits = MAILING, []
    for _ in range(7):
        mailing = paused(mailing, "down", NOW)
        waits.append((mailing.work_at or NOW) - NOW)
    assert [wait.total_seconds() for wait in waits] == [*TROUBLE_WAITS, TROUBLE_WAITS[-1], TROUBLE_WAITS[-1]]
    moving = noted(mailing, ["a"], [SENT], NOW)
    assert (moving.tries, moving.error, moving.work_at) == (0, None, NOW)


def test_the_wait_that_the_other_side_asks_for_is_kept() -> None:
    assert paused(MAILING, "slow down", NOW, 5 * MINUTE).not_before == NOW + 5 * MINUTE
    assert owe(MAILING, "sub_1", Outcome(Verdict.LATER, "x", 9 * MINUTE), NOW).not_before == NOW + 9 * MINUTE


def test_a_paused_mailing_stands_since_its_last_message() -> None:
    assert paused(noted(MAILING, ["a"], [SENT], NOW + MINUTE), "down", NOW + 9 * MINUTE).waits_since == NOW + MINUTE


def test_a_message_is_put_off_a_few_times() -> None:
    owed = owe(MAILING, "sub_1", Outcome(Verdict.LATER, "busy"), NOW)
    waits = [owed.not_before - NOW]
    while (again := put_off(owed, Outcome(Verdict.LATER, "busy"), NOW)) is not None:
        owed = again
        waits.append(owed.not_before - NOW)
    assert [wait.total_seconds() for wait in waits] == list(OWED_WAITS)


@pytest.mark.parametrize("state", [MailingState.DONE, MailingState.SUPERSEDED, MailingState.WITHDRAWN])
def test_what_has_ended_stays_as_it_ended_and_has_no_work(state: MailingState) -> None:
    ended = finished(replace(MAILING, done=("a",)), state, NOW, stale=4)
    assert (ended.state, ended.done, ended.stale, ended.work_at) == (state, (), 4, None)
    assert finished(ended, MailingState.DONE, NOW + MINUTE, stale=1) == ended
    assert (ended.lane, ended.thread) == (f"mail {state}", "mail inc_1")


@pytest.mark.parametrize(("unsent", "tried", "smells"), [
    (0, 200, False), (19, 19, False), (20, 40, False), (21, 40, True), (20, 20, True), (100, 200, False),
    (101, 200, True), (200, 200, True),
])  # fmt: skip
def test_a_batch_of_which_more_than_half_is_not_taken_smells_of_us(unsent: int, tried: int, smells: bool) -> None:
    why = why_suspicious([Outcome(Verdict.GONE, "550 no")] * unsent, tried)
    assert (why is not None) is smells
    assert why is None or why == f"{unsent} of {tried} were not taken: 550 no"
