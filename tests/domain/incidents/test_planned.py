"""Planned work: its steps, its times, when it mutes, and that it never hides an incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.component import ComponentStatus
from domain.errors import Refused
from domain.incidents.incident import Headline, Impact, Incident, IncidentStatus, component_status, headline
from domain.incidents.maintenance import muted_until
from domain.incidents.planned import (
    ACTIVE,
    OVER,
    PlannedWork,
    WorkStatus,
    WorkUpdate,
    moved,
    next_turn,
    reminded,
    reminder_due,
    say,
    under_maintenance,
    why_no_plan,
)
from domain.work import Delivery
from tests.domain.make import ADA, NOW, delivery, incident, word

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START, END = NOW + 4 * HOUR, NOW + 6 * HOUR


def news(status: WorkStatus = WorkStatus.SCHEDULED, name: str = "upd_1", at: datetime = NOW) -> WorkUpdate:
    """A public word."""
    return WorkUpdate(name, at, status, {"en": "We work on it."}, "Ada")


def work(*updates: WorkUpdate, **changes: Any) -> PlannedWork:
    """Work on payments this evening, announced yesterday."""
    made = PlannedWork(
        "mnt_1", {"en": "New database"}, ("payments",), START, END, NOW - DAY, ADA, updates or (news(at=NOW - DAY),)
    )
    return replace(made, **changes)


def told(known: PlannedWork, status: WorkStatus, at: datetime = NOW, drafts: Sequence[Delivery] = ()) -> PlannedWork:
    """Say the next word."""
    return say(known, news(status, f"upd_{len(known.updates) + 1}", at), drafts, ADA, at)


def after(*statuses: WorkStatus) -> PlannedWork:
    """Work that has gone through some steps."""
    known = work()
    for status in statuses:
        known = told(known, status)
    return known


BEGUN, CHECKED = WorkStatus.IN_PROGRESS, WorkStatus.VERIFYING
DONE, OFF = WorkStatus.COMPLETED, WorkStatus.CANCELLED


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ((), BEGUN), ((), OFF), ((), WorkStatus.SCHEDULED), ((BEGUN,), CHECKED), ((BEGUN,), DONE), ((BEGUN,), BEGUN),
        ((BEGUN, CHECKED), BEGUN), ((BEGUN, CHECKED), DONE),
    ],
)  # fmt: skip
def test_these_steps_are_possible(before: tuple[WorkStatus, ...], step: WorkStatus) -> None:
    known = told(after(*before), step)
    assert known.status is step
    assert known.is_active == (step in ACTIVE)
    assert known.is_over == (step in OVER)
    assert (known.finished_at is not None) == known.is_over
    assert (known.begun_at is not None) == (BEGUN in (*before, step))


@pytest.mark.parametrize(
    ("before", "step", "reason"),
    [
        ((), DONE, "Work that is scheduled cannot become completed."),
        ((), CHECKED, "Work that is scheduled cannot become verifying."),
        ((BEGUN,), OFF, "Work that is in progress cannot become cancelled."),
        ((BEGUN,), WorkStatus.SCHEDULED, "Work that is in progress cannot become scheduled."),
        ((BEGUN, DONE), BEGUN, "This work is completed already."),
        ((BEGUN, DONE), DONE, "This work is completed already."),
        ((OFF,), BEGUN, "This work is cancelled already."),
    ],
)
def test_these_steps_are_refused_in_words(before: tuple[WorkStatus, ...], step: WorkStatus, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        told(after(*before), step)


def test_a_word_and_its_posts_are_one_record_and_count_once() -> None:
    once = told(work(), BEGUN, drafts=[delivery()])
    assert once.deliveries == (delivery(),)
    assert (once.history[-1].text, once.revision) == ("told customers: in progress", 1)
    assert say(once, once.updates[-1], [delivery(id="del_2")], ADA, NOW) is once


def test_moving_says_so_and_raises_the_number_that_calendars_go_by() -> None:
    known = moved(work(), START + DAY, END + DAY, news(name="upd_2"), [delivery()], ADA, NOW)
    assert (known.starts_at, known.ends_at, known.sequence) == (START + DAY, END + DAY, 1)
    assert known.updates[-1].id == "upd_2"
    assert known.history[-1].text == "changed the time: 07 Mar 20:45 to 07 Mar 22:45 UTC"
    assert moved(known, START, END, news(name="upd_2"), [], ADA, NOW) is known


def test_calling_it_off_raises_that_number_too_and_no_other_step_does() -> None:
    assert after(OFF).sequence == 1
    assert after(BEGUN, CHECKED, DONE).sequence == 0


@pytest.mark.parametrize(
    ("known", "start", "end", "reason"),
    [
        (work(), END, START, "The end must be later than the start."),
        (work(), START, START, "The end must be later than the start."),
        (work(), NOW - 2 * HOUR, NOW, "The end must be in the future."),
        (work(), START, START + timedelta(days=32), "Planned work may last 31 days at most."),
        (work(), START, END, "This is the time that is planned already."),
        (after(BEGUN), START + HOUR, END, "This work has begun already: only its end can be changed."),
        (after(BEGUN, DONE), START, END + HOUR, "This work is completed already."),
    ],
)
def test_a_time_that_does_not_fit_is_refused_in_words(
    known: PlannedWork, start: datetime, end: datetime, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        moved(known, start, end, news(known.status, "upd_9"), [], ADA, NOW)


def test_work_that_takes_longer_gets_a_later_end() -> None:
    known = moved(after(BEGUN), START, END + HOUR, news(BEGUN, "upd_9"), [], ADA, NOW)
    assert (known.ends_at, known.status, known.turns_at) == (END + HOUR, BEGUN, END + HOUR)


def test_a_plan_may_begin_at_once() -> None:
    assert why_no_plan(NOW - HOUR, END, NOW) is None


@pytest.mark.parametrize(
    ("known", "at", "becomes"),
    [
        (work(), START - HOUR, None), (work(), START, BEGUN), (work(), END + DAY, BEGUN),
        (after(BEGUN), END - HOUR, None), (after(BEGUN), END, DONE), (after(BEGUN, CHECKED), END, DONE),
        (after(OFF), END, None), (after(BEGUN, DONE), END, None),
        (work(begins_by_itself=False), END, None),
    ],
)  # fmt: skip
def test_it_goes_on_by_itself_at_its_times(known: PlannedWork, at: datetime, becomes: WorkStatus | None) -> None:
    assert next_turn(known, at) is becomes


@pytest.mark.parametrize(
    ("known", "at", "due"),
    [
        (work(), START - 2 * HOUR, False), (work(), START - HOUR, True), (work(), START - timedelta(minutes=1), True),
        (work(), START, False), (after(OFF), START - HOUR, False), (after(BEGUN), START - HOUR, False),
        (work(reminded_of=START), START - HOUR, False), (work(reminded_of=START - DAY), START - HOUR, True),
        (work(news(at=START - HOUR)), START - HOUR / 2, False),
        (work(news(at=START - HOUR - timedelta(minutes=1))), START - HOUR, True),
    ],
)  # fmt: skip
def test_people_are_reminded_once_of_each_start_an_hour_before(known: PlannedWork, at: datetime, due: bool) -> None:
    assert reminder_due(known, at) is due


def test_a_reminder_is_noted_with_its_posts_and_only_once() -> None:
    once = reminded(work(), [delivery()], ADA, START - HOUR)
    assert (once.deliveries, once.reminded_of) == ((delivery(),), START)
    assert reminded(once, [delivery()], ADA, START - HOUR) is once


@pytest.mark.parametrize(
    ("known", "from_", "to"),
    [
        (work(), START, END),
        (told(work(), BEGUN, NOW), NOW, END),
        (told(told(work(), BEGUN, START), DONE, END - HOUR), START, END - HOUR),
        (told(told(work(), BEGUN, START), DONE, END + HOUR), START, END),
    ],
)
def test_complaints_call_nobody_while_it_goes_on_but_never_longer_than_customers_were_told(
    known: PlannedWork, from_: datetime, to: datetime
) -> None:
    mute = known.mute()
    assert mute is not None
    assert (mute.components, mute.starts_at, mute.ends_at) == (("payments",), from_, to)
    assert muted_until("payments", [mute], from_) == to
    assert muted_until("delivery", [mute], from_) is None


@pytest.mark.parametrize("known", [after(OFF), work(begins_by_itself=False)])
def test_work_that_is_off_or_that_nobody_has_begun_mutes_nothing(known: PlannedWork) -> None:
    assert known.mute() is None


def test_a_title_falls_back_to_english_and_then_to_any() -> None:
    assert work(titles={"en": "Plan", "tr": "Bakım"}).title("tr") == "Bakım"
    assert work(titles={"en": "Plan"}).title("fa") == "Plan"
    assert work(titles={"fa": "نگهداری"}).title("tr") == "نگهداری"


# --- together with incidents


@st.composite
def works(draw: st.DrawFn) -> list[PlannedWork]:
    """Make up to three works in any state, on any components."""
    paths: list[tuple[WorkStatus, ...]] = [(), (BEGUN,), (BEGUN, CHECKED), (BEGUN, DONE), (OFF,)]
    chosen = draw(st.lists(st.sampled_from(paths), max_size=3))
    parts = st.lists(st.sampled_from(["payments", "delivery", "gone"]), min_size=1, unique=True).map(tuple)
    return [replace(after(*path), id=f"mnt_{n}", components=draw(parts)) for n, path in enumerate(chosen)]


@st.composite
def incidents(draw: st.DrawFn) -> list[Incident]:
    """Make up to two incidents in any state."""
    return [
        incident(
            word(draw(st.sampled_from(IncidentStatus)), components=draw(
                st.dictionaries(st.sampled_from(["payments", "delivery"]), st.sampled_from(ComponentStatus)))),
            impact=draw(st.sampled_from(Impact)), id=f"inc_{n}",
        )
        for n in range(draw(st.integers(0, 2)))
    ]  # fmt: skip


COMPONENTS = ("payments", "delivery")
ORDER = [Headline.OPERATIONAL, Headline.MAINTENANCE, Headline.MINOR, Headline.MAJOR, Headline.CRITICAL]


@given(incidents(), works())
def test_the_page_is_never_green_while_anything_is_open(known: list[Incident], plans: list[PlannedWork]) -> None:
    level = headline(COMPONENTS, known, plans)
    going_on = any(i.is_open for i in known) or any(w.is_active for w in plans)
    assert (level is Headline.OPERATIONAL) == (not going_on)


@given(incidents(), works())
def test_maintenance_never_makes_the_headline_better_or_hides_an_incident(
    known: list[Incident], plans: list[PlannedWork]
) -> None:
    alone, together = headline(COMPONENTS, known), headline(COMPONENTS, known, plans)
    assert ORDER.index(together) >= ORDER.index(alone)
    if any(i.is_open for i in known):
        assert together is alone
        assert together is not Headline.MAINTENANCE
    elif any(w.is_active for w in plans):
        assert together is Headline.MAINTENANCE


@given(incidents(), works())
def test_a_component_is_as_bad_as_its_incidents_say_else_under_maintenance(
    known: list[Incident], plans: list[PlannedWork]
) -> None:
    severity = tuple(ComponentStatus)
    busy = under_maintenance(plans)
    for component in COMPONENTS:
        alone, together = component_status(component, known), component_status(component, known, plans)
        worse = max(alone, busy.get(component, ComponentStatus.OPERATIONAL), key=severity.index)
        assert together is worse
