"""What is left of a record holds no word and no name, also of fields that were added to it later."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from app.privacy.forgetting import (
    case_forgotten,
    entry_without_words,
    follow_up_forgotten,
    forgotten,
    incident_forgotten,
    signal_aged,
    signal_forgotten,
    tombstone,
)
from domain.care.case import CaseStatus
from domain.care.follow_up import FollowUp, ReplyDecision, ReplyVerdict
from domain.heard.mention import Author, Mention
from domain.incidents.signal import Quote
from domain.records import AuditEntry
from domain.work import Delivery, DeliveryState, Line
from tests.app.privacy.life import answer, said, their_case, traces
from tests.domain.make import NOW, case, evidence, incident, signal

SECRET = "geheimwort"
KEPT = {"id", "source", "source_type", "language", "kind", "channel", "state", "subject", "decided_by", "about"}


def filled(kind: type[Any], known: Any) -> Any:
    """Put the secret into every text of a record that may hold one."""
    texts = [f.name for f in fields(kind) if str(f.type) in ("str", "str | None") and f.name not in KEPT]
    return replace(known, **dict.fromkeys(texts, SECRET))


def test_no_text_of_a_mention_survives_whatever_fields_it_has() -> None:
    post = said("x", "777")
    told = filled(Mention, post.mention)
    full = replace(post, mention=replace(told, author=filled(Author, told.author)), edits=(SECRET,))
    left = forgotten(full, "gone_1", NOW)
    assert SECRET not in str(left) and traces(str(left)) == []
    assert (left.id, left.person_id, left.deleted_at, left.version) == (post.id, "gone_1", NOW, post.version)
    assert forgotten(left, "gone_1", NOW) == left


def test_when_an_author_removed_it_first_that_moment_stays() -> None:
    earlier = replace(said("x", "777"), deleted_at=NOW.replace(year=2025))
    assert forgotten(earlier, "gone_1", NOW).deleted_at == earlier.deleted_at


def test_no_text_of_a_delivery_survives_whatever_fields_it_has() -> None:
    full = filled(Delivery, answer("d1", DeliveryState.SENT))
    follow_up = FollowUp(
        "fol_1", "inc_1", "per_1", "case_1", ReplyDecision(ReplyVerdict.ALLOWED, "yes"), full, SECRET, SECRET
    )
    left = follow_up_forgotten(follow_up, "gone_1")
    assert SECRET not in str(left)
    assert (left.delivery.id, left.delivery.state, left.person_id) == ("d1", DeliveryState.SENT, "gone_1")
    assert follow_up_forgotten(left, "gone_1") == left


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (DeliveryState.DRAFT, DeliveryState.SKIPPED), (DeliveryState.PENDING, DeliveryState.SKIPPED),
        (DeliveryState.ASSISTED, DeliveryState.SKIPPED), (DeliveryState.SENT, DeliveryState.SENT),
        (DeliveryState.FAILED, DeliveryState.FAILED),
    ],
)  # fmt: skip
def test_what_was_not_sent_is_never_sent(state: DeliveryState, after: DeliveryState) -> None:
    left = case_forgotten(their_case(said("x", "777"), replies=(answer("r", state),)), "gone_1", NOW)
    assert left.replies[0].state is after


def test_a_case_is_forgotten_once() -> None:
    known = their_case(said("x", "777"), snoozed_until=NOW)
    left = case_forgotten(known, "gone_1", NOW)
    assert traces(str(left)) == []
    assert (left.status, left.revision, left.card) == (CaseStatus.CLOSED, known.revision + 1, known.card)
    assert case_forgotten(left, "gone_1", NOW) == left


def test_a_case_that_was_answered_stays_answered() -> None:
    known = their_case(said("x", "777"), status=CaseStatus.ANSWERED, first_response_at=NOW)
    left = case_forgotten(known, "gone_1", NOW)
    assert (left.status, left.first_response_at) == (CaseStatus.ANSWERED, NOW)


def test_short_names_do_not_tear_other_words_apart() -> None:
    known = case(author="an", handle="an", history=(Line(NOW, "Ana", "answered and closed"),))
    assert case_forgotten(known, "gone_1", NOW).history[0] == Line(NOW, "Ana", "answered and closed")


def test_a_signal_is_drawn_anew_only_where_that_is_asked_for() -> None:
    quotes = (Quote("hers", "mastodon", "tr", NOW, "m1"), Quote("his", "mastodon", "tr", NOW, "m2"))
    known = signal(evidence=evidence(quotes=quotes, terms=("word",)))
    left = signal_forgotten(known, {"m1"}, redraw=True)
    assert ([quote.text for quote in left.evidence.quotes], left.revision) == (["his"], known.revision + 1)
    assert signal_forgotten(known, {"m3"}, redraw=True) is known
    aged = signal_aged(known)
    assert (aged.evidence.quotes, aged.evidence.terms, aged.revision) == ((), (), known.revision)


def test_whoever_said_it_is_still_broken_still_counts() -> None:
    known = incident(still_broken=("per_1", "per_2"))
    assert incident_forgotten(known, "per_1", "gone_1").still_broken == ("gone_1", "per_2")
    assert incident_forgotten(known, "per_3", "gone_1") is known


@pytest.mark.parametrize(
    ("detail", "left"), [("Sent. [text=hello [x]]", "Sent."), ("It is yours.", "It is yours."), ("", "")]
)
def test_what_was_typed_goes_from_the_log(detail: str, left: str) -> None:
    assert entry_without_words(AuditEntry("a", NOW, "Ada", "desk", "reply", "c", detail)).detail == left


def test_a_tombstone_names_nobody_and_wants_no_answer() -> None:
    stone = tombstone("gone_1", NOW)
    assert (stone.name, stone.opted_out, stone.mentions) == ("", True, 0)
