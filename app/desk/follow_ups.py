"""Coming back to each person who complained: drafts after the end, once per person, sent on a person's word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from app.desk.care import CareDesk, reply_channel
from app.store.protocol import Store, Where, update
from domain.action import Action
from domain.case import Case
from domain.errors import Refused
from domain.follow_up import FollowUp, ReplyVerdict, approve, draft_follow_up
from domain.incident import Incident, told
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
        for incident in await self.store.find(Incident, Where("follow_up", "eq", True)):
            cases = await self.store.find(Case, Where("incident_id", "eq", incident.id), order="opened_at")
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
        if incident.is_open:
            raise Refused("Follow-ups wait until the incident is resolved.")
        await self.draft_due()
        waiting = await self.store.find(
            FollowUp, Where("incident_id", "eq", incident.id), Where("state", "eq", str(DeliveryState.DRAFT))
        )
        for follow_up in waiting:
            await update(self.store, FollowUp, follow_up.id, lambda f: approve(f, action.actor))
        at, who = self.now(), action.actor.name
        if waiting:
            text = f"released {len(waiting)} follow-ups"
            await update(self.store, Incident, incident.id, lambda i: told(i, at, who, text))
        return f"{len(waiting)} follow-ups released." if waiting else "There was nothing left to release."


def _drafted(incident: Incident) -> Incident:
    return replace(incident, follow_up=False, revision=incident.revision + 1) if incident.follow_up else incident
