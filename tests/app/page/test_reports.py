"""Counting for the chart: people, half hour by half hour, each read once, and a week before them as what is usual."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.page.reports import BACKFILL, DAY, USUAL_DAYS, ReportCount, slot_of
from app.store.open import open_store
from app.store.protocol import Store, Where
from domain.heard.mention import MentionRecord, Role, Submission
from status_page.pages.reports import EVERYTHING, FEWEST, SLOT, SLOTS, shown
from tests.app.desk.office import Clock
from tests.domain.make import NOW, meaning, mention, record

MINUTE = timedelta(minutes=1)


class Watched:
    """A store that notes which times were asked for."""

    def __init__(self, store: Store) -> None:
        """Watch `store`."""
        self._store, self.asked = store, list[datetime]()

    async def find(self, kind: type[Any], *where: Where, **more: Any) -> list[Any]:
        """Pass a question on."""
        self.asked += [one.value for one in where if one.op == "ge" and isinstance(one.value, datetime)]
        return await self._store.find(kind, *where, **more)


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = await open_store("sqlite://")
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


def said(at: datetime, person: str, component: str | None = "payments", **changes: Any) -> MentionRecord:
    """Make a complaint."""
    made = mention(native=f"{person}{at:%d%H%M%S}{component}", created_at=at)
    understood = meaning(component=component, **changes.pop("meaning", {}))
    return record(made, understood, person_id=person, **changes)


def count(store: Any, clock: Clock, **circles: Any) -> ReportCount:
    return ReportCount(store, clock, circles or {"": None})


async def line_of(counting: ReportCount, component: str = EVERYTHING, circle: str = "") -> Any:
    await counting.measure()
    told = counting.reports(circle, ["payments", "delivery"])
    assert told is not None
    return told.lines[component]


async def test_each_person_counts_once_per_half_hour_and_component(store: Store, clock: Clock) -> None:
    await store.add(
        said(NOW - 3 * MINUTE, "ada"), said(NOW - 2 * MINUTE, "ada"), said(NOW - MINUTE, "ada", "delivery"),
        said(NOW - 40 * MINUTE, "ada"), said(NOW - MINUTE, "bora"),
    )  # fmt: skip
    counting = count(store, clock)
    assert (await line_of(counting, "payments")).observed[-2:] == (1, 2)
    assert (await line_of(counting, "delivery")).observed[-2:] == (0, 1)
    everything = await line_of(counting)
    assert everything.observed[-2:] == (1, 2)
    assert everything.last_hour == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"role": Role.EMPLOYEE}, {"own": True, "role": Role.OWN}, {"duplicate_of": "men_x"},
        {"meaning": {"is_complaint": False}},
    ],
    ids=str,
)  # fmt: skip
async def test_who_is_no_customer_copies_and_praise_do_not_count(store: Store, clock: Clock, changes: Any) -> None:
    await store.add(said(NOW - MINUTE, "ada", **changes))
    assert (await line_of(count(store, clock))).observed[-1] == 0


async def test_complaints_that_name_no_component_count_on_the_page_of_everything_only(
    store: Store, clock: Clock
) -> None:
    await store.add(said(NOW - MINUTE, "ada", None), said(NOW - MINUTE, "bora"), said(NOW - MINUTE, "can", "delivery"))
    counting = count(store, clock, **{"": None, "pay": frozenset({"payments"})})
    assert (await line_of(counting)).observed[-1] == 3
    assert (await line_of(counting, circle="pay")).observed[-1] == 1


async def test_the_day_ends_with_the_half_hour_that_is_running(store: Store, clock: Clock) -> None:
    counting = count(store, clock)
    await counting.measure()
    told = counting.reports("", [])
    assert told is not None
    assert told.since == slot_of(NOW) - 47 * SLOT
    assert len(told.lines[EVERYTHING].observed) == SLOTS


async def a_week_of(store: Store, per_half_hour: Sequence[int]) -> None:
    """Let so many people complain in every half hour of each earlier day, the latest day first."""
    for day, people in enumerate(per_half_hour, start=1):
        for place in range(SLOTS):
            at = slot_of(NOW) - day * DAY - place * SLOT + 5 * MINUTE
            await store.add(*(said(at, f"p{person}") for person in range(people)))


async def full(counting: ReportCount, clock: Clock) -> None:
    """Measure until everything that happened before the start has been read."""
    for _ in range((USUAL_DAYS + 1) * SLOTS // BACKFILL + 1):
        await counting.measure()
        clock.at += timedelta(microseconds=1)
        counting.measured_at = None
    await counting.measure()


async def test_usual_is_the_middle_of_the_last_days_so_one_bad_day_does_not_become_normal(
    store: Store, clock: Clock
) -> None:
    await store.add(said(NOW - 9 * DAY, "first"))
    await a_week_of(store, [2, 40, 2, 3, 2, 4, 3])
    counting = count(store, clock)
    await full(counting, clock)
    line = await line_of(counting)
    assert set(line.usual[2:-2]) == {3.0}
    assert line.usual_hour == pytest.approx(6.0, abs=1.0)


async def test_after_too_few_days_nothing_is_called_usual(store: Store, clock: Clock) -> None:
    await a_week_of(store, [2, 2])
    counting = count(store, clock)
    await full(counting, clock)
    assert (await line_of(counting)).usual == ()


async def test_what_was_read_is_not_read_again_and_the_past_comes_bit_by_bit(store: Store, clock: Clock) -> None:
    await store.add(said(NOW - 30 * DAY, "first"))
    watched = Watched(store)
    counting = count(watched, clock)
    await counting.measure()
    first = len(watched.asked)
    assert first <= BACKFILL + 6
    clock.passes(minutes=5)
    await counting.measure()
    assert len(watched.asked) == first, "a moment ago is soon enough"
    for _ in range(5):
        clock.passes(minutes=10)
        await counting.measure()
    watched.asked.clear()
    clock.passes(minutes=10)
    await counting.measure()
    assert len(watched.asked) <= 7
    assert min(watched.asked) >= clock.at - 5 * SLOT, "late mentions still change the last two hours"


async def test_late_mentions_still_change_the_last_two_hours(store: Store, clock: Clock) -> None:
    await store.add(said(NOW - 5 * DAY, "first"))
    counting = count(store, clock)
    await counting.measure()
    await store.add(said(NOW - 70 * MINUTE, "late"))
    clock.passes(minutes=10)
    assert sum((await line_of(counting)).observed) == 1


async def test_an_empty_store_is_no_trouble(store: Store, clock: Clock) -> None:
    line = await line_of(count(store, clock))
    assert (sum(line.observed), line.usual, line.last_hour) == (0, (), 0)


# --- our own form


def by_form(number: int, network: str, *, proven: bool = True, joined: str | None = None) -> MentionRecord:
    """Make a complaint through the form."""
    made = said(NOW - MINUTE, f"visitor{number}")
    return replace(made, mention=replace(made.mention, submission=Submission(network, "", proven, joined)))


async def test_the_form_alone_shows_nothing(store: Store, clock: Clock) -> None:
    await store.add(*(by_form(n, f"net{n}") for n in range(150)))
    line = await line_of(count(store, clock), "payments")
    assert line.last_hour < FEWEST
    assert shown(line.observed[-1]) is None
    assert not line.is_high


async def test_beside_others_the_form_at_most_doubles_them_and_a_network_counts_once(
    store: Store, clock: Clock
) -> None:
    await store.add(*(said(NOW - MINUTE, f"p{n}") for n in range(4)))
    await store.add(*(by_form(n, "net") for n in range(9)))
    assert (await line_of(count(store, clock), "payments")).observed[-1] == 5
    await store.add(*(by_form(n, f"net{n}") for n in range(20, 90)))
    assert (await line_of(count(store, clock), "payments")).observed[-1] == 8


async def test_without_work_or_as_joining_an_incident_it_does_not_count(store: Store, clock: Clock) -> None:
    await store.add(by_form(1, "a", proven=False), by_form(2, "b", joined="inc_1"))
    assert (await line_of(count(store, clock), "payments")).observed[-1] == 0
