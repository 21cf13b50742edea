"""Merging incidents, taking a merge back, splitting one: the incident changes first, what belongs to it follows.

Each step may be repeated, so that a kill in the middle is mended by the next press.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from app.desk.linking import Linking
from app.store.protocol import Store, Where, update
from domain.action import Action
from domain.care.case import Case
from domain.errors import NotFound, Refused
from domain.incidents.incident import Incident
from domain.incidents.merging import given_back, merged, split_off, taken_in, unmerged
from domain.incidents.signal import Signal
from domain.work import Actor, Delivery

Farewell = Callable[[Incident, str], str]  # (the incident that tells it now, language) -> the last post


@dataclass(frozen=True, slots=True)
class Joining:
    """Joins and parts incidents with all that belongs to them; `farewell` writes the last post of a merged one."""

    store: Store
    now: Callable[[], datetime]
    linking: Linking
    farewell: Farewell

    async def merge(self, action: Action) -> str:
        """Let another incident tell the story of this one."""
        source = await self._get(action.subject)
        target = await self._get(action.values.get("incident", ""))
        at, who = self.now(), action.actor
        ids = [*await self._cases(source.id), *await self._signals(source.id)]

        def bye(post: Delivery) -> str:
            return self.farewell(target, post.language)

        source = await update(self.store, Incident, source.id, lambda i: merged(i, target, ids, bye, who, at))
        await update(self.store, Incident, target.id, lambda i: taken_in(i, source, who, at))
        await self._carry(source.moved, source.id, target.id, who)
        return f"Merged: “{target.title('en')}” tells it now. This can be taken back."

    async def unmerge(self, action: Action) -> str:
        """Let a merged incident tell its own story again."""
        known = await self._get(action.subject)
        if known.merged_into is None:
            raise Refused("This incident is not merged.")
        at, who, target = self.now(), action.actor, known.merged_into
        # The way back is known only while it is merged, so that is forgotten last.
        with suppress(NotFound):
            await update(self.store, Incident, target, lambda i: given_back(i, known, who, at))
        await self._carry(known.moved, target, known.id, who)
        await update(self.store, Incident, known.id, lambda i: unmerged(i, who, at))
        return "It tells its own story again."

    async def split(self, old: Incident, new: Incident, who: Actor) -> None:
        """Move what belongs to the components of `new` there; `new` is stored already."""
        at, names = self.now(), sorted(new.components)
        name = new.title("en")
        await update(self.store, Incident, old.id, lambda i: split_off(i, names, name, who, at))
        about = Where("incident_id", "eq", old.id), Where("component", "in_", names)
        cases, signals = await self.store.find(Case, *about), await self.store.find(Signal, *about)
        await self._carry([*(c.id for c in cases), *(s.id for s in signals)], old.id, new.id, who)

    async def _carry(self, ids: Iterable[str], start: str, end: str, who: Actor) -> None:
        ids = list(ids)
        for id in ids:
            with suppress(NotFound):
                await update(self.store, Signal, id, lambda s: _retied(s, start, end))
        await self.linking.move(ids, start, end, who)

    async def _cases(self, incident: str) -> list[str]:
        return [case.id for case in await self.store.find(Case, Where("incident_id", "eq", incident))]

    async def _signals(self, incident: str) -> list[str]:
        return [signal.id for signal in await self.store.find(Signal, Where("incident_id", "eq", incident))]

    async def _get(self, id: str) -> Incident:
        incident = await self.store.get(Incident, id)
        if incident is None:
            raise Refused("This incident is not known.")
        return incident


def _retied(signal: Signal, start: str, end: str) -> Signal:
    if signal.incident_id != start:
        return signal
    return replace(signal, incident_id=end, revision=signal.revision + 1)
