"""Alertmanager's webhook, as Prometheus documents it: one bad alert never loses its body."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import PermanentError
from listener.alertmanager import MAX_ALERTS, Monitor, parse_alerts

NOW = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)
MONITOR = Monitor("prometheus", "service", {"checkout": "payments"}, ("payments", "delivery"))


def one(**changes: Any) -> dict[str, Any]:
    """A firing alert as Alertmanager 0.28 sends it."""
    return {
        "status": "firing", "labels": {"alertname": "HighErrorRate", "service": "checkout", "severity": "page"},
        "annotations": {"summary": "5xx over 5%"}, "startsAt": "2026-03-06T13:58:12.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus/graph", "fingerprint": "c0ffee",
        **changes,
    }  # fmt: skip


def body(*alerts: Any) -> bytes:
    return json.dumps({"version": "4", "status": "firing", "receiver": "hubbub", "alerts": alerts}).encode()


def test_a_firing_alert_names_its_component_and_its_start() -> None:
    (alert,) = parse_alerts(body(one()), MONITOR, NOW).alerts
    assert (alert.name, alert.component, alert.monitor) == ("HighErrorRate", "payments", "prometheus")
    assert alert.firing
    assert alert.words == "HighErrorRate firing since 13:58 UTC"
    assert alert.summary == "5xx over 5%"


def test_the_end_of_an_alert_is_the_same_record() -> None:
    fires, ends = one(), one(status="resolved", endsAt="2026-03-06T14:20:00Z")
    first, second = parse_alerts(body(fires, ends), MONITOR, NOW).alerts
    assert first.id == second.id
    assert second.words == "HighErrorRate resolved at 14:20 UTC"
    again = parse_alerts(body(one(startsAt="2026-03-06T14:25:00Z")), MONITOR, NOW).alerts[0]
    assert again.id != first.id


@pytest.mark.parametrize(
    ("labels", "component"),
    [
        ({"service": "checkout"}, "payments"),
        ({"service": "delivery"}, "delivery"),
        ({"service": "search"}, None),
        ({"service": ["delivery"]}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_label_names_the_component_by_the_mapping_or_by_our_own_name(labels: Any, component: str | None) -> None:
    (alert,) = parse_alerts(body(one(labels=labels)), MONITOR, NOW).alerts
    assert alert.component == component


def test_a_start_in_the_future_is_now() -> None:
    (alert,) = parse_alerts(body(one(startsAt="2026-03-06T18:00:00Z")), MONITOR, NOW).alerts
    assert alert.started_at == NOW


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (one(status="pending"), "`status` must be firing or resolved, not 'pending'"),
        (one(status=None), "`status` is missing or no text"),
        (one(startsAt="soon"), "`startsAt` is no readable date"),
        ("text", "`status` is missing or no text"),
    ],
)
def test_an_alert_that_cannot_be_read_is_set_aside_alone(bad: Any, reason: str) -> None:
    pushed = parse_alerts(body(bad, one()), MONITOR, NOW)
    assert len(pushed.alerts) == 1
    assert [aside.reason for aside in pushed.set_aside] == [reason]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "no list `alerts`"),
        (b'{"alerts": {}}', "no list `alerts`"),
        (b"[" * 100_000, "not valid JSON"),
        (body(*[one()] * (MAX_ALERTS + 1)), "more than 1000 alerts"),
    ],
)
def test_what_is_no_webhook_is_refused_in_one_sentence(wrong: bytes, says: str) -> None:
    with pytest.raises(PermanentError, match=says):
        parse_alerts(wrong, MONITOR, NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
)


@settings(deadline=None, max_examples=60)
@given(st.lists(JSON, max_size=3), st.dictionaries(st.sampled_from(list(one())), JSON))
def test_nothing_in_an_alert_breaks_the_reading(others: list[Any], changes: dict[str, Any]) -> None:
    pushed = parse_alerts(body(*others, one(**changes), one()), MONITOR, NOW)
    assert len(pushed.alerts) + len(pushed.set_aside) == len(others) + 2
    assert len(pushed.alerts) >= 1
