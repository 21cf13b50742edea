"""Any monitor's body: flat, Uptime Kuma's, Gatus', or by the fields of the settings; bad items never lose the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import PermanentError
from listener.alertmanager import Monitor
from listener.monitor_hook import Report, parse_reports

MONITOR = Monitor("mon", "service", {"checkout": "payments"}, ("payments", "delivery"))
AT = datetime(2026, 3, 6, 16, 35, tzinfo=UTC)
FLAT = {
    "name": "Checkout", "component": "checkout", "state": "firing", "started_at": "2026-03-06T16:35:00Z",
    "summary": "5 % errors",
}  # fmt: skip
KUMA = {
    "heartbeat": {"monitorID": 1, "status": 0, "time": "2026-03-06 16:35:00", "msg": "timeout"},
    "monitor": {"id": 1, "name": "checkout"}, "msg": "[checkout] [Down] timeout",
}  # fmt: skip
NESTED = {"event": {"title": "Checkout", "tags": {"svc": "checkout"}, "kind": "RECOVERY", "since": 1772814900}}


def read(item: object, monitor: Monitor = MONITOR) -> Report:
    found = parse_reports(json.dumps(item).encode(), monitor)
    assert found.set_aside == ()
    return found.reports[0]


def test_a_flat_body_needs_no_setting() -> None:
    assert read(FLAT) == Report("Checkout", "payments", True, AT, "5 % errors")
    assert read(FLAT | {"component": "delivery", "state": "Resolved"}).component == "delivery"
    assert read(FLAT | {"component": "moon", "started_at": "?"}) == Report("Checkout", None, True, None, "5 % errors")


def test_uptime_kuma_is_known_by_its_heartbeat() -> None:
    assert read(KUMA) == Report("checkout", "payments", True, None, "[checkout] [Down] timeout")
    assert not read({**KUMA, "heartbeat": {"status": 1}}).firing


def test_the_settings_say_where_the_fields_of_another_body_are() -> None:
    fields = {"name": "event.title", "component": "event.tags.svc", "state": "event.kind", "started_at": "event.since"}
    report = read(NESTED, Monitor("m", "service", {"checkout": "payments"}, (), fields))
    assert report == Report("Checkout", "payments", False, AT, "")


@pytest.mark.parametrize("state", ["pending", "2", "", None, ["firing"]])
def test_a_state_that_says_neither_is_set_aside_and_the_rest_goes_on(state: object) -> None:
    found = parse_reports(json.dumps([{**FLAT, "state": state}, FLAT]).encode(), MONITOR)
    assert len(found.reports) == 1
    assert "says neither" in found.set_aside[0].reason


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"[1]", b'"x"', b"null", b"[" * 9999, b"[{}" + b",{}" * 1000 + b"]"]
)
def test_what_is_no_report_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(PermanentError):
        parse_reports(body, MONITOR)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner, max_size=3)))
def test_any_object_is_read_or_set_aside(value: object) -> None:
    found = parse_reports(json.dumps([{**FLAT, "name": value, "state": value}]).encode(), MONITOR)
    assert len(found.reports) + len(found.set_aside) == 1
