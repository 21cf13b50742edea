"""What time itself brings: promises running out, unanswered pages going to the next person."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.escalation import Call, Target, next_target
from app.desk.care import CareDesk
from app.desk.follow_ups import FollowUps
from app.desk.incidents import IncidentDesk
from app.desk.planned import PlannedDesk
from app.desk.promises import PromiseRound
from app.slack.incident_rooms import IncidentRooms
from app.store.protocol import Store, Where, update
from domain.errors import ServiceError
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal, escalated

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Goes round once a minute; `call` reaches one target about one signal."""

    store: Store
    care: CareDesk
    incidents: IncidentDesk
    follow_ups: FollowUps
    now: Callable[[], datetime]
    targets: Sequence[Target]
    call: Callable[[Signal, Call], Awaitable[None]]
    promises: PromiseRound | None = None
    planned: PlannedDesk | None = None
    rooms: IncidentRooms | None = None

    async def run(self) -> None:
        """Do all that is due."""
        await self.escalate()  # first: nothing else may keep people from being called
        if self.promises is not None:
            await self.promises.run()
        if self.planned is not None:
            await self.planned.upkeep()
        await self.care.upkeep()
        for incident in await self.store.find(Incident, Where("is_open", "eq", True)):
            await self.incidents.tie(incident)
        if self.rooms is not None:
            await self.rooms.run()
        await self.follow_ups.draft_due()

    async def escalate(self) -> int:
        """Call the next target for each signal that nobody acknowledged in time; returns how many calls were made."""
        calls = 0
        for signal in await self.store.find(Signal, Where("escalate_at", "le", self.now())):
            call = next_target(signal, self.targets, self.now())
            # Noted before the call: a crash between the two costs one call, never a storm of them.
            await update(self.store, Signal, signal.id, lambda s, c=call: _noted(s, c, self.now()))  # type: ignore[misc]
            if call is not None:
                calls += 1
                await self._reach(signal, call)
        return calls

    async def _reach(self, signal: Signal, call: Call) -> None:
        try:
            await self.call(signal, call)
        except ServiceError as err:
            log.error("%s could not be called about signal %s: %s", call.target.name, signal.id, err)


def _noted(signal: Signal, call: Call | None, now: datetime) -> Signal:
    if call is None:
        return replace(signal, escalate_at=None)
    return escalated(signal, call.target.name, call.after, now)
