"""What a subscriber may become, and which word is for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.told.subscriber import (
    FORGIVEN,
    MOST_ASKS,
    REMIND_REST,
    REST,
    Channel,
    Errand,
    Standing,
    Subscriber,
    Wish,
    asked,
    changed,
    confirmed,
    reached,
    refused,
    resumed,
    stopped,
    subscriber_id,
    why_not,
)
from tests.domain.make import NOW

WISH = Wish(Channel.MAIL, "zeynep@mail.example", "tr", ("payments",))
HOUR = timedelta(hours=1)


def active(**changes: Any) -> Subscriber:
    return replace(confirmed(asked(None, WISH, NOW), NOW), **changes)


def test_a_new_address_waits_for_its_confirmation() -> None:
    new = asked(None, WISH, NOW)
    assert (new.state, new.errand, new.work_at, new.components, new.language) == (
        Standing.PENDING, Errand.CONFIRM, NOW, ("payments",), "tr"
    )  # fmt: skip
    assert new.lane == "mail pending"


def test_capitals_make_no_other_subscriber_of_a_mail_address_but_of_a_web_address() -> None:
    assert subscriber_id(Channel.MAIL, "A@b.example") == subscriber_id(Channel.MAIL, "a@b.example")
    assert subscriber_id(Channel.WEBHOOK, "https://b.example/A") != subscriber_id(
        Channel.WEBHOOK, "https://b.example/a"
    )
    assert subscriber_id(Channel.SLACK, "https://b.example/") != subscriber_id(Channel.WEBHOOK, "https://b.example/")


def test_asking_again_before_confirming_takes_the_newest_wish_and_not_more_than_a_few_mails() -> None:
    one = asked(None, WISH, NOW)
    for number in range(5):
        one = asked(replace(one, errand=None, told_at=NOW), replace(WISH, language="fa"), NOW + number * HOUR)
    assert (one.asks, one.language, one.asked_at) == (MOST_ASKS, "fa", NOW)
    assert one.errand is None


@pytest.mark.parametrize(("rested", "errand"), [(REMIND_REST, Errand.REMIND), (REMIND_REST - HOUR, None)])
def test_whoever_is_active_is_reminded_once_a_day_at_most_and_never_changed(
    rested: timedelta, errand: Errand | None
) -> None:
    known = active(told_at=NOW)
    after = asked(known, replace(WISH, components=("delivery",), language="en"), NOW + rested)
    assert after.errand is errand
    assert (after.components, after.language, after.state) == (known.components, known.language, Standing.ACTIVE)


def test_errands_keep_their_distance() -> None:
    gone = stopped(active(told_at=NOW), NOW)
    assert asked(gone, WISH, NOW).errand_at == NOW + REST


@pytest.mark.parametrize("state", [Standing.STOPPED, Standing.BOUNCED])
def test_what_is_over_begins_anew_with_a_confirmation(state: Standing) -> None:
    again = asked(active(state=state, ended_at=NOW, failures=3, error="x"), WISH, NOW + HOUR)
    assert (again.state, again.asked_at, again.failures, again.error, again.ended_at) == (
        Standing.PENDING, NOW + HOUR, 0, None, None
    )  # fmt: skip


def test_confirming_and_stopping_twice_changes_nothing() -> None:
    known = active()
    assert confirmed(known, NOW + HOUR) == known
    over = stopped(known, NOW)
    assert stopped(over, NOW + HOUR) == over


def test_whoever_stopped_can_begin_again_but_not_whoever_never_confirmed() -> None:
    assert resumed(stopped(active(), NOW), NOW + HOUR).confirmed_at == NOW + HOUR
    never = stopped(asked(None, WISH, NOW), NOW)
    assert resumed(never, NOW + HOUR) == never


def test_changing_keeps_the_state() -> None:
    assert changed(active(), (), "fa").state is Standing.ACTIVE


def test_one_no_such_user_or_three_others_in_a_row_end_it() -> None:
    assert refused(active(), "5.1.1", NOW, gone=True).state is Standing.BOUNCED
    one = refused(active(), "5.2.2", NOW, gone=False)
    two = refused(one, "5.2.2", NOW, gone=False)
    assert two.state is Standing.ACTIVE
    assert refused(two, "5.2.2", NOW, gone=False).state is Standing.BOUNCED
    assert refused(reached(two), "5.2.2", NOW, gone=False).failures == 1
    assert refused(two, "5.2.2", NOW + FORGIVEN + HOUR, gone=False).failures == 1


def test_a_bounce_that_came_later_is_not_disproved_by_a_mail_that_was_taken() -> None:
    late = refused(active(), "5.2.2", NOW, gone=False, late=True)
    assert reached(late) == late


def test_only_the_active_can_bounce() -> None:
    over = stopped(active(), NOW)
    assert refused(over, "5.1.1", NOW, gone=True) == over


@pytest.mark.parametrize(("changes", "touched", "reason"), [
    ({}, {"payments"}, None), ({}, {"payments", "delivery"}, None), ({}, set(), None),
    ({}, {"delivery"}, "wants other components"), ({"components": ()}, {"delivery"}, None),
    ({"components": ()}, set(), None), ({"components": ("payments", "delivery")}, {"delivery"}, None),
    ({"state": Standing.PENDING}, {"payments"}, "is pending"), ({"state": Standing.STOPPED}, set(), "is stopped"),
    ({"state": Standing.BOUNCED}, set(), "is bounced"), ({"confirmed_at": None}, set(), "is active"),
    ({"confirmed_at": NOW + HOUR * 2}, {"payments"}, "subscribed after it was said"),
])  # fmt: skip
def test_why_a_word_is_not_for_a_subscriber(changes: dict[str, Any], touched: set[str], reason: str | None) -> None:
    assert why_not(active(**changes), touched, NOW + HOUR) == reason


def test_no_address_is_shown_by_accident() -> None:
    assert "zeynep" not in repr(active()) + repr(WISH) + str(active())
