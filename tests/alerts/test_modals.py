"""Modals ask for what the action needs, start with a draft, and carry verb and subject home."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import modals
from alerts.actions import parse_interaction
from alerts.limits import view_problems
from alerts.second_look import second_look
from domain.action import Action, Verb
from domain.care.follow_up import ReplyVerdict
from domain.component import Component
from domain.incidents.incident import IncidentStatus
from domain.work import DeliveryState
from tests.alerts.records import HOSTILE, a_case, a_post, a_signal, an_incident
from tests.alerts.shown import fields, words

LANGUAGES = ("en", "tr", "fa")
COMPONENTS = (Component("payments", {"en": "Payments", "fa": "پرداخت"}), Component("delivery", {"tr": "Teslimat"}))
DRAFTS = {"title.en": "Problems with payments", "text.en": "We look.", "text.fa": "بررسی می‌کنیم."}


def carried(view: dict[str, Any]) -> dict[str, Any]:
    """What the modal carries home."""
    assert view_problems(view) == []
    known: dict[str, Any] = json.loads(view["private_metadata"])
    return known


def submitted(view: dict[str, Any], **typed: str) -> Action:
    """Fill the modal in the way Slack reports it and read it as an action."""
    state: dict[str, Any] = {}
    for name, element in fields(view).items():
        value = typed.get(name)
        chosen = element.get("initial_option") or element.get("initial_options")
        if element["type"] == "plain_text_input":
            state[name] = {name: {"type": element["type"], "value": value or element.get("initial_value")}}
        elif element["type"] == "multi_static_select":
            state[name] = {name: {"type": element["type"], "selected_options": chosen or []}}
        else:
            option = next((o for o in element["options"] if o["value"] == value), chosen)
            state[name] = {name: {"type": element["type"], "selected_option": option}}
    payload = {
        "type": "view_submission", "user": {"id": "U1", "username": "ada"},
        "view": {**view, "id": "V1", "state": {"values": state}},
    }  # fmt: skip
    action = parse_interaction(payload)
    assert isinstance(action, Action)
    return action


def test_a_reply_shows_the_post_the_rule_and_the_limit_of_the_platform() -> None:
    view = modals.reply_modal(a_case(), "Merhaba", "the platform lets us answer", ReplyVerdict.ALLOWED)
    assert carried(view) == {"verb": "reply", "subject": "case_1", "values": {}}
    assert "> Kargom hâlâ gelmedi" in words(view["blocks"])
    assert "hubbub sends it: the platform lets us answer." in words(view["blocks"])
    assert view["blocks"][-1]["hint"]["text"] == "Mastodon allows 500 characters."
    assert fields(view)["text"]["max_length"] == 500
    assert submitted(view).values == {"text": "Merhaba"}


@pytest.mark.parametrize(
    ("verdict", "submit", "said"),
    [
        (ReplyVerdict.ALLOWED, "Send", "hubbub sends it: why."),
        (ReplyVerdict.ASSISTED, "Keep the draft", "You post it by hand: why."),
        (ReplyVerdict.FORBIDDEN, "Keep the draft", "It cannot be sent: why."),
        (None, "Answer", "What the reply rules say: why."),
    ],
)
def test_a_reply_says_what_pressing_the_button_will_do(verdict: ReplyVerdict | None, submit: str, said: str) -> None:
    view = modals.reply_modal(a_case(), "", "why", verdict)
    assert view["submit"]["text"] == submit
    assert said in words(view["blocks"])


@pytest.mark.parametrize(
    ("channel", "limit"), [("mastodon-tr", 500), ("bluesky", 300), ("x", 280), ("form", 3000), ("appstore", 3000)]
)
def test_each_platform_has_its_limit(channel: str, limit: int) -> None:
    assert modals.platform_limit(channel) == limit


def test_a_draft_longer_than_the_platform_allows_is_cut_to_fit() -> None:
    view = modals.reply_modal(a_case(source_type="bluesky"), "x" * 999, "why")
    assert len(fields(view)["text"]["initial_value"]) == 300


def test_declaring_from_a_signal_starts_with_its_component_and_the_drafts() -> None:
    view = modals.declare_modal(a_signal(), COMPONENTS, LANGUAGES, DRAFTS)
    assert carried(view)["subject"] == "sig_1"
    action = submitted(view, impact="critical", **{"title.tr": "Ödeme sorunu"})
    assert (action.verb, action.subject, action.key) == (Verb.DECLARE, "sig_1", "V1")
    assert action.values == {
        "title.en": "Problems with payments", "title.tr": "Ödeme sorunu", "text.en": "We look.",
        "text.fa": "بررسی می‌کنیم.", "impact": "critical", "components": "payments",
        "component_status": "partial_outage", "next_update_minutes": "30",
    }  # fmt: skip


def test_declaring_without_a_signal_or_components_asks_for_the_rest() -> None:
    view = modals.declare_modal(None, (), LANGUAGES, {})
    assert carried(view)["subject"] == ""
    assert "components" not in fields(view)
    assert [b["optional"] for b in view["blocks"] if b["block_id"].startswith("text.")] == [False, True, True]


def test_an_update_starts_with_the_phase_it_is_asked_for() -> None:
    view = modals.update_modal(an_incident(), LANGUAGES, IncidentStatus.IDENTIFIED, DRAFTS)
    action = submitted(view)
    assert (action.verb, action.subject) == (Verb.UPDATE, "inc_1")
    assert action.values == {
        "status": "identified", "text.en": "We look.", "text.fa": "بررسی می‌کنیم.",
        "component_status": "partial_outage", "next_update_minutes": "30",
    }  # fmt: skip
    assert "resolved" not in [option["value"] for option in fields(view)["status"]["options"]]


def test_resolving_needs_only_words() -> None:
    view = modals.update_modal(an_incident(), ("en",), IncidentStatus.RESOLVED)
    action = submitted(view, **{"text.en": "It works again."})
    assert (action.verb, action.subject) == (Verb.RESOLVE, "inc_1")
    assert action.values == {"text.en": "It works again.", "status": "resolved", "component_status": "operational"}


def test_editing_a_post_keeps_which_post_it_is() -> None:
    view = modals.edit_post_modal(an_incident(), a_post(1))
    assert view["blocks"][0]["hint"]["text"] == "Mastodon (main) allows 500 characters."
    action = submitted(view, text="Better words")
    assert (action.verb, action.subject) == (Verb.EDIT_POST, "inc_1")
    assert action.values == {"text": "Better words", "delivery": "del_1"}


def test_correcting_a_sent_post_begins_with_its_words_however_long() -> None:
    long = "https://status.example/" + "x" * 600
    sent = a_post(1, DeliveryState.SENT, text=f"Old. {long}")
    view = modals.edit_post_modal(an_incident(), sent)
    assert fields(view)["text"]["initial_value"] == f"Old. {long}"  # an address counts less at the platform
    action = submitted(view, text="New.")
    assert (action.verb, action.values) == (Verb.CORRECT_POST, {"text": "New.", "delivery": "del_1"})
    asked = modals.edit_post_modal(an_incident(), a_post(1, DeliveryState.SENT, correction="Asked for."))
    assert fields(asked)["text"]["initial_value"] == "Asked for."


def test_dismissing_asks_for_the_reason() -> None:
    action = submitted(modals.dismiss_modal(a_signal()), reason="a viral joke")
    assert (action.verb, action.subject, action.values) == (Verb.DISMISS, "sig_1", {"reason": "a viral joke"})


def every_modal(text: str) -> list[dict[str, Any]]:
    """All modals with `text` wherever something comes from outside."""
    incident = an_incident(titles={"en": text})
    drafts = {f"{field}.{code}": text for field in ("title", "text") for code in LANGUAGES}
    component = Component("payments", {"en": text})
    return [
        modals.reply_modal(a_case(text=text, author=text, language=text, source_type=text), text, text),
        modals.declare_modal(a_signal(), [component] * 150, LANGUAGES, drafts),
        modals.update_modal(incident, LANGUAGES, IncidentStatus.IDENTIFIED, drafts),
        modals.update_modal(incident, LANGUAGES, IncidentStatus.RESOLVED, drafts),
        modals.edit_post_modal(incident, a_post(1, text=text, channel=text, language=text)),
        modals.dismiss_modal(a_signal()),
        modals.organise_modal(incident),
        modals.publish_modal(incident, LANGUAGES, drafts),
        modals.merge_modal(incident, [incident] * 3),
        modals.split_modal(incident, {"payments": text}, LANGUAGES, drafts),
        modals.note_modal(incident),
        modals.pick_modal([incident], text),
        second_look({**modals.note_modal(incident), "state": {}}, [("tr", text), (text[:9], text)] * 20, "heard"),
    ]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_keep_every_modal_whole(hostile: str) -> None:
    assert [view_problems(view) for view in every_modal(hostile)] == [[]] * 13


@given(st.text(max_size=4000))
@settings(max_examples=40, deadline=None)
def test_any_text_gives_modals_that_slack_takes(text: str) -> None:
    assert [view_problems(view) for view in every_modal(text)] == [[]] * 13
