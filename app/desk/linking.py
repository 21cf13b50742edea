"""Which complaints belong to an incident: linked by themselves, suggested, taken off, put on; the count follows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.desk.care import recount
from app.store.protocol import Store, Where, update
from domain.action import Action, Verb
from domain.care.case import Case, CaseStatus, link
from domain.care.follow_up import FollowUp, follow_up_id
from domain.care.linking import is_suggested, moved, must_be_linked, put_on, taken_off
from domain.errors import NotFound, Refused
from domain.incidents.incident import Incident
from domain.work import HUBBUB, Actor, DeliveryState

LOOK_BACK = timedelta(minutes=30)  # complaints so long before the first report still belong to the incident
SUGGESTED = 20  # at most, newest first


@dataclass(frozen=True, slots=True)
class Linking:
    """Ties complaints to incidents and unties them."""

    store: Store
    now: Callable[[], datetime]

    async def link_cases(self, incident: Incident) -> int:
        """Tie complaints about its components since shortly before it began to the incident; returns how many."""
        since, at, linked = incident.started_at - LOOK_BACK, self.now(), 0
        wanted = Where("component", "in_", sorted(incident.components))
        for case in await self.store.find(Case, wanted, Where("opened_at", "ge", since)):
            free = case.incident_id is None and case.id not in incident.not_about
            if free and case.status is not CaseStatus.DISMISSED:
                with suppress(NotFound, Refused):  # erased, or added to another incident meanwhile
                    await update(self.store, Case, case.id, lambda c: link(c, incident.id, HUBBUB, at))
                    linked += 1
        await recount(self.store, incident.id)
        return linked

    async def suggestions(self, incident: Incident) -> list[Case]:
        """List complaints of its time that name nothing we know: a person can tell if they are about it."""
        if not incident.is_open:
            return []
        since = incident.started_at - LOOK_BACK
        about = Where("component", "eq", None), Where("opened_at", "ge", since), Where("incident_id", "eq", None)
        found = await self.store.find(Case, *about, order="-opened_at", limit=5 * SUGGESTED)
        return [case for case in found if is_suggested(case, incident)][:SUGGESTED]

    async def act(self, action: Action) -> str:
        """Take a complaint off an incident or put it on, by a person's word."""
        incident = await self.store.get(Incident, action.subject)
        case = await self.store.get(Case, action.values.get("case", ""))
        if incident is None or case is None:
            raise Refused("This incident or complaint is not known (any more).")
        must_be_linked(case, incident)
        if action.verb is Verb.IS_ABOUT:
            return await self._put_on(incident, case, action.actor)
        return await self._take_off(incident, case, action.actor)

    async def _put_on(self, incident: Incident, case: Case, who: Actor) -> str:
        at = self.now()
        await update(self.store, Incident, incident.id, lambda i: put_on(i, case.id))
        await update(self.store, Case, case.id, lambda c: link(c, incident.id, who, at))
        known = await recount(self.store, incident.id)
        if known.public and not known.is_open:  # the others have their word already, this person has not
            await update(self.store, Incident, incident.id, lambda i: replace(i, follow_up=not i.is_open))
        return "Linked; they hear when it is fixed."

    async def _take_off(self, incident: Incident, case: Case, who: Actor) -> str:
        at = self.now()
        # Remembered first: a round between the two writes would link it again.
        await update(self.store, Incident, incident.id, lambda i: taken_off(i, case.id, who, at))
        await update(self.store, Case, case.id, lambda c: moved(c, incident.id, None, who, at))
        await self._drop_follow_up(incident, case)
        await recount(self.store, incident.id)
        return "Taken off; it is not linked or suggested again."

    async def _drop_follow_up(self, incident: Incident, case: Case) -> None:
        """Skip the drafted word to a person none of whose complaints is linked any more."""
        theirs = Where("incident_id", "eq", incident.id), Where("person_id", "eq", case.person_id)
        if not await self.store.count(Case, *theirs):
            with suppress(NotFound):
                await update(self.store, FollowUp, follow_up_id(incident.id, case.person_id), _skipped)

    async def move(self, ids: list[str], start: str, end: str, who: Actor) -> None:
        """Move cases from one incident to another; repeats and erased ones change nothing."""
        at = self.now()
        for id in ids:
            with suppress(NotFound):
                await update(self.store, Case, id, lambda c: moved(c, start, end, who, at))
        for incident in (start, end):
            with suppress(NotFound):
                await recount(self.store, incident)


def _skipped(follow_up: FollowUp) -> FollowUp:
    waits = follow_up.delivery.state is DeliveryState.DRAFT
    delivery = replace(follow_up.delivery, state=DeliveryState.SKIPPED, error="this complaint is about something else")
    return replace(follow_up, delivery=delivery) if waits else follow_up
