"""The case card says who, what, why and until when, and offers only what will not be refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.case_card import case_card
from alerts.limits import problems
from domain.care.case import CaseStatus, FlagCode, FlagReason
from domain.heard.classification import Kind
from domain.work import DeliveryState
from tests.alerts.records import ADA, HOSTILE, NOW, a_case, a_post
from tests.alerts.shown import elements, texts, words

OPEN_INCIDENTS = [("inc_1", "Card payments fail"), ("inc_2", "Late parcels")]


def card(*, incidents: list[tuple[str, str]] | None = None, **changes: Any) -> list[dict[str, Any]]:
    view = case_card(a_case(**changes), now=NOW, open_incidents=incidents or [], desk_url="https://h.example/desk/1")
    assert problems(view.blocks) == []
    return view.blocks


def test_the_card_of_a_new_case_says_everything_a_person_needs() -> None:
    view = case_card(a_case(), now=NOW, open_incidents=OPEN_INCIDENTS, desk_url="https://h.example/desk/1")
    state, text, why, *_ = texts(view.blocks)
    assert state == (
        ":large_orange_circle: *Waiting for someone* · answer due <!date^1795186260^{time}|14:51 UTC> (in 51 min)\n"
        "*@ayse* on Mastodon · 3rd contact about delivery · 1,240 followers · Turkish"
    )
    assert text == "> Kargom hâlâ gelmedi, üçüncü kez yazıyorum."
    assert why == "Why flagged: complaint 96% (“üçüncü kez”, “cevap vermiyor”)"
    assert view.text.startswith("Waiting for someone · @ayse · Kargom hâlâ gelmedi")
    assert view.text.endswith("answer due 14:51 UTC")


def test_each_button_names_its_case() -> None:
    shown = elements(card(incidents=OPEN_INCIDENTS))
    assert list(shown) == ["claim", "reply", "not_a_complaint", "snooze", "add_to_incident", "open_post"]
    assert {shown[verb]["value"] for verb in ("claim", "reply", "not_a_complaint")} == {"case_1"}
    assert [o["value"] for o in shown["snooze"]["options"]] == ["case_1|15", "case_1|60", "case_1|240", "case_1|1440"]
    assert [o["value"] for o in shown["add_to_incident"]["options"]] == ["case_1|inc_1", "case_1|inc_2"]
    assert shown["open_post"]["url"] == "https://social.example/@ayse/1"


def test_a_claimed_card_says_who_has_it_and_offers_no_second_claim() -> None:
    blocks = card(assignee=ADA)
    assert next(texts(blocks)).startswith(":large_blue_circle: *Ada has this* · answer due")
    assert list(elements(blocks)) == ["release", "reply", "not_a_complaint", "snooze", "open_post"]


@pytest.mark.parametrize(
    ("changes", "first_line", "buttons"),
    [
        ({"status": CaseStatus.SNOOZED, "snoozed_until": NOW + timedelta(hours=1)}, ":zzz: *Snoozed* until",
         ["claim", "reply", "not_a_complaint", "snooze", "add_to_incident", "open_post"]),
        ({"status": CaseStatus.SNOOZED, "assignee": ADA}, ":zzz: *Snoozed by Ada*",
         ["release", "reply", "not_a_complaint", "snooze", "add_to_incident", "open_post"]),
        ({"status": CaseStatus.ANSWERED, "assignee": ADA, "first_response_at": NOW + timedelta(minutes=12)},
         ":white_check_mark: *Answered by Ada* · first answer after 12 min", ["close", "add_to_incident", "open_post"]),
        ({"status": CaseStatus.ANSWERED}, ":white_check_mark: *Answered*", ["close", "add_to_incident", "open_post"]),
        ({"status": CaseStatus.DISMISSED}, ":white_circle: *Not a complaint*", ["open_post"]),
        ({"status": CaseStatus.CLOSED, "assignee": ADA}, ":white_circle: *Closed*", ["open_post"]),
        ({"due_at": NOW - timedelta(minutes=5)}, ":red_circle: *Waiting for someone* · *late*: answer was due",
         ["claim", "reply", "not_a_complaint", "snooze", "add_to_incident", "open_post"]),
    ],
)  # fmt: skip
def test_each_state_is_said_first_and_offers_what_it_allows(
    changes: dict[str, Any], first_line: str, buttons: list[str]
) -> None:
    blocks = card(incidents=OPEN_INCIDENTS, **changes)
    assert next(texts(blocks)).startswith(first_line)
    assert list(elements(blocks)) == buttons


def test_a_finished_case_no_longer_counts_down() -> None:
    view = case_card(a_case(status=CaseStatus.CLOSED), now=NOW, open_incidents=[], desk_url="")
    assert "due" not in view.text + words(view.blocks)


def test_a_card_without_open_incidents_or_address_offers_neither() -> None:
    assert list(elements(card(url=None))) == ["claim", "reply", "not_a_complaint", "snooze"]


def test_a_closed_case_without_an_address_has_no_empty_button_row() -> None:
    blocks = card(status=CaseStatus.CLOSED, url="javascript:alert(1)")
    assert [block["type"] for block in blocks].count("actions") == 0


def test_a_linked_case_names_its_incident_and_cannot_be_linked_again() -> None:
    blocks = card(incident_id="inc_1", incidents=OPEN_INCIDENTS)
    assert "Part of the incident “Card payments fail”" in words(blocks)
    assert "add_to_incident" not in elements(blocks)
    assert "Part of the incident “inc_1”" in words(card(incident_id="inc_1"))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (DeliveryState.PENDING, "Our answer via mastodon-main is on its way\n> We have"),
        (DeliveryState.SENT, "Our answer via mastodon-main has arrived <!date"),
        (DeliveryState.FAILED, "Our answer via mastodon-main could not be sent: 422 &lt;too long&gt;"),
        (
            DeliveryState.ASSISTED,
            "waits to be posted by hand: open the post, answer there, then press *Mark as answered*",
        ),
    ],
)
def test_an_answer_shows_its_text_and_whether_it_arrived(state: DeliveryState, said: str) -> None:
    sent_at = NOW if state is DeliveryState.SENT else None
    error = "422 <too long>" if state is DeliveryState.FAILED else None
    assert said in words(card(replies=(a_post(1, state, sent_at=sent_at, error=error),)))


def test_an_answer_to_be_posted_by_hand_offers_to_mark_it() -> None:
    assert "mark_answered" in elements(card(assignee=ADA, replies=(a_post(1, DeliveryState.ASSISTED),)))
    assert "mark_answered" not in elements(card(assignee=ADA, replies=(a_post(1, DeliveryState.SENT),)))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (FlagCode.LOW_RATING, "low rating, complaint 50%"),
        (FlagCode.REPORT, "sent through our own form, complaint 50%"),
        (FlagCode.STILL_BROKEN, "says it is still broken, complaint 50%"),
    ],
)
def test_the_reason_is_said_in_words(code: FlagCode, said: str) -> None:
    assert f"Why flagged: {said}\n" in words(card(reason=FlagReason(code, 0.5))) + "\n"


def test_the_internal_remark_stands_on_the_card_once() -> None:
    assert words(card(replies=(a_post(1), a_post(2)))).count("nothing written here is sent to a customer") == 1


def test_a_case_without_a_component_is_named_by_its_kind() -> None:
    blocks = card(component=None, kind=Kind.PAYMENT_BILLING, contacts=1, followers=None, addressed=True)
    assert "*@ayse* on Mastodon · 1st contact about payment billing · Turkish · wrote to us" in words(blocks)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_anywhere_keep_the_card_whole(hostile: str) -> None:
    blocks = card(
        text=hostile, author=hostile, component=hostile, language=hostile, source_type=hostile, url=hostile,
        reason=FlagReason(FlagCode.COMPLAINT, float("nan"), (hostile,) * 9), incidents=[("inc_1", hostile)] * 3,
        replies=(a_post(1, text=hostile, channel=hostile, error=hostile),) * 3,
    )  # fmt: skip
    shown = words(blocks)
    for ping in ("<!channel", "<!everyone", "<@U", "<#C", "<!subteam", "|Your bank>", "@channel", "\u202e"):
        assert ping not in shown


@given(st.text(max_size=3000), st.text(max_size=300), st.lists(st.text(max_size=99), max_size=9))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_a_card_that_slack_takes(text: str, author: str, titles: list[str]) -> None:
    card(text=text, author=author, incidents=[(f"inc_{n}", title) for n, title in enumerate(titles)])


def test_a_hundred_open_incidents_fit_the_menu() -> None:
    shown = elements(card(incidents=[(f"inc_{n}", "t" * 200) for n in range(150)]))
    assert len(shown["add_to_incident"]["options"]) == 100
