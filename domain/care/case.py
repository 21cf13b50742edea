"""A case: one person with one problem, from the first complaint to the answer, with the promise of a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused
from domain.heard.classification import Classification, Kind
from domain.heard.mention import Mention, MentionKind, MentionRecord, answer_ref
from domain.ids import stable_id
from domain.work import Actor, Card, Delivery, DeliveryState, Line, card_due, deliveries_due, earliest


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    SNOOZED = "snoozed"
    ANSWERED = "answered"
    DISMISSED = "dismissed"  # not a complaint
    CLOSED = "closed"


ACTIVE = frozenset({CaseStatus.OPEN, CaseStatus.SNOOZED})


class FlagCode(StrEnum):
    """Why a mention needs a person's eyes."""

    COMPLAINT = "complaint"
    LOW_RATING = "low_rating"
    REPORT = "report"
    STILL_BROKEN = "still_broken"


@dataclass(frozen=True, slots=True)
class FlagReason:
    """Why a mention was flagged, with the figure and the words behind it."""

    code: FlagCode
    score: float  # probability of a complaint, 0..1
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CarePolicy:
    """The owner's rules for care: when an answer is due, and what to leave alone."""

    answer_within: timedelta = timedelta(hours=1)  # wall clock, weekends too
    low_rating: int = 2  # stars at or below which a review is flagged
    rejoin_within: timedelta = timedelta(days=7)  # an answered case of the same problem counts as contact


def why_flag(mention: Mention, classification: Classification, *, own: bool, policy: CarePolicy) -> FlagReason | None:
    """Say why a mention needs an answer, or None: own accounts never do, our own form always does."""
    if own:
        return None
    if mention.kind is MentionKind.REPORT:
        return FlagReason(FlagCode.REPORT, classification.complaint, classification.why)
    if classification.is_complaint:
        return FlagReason(FlagCode.COMPLAINT, classification.complaint, classification.why)
    if mention.rating is not None and mention.rating <= policy.low_rating:
        return FlagReason(FlagCode.LOW_RATING, classification.complaint, classification.why)
    return None


@dataclass(frozen=True, slots=True)
class Case:
    """One person, one problem. `mention_ids` come before it in the chain, `incident_id` after it."""

    id: str
    person_id: str
    component: str | None
    kind: Kind
    language: str
    reason: FlagReason
    opened_at: datetime
    due_at: datetime
    author: str  # shown name or handle
    source: str
    source_type: str
    mention_ids: tuple[str, ...]
    text: str  # of the newest mention
    url: str | None = None
    reply_channel: str | None = None  # source name to answer through
    reply_to: str | None = None  # what an answer to the newest mention refers to
    contact: str | None = None
    addressed: bool = False
    handle: str = ""  # the author's handle at the platform
    followers: int | None = None
    contacts: int = 1  # how often this person has complained about this component
    status: CaseStatus = CaseStatus.OPEN
    assignee: Actor | None = None
    snoozed_until: datetime | None = None
    first_response_at: datetime | None = None
    incident_id: str | None = None
    replies: tuple[Delivery, ...] = ()
    history: tuple[Line, ...] = ()
    card: Card | None = None
    warned: int = 0  # SLA warnings given so far
    revision: int = 0
    version: int = 0
    updated_at: datetime | None = None

    @property
    def open_key(self) -> str | None:
        """The natural key of an active case (one per person and problem), None once it is over."""
        return problem_key(self.person_id, self.component, self.kind) if self.status in ACTIVE else None

    @property
    def work_at(self) -> datetime | None:
        """When the next message about this case is due, None when everything is told."""
        return earliest(card_due(self.card, self.revision, len(self.history)), deliveries_due(self.replies))

    @property
    def attend_at(self) -> datetime | None:
        """When time itself changes the case next: a snooze ends, or a warning is due."""
        wakes = self.snoozed_until if self.status is CaseStatus.SNOOZED else None
        return earliest(wakes, *_warn_moments(self)[self.warned :])


def problem_key(person: str, component: str | None, kind: Kind) -> str:
    """Name a person's problem: by component where it is known, else by kind."""
    return f"{person}|{component or kind}"


def open_case(record: MentionRecord, reason: FlagReason, policy: CarePolicy, *, contacts: int, channel: str) -> Case:
    """Open a case for a flagged mention; its id follows from the mention, so a repeat opens the same one."""
    mention, meaning = record.mention, record.classification
    if meaning is None:
        raise ValueError(f"mention {record.id} is not classified yet")
    since = max(record.received_at, mention.created_at) if not record.history else mention.created_at
    who = mention.author.handle or mention.author.name or mention.author.id
    return Case(
        id=stable_id("case", record.id), person_id=record.person_id, component=meaning.component, kind=meaning.kind,
        language=meaning.language, reason=reason, opened_at=since, due_at=since + policy.answer_within, author=who,
        handle=mention.author.handle.lstrip("@"),
        source=mention.source, source_type=mention.source_type, mention_ids=(record.id,), text=mention.text,
        url=mention.url, reply_channel=mention.source, reply_to=answer_ref(mention), contact=mention.contact,
        addressed=mention.addressed, followers=mention.author.followers, contacts=contacts, card=Card(channel),
        updated_at=since,
    )  # fmt: skip


def join(case: Case, record: MentionRecord, now: datetime) -> Case:
    """Add another mention of the same person and problem; the due time of the first stays."""
    if record.id in case.mention_ids:
        return case
    mention = record.mention
    case = replace(
        case, mention_ids=(*case.mention_ids, record.id), text=mention.text, url=mention.url,
        reply_to=answer_ref(mention), contacts=case.contacts + 1, addressed=case.addressed or mention.addressed,
        contact=mention.contact or case.contact,
    )  # fmt: skip
    return _told(case, now, case.author, "wrote again")


def claim(case: Case, who: Actor, now: datetime) -> Case:
    """Give the case to `who`: the first one wins, the second is told who has it."""
    _must_be_active(case)
    if case.assignee is not None and case.assignee.id != who.id:
        raise Refused(f"{case.assignee.name} has this case already.")
    if case.assignee is not None:
        return case
    return _told(replace(case, assignee=who), now, who.name, "claimed the case")


def release(case: Case, who: Actor, now: datetime) -> Case:
    """Put a claimed case back into the queue."""
    _must_be_active(case)
    if case.assignee is None:
        return case
    return _told(replace(case, assignee=None), now, who.name, "released the case")


def reply(case: Case, delivery: Delivery, who: Actor, now: datetime) -> Case:
    """Answer the customer: the reply is queued with the case in one write; claims the case if nobody has it."""
    if any(known.id == delivery.id for known in case.replies):
        return case
    _must_be_active(case)
    case = replace(case, replies=(*case.replies, delivery), assignee=case.assignee or who)
    if delivery.state is DeliveryState.ASSISTED:
        text = f"drafted a reply to be posted by hand: {delivery.text}"
        return _told(case, now, who.name, text)
    case = _answered(case, now)
    return _told(case, now, who.name, f"replied via {delivery.channel}: {delivery.text}")


def mark_answered(case: Case, who: Actor, now: datetime) -> Case:
    """Record that a person answered at the platform itself."""
    _must_be_active(case)
    replies = tuple(
        replace(r, state=DeliveryState.SENT, sent_at=now, decided_by=who.name)
        if r.state is DeliveryState.ASSISTED
        else r
        for r in case.replies
    )
    return _told(
        _answered(replace(case, replies=replies, assignee=case.assignee or who), now),
        now,
        who.name,
        "marked it as answered",
    )


def dismiss(case: Case, who: Actor, now: datetime) -> Case:
    """Close as "not a complaint"; the correction itself is remembered by the desk."""
    _must_be_active(case)
    return _told(replace(case, status=CaseStatus.DISMISSED), now, who.name, "said it is not a complaint")


def snooze(case: Case, until: datetime, who: Actor, now: datetime) -> Case:
    """Put the case aside until a moment in the future; the due time keeps running."""
    _must_be_active(case)
    if until <= now:
        raise Refused("Snooze needs a moment in the future.")
    case = replace(case, status=CaseStatus.SNOOZED, snoozed_until=until)
    return _told(case, now, who.name, f"snoozed it until {until:%H:%M} UTC")


def wake(case: Case, now: datetime) -> Case:
    """Bring a snoozed case back when its time has come."""
    if case.status is not CaseStatus.SNOOZED or case.snoozed_until is None or case.snoozed_until > now:
        return case
    return _told(replace(case, status=CaseStatus.OPEN, snoozed_until=None), now, "hubbub", "is back from snooze")


def note(case: Case, text: str, who: Actor, now: datetime) -> Case:
    """Add an internal note; never shown to the customer."""
    if not text.strip():
        raise Refused("An empty note says nothing.")
    return _told(case, now, who.name, f"noted: {text.strip()}")


def close(case: Case, who: Actor, now: datetime) -> Case:
    """End a case for good."""
    if case.status is CaseStatus.CLOSED:
        return case
    return _told(replace(case, status=CaseStatus.CLOSED), now, who.name, "closed the case")


def link(case: Case, incident_id: str, who: Actor, now: datetime) -> Case:
    """Tie the case to an incident, so that its person hears when that is fixed."""
    if case.incident_id == incident_id:
        return case
    if case.incident_id is not None:
        raise Refused("This case belongs to another incident already.")
    return _told(replace(case, incident_id=incident_id), now, who.name, f"added it to incident {incident_id}")


WARN_AT = (0.5, 0.8, 1.0)  # shares of the promised time


def warn_level(case: Case, now: datetime) -> int:
    """Say how far the clock has run without an answer: 0, 1 (half), 2 (80 %) or 3 (broken)."""
    return sum(moment <= now for moment in _warn_moments(case))


def _warn_moments(case: Case) -> list[datetime]:
    if case.status not in ACTIVE or case.first_response_at is not None:
        return []
    return [case.opened_at + (case.due_at - case.opened_at) * share for share in WARN_AT]


def warn(case: Case, level: int, now: datetime) -> Case:
    """Show a new warning on the card, once per level."""
    if level <= case.warned:
        return case
    words = {1: "half of the time to answer is gone", 2: "the answer is due soon", 3: "the promised time has passed"}
    return _told(replace(case, warned=level), now, "hubbub", words[level])


def _answered(case: Case, now: datetime) -> Case:
    return replace(
        case, status=CaseStatus.ANSWERED, first_response_at=case.first_response_at or now, snoozed_until=None
    )


def _must_be_active(case: Case) -> None:
    if case.status not in ACTIVE:
        raise Refused(f"This case is {case.status} already.")


def _told(case: Case, now: datetime, who: str, text: str) -> Case:
    return replace(case, history=(*case.history, Line(now, who, text)), revision=case.revision + 1, updated_at=now)
