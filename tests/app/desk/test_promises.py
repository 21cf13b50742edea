"""A promise to customers is reminded of before it breaks; when it breaks, people are called one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.escalation import Call, Target, Way
from app.desk.promises import PromiseRound
from domain.action import Verb
from domain.errors import PermanentError
from domain.incidents.incident import Incident
from domain.incidents.severity import Severity
from tests.app.desk.office import Crash, Crashing, Office, open_office
from tests.domain.make import NOW

TARGETS = [Target("ada", Way.SLACK, "U1"), Target("pager", Way.WEBHOOK, "https://pager.example", timedelta(minutes=10))]


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


@dataclass
class Bell:
    """Keeps who was asked when."""

    office: Office
    down: bool = False
    rung: list[tuple[str, int]] = field(default_factory=list)

    async def remind(self, incident: Incident, due: datetime, targets: Sequence[Target]) -> None:
        """Remind."""
        self._ring("reminder")

    async def call_about(self, incident: Incident, call: Call) -> None:
        """Call."""
        self._ring(call.target.name)

    def _ring(self, who: str) -> None:
        self.rung.append((who, int((self.office.clock.at - NOW) / timedelta(minutes=1))))
        if self.down:
            raise PermanentError("Slack is not set up.")


async def minutes(office: Office, bell: Bell, count: int, targets: Sequence[Target] = TARGETS) -> Bell:
    for _ in range(count):
        office.clock.passes(minutes=1)
        await PromiseRound(office.store, bell, targets, office.clock).run()
    return bell


async def update(office: Office, made: Incident, promise: str = "30") -> None:
    values = {"text.en": "We still look.", "status": "identified", "next_update_minutes": promise}
    await office.do(Verb.UPDATE, made.id, values, key=str(office.clock.at))


async def test_a_reminder_comes_before_the_break_and_calls_after_it(office: Office) -> None:
    made = await office.declare()
    bell = await minutes(office, Bell(office), 120)
    assert bell.rung == [("reminder", 24), ("ada", 30), ("pager", 40)]
    told = [line.text for line in (await office.get(made)).history]
    assert "the word promised by 17:15 UTC is late, so ada was called" in told


async def test_a_word_in_time_stops_it_and_its_own_promise_is_watched(office: Office) -> None:
    made, bell = await office.declare(), Bell(office)
    await minutes(office, bell, 25)
    await update(office, made)
    await minutes(office, bell, 25)
    assert bell.rung == [("reminder", 24), ("reminder", 49)]
    await office.resolve(made)
    await minutes(office, bell, 300)
    assert len(bell.rung) == 2


@pytest.mark.parametrize(("severity", "minute"), [(Severity.SEV1, 24), (Severity.SEV2, 48), (Severity.SEV3, 225)])
async def test_without_a_promise_the_severity_says_when_to_remind_and_nobody_is_called(
    office: Office, severity: Severity, minute: int
) -> None:
    made = await office.declare(next_update_minutes="0")
    await office.store.replace(replace(made, severity=severity))
    assert (await minutes(office, Bell(office), 300)).rung == [("reminder", minute)]


async def test_a_private_incident_reminds_but_calls_nobody(office: Office) -> None:
    made = await office.declare()
    await office.store.replace(replace(made, private=True))
    assert (await minutes(office, Bell(office), 90)).rung == [("reminder", 24)]


async def test_who_cannot_be_reached_keeps_nobody_else_from_being_called(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.declare()
    bell = await minutes(office, Bell(office, down=True), 60)
    assert [who for who, _ in bell.rung] == ["reminder", "ada", "pager"]
    assert "Slack is not set up" in caplog.text


async def test_a_kill_while_reminding_or_calling_never_makes_a_storm(office: Office) -> None:
    await office.declare()
    bell = Bell(office)
    for minute in (24, 30):
        office.clock.at = NOW + timedelta(minutes=minute)
        dying: Any = Crashing(office.store, 1, written=True)
        with pytest.raises(Crash):
            await PromiseRound(dying, bell, TARGETS, office.clock).run()
    await minutes(office, bell, 30)
    assert bell.rung == [("pager", 40)]
