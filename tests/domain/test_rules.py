"""Signals, components, follow-ups, ids: the small pure rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.care.follow_up import ReplyDecision, ReplyVerdict, approve, draft_follow_up, why_reply
from domain.component import Component, fold, match_component
from domain.errors import Refused
from domain.heard.classification import Kind
from domain.heard.mention import person_id
from domain.ids import stable_id
from domain.incidents import signal as rules
from domain.incidents.signal import SignalState
from domain.work import Card, DeliveryState, card_due
from tests.domain.make import ADA, BORA, NOW, case, evidence, mention, signal

PAYMENTS = Component("payments", {"en": "Payments"}, {"en": ("card",), "tr": ("ödeme",), "fa": ("پرداخت",)})
APP = Component("app", {"en": "App"}, {"en": ("app",)}, (Kind.OUTAGE,))


def test_acknowledging_stops_the_escalation_and_tells_the_second_who_was_first() -> None:
    taken = rules.acknowledge(signal(), ADA, NOW)
    assert taken.escalate_at is None
    with pytest.raises(Refused, match="Ada acknowledged"):
        rules.acknowledge(taken, BORA, NOW)


def test_dismissing_needs_a_reason_and_ends_the_signal() -> None:
    with pytest.raises(Refused):
        rules.dismiss(signal(), " ", ADA, NOW)
    assert rules.dismiss(signal(), "a joke", ADA, NOW).over


def test_nothing_can_be_done_with_a_signal_that_is_over() -> None:
    over = signal(state=SignalState.CLOSED)
    with pytest.raises(Refused, match="over"):
        rules.acknowledge(over, ADA, NOW)
    assert over.active_key is None


def test_an_unchanged_view_of_the_detector_does_not_redraw_the_card() -> None:
    assert rules.observe(signal(), SignalState.OPEN, evidence(), NOW) == signal()


def test_a_changed_state_is_a_line_of_history() -> None:
    after = rules.observe(signal(), SignalState.RECOVERING, evidence(people=4), NOW)
    assert (after.state, len(after.history), after.revision) == (SignalState.RECOVERING, 1, 1)


def test_the_last_escalation_has_no_next_one() -> None:
    assert rules.escalated(signal(), "Bora", None, NOW).escalate_at is None
    assert rules.escalated(signal(), "Bora", timedelta(minutes=5), NOW).escalate_at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("text", "kind", "component"),
    [
        ("my CARD was declined in the app, card!", Kind.OTHER, "payments"),
        ("ODEME yapamıyorum", Kind.OTHER, "payments"),
        ("پرداخت نمیشه", Kind.OTHER, "payments"),
        ("nothing works", Kind.OUTAGE, "app"),
        ("nothing works", Kind.PRICE, None),
    ],
)
def test_a_complaint_finds_its_component_by_words_then_by_kind(text: str, kind: Kind, component: str | None) -> None:
    assert match_component(text, kind, [PAYMENTS, APP]) == component


@pytest.mark.parametrize(
    ("one", "other"),
    [("İPTAL", "iptal"), ("ISPARTA", "ısparta"), ("كيف", "کیف"), ("Ödeme", "odeme"), ("می\u200cشود", "می شود")],
)
def test_words_that_are_the_same_to_a_reader_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("source", "addressed", "contact", "can_send", "opted_out", "verdict"),
    [
        ("mastodon", False, None, True, False, ReplyVerdict.ALLOWED),
        ("mastodon", False, None, False, False, ReplyVerdict.ASSISTED),
        ("bluesky", True, None, True, True, ReplyVerdict.FORBIDDEN),
        ("x", False, None, True, False, ReplyVerdict.ASSISTED),
        ("x", True, None, True, False, ReplyVerdict.ALLOWED),
        ("appstore", True, None, True, False, ReplyVerdict.ASSISTED),
        ("form", True, "a@b.example", True, False, ReplyVerdict.ALLOWED),
        ("form", True, "a@b.example", False, False, ReplyVerdict.ASSISTED),
        ("form", True, None, True, False, ReplyVerdict.FORBIDDEN),
        ("form", True, "a@b.example", True, True, ReplyVerdict.FORBIDDEN),
    ],
)
def test_the_platform_decides_how_we_may_answer(
    source: str, addressed: bool, contact: str | None, can_send: bool, opted_out: bool, verdict: ReplyVerdict
) -> None:
    decision = why_reply(source, addressed=addressed, contact=contact, can_send=can_send, opted_out=opted_out)
    assert decision.verdict is verdict
    assert decision.reason


@pytest.mark.parametrize(
    ("verdict", "drafted", "approved"),
    [
        (ReplyVerdict.ALLOWED, DeliveryState.DRAFT, DeliveryState.PENDING),
        (ReplyVerdict.ASSISTED, DeliveryState.DRAFT, DeliveryState.ASSISTED),
        (ReplyVerdict.FORBIDDEN, DeliveryState.SKIPPED, DeliveryState.SKIPPED),
    ],
)
def test_a_follow_up_goes_no_further_than_the_verdict(
    verdict: ReplyVerdict, drafted: DeliveryState, approved: DeliveryState
) -> None:
    made = draft_follow_up("inc_1", case(), ReplyDecision(verdict, "because"), "mastodon", "Fixed?", "en", NOW)
    assert made.delivery.state is drafted
    assert approve(made, ADA).delivery.state is approved


def test_a_person_gets_one_follow_up_per_incident() -> None:
    decision = ReplyDecision(ReplyVerdict.ALLOWED, "because")
    one = draft_follow_up("inc_1", case(), decision, "mastodon", "Fixed?", "en", NOW)
    other = draft_follow_up("inc_1", case(id="case_2"), decision, "mastodon", "Fixed?", "en", NOW)
    assert one.id == other.id


def test_the_parts_of_an_id_do_not_run_together() -> None:
    assert stable_id("x", "ab", "c") != stable_id("x", "a", "bc")
    assert stable_id("x", "\ud800") == stable_id("x", "\ud800")


def test_a_mail_address_is_one_person_wherever_it_is_written() -> None:
    assert person_id(mention(contact="A@b.example ")) == person_id(mention(contact="a@B.example", native="2"))


@pytest.mark.parametrize(
    ("card", "due"),
    [
        (None, False),
        (Card("#c"), True),
        (Card("#c", "1.0", shown=3, lines=2), False),
        (Card("#c", "1.0", shown=2, lines=2), True),
        (Card("#c", "1.0", shown=3, lines=1), True),
    ],
)
def test_a_card_is_due_when_it_shows_less_than_the_record(card: Card | None, due: bool) -> None:
    assert (card_due(card, 3, 2) is not None) == due
