"""Small records for the tests of this folder, each with sensible values that a test overrides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.care.case import Case, FlagCode, FlagReason
from domain.component import ComponentStatus
from domain.heard.classification import Kind
from domain.incidents.incident import Impact, Incident, IncidentStatus, Update
from domain.incidents.signal import Evidence, Quote, Signal, SignalState
from domain.work import Actor, Delivery, DeliveryState

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
ADA = Actor("U1", "Ada", "slack")

HOSTILE = [
    "<!channel> <!everyone> <!here> @channel @EVERYONE @here <@U123> <#C123> <!subteam^S1>",
    "<https://evil.example|Your bank>",
    "*bold* _it_ ~gone~ `code` ```block``` >>> quote",
    "\u202eевил\u202c \u2066left\u2069 \x00\x07\x1b[31m",
    "از صبح پرداخت انجام نمی‌شود *؟*",
    "ÇÖKTÜ İstanbul ığüş",
    "a" * 20_000,
    "&" * 20_000,
    "<" * 20_000,
    "\n" * 5_000,
    "*_~`" * 5_000,
    "\ud800 half a surrogate \udfff",
    "Z" + "\u0301" * 500,
    "👩‍👩‍👧‍👦" * 900,
    "",
    " ",
    "\u200f",
]


def a_case(**changes: Any) -> Case:
    """A Turkish customer's open case, due in 51 minutes."""
    case = Case(
        id="case_1", person_id="per_1", component="delivery", kind=Kind.DELIVERY, language="tr",
        reason=FlagReason(FlagCode.COMPLAINT, 0.96, ("üçüncü kez", "cevap vermiyor")), opened_at=NOW,
        due_at=NOW + timedelta(minutes=51), author="ayse", source="mastodon-tr", source_type="mastodon",
        mention_ids=("men_1",), text="Kargom hâlâ gelmedi, üçüncü kez yazıyorum.", url="https://social.example/@ayse/1",
        reply_channel="mastodon-tr", reply_to="1", followers=1240, contacts=3,
    )  # fmt: skip
    return replace(case, **changes)


def evidence(**changes: Any) -> Evidence:
    """47 people in 12 minutes where 3 are usual."""
    seen = Evidence(
        since=NOW - timedelta(minutes=12), people=47, minutes=12, expected=3.0, score=9.1,
        quotes=(
            Quote("card declined three times", "appstore", "en", NOW - timedelta(minutes=11), "men_1"),
            Quote("از صبح پرداخت انجام نمی‌شود", "mastodon-fa", "fa", NOW - timedelta(minutes=6), "men_2"),
        ),
        terms=("declined", "ödeme"), languages={"en": 31, "tr": 11, "fa": 5}, sources={"mastodon": 30, "appstore": 17},
        folded=2, unseen=("x",), checked=("no campaign",),
        observed_series=(0, 1, 0, 2, 9, 30, 47), expected_series=(1.0, 1.0, 1.5, 2.0, 2.0, 3.0, 3.0),
    )  # fmt: skip
    return replace(seen, **changes)


def a_signal(**changes: Any) -> Signal:
    """An open signal about payments."""
    signal = Signal("sig_1", "payments", SignalState.OPEN, NOW - timedelta(minutes=10), evidence())
    return replace(signal, **changes)


def a_post(number: int, state: DeliveryState = DeliveryState.DRAFT, **changes: Any) -> Delivery:
    """One post of an incident."""
    post = Delivery(f"del_{number}", "mastodon-main", "We have reports that card payments fail.", "en", state, NOW)
    return replace(post, **changes)


def an_incident(**changes: Any) -> Incident:
    """An open incident about payments with words in three languages."""
    texts = {"en": "Card payments fail.", "tr": "Kart ödemeleri yapılamıyor.", "fa": "پرداخت با کارت انجام نمی‌شود."}
    update = Update(
        "upd_1", NOW - timedelta(minutes=5), IncidentStatus.INVESTIGATING, texts, "Ada",
        {"payments": ComponentStatus.PARTIAL_OUTAGE}, NOW + timedelta(minutes=25),
    )  # fmt: skip
    incident = Incident(
        "inc_1", {"en": "Card payments fail", "fa": "پرداخت"}, Impact.MAJOR, NOW - timedelta(minutes=20),
        NOW - timedelta(minutes=5), ADA, (update,), affected=47,
    )  # fmt: skip
    return replace(incident, **changes)


def an_update(status: IncidentStatus, **changes: Any) -> Update:
    """A later word about the incident."""
    return replace(Update("upd_2", NOW, status, {"en": "Payments work again."}, "Ada"), **changes)
