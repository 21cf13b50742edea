"""Cases: why they open, who has them, when an answer is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.care import case as rules
from domain.care.case import CarePolicy, Case, CaseStatus, FlagCode, why_flag
from domain.errors import Refused
from domain.heard.classification import Classification
from domain.heard.mention import Mention
from domain.work import DeliveryState
from tests.domain.make import ADA, BORA, NOW, REPORT, case, delivery, meaning, mention, record

HAPPY = meaning(is_complaint=False, complaint=0.05)


@pytest.mark.parametrize(
    ("said", "understood", "own", "reason"),
    [
        (mention(), meaning(), False, FlagCode.COMPLAINT),
        (mention(), meaning(), True, None),
        (mention(), HAPPY, False, None),
        (mention(rating=2), HAPPY, False, FlagCode.LOW_RATING),
        (mention(rating=3), HAPPY, False, None),
        (mention(kind=REPORT), HAPPY, False, FlagCode.REPORT),
        (mention(kind=REPORT), meaning(), True, None),
    ],
)
def test_a_mention_is_flagged_for_one_reason_or_not_at_all(
    said: Mention, understood: Classification, own: bool, reason: FlagCode | None
) -> None:
    flagged = why_flag(said, understood, own=own, policy=CarePolicy())
    assert (flagged.code if flagged else None) == reason


def test_the_answer_is_due_an_hour_later_also_on_a_friday_afternoon() -> None:
    assert case().due_at == NOW + timedelta(hours=1)


def test_the_first_claim_wins_and_the_second_is_told_who_has_it() -> None:
    taken = rules.claim(case(), ADA, NOW)
    assert taken.assignee == ADA
    with pytest.raises(Refused, match="Ada has this case"):
        rules.claim(taken, BORA, NOW)


def test_claiming_twice_changes_nothing() -> None:
    taken = rules.claim(case(), ADA, NOW)
    assert rules.claim(taken, ADA, NOW) is taken


def test_a_released_case_can_be_claimed_by_somebody_else() -> None:
    free = rules.release(rules.claim(case(), ADA, NOW), ADA, NOW)
    assert rules.claim(free, BORA, NOW).assignee == BORA


def test_a_reply_answers_the_case_and_is_queued_in_the_same_record() -> None:
    answered = rules.reply(case(), delivery(state=DeliveryState.PENDING), ADA, NOW)
    assert answered.status is CaseStatus.ANSWERED
    assert answered.first_response_at == NOW
    assert answered.assignee == ADA
    assert answered.work_at is not None


def test_a_reply_that_a_person_must_post_leaves_the_case_open_until_it_is_marked() -> None:
    waiting = rules.reply(case(), delivery(state=DeliveryState.ASSISTED), ADA, NOW)
    assert waiting.status is CaseStatus.OPEN
    done = rules.mark_answered(waiting, ADA, NOW + timedelta(minutes=2))
    assert done.status is CaseStatus.ANSWERED
    assert done.replies[0].state is DeliveryState.SENT


def test_the_same_reply_submitted_twice_is_one_reply() -> None:
    once = rules.reply(case(), delivery(state=DeliveryState.ASSISTED), ADA, NOW)
    assert rules.reply(once, delivery(state=DeliveryState.ASSISTED), ADA, NOW) is once


@pytest.mark.parametrize(
    "act",
    [
        lambda c: rules.claim(c, ADA, NOW),
        lambda c: rules.release(c, ADA, NOW),
        lambda c: rules.dismiss(c, ADA, NOW),
        lambda c: rules.snooze(c, NOW + timedelta(hours=1), ADA, NOW),
        lambda c: rules.mark_answered(c, ADA, NOW),
    ],
)
@pytest.mark.parametrize("status", [CaseStatus.ANSWERED, CaseStatus.DISMISSED, CaseStatus.CLOSED])
def test_nothing_can_be_done_with_a_case_that_is_over(act: Callable[[Case], Case], status: CaseStatus) -> None:
    with pytest.raises(Refused, match=status):
        act(case(status=status))


def test_a_snoozed_case_comes_back_when_its_time_has_come_and_not_before() -> None:
    asleep = rules.snooze(case(), NOW + timedelta(minutes=15), ADA, NOW)
    assert rules.wake(asleep, NOW + timedelta(minutes=14)).status is CaseStatus.SNOOZED
    assert rules.wake(asleep, NOW + timedelta(minutes=15)).status is CaseStatus.OPEN
    assert asleep.attend_at == NOW + timedelta(minutes=15)


def test_snoozing_into_the_past_is_refused() -> None:
    with pytest.raises(Refused):
        rules.snooze(case(), NOW, ADA, NOW)


@pytest.mark.parametrize(("minutes", "level"), [(0, 0), (29, 0), (30, 1), (48, 2), (59, 2), (60, 3), (600, 3)])
def test_warnings_come_at_half_at_four_fifths_and_at_the_end(minutes: int, level: int) -> None:
    assert rules.warn_level(case(), NOW + timedelta(minutes=minutes)) == level


def test_the_clock_stops_with_the_first_answer() -> None:
    answered = rules.reply(case(), delivery(state=DeliveryState.PENDING), ADA, NOW)
    assert rules.warn_level(answered, NOW + timedelta(hours=5)) == 0
    assert answered.attend_at is None


def test_a_warning_is_given_once() -> None:
    warned = rules.warn(case(), 1, NOW)
    assert rules.warn(warned, 1, NOW) is warned
    assert len(warned.history) == 1


def test_another_mention_joins_once_and_counts_the_contact() -> None:
    again = record(mention("still nothing", native="2"))
    joined = rules.join(case(), again, NOW)
    assert (joined.contacts, joined.text, joined.due_at) == (2, "still nothing", case().due_at)
    assert rules.join(joined, again, NOW) is joined


def test_a_case_belongs_to_one_incident() -> None:
    linked = rules.link(case(), "inc_1", ADA, NOW)
    assert rules.link(linked, "inc_1", ADA, NOW) is linked
    with pytest.raises(Refused, match="another incident"):
        rules.link(linked, "inc_2", ADA, NOW)


def test_an_empty_note_is_refused() -> None:
    with pytest.raises(Refused):
        rules.note(case(), "  ", ADA, NOW)


def test_only_an_active_case_holds_the_key_of_its_problem() -> None:
    assert case().open_key is not None
    assert case(status=CaseStatus.ANSWERED).open_key is None
