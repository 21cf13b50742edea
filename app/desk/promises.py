"""Keeps what we promised in public: reminds before "next update by" breaks, calls people when it has."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from alerts.escalation import Call, Target
from app.store.protocol import Store, Where, update
from domain.errors import ServiceError
from domain.incidents.incident import Incident, told
from domain.incidents.promises import Step, called, next_step, reminded, watch_of
from domain.incidents.severity import RHYTHM

log = logging.getLogger(__name__)


class Ways(Protocol):
    """How people are reached about an incident."""

    async def remind(self, incident: Incident, due: datetime, targets: Sequence[Target]) -> None:
        """Ask those who care for the incident to write."""

    async def call_about(self, incident: Incident, call: Call) -> None:
        """Call one target about a broken promise."""


@dataclass(frozen=True, slots=True)
class PromiseRound:
    """Looks at every open incident; each reminder and each call is noted before it is made."""

    store: Store
    ways: Ways
    targets: Sequence[Target]
    now: Callable[[], datetime]

    async def run(self) -> int:
        """Remind and call where it is due; returns how often."""
        going = await self.store.find(Incident, Where("is_open", "eq", True))
        return sum([await self._look(incident) for incident in going])

    async def _look(self, incident: Incident) -> bool:
        at, (due, step) = self.now(), self._step(incident)
        if step is Step.REMIND:
            await update(self.store, Incident, incident.id, lambda i: _reminded(i, due))
            return await self._reach(incident, self.ways.remind(incident, due, self.targets))
        if step is Step.CALL:
            call = self._call(incident, due)
            known = await update(self.store, Incident, incident.id, lambda i: _called(i, due, call, at))
            return await self._reach(known, self.ways.call_about(known, call))
        return False

    def _step(self, incident: Incident) -> tuple[datetime, Step | None]:
        """Say when the next word is due, and what to do about it now; only what is public is worth a call."""
        last = incident.updates[-1]
        due = incident.next_update_by or last.at + RHYTHM[incident.severity]
        calls = len(self.targets) if incident.public and incident.next_update_by else 0
        return due, next_step(watch_of(incident.watch, due), last.at, self.now(), calls)

    def _call(self, incident: Incident, due: datetime) -> Call:
        number = watch_of(incident.watch, due).calls
        behind = self.targets[number + 1 :]
        reason = f"customers were promised a word by {due:%H:%M} UTC and have not got it"
        return Call(self.targets[number], behind[0].wait if behind else None, reason)

    async def _reach(self, incident: Incident, reaching: Awaitable[None]) -> bool:
        try:
            await reaching
        except ServiceError as err:
            log.error("nobody could be reached about the promise of incident %s: %s", incident.id, err)
        return True


def _reminded(incident: Incident, due: datetime) -> Incident:
    # Without a line of history: the reminder itself stands in the card's thread.
    watch = reminded(watch_of(incident.watch, due))
    return replace(incident, watch=watch, revision=incident.revision + 1)


def _called(incident: Incident, due: datetime, call: Call, now: datetime) -> Incident:
    watch = called(watch_of(incident.watch, due), now, call.after)
    words = f"the word promised by {due:%H:%M} UTC is late, so {call.target.name} was called"
    return told(replace(incident, watch=watch), now, "hubbub", words)
