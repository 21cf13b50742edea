"""Presses, submitted modals and commands become actions; other shapes are refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.actions import Command, OpenModal, Word, decode_body, parse_command, parse_interaction
from alerts.case_card import case_card
from alerts.incident_card import incident_card
from alerts.signal_card import signal_card
from domain.action import Action, Verb
from domain.errors import PermanentError
from domain.work import Actor
from tests.alerts.records import NOW, a_case, a_post, a_signal, an_incident
from tests.alerts.shown import elements

RECORDED = Path(__file__).parents[2] / "../shared/fixtures/slack/payloads"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason="the recorded Slack payloads are not here")


def pressed(element: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The payload Slack sends for a press on `element`."""
    press = {"type": element.get("type", "button"), "action_id": element.get("action_id"), "action_ts": "9.1"}
    if "value" in element:
        press["value"] = element["value"]
    if "options" in element:
        press["selected_option"] = element["options"][0]
    return {
        "type": "block_actions", "trigger_id": "T.1", "user": {"id": "U1", "username": "ada", "name": "Ada"},
        "container": {"type": "message", "message_ts": "8.1", "channel_id": "C1"}, "channel": {"id": "C1"},
        "actions": [press], **changes,
    }  # fmt: skip


def submission(**view: Any) -> dict[str, Any]:
    """The payload Slack sends for a submitted modal of ours."""
    known = json.dumps({"verb": "reply", "subject": "case_1", "values": {}})
    whole = {"id": "V1", "callback_id": "hubbub", "private_metadata": known, "state": {"values": {}}, **view}
    return {"type": "view_submission", "user": {"id": "U1", "name": "Ada"}, "view": whole}


@pytest.mark.parametrize(
    ("action_id", "value", "verb", "subject", "values"),
    [
        ("claim", "case_1", Verb.CLAIM, "case_1", {}),
        ("release", "case_1", Verb.RELEASE, "case_1", {}),
        ("not_a_complaint", "case_1", Verb.NOT_A_COMPLAINT, "case_1", {}),
        ("mark_answered", "case_1", Verb.MARK_ANSWERED, "case_1", {}),
        ("close", "case_1", Verb.CLOSE, "case_1", {}),
        ("acknowledge", "sig_1", Verb.ACKNOWLEDGE, "sig_1", {}),
        ("send_follow_ups", "inc_1", Verb.SEND_FOLLOW_UPS, "inc_1", {}),
        ("approve_post:0", "inc_1|del_1", Verb.APPROVE_POST, "inc_1", {"delivery": "del_1"}),
        ("skip_post:7", "inc_1|del_1", Verb.SKIP_POST, "inc_1", {"delivery": "del_1"}),
        ("withdraw_post", "inc_1|del_1", Verb.WITHDRAW_POST, "inc_1", {"delivery": "del_1"}),
    ],
)
def test_a_press_becomes_an_action(
    action_id: str, value: str, verb: Verb, subject: str, values: dict[str, str]
) -> None:
    action = parse_interaction(pressed({"action_id": action_id, "value": value}))
    assert action == Action(verb, subject, Actor("U1", "Ada", "slack"), values, f"8.1:{action_id}:9.1")


@pytest.mark.parametrize(
    ("action_id", "value", "verb", "values"),
    [
        ("snooze", "case_1|60", Verb.SNOOZE, {"minutes": "60"}),
        ("silence", "case_1|30", Verb.SILENCE, {"minutes": "30"}),
        ("add_to_incident", "case_1|inc_1", Verb.ADD_TO_INCIDENT, {"incident": "inc_1"}),
        ("approve_post", "case_1|del_1", Verb.APPROVE_POST, {"delivery": "del_1"}),
        ("withdraw_post", "case_1|del_1", Verb.WITHDRAW_POST, {"delivery": "del_1"}),
    ],
)
def test_a_choice_becomes_an_action(action_id: str, value: str, verb: Verb, values: dict[str, str]) -> None:
    action = parse_interaction(pressed({"action_id": action_id, "options": [{"value": value}]}))
    assert isinstance(action, Action)
    assert (action.verb, action.subject, action.values) == (verb, "case_1", values)


@pytest.mark.parametrize("verb", [Verb.REPLY, Verb.DECLARE, Verb.UPDATE, Verb.RESOLVE, Verb.DISMISS])
def test_a_press_that_needs_words_asks_for_a_modal(verb: Verb) -> None:
    wanted = parse_interaction(pressed({"action_id": str(verb), "value": "rec_1"}))
    assert wanted == OpenModal(verb, "rec_1", "T.1", Actor("U1", "Ada", "slack"), {}, "C1")


def test_editing_a_post_asks_for_its_modal() -> None:
    wanted = parse_interaction(pressed({"action_id": "edit_post:3", "value": "inc_1|del_4"}))
    assert isinstance(wanted, OpenModal)
    assert (wanted.verb, wanted.subject, wanted.values) == (Verb.EDIT_POST, "inc_1", {"delivery": "del_4"})


def test_correcting_a_post_asks_for_its_modal() -> None:
    wanted = parse_interaction(pressed({"action_id": "correct_post", "options": [{"value": "inc_1|del_4"}]}))
    assert isinstance(wanted, OpenModal)
    assert (wanted.verb, wanted.subject, wanted.values) == (Verb.CORRECT_POST, "inc_1", {"delivery": "del_4"})


def test_every_button_of_every_card_is_understood() -> None:
    views = [
        case_card(a_case(), now=NOW, open_incidents=[("inc_1", "Pay")], desk_url=""),
        signal_card(a_signal(), component_name="Payments", now=NOW, desk_url=""),
        incident_card(an_incident(deliveries=(a_post(1),)), now=NOW, follow_ups={"draft": 1},
                      page_url="https://s.example", component_names={}),
    ]  # fmt: skip
    shown = [element for view in views for element in elements(view.blocks).values()]
    understood = {e["action_id"]: parse_interaction(pressed(dict(e))) for e in shown}
    assert [key for key, found in understood.items() if found is None] == ["open_post", "open_page"]
    assert len(understood) == 20


def test_two_deliveries_of_one_press_have_one_key_and_two_presses_two() -> None:
    claim = {"action_id": "claim", "value": "case_1"}
    first, again = parse_interaction(pressed(claim)), parse_interaction(pressed(claim))
    later = pressed(claim)
    later["actions"][0]["action_ts"] = "9.9"
    second = parse_interaction(later)
    assert isinstance(first, Action) and isinstance(again, Action) and isinstance(second, Action)
    assert first.key == again.key != second.key


def test_a_submitted_modal_collects_its_fields_under_the_views_id() -> None:
    values = {
        "text": {"text": {"type": "plain_text_input", "value": "two\nlines"}},
        "empty": {"empty": {"type": "plain_text_input", "value": None}},
        "impact": {"impact": {"type": "static_select", "selected_option": {"value": "major"}}},
        "none": {"none": {"type": "static_select", "selected_option": None}},
        "components": {"components": {"selected_options": [{"value": "a"}, {"value": "b"}]}},
    }
    action = parse_interaction(submission(state={"values": values}))
    wanted = {"text": "two\nlines", "impact": "major", "components": "a,b"}
    assert action == Action(Verb.REPLY, "case_1", Actor("U1", "Ada", "slack"), wanted, "V1")


def test_what_a_modal_carries_cannot_be_overwritten_by_a_field() -> None:
    known = json.dumps({"verb": "edit_post", "subject": "inc_1", "values": {"delivery": "del_1"}})
    values = {"delivery": {"delivery": {"value": "del_2"}}}
    action = parse_interaction(submission(private_metadata=known, state={"values": values}))
    assert isinstance(action, Action)
    assert action.values == {"delivery": "del_1"}


@pytest.mark.parametrize(
    "payload",
    [
        pressed({"action_id": "open_post"}),
        pressed({"action_id": "somebody_elses", "value": "x"}),
        pressed({"action_id": "note", "value": "x"}),
        pressed({"action_id": "claim", "value": "case_1"}, view={"id": "V1"}),
        submission(callback_id="somebody_elses"),
        {"type": "view_closed"},
        {"type": "shortcut"},
    ],
)
def test_what_asks_nothing_of_us_is_left_alone(payload: dict[str, Any]) -> None:
    assert parse_interaction(payload) is None


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": 7},
        {"type": "block_actions"},
        {"type": "block_actions", "actions": []},
        {"type": "block_actions", "actions": ["claim"]},
        pressed({"value": "case_1"}),
        pressed({"action_id": "claim"}),
        pressed({"action_id": "claim", "value": 7}),
        pressed({"action_id": "snooze", "value": "case_1"}),
        pressed({"action_id": "approve_post:0", "value": "inc_1|"}),
        pressed({"action_id": "claim", "value": "case_1"}, user=None),
        pressed({"action_id": "claim", "value": "case_1"}, user={"name": "Ada"}),
        pressed({"action_id": "reply", "value": "case_1"}, trigger_id=None),
        {"type": "view_submission", "user": {"id": "U1"}},
        submission(private_metadata="not json"),
        submission(private_metadata="[]"),
        submission(private_metadata=""),
        submission(private_metadata='{"verb": "explode"}'),
        submission(state=None),
        submission(state={"values": []}),
        submission(id=None),
    ],
)
def test_a_wrong_shape_is_refused_in_words(payload: dict[str, Any]) -> None:
    with pytest.raises(PermanentError, match=r"^[A-Z].*\.$"):
        parse_interaction(payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@given(st.sampled_from(["type", "actions", "user", "container", "channel", "trigger_id"]), JSON)
@settings(max_examples=150, deadline=None)
def test_no_press_of_any_shape_ends_in_another_error(name: str, junk: Any) -> None:
    _never_another_error({**pressed({"action_id": "reply", "value": "case_1"}), name: junk})


@given(st.sampled_from(["id", "callback_id", "private_metadata", "state"]), JSON)
@settings(max_examples=150, deadline=None)
def test_no_submission_of_any_shape_ends_in_another_error(name: str, junk: Any) -> None:
    _never_another_error(submission(**{name: junk}))
    _never_another_error(submission(state={"values": junk}))


def _never_another_error(payload: dict[str, Any]) -> None:
    try:
        parse_interaction(payload)
    except PermanentError as err:
        assert str(err).endswith(".")


def form(text: str) -> dict[str, object]:
    return {"user_id": "U1", "user_name": "ada", "channel_id": "C1", "trigger_id": "T.1", "text": text}


@pytest.mark.parametrize(
    ("text", "word", "argument"),
    [
        ("status", Word.STATUS, ""),
        ("  DECLARE  Card payments fail ", Word.DECLARE, "Card payments fail"),
        ("update inc_1", Word.UPDATE, "inc_1"),
        ("resolve", Word.RESOLVE, ""),
    ],
)
def test_a_command_is_read_with_its_argument(text: str, word: Word, argument: str) -> None:
    assert parse_command(form(text)) == Command(word, argument, Actor("U1", "ada", "slack"), "C1", "T.1")


@pytest.mark.parametrize(
    ("text", "start"),
    [("", "This is what I can do:"), ("help", "This is"), ("explode now", "I don't know “explode”. This is what"),
     ("<!channel>", "I don't know “&lt;!channel&gt;”.")],
)  # fmt: skip
def test_anything_else_is_answered_with_what_is_possible(text: str, start: str) -> None:
    command = parse_command(form(text))
    assert command.word is Word.HELP
    assert command.help.startswith(start)
    assert "/hubbub resolve" in command.help


def test_a_command_without_a_person_is_refused() -> None:
    with pytest.raises(PermanentError, match="user_id"):
        parse_command({"text": "status"})


def test_a_signed_body_is_read_as_interaction_or_as_form() -> None:
    payload = {"type": "block_actions"}
    assert decode_body(urlencode({"payload": json.dumps(payload)}).encode()) == payload
    assert decode_body(b"command=%2Fhubbub&text=declare+%C3%96deme") == {"command": "/hubbub", "text": "declare Ödeme"}


@pytest.mark.parametrize(
    "body", [b"", b"payload=%7Bno", b"payload=%5B%5D", b"\xff\xfe", b"nothing", b"payload=" + b"[" * 99_999]
)
def test_an_unreadable_body_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(PermanentError):
        decode_body(body)


@recorded
@pytest.mark.parametrize("name", ["block_actions_button__body", "view_submission__body", "view_closed__body",
                                  "shortcut__global_shortcut_body", "block_suggestion__body"])  # fmt: skip
def test_recorded_payloads_of_other_apps_are_left_alone(name: str) -> None:
    assert parse_interaction(json.loads((RECORDED / f"{name}.json").read_text())) is None


@recorded
def test_a_recorded_press_on_our_button_is_read() -> None:
    payload = json.loads((RECORDED / "block_actions_button__body.json").read_text())
    payload["actions"][0] |= {"action_id": "claim", "value": "case_1"}
    action = parse_interaction(payload)
    assert isinstance(action, Action)
    assert (action.verb, action.subject, action.actor) == (
        Verb.CLAIM, "case_1", Actor("W111", "primary-owner", "slack"),
    )  # fmt: skip


@recorded
def test_a_recorded_command_is_read() -> None:
    body = (RECORDED / "slash_command__slash_command_body.form").read_bytes()
    command = parse_command(decode_body(body))
    assert (command.actor, command.channel) == (Actor("W111", "primary-owner", "slack"), "C111")
    assert command.help.startswith("I don't know “Hi”.")
