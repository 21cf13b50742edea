"""The front desk: one door for every action, whoever asks; keeps the audit log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.desk.care import CARE_VERBS, CareDesk
from app.desk.follow_ups import FollowUps
from app.desk.incidents import INCIDENT_VERBS, IncidentDesk
from app.desk.planned import PLANNED_VERBS, PlannedDesk
from app.desk.posts import POST_VERBS, Outlets, PostDesk
from app.desk.subscribers import SUBSCRIBER_VERBS, SubscriberDesk
from app.desk.wording import begun
from app.store.protocol import Store
from domain.action import Action, Verb
from domain.component import Component
from domain.errors import NotFound, Refused
from domain.ids import stable_id
from domain.incidents.incident import IncidentStatus
from domain.incidents.templates import Template
from domain.records import AuditEntry


@dataclass(frozen=True, slots=True)
class FrontDesk:
    """Hands an action to the desk it belongs to and writes down who did what, also what was refused."""

    store: Store
    care: CareDesk
    incidents: IncidentDesk
    follow_ups: FollowUps
    now: Callable[[], datetime]
    outlets: Outlets = dict
    planned: PlannedDesk | None = None
    templates: tuple[Template, ...] = ()  # the owner's own words for updates

    @property
    def posts(self) -> PostDesk:
        """The desk that decides about posts."""
        return PostDesk(self.store, self.now, self.outlets)

    @property
    def subscribers(self) -> SubscriberDesk:
        """The desk of those who asked for news."""
        return SubscriberDesk(self.store, self.now)

    def begun(
        self, phase: IncidentStatus, components: Sequence[Component], since: datetime | None, languages: Sequence[str]
    ) -> dict[str, str]:
        """Give the words a form begins with; `since` when the trouble began, None before anything is declared."""
        return begun(phase, self.templates, components, since, self.now(), languages)

    async def act(self, action: Action) -> str:
        """Carry out an action; returns the word for the person, raises Refused with the reason."""
        try:
            word = await self._hand_over(action)
        except NotFound as err:
            await self._note(action, f"refused: {err}")
            raise Refused("This record is not known (any more).") from err
        except Refused as err:
            await self._note(action, f"refused: {err}")
            raise
        await self._note(action, word)
        return word

    async def _hand_over(self, action: Action) -> str:
        if action.verb in CARE_VERBS:
            return await self.care.act(action)
        if action.verb is Verb.SEND_FOLLOW_UPS:
            return await self.follow_ups.send(action)
        if action.verb in POST_VERBS:
            return await self.posts.act(action)
        if action.verb in INCIDENT_VERBS:
            return await self.incidents.act(action)
        if action.verb in SUBSCRIBER_VERBS:
            return await self.subscribers.act(action)
        if action.verb in PLANNED_VERBS and self.planned is not None:
            return await self.planned.act(action)
        raise Refused(f"{action.verb} is not known.")

    async def _note(self, action: Action, detail: str) -> None:
        at, who = self.now(), action.actor
        said = "; ".join(f"{name}={value[:200]}" for name, value in sorted(action.values.items()))
        identity = stable_id("aud", who.id, action.verb, action.subject, action.key, at.isoformat(), said, detail)
        # The id of a subscriber follows from the address: what was erased must not be found again by it.
        subject = "" if action.verb is Verb.ERASE_SUBSCRIBER else action.subject
        entry = AuditEntry(identity, at, f"{who.name} ({who.id})", who.via, action.verb, subject,
                           f"{detail} [{said}]" if said else detail)  # fmt: skip
        await self.store.add(entry)
