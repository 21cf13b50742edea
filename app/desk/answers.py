"""What people answer to "is it fixed for you?", as a post, by mail or on our page: noted on the follow-up, once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from app.desk.telling import telling
from app.store.protocol import Store, Where, update
from domain.care.case import Case, note
from domain.care.follow_up import FollowUp, answered, answers_to, body_of
from domain.care.satisfaction import Answer, read_answer
from domain.errors import NotFound
from domain.heard.classification import Classification
from domain.heard.mention import MentionRecord
from domain.incidents.incident import Incident, IncidentStatus, no_longer_broken, still_broken
from domain.work import HUBBUB, Line

ON_PAGE = "they say on our page that it is still broken"


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer that was clear: to which follow-up, and what it says."""

    follow_up: FollowUp
    answer: Answer | None
    rating: int | None


async def hear(store: Store, record: MentionRecord, now: datetime) -> Heard | None:
    """Note what a mention answers to a follow-up; None for everything else and for what is not clear. Repeatable."""
    mention = record.mention
    if mention.in_reply_to is None and mention.root is None:
        return None
    asked = await store.find(FollowUp, Where("person_id", "eq", record.person_id))
    known = max((f for f in asked if answers_to(mention, f)), key=_asked_at, default=None)
    if known is None:
        return None
    answer, rating = read_answer(body_of(mention), known.delivery.language)
    if answer is None and rating is None:
        return None
    kept = await keep(store, known.id, answer, rating, mention.edited_at or mention.created_at, now)
    return Heard(kept, answer, rating) if kept is not None else None


async def keep(
    store: Store, follow_up_id: str, answer: Answer | None, rating: int | None, said_at: datetime, now: datetime
) -> FollowUp | None:
    """Note an answer and let the incident know; None when the follow-up was erased meanwhile."""
    try:
        kept = await update(store, FollowUp, follow_up_id, lambda f: answered(f, answer, rating, said_at))
    except NotFound:
        return None
    if answer is not None:  # also when it was known: a kill may have come before the incident heard of it
        await _tell(store, kept, now)
    return kept


async def tell_case(store: Store, follow_up: FollowUp, now: datetime) -> None:
    """Write on the case that its person pressed "still broken" on our page, once."""
    with suppress(NotFound):
        await update(store, Case, follow_up.case_id, lambda c: c if _has(c.history) else note(c, ON_PAGE, HUBBUB, now))


async def about_the_same(store: Store, heard: Heard, meaning: Classification) -> Classification:
    """Give the meaning of a bare "no": it is about the problem that its person complained of."""
    case = await store.get(Case, heard.follow_up.case_id)
    if case is None or meaning.component is not None:
        return meaning
    return replace(meaning, component=case.component, kind=case.kind)


async def _tell(store: Store, follow_up: FollowUp, now: datetime) -> None:
    """Count the person on the incident, or take them off; one that is open again counts at its next end."""
    person = follow_up.person_id
    change = still_broken if follow_up.answer is Answer.STILL_BROKEN else no_longer_broken
    incident = await telling(store, follow_up.incident_id, to_customers=False)
    if incident is not None and incident.status is IncidentStatus.RESOLVED:
        with suppress(NotFound):
            await update(store, Incident, incident.id, lambda i: change(i, person, now))


def _has(history: tuple[Line, ...]) -> bool:
    return any(line.text.endswith(ON_PAGE) for line in history)


def _asked_at(follow_up: FollowUp) -> datetime:
    return follow_up.delivery.sent_at or follow_up.delivery.created_at
