"""Coming back to each person who complained: drafts after the end, once per person, sent on a person's word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from app.desk.care import CareDesk, reply_channel
from app.store.protocol import Store, Where, update
from domain.action import Action
from domain.care.case import Case, CaseStatus
from domain.care.follow_up import FollowUp, ReplyVerdict, approve, draft_follow_up
from domain.errors import Refused
from domain.incidents.incident import Incident, told
from domain.records import Person
from domain.work import HUBBUB, DeliveryState

Words = Callable[[Incident, Case], tuple[str, str]]  # -> (text, its language)


@dataclass(frozen=True, slots=True)
class FollowUps:
    """Drafts and releases the words to those affected; `words` writes one in the language of the case."""

    store: Store
    care: CareDesk
    words: Words
    now: Callable[[], datetime]
    auto: bool = False  # the owner lets allowed answers go out without a person's press

    async def draft_due(self) -> int:
        """Draft what resolved incidents still owe; safe to repeat, since each follow-up has a natural id."""
        drafted = 0
        over = Where("is_open", "eq", False)  # one that was reopened waits for its next end
        for incident in await self.store.find(Incident, Where("follow_up", "eq", True), over):
            if not incident.public:  # nothing of it leaves; a merged one's people hear with the other incident
                continue
            linked = Where("incident_id", "eq", incident.id), Where("status", "ne", str(CaseStatus.DISMISSED))
            cases = await self.store.find(Case, *linked, order="opened_at")
            drafts = [await self._draft(incident, case) for case in cases]
            drafted += sum(await self.store.add(*drafts)) if drafts else 0
            await update(self.store, Incident, incident.id, _drafted)
        return drafted

    async def _draft(self, incident: Incident, case: Case) -> FollowUp:
        decision = await self.care.decision(case)
        text, language = self.words(incident, case)
        draft = draft_follow_up(incident.id, case, decision, reply_channel(case), text, language, self.now())
        return approve(draft, HUBBUB) if self.auto and decision.verdict is ReplyVerdict.ALLOWED else draft

    async def send(self, action: Action) -> str:
        """Release every draft of an incident; what the platform forbids stays unsent, with the reason."""
        incident = await self.store.get(Incident, action.subject)
        if incident is None:
            raise Refused("This incident is not known.")
        if not incident.public:
            raise Refused("Nothing of a private incident leaves; a merged one is told by the other incident.")
        if incident.is_open:
            raise Refused("Follow-ups wait until the incident is resolved.")
        await self.draft_due()
        waiting = await self.store.find(
            FollowUp, Where("incident_id", "eq", incident.id), Where("state", "eq", str(DeliveryState.DRAFT))
        )
        released = sum([await self._release(follow_up, action) for follow_up in waiting])
        at, who = self.now(), action.actor.name
        if released:
            text = f"released {released} follow-ups"
            await update(self.store, Incident, incident.id, lambda i: told(i, at, who, text))
        return f"{released} follow-ups released." if released else "There was nothing left to release."

    async def _release(self, follow_up: FollowUp, action: Action) -> bool:
        """Release one draft, unless its person asked not to be contacted since it was written."""
        person = await self.store.get(Person, follow_up.person_id)
        opted_out = person is not None and person.opted_out
        change = _withdrawn if opted_out else lambda f: approve(f, action.actor)
        await update(self.store, FollowUp, follow_up.id, change)
        return not opted_out


def _withdrawn(follow_up: FollowUp) -> FollowUp:
    delivery = replace(follow_up.delivery, state=DeliveryState.SKIPPED, error="this person asked not to be contacted")
    return replace(follow_up, delivery=delivery) if follow_up.delivery.state is DeliveryState.DRAFT else follow_up


def _drafted(incident: Incident) -> Incident:
    return replace(incident, follow_up=False, revision=incident.revision + 1) if incident.follow_up else incident
