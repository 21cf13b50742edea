"""A mailing that a person lets wait, lets go on, or hurries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Refused
from domain.told.mailing import SENT, Mailing, MailingState, finished, held, hurried, noted, paused, released
from domain.told.subscriber import Channel
from tests.domain.make import NOW

RUNNING = Mailing("mailing_1", Channel.MAIL, "inc_1", "upd_1", NOW, NOW)
DONE = replace(RUNNING, state=MailingState.DONE, finished_at=NOW)
HOUR = timedelta(hours=1)


def test_a_held_mailing_has_no_work_until_it_goes_on_and_its_clock_begins_anew() -> None:
    waits = held(paused(RUNNING, "down", NOW), "Ada")
    assert (waits.state, waits.held_by, waits.work_at, waits.lane) == (MailingState.HELD, "Ada", None, "mail held")
    assert not waits.is_over
    assert held(waits, "Bora") == waits, "who was first stays"
    on = released(waits, NOW + HOUR)
    assert (on.state, on.held_by, on.tries, on.waits_since) == (MailingState.RUNNING, None, 0, NOW + HOUR)
    assert on.work_at == on.created_at


def test_what_is_under_way_is_still_noted() -> None:
    after = noted(held(RUNNING, "Ada"), ["sub_1"], [SENT], NOW)
    assert (after.state, after.sent) == (MailingState.HELD, 1)


def test_of_a_finished_one_those_who_were_put_off_can_wait() -> None:
    waits = held(replace(DONE, owed=3), "Ada")
    assert (waits.state, waits.held_by) == (MailingState.DONE, "Ada")
    assert released(waits, NOW).state is MailingState.DONE


@pytest.mark.parametrize(
    ("state", "still"), [(MailingState.DONE, "Ada"), (MailingState.SUPERSEDED, None), (MailingState.WITHDRAWN, None)]
)
def test_a_newer_word_ends_it_though_it_is_held(state: MailingState, still: str | None) -> None:
    over = finished(held(RUNNING, "Ada"), state, NOW)
    assert (over.state, over.held_by) == (state, still)


def test_hurrying_forgets_the_wait() -> None:
    assert hurried(paused(RUNNING, "down", NOW)).work_at == NOW
    assert hurried(replace(DONE, owed=1)).not_before is None


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: held(DONE, "Ada"), "This mailing is over."),
        (lambda: released(RUNNING, NOW), "This mailing is not paused."),
        (lambda: hurried(held(RUNNING, "Ada")), "This mailing is paused; let it go on first."),
        (lambda: hurried(DONE), "Nothing of this mailing waits."),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(act: object, words: str) -> None:
    with pytest.raises(Refused, match=words):
        act()  # type: ignore[operator]
