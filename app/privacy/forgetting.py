"""What is left of records when their person is forgotten: figures and times, no words and no names. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from domain.care.case import ACTIVE, Case, CaseStatus
from domain.care.follow_up import FollowUp
from domain.heard.mention import Author, Mention, MentionRecord, Stage
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal
from domain.privacy.erasure import REMOVED, SOMEBODY
from domain.records import AuditEntry, Person
from domain.work import HUBBUB, Delivery, DeliveryState, Line

_NOBODY = "the person asked to be forgotten"
ERASED = "erased"  # the platform of those who are only a number any more
_SAID = re.compile(r"(noted|replied via [^:]*|drafted a reply to be posted by hand): .*", re.DOTALL)
_UNSENT = frozenset({DeliveryState.DRAFT, DeliveryState.PENDING, DeliveryState.ASSISTED})


def forgotten(record: MentionRecord, stranger: str, now: datetime) -> MentionRecord:
    """Leave the shell of a mention: known by its id when a source shows it again, but nobody's.

    Times, language, component and verdict stay for the counts; `stranger` stands for the person in them. What is not
    named here is gone, whatever fields a mention may get one day.
    """
    said, meaning = record.mention, record.classification
    shell = Mention(
        said.id, said.source, said.source_type, "", Author(""), "", said.created_at, kind=said.kind,
        language=said.language, rating=said.rating, about=said.about,
    )  # fmt: skip
    return MentionRecord(
        record.id, shell, stranger, record.received_at, Stage.UNDERSTOOD, record.history,
        replace(meaning, why=()) if meaning else None, record.duplicate_of, record.case_id, record.own, record.role,
        deleted_at=record.deleted_at or now, version=record.version,
    )  # fmt: skip


def case_forgotten(case: Case, stranger: str, now: datetime) -> Case:
    """Take the person out of a case, once; an open one is closed, and nothing more is sent from it."""
    names = [name for name in (case.author, case.handle, case.contact) if name and len(name) > 2 and name != SOMEBODY]
    bare = Case(
        case.id, stranger, case.component, case.kind, case.language, replace(case.reason, words=()), case.opened_at,
        case.due_at, SOMEBODY, case.source, case.source_type, case.mention_ids, REMOVED, contacts=case.contacts,
        status=CaseStatus.CLOSED if case.status in ACTIVE else case.status, assignee=case.assignee,
        first_response_at=case.first_response_at, incident_id=case.incident_id,
        replies=tuple(_bare_delivery(reply) for reply in case.replies),
        history=tuple(_bare_line(line, case.author, names) for line in case.history),
        card=case.card, warned=case.warned, revision=case.revision, version=case.version, updated_at=case.updated_at,
    )  # fmt: skip
    if bare == case:
        return case
    told = Line(now, HUBBUB.name, "the person asked to be forgotten: words and names are erased")
    return replace(bare, history=(*bare.history, told), revision=case.revision + 1, updated_at=now)


def follow_up_forgotten(follow_up: FollowUp, stranger: str) -> FollowUp:
    """Keep that somebody was told (or not), without who and without the words."""
    bare = _bare_delivery(follow_up.delivery)
    return FollowUp(
        follow_up.id, follow_up.incident_id, stranger, follow_up.case_id, follow_up.decision, bare, SOMEBODY,
        version=follow_up.version,
    )  # fmt: skip


def tombstone(stranger: str, now: datetime) -> Person:
    """Stand in for a forgotten person where their cases need one: nobody, who can never be written to."""
    return Person(stranger, "", ERASED, now, now, opted_out=True)


def signal_forgotten(signal: Signal, mention_ids: Collection[str], *, redraw: bool) -> Signal:
    """Take the quotes of some mentions out of the evidence; `redraw` brings its card in Slack up to date."""
    quotes = tuple(quote for quote in signal.evidence.quotes if quote.mention_id not in mention_ids)
    if quotes == signal.evidence.quotes:
        return signal
    return replace(signal, evidence=replace(signal.evidence, quotes=quotes), revision=signal.revision + redraw)


def signal_aged(signal: Signal) -> Signal:
    """Leave the figures of an old signal: no quotes, no words. Its card in Slack stays as it was."""
    return replace(signal, evidence=replace(signal.evidence, quotes=(), terms=()))


def incident_forgotten(incident: Incident, person_id: str, stranger: str) -> Incident:
    """Count whoever said that it is still broken under another name."""
    if person_id not in incident.still_broken:
        return incident
    return replace(incident, still_broken=tuple(stranger if id == person_id else id for id in incident.still_broken))


def entry_without_words(entry: AuditEntry) -> AuditEntry:
    """Keep who did what and when; what was typed there, e.g. an answer, goes."""
    return replace(entry, detail=entry.detail.partition(" [")[0])


def _bare_line(line: Line, author: str, names: Collection[str]) -> Line:
    text = _SAID.sub(r"\1", line.text)
    for name in names:
        text = text.replace(name, SOMEBODY)
    return Line(line.at, SOMEBODY if line.who == author else line.who, text)


def _bare_delivery(sent: Delivery) -> Delivery:
    unsent = sent.state in _UNSENT
    return Delivery(
        sent.id, sent.channel, "", sent.language, DeliveryState.SKIPPED if unsent else sent.state, sent.created_at,
        attempts=sent.attempts, error=_NOBODY if unsent or sent.error == _NOBODY else None,
        decided_by=sent.decided_by, sent_at=sent.sent_at, subject=sent.subject,
    )  # fmt: skip
