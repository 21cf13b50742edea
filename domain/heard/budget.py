"""What paid sources may cost: counted by UTC day and month, and stopped before the bill. Pure; US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.records import Spending

CENTS = 6  # decimals that count; sums of floats would otherwise miss a limit by a hair


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a source may cost; None: no limit."""

    daily: float | None = None
    monthly: float | None = None


UNLIMITED = Budget()


class OverBudget(NamedTuple):
    """Why a source is not asked, in words for people, and when it may be asked again."""

    reason: str
    until: datetime


def spend(spent: Spending | None, cost: float, now: datetime) -> Spending:
    """Add a cost (0 or more) to what was spent; a new UTC day, or month, begins at nothing."""
    day = f"{now.astimezone(UTC):%Y-%m-%d}"
    today = spent.today if spent is not None and spent.day == day else 0.0
    month = spent.month if spent is not None and spent.day[:7] == day[:7] else 0.0
    return Spending(day, round(today + cost, CENTS), round(month + cost, CENTS))


def why_not(
    budget_daily: float | None, budget_monthly: float | None, spent: Spending | None, page_cost: float, now: datetime
) -> OverBudget | None:
    """Say why one more page, at its highest price, does not fit the budget, and until when; None if it fits."""
    after = spend(spent, page_cost, now)
    for what, budget, total, until in (
        ("monthly", budget_monthly, after.month, _next_month(now)),  # first: its pause is the longer one
        ("daily", budget_daily, after.today, _next_day(now)),
    ):
        if budget is not None and total > round(budget, CENTS):
            used = round(total - page_cost, CENTS)
            return OverBudget(
                f"The {what} budget of ${budget:g} does not allow another page: ${used:g} is spent, "
                f"a page costs up to ${page_cost:g}.", until,
            )  # fmt: skip
    return None


def _next_day(now: datetime) -> datetime:
    return _midnight(now) + timedelta(days=1)


def _next_month(now: datetime) -> datetime:
    return (_midnight(now).replace(day=1) + timedelta(days=32)).replace(day=1)


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
