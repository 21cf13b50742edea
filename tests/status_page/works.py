"""Planned work for the tests of the page: of this evening, in three languages, with things that must stay inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from domain.work import Actor, Line
from tests.status_page.builders import NOW, SECRET

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
START, END = NOW + 8 * HOUR, NOW + 9 * HOUR  # 22:10 to 23:10 UTC
TITLES = {"en": "New database for payments", "tr": "Ödemeler için yeni veritabanı", "fa": "پایگاه دادهٔ جدید پرداخت"}
TEXTS = {"en": "Cards may fail.", "tr": "Kart ödemeleri aksayabilir.", "fa": "ممکن است پرداخت با کارت انجام نشود."}


def news(
    number: int = 1, status: WorkStatus = WorkStatus.SCHEDULED, at: datetime = NOW - DAY,
    texts: Mapping[str, str] = TEXTS,
) -> WorkUpdate:  # fmt: skip
    """Make a public word."""
    return WorkUpdate(f"wup_{number}", at, status, texts, SECRET)


def work(*updates: WorkUpdate, **changes: Any) -> PlannedWork:
    """Make planned work; when it began and ended follows from its updates."""
    updates = updates or (news(),)
    begun = [u.at for u in updates if u.status in (WorkStatus.IN_PROGRESS, WorkStatus.VERIFYING)]
    last = updates[-1]
    over = last.status in (WorkStatus.COMPLETED, WorkStatus.CANCELLED)
    made = PlannedWork(
        id="mnt_1", titles=TITLES, components=("payments",), starts_at=START, ends_at=END,
        announced_at=updates[0].at, announced_by=Actor("u1", SECRET), updates=updates,
        begun_at=begun[0] if begun else None, finished_at=last.at if over else None,
        history=(Line(NOW, SECRET, "an internal remark"),),
    )  # fmt: skip
    return replace(made, **changes)


def going_on(**changes: Any) -> PlannedWork:
    """Make work that began half an hour ago."""
    begun = NOW - HOUR / 2
    plan = {"starts_at": begun, "ends_at": NOW + HOUR}
    return work(news(), news(2, WorkStatus.IN_PROGRESS, begun), **plan | changes)


def done(**changes: Any) -> PlannedWork:
    """Make work that is over since an hour."""
    begun = NOW - 3 * HOUR
    plan = {"starts_at": begun, "ends_at": NOW - HOUR}
    steps = (news(2, WorkStatus.IN_PROGRESS, begun), news(3, WorkStatus.COMPLETED, NOW - HOUR))
    return work(news(), *steps, **plan | changes)


def called_off(**changes: Any) -> PlannedWork:
    """Make work that was called off an hour ago."""
    return work(news(), news(2, WorkStatus.CANCELLED, NOW - HOUR), sequence=1, **changes)
