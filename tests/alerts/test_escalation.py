"""The next target is called only while nobody cares for the signal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts.escalation import Call, Target, Way, first_wait, next_target
from domain.incidents.signal import SignalState, escalated
from tests.alerts.records import ADA, NOW, a_signal

TARGETS = (
    Target("the second on call", Way.SLACK, "U2", timedelta(minutes=5)),
    Target("the phone bridge", Way.WEBHOOK, "https://hooks.example", timedelta(minutes=10)),
    Target("the head of care", Way.MAIL, "head@example.org", timedelta(minutes=15)),
)
DUE = {"escalate_at": NOW}


@pytest.mark.parametrize(
    ("changes", "called", "after"),
    [
        (DUE, "the second on call", timedelta(minutes=10)),
        (DUE | {"escalations": 1}, "the phone bridge", timedelta(minutes=15)),
        (DUE | {"escalations": 2}, "the head of care", None),
        (DUE | {"silenced_until": NOW - timedelta(minutes=1)}, "the second on call", timedelta(minutes=10)),
    ],
)
def test_the_next_one_on_the_list_is_called(changes: dict[str, Any], called: str, after: timedelta | None) -> None:
    call = next_target(a_signal(**changes), TARGETS, NOW)
    assert call is not None
    assert (call.target.name, call.after) == (called, after)
    assert call.reason == "nobody has acknowledged it in 10 min"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"escalate_at": NOW + timedelta(seconds=1)},
        DUE | {"escalations": 3},
        DUE | {"acknowledged_by": ADA},
        DUE | {"incident_id": "inc_1"},
        DUE | {"dismissed_reason": "a joke"},
        DUE | {"silenced_until": NOW + timedelta(minutes=1)},
        DUE | {"state": SignalState.CLOSED},
        DUE | {"state": SignalState.RECOVERING},
        DUE | {"state": SignalState.WATCH},
    ],
)
def test_nobody_is_called_when_it_is_not_needed(changes: dict[str, Any]) -> None:
    assert next_target(a_signal(**changes), TARGETS, NOW) is None


def test_the_whole_list_is_called_once_each_with_the_owners_waits() -> None:
    signal, now, called = a_signal(escalate_at=NOW), NOW, []
    while (call := next_target(signal, TARGETS, now)) is not None:
        called.append((call.target.address, now - NOW))
        signal = escalated(signal, call.target.name, call.after, now)
        now = signal.escalate_at or now
    assert called == [
        ("U2", timedelta(0)), ("https://hooks.example", timedelta(minutes=10)),
        ("head@example.org", timedelta(minutes=25)),
    ]  # fmt: skip
    assert signal.escalate_at is None


def test_the_first_wait_is_the_first_targets() -> None:
    assert first_wait(TARGETS) == timedelta(minutes=5)
    assert first_wait(()) is None
    assert next_target(a_signal(escalate_at=NOW), (), NOW) is None
    assert Call(TARGETS[0], None, "x").target.way == "slack"
