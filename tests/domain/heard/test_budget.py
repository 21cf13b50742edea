"""Paid sources stop before the bill: by UTC day, by month, with the reason and the time it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.heard.budget import OverBudget, spend, why_not
from domain.records import Spending

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spent", "cost", "now", "today", "month"),
    [
        (None, 0.5, NOON, 0.5, 0.5),
        (Spending("2026-11-22", 1.0, 9.0), 0.5, NOON, 1.5, 9.5),
        (Spending("2026-11-21", 1.0, 9.0), 0.5, NOON, 0.5, 9.5),  # a new day
        (Spending("2026-10-31", 1.0, 9.0), 0.5, NOON, 0.5, 0.5),  # a new month
        (Spending("2025-11-22", 1.0, 9.0), 0.5, NOON, 0.5, 0.5),  # the same month of another year
        (Spending("2026-11-22", 1.0, 9.0), 0.0, NOON, 1.0, 9.0),
    ],
)
def test_spending_is_counted_by_day_and_month(
    spent: Spending | None, cost: float, now: datetime, today: float, month: float
) -> None:
    after = spend(spent, cost, now)
    assert (after.day, after.today, after.month) == ("2026-11-22", today, month)


def test_the_day_is_the_one_of_utc_wherever_the_clock_stands() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    at = datetime(2026, 11, 23, 1, 0, tzinfo=tehran)  # still the 22nd in UTC
    assert spend(None, 1.0, at).day == "2026-11-22"
    over = why_not(1.0, None, Spending("2026-11-22", 1.0, 1.0), 0.5, at)
    assert over is not None
    assert over.until == MIDNIGHT


def test_many_small_costs_add_up_to_what_they_are() -> None:
    spent: Spending | None = None
    for _ in range(1000):
        spent = spend(spent, 0.1, NOON)
    assert spent == Spending("2026-11-22", 100.0, 100.0)


@pytest.mark.parametrize(
    ("daily", "monthly", "spent", "page_cost", "until"),
    [
        (None, None, Spending("2026-11-22", 1e9, 1e9), 5.0, None),
        (5.0, None, None, 0.5, None),
        (5.0, None, Spending("2026-11-22", 4.5, 4.5), 0.5, None),  # exactly the budget
        (5.0, None, Spending("2026-11-22", 4.51, 4.51), 0.5, MIDNIGHT),  # before the bill, not after it
        (5.0, None, Spending("2026-11-21", 5.0, 5.0), 0.5, None),  # yesterday
        (None, 50.0, Spending("2026-11-21", 0.0, 49.9), 0.5, DECEMBER),
        (None, 50.0, Spending("2026-10-31", 0.0, 49.9), 0.5, None),
        (5.0, 50.0, Spending("2026-11-22", 5.0, 50.0), 0.5, DECEMBER),  # the longer pause
        (0.0, None, None, 0.5, MIDNIGHT),  # nothing may be spent
        (0.0, 0.0, None, 0.0, None),  # a free source
        (0.3, None, Spending("2026-11-22", 0.1 + 0.1, 0.2), 0.1, None),  # no float is in the way
    ],
)
def test_a_page_is_asked_for_only_if_its_highest_price_fits(
    daily: float | None, monthly: float | None, spent: Spending | None, page_cost: float, until: datetime | None
) -> None:
    over = why_not(daily, monthly, spent, page_cost, NOON)
    assert (over.until if over else None) == until


def test_the_reason_names_budget_and_figures() -> None:
    over = why_not(5.0, None, Spending("2026-11-22", 4.8, 4.8), 0.5, NOON)
    reason = "The daily budget of $5 does not allow another page: $4.8 is spent, a page costs up to $0.5."
    assert over == OverBudget(reason, MIDNIGHT)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2028, 2, 29, 8, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
        (datetime(2026, 1, 31, 0, 0, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_months_end_where_they_end(now: datetime, until: datetime) -> None:
    for daily, monthly in ((0.0, None), (None, 0.0)):
        over = why_not(daily, monthly, None, 1.0, now)
        assert over is not None
        assert over.until == until
