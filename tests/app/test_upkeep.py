"""What time brings: people are called one after the other, promises run out, late complaints are linked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from alerts.escalation import Call, Target, Way
from app.upkeep import Upkeep
from domain.action import Action, Verb
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.errors import PermanentError
from domain.incidents.signal import Signal, SignalState
from tests.app.desk.office import DECLARATION, Crash, Crashing, Office, front_desk, open_office
from tests.domain.make import ADA, NOW, evidence

TARGETS = [
    Target("ada", Way.SLACK, "U1", timedelta(minutes=5)), Target("bora", Way.SLACK, "U2", timedelta(minutes=10)),
    Target("pager", Way.WEBHOOK, "https://pager.example", timedelta(minutes=10)),
]  # fmt: skip


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


class Phone:
    """Keeps who was called when."""

    def __init__(self, office: Office, down: str = "") -> None:
        self.office, self.down, self.rung = office, down, list[tuple[str, float]]()

    async def call(self, signal: Signal, call: Call) -> None:
        """Ring."""
        self.rung.append((call.target.name, (self.office.clock.at - NOW) / timedelta(minutes=1)))
        if call.target.name == self.down:
            raise PermanentError("Slack is not set up.")


def upkeep(office: Office, phone: Phone) -> Upkeep:
    front = office.front
    return Upkeep(office.store, front.care, front.incidents, front.follow_ups, office.clock, TARGETS, phone.call)


async def opened(office: Office) -> Signal:
    await office.incidents.observe("payments", SignalState.OPEN, evidence(), ["men_1"])
    (signal,) = await office.all(Signal)
    return signal  # type: ignore[no-any-return]


async def minutes(office: Office, round_: Upkeep, count: int) -> None:
    for _ in range(count):
        office.clock.passes(minutes=1)
        await round_.run()


async def test_each_target_is_called_once_in_turn_until_the_last(office: Office) -> None:
    await opened(office)
    phone = Phone(office)
    await minutes(office, upkeep(office, phone), 60)
    assert phone.rung == [("ada", 5), ("bora", 15), ("pager", 25)]
    (signal,) = await office.all(Signal)
    assert signal.escalate_at is None
    assert signal.history[0].text == "not acknowledged, so ada was called"


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.DISMISS, Verb.SILENCE, Verb.DECLARE])
async def test_whoever_takes_care_stops_the_calls(office: Office, verb: Verb) -> None:
    signal, phone = await opened(office), Phone(office)
    await minutes(office, upkeep(office, phone), 6)
    if verb is Verb.DECLARE:
        await office.declare(signal.id)
    else:
        await office.do(verb, signal.id, {"reason": "a joke", "minutes": "60"})
    await minutes(office, upkeep(office, phone), 40)
    assert phone.rung == [("ada", 5)]


async def test_a_call_that_fails_is_logged_and_the_next_person_is_called(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await opened(office)
    phone = Phone(office, down="ada")
    await minutes(office, upkeep(office, phone), 16)
    assert phone.rung == [("ada", 5), ("bora", 15)]
    assert "ada could not be called" in caplog.text


async def test_a_kill_while_calling_never_makes_a_storm(office: Office) -> None:
    await opened(office)
    phone = Phone(office)
    office.clock.passes(minutes=5)
    healthy, office.store = office.store, Crashing(office.store, 1, written=True)  # type: ignore[assignment]
    with pytest.raises(Crash):
        await upkeep(office, phone).escalate()
    office.store = healthy
    assert await upkeep(office, phone).escalate() == 0
    await minutes(office, upkeep(office, phone), 10)
    assert phone.rung == [("bora", 15)]


async def test_one_round_links_late_complaints_warns_and_drafts(office: Office) -> None:
    going = await office.declare()
    case = await office.hear()
    assert case is not None
    round_ = upkeep(office, Phone(office))
    await minutes(office, round_, 31)
    assert (await office.get(case)).incident_id == going.id
    assert (await office.get(case)).warned == 1
    await office.resolve(going)
    await round_.run()
    assert len(await office.all(FollowUp)) == 1
    assert len(await office.all(Case)) == 1


async def test_a_declaration_that_was_cut_short_is_finished_by_the_next_round(office: Office) -> None:
    signal = await opened(office)
    dying: Any = Crashing(office.store, 1, written=True)  # the incident is written, nothing else
    with pytest.raises(Crash):
        await front_desk(dying, office.clock).act(Action(Verb.DECLARE, signal.id, ADA, DECLARATION, "k"))
    phone = Phone(office)
    await minutes(office, upkeep(office, phone), 10)
    assert phone.rung == []
    assert (await office.get(signal)).incident_id is not None
