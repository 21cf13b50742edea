"""Bars and availability follow from the incidents alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.component import ComponentStatus
from domain.incidents.incident import IncidentStatus
from status_page.pages.uptime import DAYS, incident_spans, records
from tests.status_page.builders import NOW, incident, minutes, resolved, update

DEGRADED, PARTIAL, MAJOR = (
    ComponentStatus.DEGRADED_PERFORMANCE, ComponentStatus.PARTIAL_OUTAGE, ComponentStatus.MAJOR_OUTAGE
)  # fmt: skip
WINDOW = timedelta(days=DAYS - 1, hours=14, minutes=10)  # from midnight of the first day to NOW


def test_without_incidents_a_component_was_always_up() -> None:
    record = records(["payments"], [], NOW)["payments"]
    assert (record.uptime, record.bad_days, record.first_day) == (100.0, {}, date(2026, 8, 24))


@pytest.mark.parametrize(
    ("state", "weight"), [(MAJOR, 1.0), (PARTIAL, 0.3), (DEGRADED, 0.0), (ComponentStatus.UNDER_MAINTENANCE, 0.0)]
)
def test_states_weigh_differently(state: ComponentStatus, weight: float) -> None:
    record = records(["payments"], [resolved(lasted=timedelta(hours=10), state=state)], NOW)["payments"]
    assert record.uptime == pytest.approx(100 * (1 - weight * timedelta(hours=10) / WINDOW))
    assert list(record.bad_days.values()) == [state]


def test_an_outage_over_midnight_marks_both_days() -> None:
    ended = NOW.replace(hour=1, minute=0) - timedelta(days=3)
    record = records(["payments"], [resolved(ended=ended, lasted=timedelta(hours=3))], NOW)["payments"]
    assert set(record.bad_days) == {date(2026, 11, 17), date(2026, 11, 18)}


def test_an_end_at_midnight_leaves_the_new_day_clean() -> None:
    ended = NOW.replace(hour=0, minute=0) - timedelta(days=3)
    record = records(["payments"], [resolved(ended=ended)], NOW)["payments"]
    assert set(record.bad_days) == {date(2026, 11, 17)}


def test_overlapping_incidents_count_a_moment_once_by_the_worst() -> None:
    ended = NOW - timedelta(days=5)
    both = [
        resolved("a", ended, timedelta(hours=4), PARTIAL),
        resolved("b", ended - timedelta(hours=1), timedelta(hours=2), MAJOR),
    ]
    record = records(["payments"], both, NOW)["payments"]
    down = timedelta(hours=2) + 0.3 * timedelta(hours=2)
    assert record.uptime == pytest.approx(100 * (1 - down / WINDOW))
    assert list(record.bad_days.values()) == [MAJOR]


def test_trouble_counts_from_when_customers_felt_it_until_each_change() -> None:
    known = incident(
        update(1, at=NOW - minutes(60)),
        update(2, IncidentStatus.MONITORING, at=NOW - minutes(20), components={"payments": DEGRADED}),
    )
    spans = [(span.status, span.start, span.end) for _, span in incident_spans(known, NOW)]
    assert spans == [(PARTIAL, NOW - minutes(73), NOW - minutes(20)), (DEGRADED, NOW - minutes(20), NOW)]


def test_a_reopened_incident_does_not_count_the_quiet_between() -> None:
    ok, bad = {"payments": ComponentStatus.OPERATIONAL}, {"payments": MAJOR}
    known = incident(
        update(1, at=NOW - minutes(60), components=bad),
        update(2, IncidentStatus.RESOLVED, at=NOW - minutes(50), components=ok),
        update(3, IncidentStatus.INVESTIGATING, at=NOW - minutes(10), components=bad),
        started_at=NOW - minutes(60),
    )
    spans = [(span.start, span.end) for _, span in incident_spans(known, NOW)]
    assert spans == [(NOW - minutes(60), NOW - minutes(50)), (NOW - minutes(10), NOW)]


def test_what_was_before_the_window_is_forgotten_and_what_reaches_into_it_is_cut() -> None:
    before = resolved("a", NOW - timedelta(days=200))
    into = resolved("b", NOW - WINDOW + timedelta(hours=1), timedelta(hours=10))
    record = records(["payments"], [before, into], NOW)["payments"]
    assert set(record.bad_days) == {record.first_day}
    assert record.uptime == pytest.approx(100 * (1 - timedelta(hours=1) / WINDOW))


def test_components_without_a_record_are_left_out() -> None:
    assert set(records(["delivery"], [resolved()], NOW)) == {"delivery"}
