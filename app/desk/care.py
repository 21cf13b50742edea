"""The care desk: opens and changes cases, for the social care team."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.desk import forms
from app.desk.answers import Heard, about_the_same, hear
from app.store.protocol import Store, Where, update
from domain.action import Action, Verb
from domain.care import case as rules
from domain.care.case import CarePolicy, Case, CaseStatus, FlagCode, FlagReason, open_case, problem_key, why_flag
from domain.care.follow_up import ReplyDecision, ReplyVerdict, why_reply
from domain.care.satisfaction import Answer
from domain.errors import NotFound, Refused
from domain.heard.classification import Classification
from domain.heard.mention import MentionRecord
from domain.ids import stable_id
from domain.incidents.incident import Incident, still_broken
from domain.records import Correction, Person
from domain.work import Actor, Delivery, DeliveryState

REOPEN_WITHIN = timedelta(hours=24)
BACKLOG_WITHIN = timedelta(hours=24)  # older complaints of a backlog, or of a new source, open no case


@dataclass(frozen=True, slots=True)
class CareDesk:
    """Takes flagged mentions and people's actions on cases; `can_send` tells which channels we can answer through."""

    store: Store
    policy: CarePolicy
    channel: str  # Slack channel of the care team
    now: Callable[[], datetime]
    can_send: Callable[[str], bool]

    async def consider(self, record: MentionRecord) -> Case | None:
        """Open or join the case of a classified mention if it needs an answer; repeating it changes nothing."""
        meaning = record.classification
        if meaning is None:
            return None
        heard = await hear(self.store, record, self.now()) if record.heard_as_customer else None
        if heard is not None:
            return await self._answered(record, meaning, heard)
        if record.case_id is not None:
            return None
        reason = why_flag(record.mention, meaning, own=not record.heard_as_customer, policy=self.policy)
        if reason is None or self._is_past(record):
            return None
        return await self._open_or_join(record, meaning, await self._still_broken(record, reason))

    async def _answered(self, record: MentionRecord, meaning: Classification, heard: Heard) -> Case | None:
        """Leave those in peace who say that it is fixed; for the others it is a case again, whatever the words."""
        if heard.answer is not Answer.STILL_BROKEN or record.case_id is not None or self._is_past(record):
            return None
        meaning = await about_the_same(self.store, heard, meaning)
        reason = FlagReason(FlagCode.STILL_BROKEN, meaning.complaint, meaning.why)
        return await self._open_or_join(replace(record, classification=meaning), meaning, reason)

    def _is_past(self, record: MentionRecord) -> bool:
        """Tell what was said so long ago that an answer now would only surprise its author."""
        within = BACKLOG_WITHIN if record.history else self.policy.rejoin_within
        return self.now() - record.mention.created_at > within

    async def _open_or_join(self, record: MentionRecord, meaning: Classification, reason: FlagReason) -> Case:
        key = problem_key(record.person_id, meaning.component, meaning.kind)
        for _ in range(3):  # another process may open or end the case between the look and the write
            known = await self.store.find(Case, Where("open_key", "eq", key), limit=1)
            if known:
                return await update(self.store, Case, known[0].id, lambda c: rules.join(c, record, self.now()))
            contacts = await self.store.count(Case, Where("person_id", "eq", record.person_id)) + 1
            case = open_case(record, reason, self.policy, contacts=contacts, channel=self.channel)
            if (await self.store.add(case))[0]:
                return case
            if (again := await self.store.get(Case, case.id)) is not None:
                return again
        raise NotFound(f"No case could be opened for mention {record.id}.")

    async def _still_broken(self, record: MentionRecord, reason: FlagReason) -> FlagReason:
        """Count a complaint that comes after the incident on its component ended, and say so on the case."""
        incident = await self._just_resolved(record)
        if incident is None:
            return reason
        at = self.now()
        await update(self.store, Incident, incident.id, lambda i: still_broken(i, record.person_id, at))
        return FlagReason(FlagCode.STILL_BROKEN, reason.score, reason.words)

    async def _just_resolved(self, record: MentionRecord) -> Incident | None:
        meaning = record.classification
        since = self.now() - REOPEN_WITHIN
        recent = await self.store.find(Incident, Where("is_open", "eq", False), Where("resolved_at", "ge", since))
        for incident in recent:
            ended = incident.resolved_at
            same = meaning is not None and meaning.component in incident.components
            if ended is not None and same and record.mention.created_at > ended and not record.history:
                return incident
        return None

    async def act(self, action: Action) -> str:
        """Carry out what a person asked for on a case; returns the word for them, raises Refused with the reason."""
        who, at = action.actor, self.now()
        match action.verb:
            case Verb.REPLY:
                return await self._reply(action)
            case Verb.NOT_A_COMPLAINT:
                return await self._not_a_complaint(action)
            case Verb.ADD_TO_INCIDENT:
                await self._link(action)
                return "Added to the incident; they hear when it is fixed."
            case Verb.SNOOZE:
                until = at + timedelta(minutes=forms.minutes(action.values.get("minutes", "60")))
                await update(self.store, Case, action.subject, lambda c: rules.snooze(c, until, who, at))
                return f"Snoozed until {until:%H:%M} UTC."
            case Verb.NOTE:
                text = action.values.get("text", "")
                await update(self.store, Case, action.subject, lambda c: rules.note(c, text, who, at))
                return "Noted."
        change = _SIMPLE.get(action.verb)
        if change is None:
            raise Refused(f"{action.verb} is nothing that can be done with a case.")
        await update(self.store, Case, action.subject, lambda c: change(c, who, at))
        return _DONE[action.verb]

    async def decision(self, case: Case) -> ReplyDecision:
        """Say how an answer to this case may be given, and why."""
        person = await self.store.get(Person, case.person_id)
        opted_out = person is not None and person.opted_out
        channel = reply_channel(case)
        can_send = self.can_send(channel)
        return why_reply(
            case.source_type, addressed=case.addressed, contact=case.contact, can_send=can_send, opted_out=opted_out
        )

    async def _reply(self, action: Action) -> str:
        text = action.values.get("text", "").strip()
        if not text:
            raise Refused("An empty reply cannot be sent.")
        case = await self.store.get(Case, action.subject)
        if case is None:
            raise Refused("This case is not known (any more).")
        decision = await self.decision(case)
        if decision.verdict is ReplyVerdict.FORBIDDEN:
            raise Refused(f"No reply: {decision.reason}.")
        allowed = decision.verdict is ReplyVerdict.ALLOWED
        delivery = Delivery(
            id=stable_id("rep", case.id, action.key or text), channel=reply_channel(case), text=text,
            language=case.language, state=DeliveryState.PENDING if allowed else DeliveryState.ASSISTED,
            created_at=self.now(), reply_to=case.reply_to, to=case.contact, handle=case.handle or None, subject=case.id,
            decided_by=action.actor.name,
        )  # fmt: skip
        await update(self.store, Case, case.id, lambda c: rules.reply(c, delivery, action.actor, self.now()))
        if allowed:
            return f"Your reply is on its way through {delivery.channel}."
        return f"Not sent ({decision.reason}): open the post, answer there, then press “Mark as answered”."

    async def _not_a_complaint(self, action: Action) -> str:
        at = self.now()
        case = await update(self.store, Case, action.subject, lambda c: _dismissed(c, action.actor, at))
        for mention in case.mention_ids:
            record = await self.store.get(MentionRecord, mention)
            if record is not None and record.classification is not None:
                await self.store.add(_correction(record, record.classification, action, at))
        return "Closed; the classifier will hear of it."

    async def _link(self, action: Action) -> None:
        incident = await self.store.get(Incident, action.values.get("incident", ""))
        if incident is None:
            raise Refused("This incident is not known.")
        await self.link(action.subject, incident.id, action.actor)

    async def link(self, case_id: str, incident_id: str, who: Actor) -> None:
        """Tie a case to an incident and renew the incident's count of affected people."""
        at = self.now()
        await update(self.store, Case, case_id, lambda c: rules.link(c, incident_id, who, at))
        incident = await recount(self.store, incident_id)
        if incident.public and not incident.is_open:  # those linked before have their draft already, this one has not
            await update(self.store, Incident, incident_id, lambda i: replace(i, follow_up=not i.is_open))

    async def upkeep(self) -> int:
        """Wake snoozed cases and give due warnings; returns how many cases changed."""
        at = self.now()
        due = await self.store.find(Case, Where("attend_at", "le", at))
        for case in due:
            with suppress(NotFound):  # erased meanwhile
                await update(self.store, Case, case.id, lambda c: _tended(c, at))
        return len(due)


async def recount(store: Store, incident_id: str) -> Incident:
    """Bring an incident's number of affected people up to date: one for each person with a linked case."""
    linked = Where("incident_id", "eq", incident_id), Where("status", "ne", str(CaseStatus.DISMISSED))
    people = len(await store.group_count(Case, "person_id", *linked))
    return await update(store, Incident, incident_id, lambda i: _affecting(i, people))


def _affecting(incident: Incident, people: int) -> Incident:
    if incident.affected == people:
        return incident
    return replace(incident, affected=people, revision=incident.revision + 1)


def _tended(case: Case, at: datetime) -> Case:
    case = rules.wake(case, at)
    return rules.warn(case, rules.warn_level(case, at), at)


def _dismissed(case: Case, who: Actor, at: datetime) -> Case:
    """Dismiss once; a repeat goes on to the corrections, which a crash may have kept from being stored."""
    return case if case.status is CaseStatus.DISMISSED else rules.dismiss(case, who, at)


def reply_channel(case: Case) -> str:
    """Name the channel an answer goes through: mail where an address was left, else the source it came from."""
    return "mail" if case.contact else (case.reply_channel or case.source)


def _correction(record: MentionRecord, meaning: Classification, action: Action, at: datetime) -> Correction:
    return Correction(
        id=stable_id("cor", record.id, "complaint"), mention_id=record.id, text=record.mention.text,
        language=meaning.language, said_complaint=meaning.complaint, said_kind=meaning.kind, is_complaint=False,
        kind=None, model=meaning.model, by=action.actor.name, at=at,
    )  # fmt: skip


_SIMPLE: dict[Verb, Callable[[Case, Actor, datetime], Case]] = {
    Verb.CLAIM: rules.claim,
    Verb.RELEASE: rules.release,
    Verb.MARK_ANSWERED: rules.mark_answered,
    Verb.CLOSE: rules.close,
}
_DONE = {
    Verb.CLAIM: "It is yours.",
    Verb.RELEASE: "It is back in the queue.",
    Verb.MARK_ANSWERED: "Marked as answered.",
    Verb.CLOSE: "Closed.",
}
CARE_VERBS = frozenset({*_SIMPLE, Verb.REPLY, Verb.NOT_A_COMPLAINT, Verb.SNOOZE, Verb.NOTE, Verb.ADD_TO_INCIDENT})
