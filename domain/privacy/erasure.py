"""What is left when an author takes a post back: every copy of the words and of who said them goes. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from domain.care.case import Case
from domain.heard.mention import Author, MentionRecord, Stage, Submission
from domain.incidents.signal import Signal
from domain.records import Correction
from domain.work import HUBBUB, Line

REMOVED = "(removed by its author)"
SOMEBODY = "somebody"


def erased(record: MentionRecord, now: datetime) -> MentionRecord:
    """Give the empty shell of a mention: ids, times and figures stay, so that it is known when it comes again."""
    if record.deleted_at is not None:
        return record
    mention, meaning = record.mention, record.classification
    sent = mention.submission
    bare = Submission("", proven=sent.proven, incident=sent.incident) if sent is not None else None
    shell = replace(mention, author=Author(""), text="", url=None, contact=None, reply_ref=None, submission=bare)
    return replace(
        record, mention=shell, edits=(), deleted_at=now, stage=Stage.UNDERSTOOD,
        classification=replace(meaning, why=()) if meaning is not None else None,  # words of the post
    )  # fmt: skip


def case_without(case: Case, record: MentionRecord, others: Collection[str], now: datetime) -> Case:
    """Take one mention's words out of a case and say so in its history, once.

    Args:
        case: that the mention belongs to, open or not.
        record: the mention, erased already or not.
        others: ids of mentions of this case that still have their words; without any the person is forgotten, too.
        now: the time of the line in the history.
    """
    if record.id not in case.mention_ids:
        return case
    number = case.mention_ids.index(record.id) + 1
    line = "the author removed this post" if number == 1 else f"the author removed post {number} of this case"
    if any(known.text == line for known in case.history):
        return case
    if case.mention_ids[-1] == record.id:
        case = replace(case, text=REMOVED, url=None)
    if case.mention_ids[0] == record.id:
        case = replace(case, reason=replace(case.reason, words=()))
    if not set(case.mention_ids) & (set(others) - {record.id}):
        case = replace(case, text=REMOVED, url=None, author=SOMEBODY, handle="", contact=None)
    return replace(
        case, history=(*case.history, Line(now, HUBBUB.name, line)), revision=case.revision + 1, updated_at=now
    )


def correction_without(correction: Correction) -> Correction:
    """Keep a verdict for the count of wrong flags, without the words: they must train nothing any more."""
    return replace(correction, text="")


def signal_without(signal: Signal, mention_id: str) -> Signal:
    """Take a mention's quote out of the evidence; its card is drawn anew where it was shown."""
    quotes = tuple(quote for quote in signal.evidence.quotes if quote.mention_id != mention_id)
    if quotes == signal.evidence.quotes:
        return signal
    return replace(signal, evidence=replace(signal.evidence, quotes=quotes), revision=signal.revision + 1)
