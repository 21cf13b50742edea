"""“I have this too”: somebody joins an open incident, counts as affected once, and hears of its end."""

from __future__ import annotations

from dataclasses import replace

from app.desk.care import CareDesk, recount
from app.desk.telling import telling
from app.store.protocol import update
from domain.care.case import Case, CaseStatus, FlagCode, FlagReason, open_case
from domain.heard.mention import MentionRecord, joined_incident, mention_id
from domain.ids import stable_id
from domain.incidents.incident import Incident
from domain.work import HUBBUB, Line
from listener.sources.form import joining_id


async def join_incident(care: CareDesk, record: MentionRecord) -> Case | None:
    """Tie a person to the incident they have, too; None for everything else, and where customers see none any more.

    The case is closed from the beginning: nobody has to answer it, it stands for a person who is affected and may want
    a word at the end. Repeating it changes nothing.
    """
    wanted = joined_incident(record.mention)
    incident = await telling(care.store, wanted) if wanted is not None else None
    if wanted is None or incident is None or not record.heard_as_customer:
        return None
    case = await _named(care, record, wanted) or await _closed_case(care, record, incident)
    known = await recount(care.store, incident.id)
    if known.public and not known.is_open:  # it ended a moment ago: the others have their draft, this person has not
        await update(care.store, Incident, known.id, lambda i: replace(i, follow_up=not i.is_open))
    return case


async def _closed_case(care: CareDesk, record: MentionRecord, incident: Incident) -> Case:
    reason = FlagReason(FlagCode.REPORT, 1.0)
    made = open_case(record, reason, care.policy, contacts=1, channel=care.channel)
    line = Line(care.now(), HUBBUB.name, f"has the problem of incident {incident.id}, too")
    language = record.mention.language or made.language
    case = replace(
        made, status=CaseStatus.CLOSED, card=None, incident_id=incident.id, language=language, history=(line,)
    )
    await care.store.add(case)
    return await care.store.get(Case, case.id) or case


async def _named(care: CareDesk, record: MentionRecord, wanted: str) -> Case | None:
    """Find the case of who pressed without an address first and now leaves one: still one person."""
    mention, sent = record.mention, record.mention.submission
    if mention.contact is None or sent is None:
        return None
    before = mention_id(mention.source, joining_id(wanted, f"visitor:{sent.visitor}"))
    known = await care.store.get(Case, stable_id("case", before))
    if known is None or known.contact not in (None, mention.contact):
        return None
    return await update(care.store, Case, known.id, lambda case: _with_address(case, record))


def _with_address(case: Case, record: MentionRecord) -> Case:
    mentions = case.mention_ids if record.id in case.mention_ids else (*case.mention_ids, record.id)
    contact, author = record.mention.contact, record.mention.author.id
    return replace(case, person_id=record.person_id, contact=contact, author=author, mention_ids=mentions)
