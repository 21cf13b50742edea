"""A signal that is only for a look: it calls nobody, until other sources report the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.incidents.signal import (
    Signal,
    SignalState,
    acknowledge,
    confirmed,
    dismiss,
    joined,
    observe,
    parted,
    silence,
    woken,
)
from tests.domain.make import ADA, NOW, evidence, signal

WAIT = timedelta(minutes=5)
WHY = "for a look: only our own form reports it"


def look(**changes: object) -> Signal:
    return signal(evidence=evidence(quiet=WHY), escalate_at=None, **changes)


def test_other_sources_turn_a_look_into_an_alert() -> None:
    loud = confirmed(observe(look(), SignalState.OPEN, evidence(), NOW), WAIT, NOW)
    assert (loud.escalate_at, loud.evidence.quiet) == (NOW + WAIT, "")
    assert loud.history[-1].text == "other sources report it too: no longer only for a look"


def test_what_was_loud_once_is_never_quiet_again() -> None:
    assert observe(signal(), SignalState.OPEN, evidence(people=20, quiet=WHY), NOW).evidence.quiet == ""
    assert observe(look(), SignalState.OPEN, evidence(people=20, quiet=WHY), NOW).evidence.quiet == WHY


@pytest.mark.parametrize(
    "cared_for",
    [
        lambda s: acknowledge(s, ADA, NOW), lambda s: silence(s, NOW + WAIT, ADA, NOW),
        lambda s: joined(s, signal(id="sig_0"), "Delivery", NOW), lambda s: replace(s, incident_id="inc_1"),
        lambda s: replace(s, state=SignalState.RECOVERING),
    ],
    ids=["acknowledged", "silenced", "part of a story", "declared", "recovering"],
)  # fmt: skip
def test_who_is_cared_for_calls_nobody_when_it_turns_loud(cared_for: object) -> None:
    before = cared_for(look())  # type: ignore[operator]
    loud = confirmed(observe(before, before.state, evidence(), NOW), WAIT, NOW)
    assert loud.escalate_at is None


def test_one_that_is_over_stays_so() -> None:
    gone = dismiss(look(), "a joke", ADA, NOW)
    assert confirmed(gone, WAIT, NOW) is gone


def test_neither_the_end_of_a_silence_nor_of_a_story_makes_a_look_loud() -> None:
    silenced = silence(look(), NOW + WAIT, ADA, NOW)
    assert woken(silenced, WAIT, NOW + WAIT).escalate_at is None
    part = joined(look(), signal(id="sig_0"), "Delivery", NOW)
    assert parted(part, WAIT, NOW).escalate_at is None


def test_where_nobody_is_to_be_called_it_only_says_so() -> None:
    assert confirmed(observe(look(), SignalState.OPEN, evidence(), NOW), None, NOW).escalate_at is None
