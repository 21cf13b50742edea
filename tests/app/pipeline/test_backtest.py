"""The past told again: late reports count where they were said, and other settings show other alarms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.pipeline.backtest import Backtest, months
from app.pipeline.past import Retelling
from domain.heard.mention import MentionRecord
from domain.incidents.maintenance import Maintenance
from sentiment.spikes import Bucket, Sensitivity, Settings, minute_of, moment_of
from tests.app.desk.office import COMPONENTS
from tests.domain.make import NOW, mention, record

MINUTE = timedelta(minutes=1)
DAY = 1440
START = minute_of(NOW) - 9 * DAY


def said(native: str, at: datetime, *, late: timedelta = timedelta(), **changes: Any) -> MentionRecord:
    author = mention().author.__class__(native, native, native)
    return record(mention(native=native, created_at=at, author=author), received_at=at + late, **changes)


def told(records: Iterable[MentionRecord], until: datetime) -> list[Bucket]:
    return [bucket for name, bucket in Retelling(COMPONENTS).tell(records, until) if name == "payments"]


def test_every_minute_is_told_once_also_those_in_which_nobody_spoke() -> None:
    buckets = told([said("1", NOW), said("2", NOW + 3 * 60 * MINUTE)], NOW + 240 * MINUTE)
    minutes = [bucket.minute for bucket in buckets]
    assert minutes == list(range(minutes[0], minutes[0] + len(minutes)))
    assert len(minutes) > 230
    assert sum(bucket.outage for bucket in buckets) == 2


@pytest.mark.parametrize(
    ("late", "history", "counted_in"),
    [(timedelta(0), False, 0), (MINUTE, False, 0), (10 * MINUTE, False, 8), (20 * MINUTE, False, 0),
     (timedelta(days=3), True, 0)],
)  # fmt: skip
def test_what_came_too_late_to_alarm_counts_where_it_was_said(late: timedelta, history: bool, counted_in: int) -> None:
    buckets = told([said("0", NOW - 5 * MINUTE), said("1", NOW, late=late, history=history)], NOW + 60 * MINUTE)
    assert [b.minute - minute_of(NOW) for b in buckets if b.outage and b.minute >= minute_of(NOW)] == [counted_in]


def test_pages_of_mentions_may_come_one_after_the_other() -> None:
    records = [said(str(n), NOW + n * MINUTE, late=4 * MINUTE) for n in range(50)]
    whole = told(records, NOW + 90 * MINUTE)
    retelling, parts = Retelling(COMPONENTS), []
    for begin in range(0, 90, 10):
        page = [r for r in records if 0 <= (r.mention.created_at - NOW) / MINUTE - begin < 10]
        parts += list(retelling.tell(page, NOW + (begin + 10) * MINUTE))
    assert [bucket for name, bucket in parts if name == "payments"] == whole


# --- alarms


def town(minutes: int = 9 * DAY + 600) -> Iterable[tuple[str, Bucket]]:
    """Quiet days, then at 9 days + 60 min payments fail for an hour, delivery ten minutes later."""
    for i in range(minutes):
        bad = 9 * DAY + 60 <= i < 9 * DAY + 120
        small = 9 * DAY + 300 <= i < 9 * DAY + 309 and i % 3 == 0
        for name, begins in (("payments", 0), ("delivery", 10)):
            loud = 2 if bad and i >= 9 * DAY + 60 + begins else int(small and name == "payments")
            yield name, Bucket(START + i, loud + int(i % 240 == 17), int(i % 60 == 3), 2, 0)


def run(settings: Settings | None = None, **changes: Any) -> Backtest:
    test = Backtest(settings or Settings(), changes.pop("begin", NOW), **changes)
    test.take(town())
    return test


def test_an_alarm_tells_its_times_its_people_and_its_delay() -> None:
    first = run().alarms[0]
    began = moment_of(START + 9 * DAY + 60)
    assert first.component == "payments"
    assert began - 30 * MINUTE <= first.first_report <= began
    assert first.opened - began < 10 * MINUTE
    assert first.delay == first.opened - first.first_report
    assert first.opened <= first.peak < began + 70 * MINUTE
    assert first.peak_people >= 45
    assert 115 <= first.people <= 130
    assert first.closed is not None and first.closed > began + 60 * MINUTE


def test_components_that_fail_together_page_once() -> None:
    payments, delivery = run().alarms[:2]
    assert (payments.pages, delivery.component, delivery.part_of, delivery.pages) == (
        True, "delivery", "payments", False,
    )  # fmt: skip


def test_a_low_sensitivity_or_more_people_leave_small_rises_alone() -> None:
    low = run(Settings(sensitivity=Sensitivity.LOW, minimum_people=30))
    high = run(Settings(sensitivity=Sensitivity.HIGH, minimum_people=2))
    assert len(low.alarms) <= len(high.alarms)
    assert min(a.opened for a in low.alarms) >= min(a.opened for a in high.alarms)


def test_what_happened_before_the_time_only_warms_up() -> None:
    test = run(begin=NOW + 500 * MINUTE)
    assert test.alarms == []
    assert test.states["payments"].baseline.minutes > 9 * DAY


def test_maintenance_is_marked_and_pages_nobody() -> None:
    work = Maintenance(("payments",), NOW, NOW + timedelta(hours=4))
    alarms = run(maintenance=(work,)).alarms
    assert [(a.component, a.muted, a.pages) for a in alarms[:2]] == [
        ("payments", True, False), ("delivery", False, True),
    ]  # fmt: skip


def test_months_are_summed_up() -> None:
    (month,) = months(run().alarms)
    assert (month.month, month.alarms, month.pages) == ("2026-03", 2, 1)
    assert timedelta() < month.median_delay < timedelta(hours=1)
    assert months([]) == []


def test_nothing_is_said_of_what_is_only_watched() -> None:
    assert all(count >= 0 for count in run(Settings(minimum_people=500)).notes.values())
    assert run(Settings(minimum_people=500)).alarms == []
    assert sum(run(Settings(minimum_people=500)).notes.values()) >= 1
