"""One payment outage to count by hand: first complaint at 16:45, first word at 16:55, solved at 18:05."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.care.case import Case, CaseStatus
from domain.care.follow_up import FollowUp, ReplyDecision, ReplyVerdict, follow_up_id
from domain.care.satisfaction import Answer
from domain.component import ComponentStatus
from domain.heard.classification import Classification
from domain.heard.mention import Author, MentionRecord, Role, person_id
from domain.incidents.incident import Incident, IncidentStatus
from domain.incidents.signal import Signal
from domain.review.story import Material
from domain.work import Delivery, DeliveryState
from tests.domain.make import ADA, NOW, case, delivery, incident, meaning, mention, record, signal, word

LATER = NOW + timedelta(hours=6)
SENT, SKIPPED = DeliveryState.SENT, DeliveryState.SKIPPED


def at(minute: float) -> datetime:
    """Give the moment so many minutes after the first complaint."""
    return NOW + timedelta(minutes=minute)


def says(person: str, minute: float, text: str = "my card was declined", **changes: Any) -> MentionRecord:
    """A complaint about payments; `language`, `source` and anything of a MentionRecord can be set."""
    source, language = changes.pop("source", "mastodon"), changes.pop("language", "en")
    meant: Classification = changes.pop("meaning", meaning(language=language))
    said = mention(text, f"{person}|{minute}", author=Author(person, person.title(), person), created_at=at(minute))
    said = replace(said, id=f"men_{person}_{minute}", source=source, source_type=source)
    return record(said, meant, **{"case_id": f"case_{person}", **changes})


def case_of(*said: MentionRecord, **changes: Any) -> Case:
    """The case of one person's complaints, linked to the incident."""
    person = said[0].mention.author.id
    made = case(
        id=f"case_{person}", person_id=person_id(said[0].mention), mention_ids=tuple(each.id for each in said),
        opened_at=said[0].mention.created_at, incident_id="inc_1", author=person, status=CaseStatus.ANSWERED,
    )  # fmt: skip
    return replace(made, **changes)


def follow_up(
    known: Case, minute: float | None, verdict: ReplyVerdict = ReplyVerdict.ALLOWED, **changes: Any
) -> FollowUp:
    """The word after the end to the person of a case; sent at `minute`, or not."""
    state = SENT if minute is not None else SKIPPED if verdict is ReplyVerdict.FORBIDDEN else DeliveryState.DRAFT
    key = follow_up_id("inc_1", known.person_id)
    sent = Delivery(key, "mastodon", "Is it fixed?", "en", state, at(81), sent_at=at(minute) if minute else None)
    made = FollowUp(key, "inc_1", known.person_id, known.id, ReplyDecision(verdict, ""), sent, known.author)
    return replace(made, **changes)


def told() -> Incident:
    """The incident with three updates; the first one was posted in two languages, the second one's post was skipped."""
    updates = (
        word(at=at(10), next_update_by=at(40), texts={"en": "We are looking.", "fa": "بررسی می‌کنیم."}),
        word(IncidentStatus.IDENTIFIED, "upd_2", at=at(35), next_update_by=at(65)),
        word(IncidentStatus.RESOLVED, "upd_3", at=at(80), components={"payments": ComponentStatus.OPERATIONAL}),
    )
    posts = (
        delivery(id="del_1", state=SENT, sent_at=at(11), subject="upd_1", url="https://town.example/9"),
        delivery(id="del_2", state=SENT, sent_at=at(12), subject="upd_1", language="tr", text="Bakıyoruz."),
        delivery(id="del_3", state=SKIPPED, subject="upd_2"),
    )
    return incident(
        *updates, started_at=NOW, declared_at=at(10), resolved_at=at(80), deliveries=posts, signal_ids=("sig_1",),
        still_broken=("per_b",), affected=5,
    )  # fmt: skip


def alarm() -> Signal:
    """The signal, whose evidence was renewed since and reaches back into everyday complaints by now."""
    made = signal(opened_at=at(6), acknowledged_at=at(7), acknowledged_by=ADA, incident_id="inc_1")
    return replace(made, evidence=replace(made.evidence, since=at(-90)))


A = (says("a", 0), says("a", 0.5, "still declined"), says("a", 5, "declined again"))
B = (
    says("b", 3, "Kartım üç kez reddedildi", language="tr", source="appstore"),
    says("b", 90, "still broken", source="appstore"),
)
C = says("c", 3, "از صبح پرداخت انجام نمی‌شود", language="fa")
D = says("d", 20)
COPY = says("e", 4, duplicate_of="men_a_0")
NOT_COUNTED = (
    says("f", 6),  # its case is dismissed
    says("g", 6, meaning=meaning(component="delivery"), case_id=None),
    says("h", 7, role=Role.EMPLOYEE, case_id=None), says("i", 8, meaning=meaning(is_complaint=False), case_id=None),
    says("j", -40, case_id=None), says("k", 141, case_id=None),  # long before, long after
)  # fmt: skip


def story(**changes: Any) -> Material:
    """Everything that is known about it."""
    reply = delivery(id="rep_1", state=SENT, sent_at=at(15), text="Sorry, a@b.example")
    a = case_of(*A, first_response_at=at(15), replies=(reply,))
    b, c, d, e = case_of(*B, first_response_at=at(50)), case_of(C), case_of(D), case_of(COPY)
    closing = (
        follow_up(a, 85, rating=5, answer=Answer.FIXED, answered_at=at(95)), follow_up(c, 86, rating=2),
        follow_up(d, None, ReplyVerdict.FORBIDDEN), follow_up(b, None),
    )  # fmt: skip
    made = Material(
        told(), signals=(alarm(),), cases=(a, b, c, d, e, case_of(NOT_COUNTED[0], status=CaseStatus.DISMISSED)),
        mentions=(*A, *B, C, D, COPY, *NOT_COUNTED), follow_ups=closing,
    )  # fmt: skip
    return replace(made, **changes)


def records(material: Material) -> list[Any]:
    """Everything of it, to be stored."""
    return [material.incident, *material.merged, *material.signals, *material.cases, *material.mentions,
            *material.follow_ups, *material.monitors]  # fmt: skip
