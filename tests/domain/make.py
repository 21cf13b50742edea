"""Records for tests, with only what a test cares about to be named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.care.case import CarePolicy, Case, FlagCode, FlagReason, open_case
from domain.component import ComponentStatus
from domain.heard.classification import Classification, Kind, Sentiment
from domain.heard.mention import Author, Mention, MentionKind, MentionRecord, Stage, mention_id, person_id
from domain.incidents.incident import Impact, Incident, IncidentStatus, Update
from domain.incidents.signal import Evidence, Signal, SignalState
from domain.work import Actor, Card, Delivery, DeliveryState

NOW = datetime(2026, 3, 6, 16, 45, tzinfo=UTC)  # a Friday afternoon
ADA = Actor("U1", "Ada", "slack")
BORA = Actor("U2", "Bora", "slack")


def mention(text: str = "my card was declined again", native: str = "1", **changes: Any) -> Mention:
    """A mention said just now on Mastodon."""
    made = Mention(
        id=mention_id("mastodon", native), source="mastodon", source_type="mastodon", native_id=native,
        author=Author("42", "Zeynep", "zeynep"), text=text, created_at=NOW, url="https://town.example/1",
    )  # fmt: skip
    return replace(made, **changes)


def meaning(**changes: Any) -> Classification:
    """A sure complaint about a payment."""
    made = Classification(
        language="en", sentiment=Sentiment.NEGATIVE, sentiment_scores={Sentiment.NEGATIVE: 0.9}, complaint=0.96,
        is_complaint=True, kind=Kind.PAYMENT_BILLING, kind_scores={Kind.PAYMENT_BILLING: 0.8}, model="m1",
        component="payments", why=("declined",),
    )  # fmt: skip
    return replace(made, **changes)


def record(said: Mention | None = None, understood: Classification | None = None, **changes: Any) -> MentionRecord:
    """A mention that was stored and understood."""
    said = said or mention()
    made = MentionRecord(
        id=said.id, mention=said, person_id=person_id(said), received_at=said.created_at, stage=Stage.UNDERSTOOD,
        classification=understood or meaning(),
    )  # fmt: skip
    return replace(made, **changes)


def case(**changes: Any) -> Case:
    """An open case, due in an hour."""
    made = open_case(record(), FlagReason(FlagCode.COMPLAINT, 0.96), CarePolicy(), contacts=1, channel="#care")
    return replace(made, **changes)


def evidence(**changes: Any) -> Evidence:
    """Twelve people in ten minutes where one is expected."""
    return replace(
        Evidence(since=NOW - timedelta(minutes=10), people=12, minutes=10, expected=1.0, score=9.0), **changes
    )


def signal(**changes: Any) -> Signal:
    """An open signal about payments that escalates in five minutes."""
    made = Signal(
        "sig_1", "payments", SignalState.OPEN, NOW, evidence(), card=Card("#on-call"),
        escalate_at=NOW + timedelta(minutes=5),
    )  # fmt: skip
    return replace(made, **changes)


def word(status: IncidentStatus = IncidentStatus.INVESTIGATING, name: str = "upd_1", **changes: Any) -> Update:
    """One public update."""
    return replace(
        Update(name, NOW, status, {"en": "We are looking."}, "Ada", {"payments": ComponentStatus.PARTIAL_OUTAGE}),
        **changes,
    )


def incident(*updates: Update, **changes: Any) -> Incident:
    """An incident on payments with the given updates."""
    made = Incident(
        "inc_1", {"en": "Payments fail"}, Impact.MAJOR, NOW, NOW, ADA, updates or (word(),), card=Card("#on-call"),
    )  # fmt: skip
    return replace(made, **changes)


def delivery(**changes: Any) -> Delivery:
    """A post that waits for approval."""
    return replace(Delivery("del_1", "mastodon", "We are looking.", "en", DeliveryState.DRAFT, NOW), **changes)


REPORT = MentionKind.REPORT
