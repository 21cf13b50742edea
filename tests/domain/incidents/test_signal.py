"""A signal's story: who is called for it, and what its timeline tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.incidents import signal as signals
from domain.incidents.maintenance import Maintenance, ended_since, muted_until
from domain.incidents.notice import MOST_A_DAY, Notice, NoticeKind, why_no_notice
from domain.incidents.signal import Signal, SignalState
from tests.domain.make import ADA, NOW, signal

WAIT = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def last(changed: Signal) -> str:
    return changed.history[-1].text if changed.history else ""


def test_maintenance_calls_nobody_until_it_ends_and_says_so_once() -> None:
    muted = signals.muted(signal(), NOW + HOUR, NOW)
    assert (muted.silenced_until, muted.escalate_at) == (NOW + HOUR, None)
    assert last(muted) == "calls nobody until 17:45 UTC: planned maintenance"
    assert signals.muted(muted, NOW + HOUR, NOW + timedelta(minutes=5)) == muted


def test_a_longer_silence_of_a_person_stands() -> None:
    silenced = signals.silence(signal(), NOW + 3 * HOUR, ADA, NOW)
    assert signals.muted(silenced, NOW + HOUR, NOW) == silenced


@pytest.mark.parametrize(
    ("changes", "called"),
    [
        ({}, True),
        ({"state": SignalState.RECOVERING}, False),
        ({"acknowledged_by": ADA}, False),
        ({"incident_id": "inc_1"}, False),
        ({"parent_id": "sig_0"}, False),
    ],
)
def test_a_silence_that_ran_out_calls_again_only_for_what_nobody_has_taken(
    changes: dict[str, Any], called: bool
) -> None:
    silenced = replace(signal(), silenced_until=NOW + HOUR, escalate_at=None, **changes)
    assert signals.woken(silenced, WAIT, NOW) == silenced  # it has not run out
    woken = signals.woken(silenced, WAIT, NOW + HOUR)
    assert woken.silenced_until is None
    assert woken.escalate_at == (NOW + HOUR + WAIT if called else None)
    assert (last(woken) == "the silence is over, and customers still report") is called
    assert signals.woken(woken, WAIT, NOW + 2 * HOUR) == woken


def test_a_part_of_a_story_calls_nobody_and_stands_alone_once_the_story_is_over() -> None:
    child = signals.joined(replace(signal(), id="sig_2"), signal(), "Payments", NOW)
    assert (child.parent_id, child.escalate_at) == ("sig_1", None)
    assert last(child) == "part of the same story as Payments, which calls people for both"
    alone = signals.parted(child, WAIT, NOW + HOUR)
    assert (alone.parent_id, alone.escalate_at) == (None, NOW + HOUR + WAIT)
    assert signals.parted(alone, WAIT, NOW + 2 * HOUR) == alone
    taken = signals.parted(replace(child, acknowledged_by=ADA), WAIT, NOW)
    assert (taken.parent_id, taken.escalate_at) == (None, None)


def test_what_a_monitor_says_is_written_once_and_not_under_what_is_over() -> None:
    remarked = signals.remarked(signal(), NOW, "monitor prom", "says: X firing")
    assert signals.remarked(remarked, NOW + HOUR, "monitor prom", "says: X firing") == remarked
    assert len(signals.remarked(remarked, NOW, "monitor prom", "says: X resolved").history) == 2
    over = signal(state=SignalState.CLOSED)
    assert signals.remarked(over, NOW, "monitor prom", "says: X firing") == over


# --- maintenance


PAYMENTS = Maintenance(("payments",), NOW, NOW + HOUR)
ALL = Maintenance((), NOW + HOUR, NOW + 2 * HOUR)


@pytest.mark.parametrize(
    ("component", "at", "until"),
    [
        ("payments", NOW - WAIT, None),
        ("payments", NOW, NOW + HOUR),
        ("delivery", NOW, None),
        ("", NOW, None),
        ("payments", NOW + HOUR, NOW + 2 * HOUR),
        ("", NOW + HOUR, NOW + 2 * HOUR),
        ("delivery", NOW + 2 * HOUR, None),
    ],
)
def test_maintenance_covers_its_components_from_its_start_to_its_end(
    component: str, at: datetime, until: datetime | None
) -> None:
    assert muted_until(component, (PAYMENTS, ALL), at) == until


def test_the_end_of_a_maintenance_is_known_for_as_long_as_it_matters() -> None:
    assert ended_since("payments", [PAYMENTS], NOW, NOW + HOUR) == NOW + HOUR
    assert ended_since("payments", [PAYMENTS], NOW, NOW + HOUR - WAIT) is None
    assert ended_since("payments", [PAYMENTS], NOW + HOUR, NOW + 2 * HOUR) is None
    assert ended_since("delivery", [PAYMENTS], NOW, NOW + HOUR) is None


# --- notices


def notice(kind: NoticeKind = NoticeKind.WATCH, component: str | None = "payments", hours: float = 1) -> Notice:
    return Notice(f"{kind}{component}{hours}", kind, component, NOW - timedelta(hours=hours), "Worth a look.")


@pytest.mark.parametrize(
    ("earlier", "reason"),
    [
        ([], None),
        ([notice()], "this was told within the last day"),
        ([notice(hours=25)], None),
        ([notice(component="delivery"), notice(NoticeKind.VOLUME, None)], None),
        ([notice(NoticeKind.VOLUME, "payments")], None),
        ([notice(component=f"c{n}") for n in range(MOST_A_DAY)], "4 notices were told within the last day"),
        ([notice(component=f"c{n}", hours=25) for n in range(9)], None),
    ],
)
def test_notices_are_few(earlier: list[Notice], reason: str | None) -> None:
    assert why_no_notice(NoticeKind.WATCH, "payments", earlier, NOW) == reason
