"""Small true-to-life records; each takes the fields that matter to a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.care.case import Case, FlagCode, FlagReason
from domain.care.follow_up import FollowUp, ReplyDecision, ReplyVerdict
from domain.component import ComponentStatus
from domain.heard.classification import Classification, Kind, Sentiment
from domain.heard.mention import Author, Mention, MentionRecord
from domain.incidents.incident import Impact, Incident, IncidentStatus, Update
from domain.incidents.notice import Notice, NoticeKind
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from domain.incidents.signal import Evidence, Signal, SignalState
from domain.lease import Holder, Lease
from domain.records import (
    AuditEntry,
    Correction,
    DetectorRecord,
    Kept,
    MonitorAlert,
    Person,
    SetAsideItem,
    SourceState,
)
from domain.told.mailing import Mailing, Owed
from domain.told.subscriber import Channel, Errand, Standing, Subscriber
from domain.work import Actor, Card, Delivery, DeliveryState, Line

NOON = datetime(2026, 3, 21, 12, 0, tzinfo=UTC)
ANA = Actor("U1", "Ana", "slack")


def after(minutes: float) -> datetime:
    """Give the moment that many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def heard(id: str = "m1", text: str = "payment fails", at: datetime = NOON, **more: Any) -> MentionRecord:
    """Make a mention nobody has looked at."""
    mention = Mention(id, "mastodon-tr", "mastodon", id, Author("a1", "Ayşe", "@ayse", 12), text, at)
    return MentionRecord(id=id, mention=mention, **{"person_id": "p1", "received_at": at, **more})


def meaning(component: str | None = "payments", **more: Any) -> Classification:
    """Make the view of the classifier."""
    known = Classification(
        "tr", Sentiment.NEGATIVE, {Sentiment.NEGATIVE: 0.9, Sentiment.NEUTRAL: 0.1}, 0.93, True,
        Kind.PAYMENT_BILLING, {Kind.PAYMENT_BILLING: 0.8}, "bundled-1", component, ("ödeme",),
    )  # fmt: skip
    return replace(known, **more)


def case(id: str = "c1", **more: Any) -> Case:
    """Make an open case about payments."""
    known = Case(
        id=id, person_id="p1", component="payments", kind=Kind.PAYMENT_BILLING, language="tr",
        reason=FlagReason(FlagCode.COMPLAINT, 0.93, ("ödeme",)), opened_at=NOON, due_at=after(60), author="@ayse",
        source="mastodon-tr", source_type="mastodon", mention_ids=("m1",), text="Ödeme çöktü",
    )  # fmt: skip
    return replace(known, **more)


def signal(id: str = "s1", **more: Any) -> Signal:
    """Make an open signal about payments."""
    evidence = Evidence(NOON, 12, 15, 1.5, 8.2, languages={"tr": 7, "fa": 5}, expected_series=(1.0, 2.0))
    return replace(Signal(id, "payments", SignalState.OPEN, NOON, evidence, ("m1",)), **more)


def incident(id: str = "i1", **more: Any) -> Incident:
    """Make an incident with its first update and one post to be made."""
    update = Update(
        "u1", NOON, IncidentStatus.INVESTIGATING, {"en": "We look into it.", "fa": "در حال بررسی هستیم."}, "Ana",
        {"payments": ComponentStatus.PARTIAL_OUTAGE}, after(30),
    )  # fmt: skip
    titles = {"en": "Payments fail", "fa": "پرداخت‌ها انجام نمی‌شود"}
    known = Incident(id, titles, Impact.MAJOR, NOON, NOON, ANA, (update,), (post(),), ("s1",))
    return replace(known, **more)


def post(id: str = "d1", **more: Any) -> Delivery:
    """Make a message to customers that is due at noon."""
    known = Delivery(id, "mastodon", "We look into it.", "en", DeliveryState.PENDING, NOON, not_before=NOON)
    return replace(known, **more)


def follow_up(id: str = "f1", **more: Any) -> FollowUp:
    """Make the word to one person after an incident."""
    decision = ReplyDecision(ReplyVerdict.ALLOWED, "they addressed us")
    return replace(FollowUp(id, "i1", "p1", "c1", decision, post(id), "@ayse"), **more)


def work(id: str = "w1", **more: Any) -> PlannedWork:
    """Make planned work with its first word and one post to be made."""
    first = WorkUpdate("w1u1", NOON, WorkStatus.SCHEDULED, {"en": "New database.", "fa": "پایگاه دادهٔ جدید."}, "Ana")
    titles = {"en": "Maintenance", "fa": "نگهداری"}
    known = PlannedWork(id, titles, ("payments",), after(60), after(120), NOON, ANA, (first,), (post("d2"),))
    return replace(known, **more)


def one_of_each() -> list[Any]:
    """Make one record of every kind, with nested parts."""
    return [
        heard(classification=meaning(), edits=("payment fails??",)),
        case(replies=(post("r1"),), history=(Line(NOON, "Ana", "claimed the case"),), assignee=ANA),
        signal(), incident(), work(), follow_up(),
        Person("p1", "Ayşe", "mastodon", NOON, after(5), 3, 1),
        SourceState("mastodon-tr", cursor="opaque", last_success=NOON, error="503"),
        SetAsideItem("set1", "mastodon-tr", '{"id": 7', "the line is no JSON", NOON),
        DetectorRecord("payments", {"seen": [1, 2.5, None, {"a": True}], "level": 0.1}, NOON),
        Correction("k1", "m1", "teşekkürler", "tr", 0.7, Kind.OTHER, False, None, "bundled-1", "Ana", NOON),
        AuditEntry("a1", NOON, "Ana", "desk", "claim", "c1"),
        Lease(Holder("host boot pid:[4]", 7, "host (process 7)"), NOON, after(1)),
        Kept("clock", {"a.b": "$", "speed": 60, "at": "2026-03-21"}),
        MonitorAlert("mon1", "prometheus", "HighErrorRate", "payments", NOON, after(5), after(9), "5xx over 5%"),
        Notice("n1", NoticeKind.VOLUME, None, NOON, "People talk more about us.", Card("#on-call")),
        Subscriber("sub_1", Channel.PUSH, "https://push.example/1", "fa", NOON, ("payments",), Standing.PENDING,
                   {"p256dh": "B", "auth": "a"}, errand=Errand.CONFIRM, errand_at=after(1)),
        Mailing("mailing_1", Channel.MAIL, "i1", "u1", NOON, after(1), position="sub_1", done=("sub_2",), sent=2),
        Owed("owed_1", Channel.WEBHOOK, "mailing_1", "sub_1", after(5), 2, "503"),
    ]  # fmt: skip
