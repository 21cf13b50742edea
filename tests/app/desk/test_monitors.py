"""Monitors and customers on one timeline; who belongs to whose story."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.desk.monitors import MonitorDesk, alerts_about
from app.desk.stories import parent_of
from domain.incidents.signal import Signal, SignalState
from domain.records import MonitorAlert
from tests.app.desk.office import Crash, Crashing, Office, open_office
from tests.domain.make import NOW, evidence, signal

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


def alert(**changes: Any) -> MonitorAlert:
    """HighErrorRate fires on payments since ten minutes."""
    return replace(MonitorAlert("mon_1", "prometheus", "HighErrorRate", "payments", NOW - 10 * MINUTE, NOW), **changes)


def resolved(**changes: Any) -> MonitorAlert:
    return alert(ended_at=NOW + 3 * MINUTE, **changes)


async def lines(office: Office) -> list[str]:
    (only,) = await office.all(Signal)
    return [f"{line.who} {line.text}" for line in only.history]


async def opened(office: Office, component: str = "payments") -> None:
    await office.incidents.observe(component, SignalState.OPEN, evidence(), ["men_1"])


async def test_what_fires_before_a_signal_opens_begins_its_timeline(office: Office) -> None:
    desk = MonitorDesk(office.store, office.clock)
    assert await desk.hear([alert(), alert(id="mon_2", component="delivery"), alert(id="mon_3", component=None)]) == 3
    assert await office.all(Signal) == []  # a monitor alone never opens anything
    await opened(office)
    assert await lines(office) == ["monitor prometheus says: HighErrorRate firing since 16:35 UTC"]


async def test_what_fires_and_ends_later_is_told_once_each(office: Office) -> None:
    desk = MonitorDesk(office.store, office.clock)
    await opened(office)
    assert [await desk.hear([told]) for told in (alert(), alert(), resolved(), resolved(), alert())] == [1, 0, 1, 0, 0]
    assert await lines(office) == [
        "monitor prometheus says: HighErrorRate firing since 16:35 UTC",
        "monitor prometheus says: HighErrorRate resolved at 16:48 UTC",
    ]
    (only,) = await office.all(Signal)
    assert only.escalate_at == NOW + 5 * MINUTE  # neither sooner nor later because of it


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("writes", [1, 2])
async def test_a_kill_while_hearing_loses_no_line_and_doubles_none(office: Office, writes: int, written: bool) -> None:
    await opened(office)
    dying: Any = Crashing(office.store, writes, written=written)
    with pytest.raises(Crash):
        await MonitorDesk(dying, office.clock).hear([alert()])
    await MonitorDesk(office.store, office.clock).hear([alert()])
    assert len(await lines(office)) == 1


async def test_an_alert_that_nobody_repeats_or_that_ended_long_ago_says_nothing(office: Office) -> None:
    desk = MonitorDesk(office.store, office.clock)
    await desk.hear([alert(), resolved(id="mon_2", name="Slow")])
    names = [a.name for a in await alerts_about(office.store, "payments", NOW + 30 * MINUTE)]
    assert names == ["HighErrorRate", "Slow"]  # what fires comes first
    assert [a.name for a in await alerts_about(office.store, "payments", NOW + 90 * MINUTE)] == ["HighErrorRate"]
    assert await alerts_about(office.store, "payments", NOW + timedelta(hours=25)) == []


# --- stories


def at(minutes: float, component: str = "delivery", **changes: Any) -> Signal:
    moment = NOW + minutes * MINUTE
    return replace(signal(), id=f"sig_{component}", component=component, opened_at=moment, **changes)


@pytest.mark.parametrize(
    ("live", "parent"),
    [
        ([], None),
        ([at(0)], "sig_delivery"),
        ([at(-15)], "sig_delivery"),
        ([at(-16)], None),
        ([at(0, state=SignalState.CLOSED)], None),
        ([at(0, dismissed_reason="a joke")], None),
        ([at(0, silenced_until=NOW + MINUTE)], None),
        ([at(0, silenced_until=NOW - MINUTE)], "sig_delivery"),
        ([at(-5, "app"), at(-9)], "sig_delivery"),
        ([at(-5, "app", parent_id="sig_delivery"), at(-19)], "sig_delivery"),
        ([at(-5, "app", parent_id="sig_gone")], "sig_app"),
    ],
)
def test_the_earliest_of_those_that_opened_shortly_before_is_the_parent(live: list[Signal], parent: str | None) -> None:
    found = parent_of(signal(), live)
    assert (found.id if found else None) == parent


async def test_only_the_first_of_a_story_escalates(office: Office) -> None:
    await opened(office)
    office.clock.passes(minutes=10)
    await opened(office, "delivery")
    first, second = await office.store.find(Signal, order="opened_at")
    assert (first.escalate_at is None, second.escalate_at, second.parent_id) == (False, None, first.id)
    await office.incidents.observe("payments", SignalState.CLOSED, evidence(), [])
    office.clock.passes(minutes=5)
    await office.incidents.observe("delivery", SignalState.OPEN, evidence(people=20), [])
    second = await office.get(second)
    assert (second.parent_id, second.escalate_at) == (None, NOW + 20 * MINUTE)
    assert second.history[-1].text == "the story it was a part of is over, and this goes on"
