"""The limit check finds what Slack refuses, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alerts.blocks import actions, button, context, input_field, plain_text, section, select, text_input
from alerts.limits import BLOCK_LIMITS, ELEMENT_LIMITS, Limit, problems, view_problems

FACTS = Path(__file__).parents[2] / "../shared/fixtures/slack/blockkit_spec"
BUTTON = button("Go", "go", "1")


def raw(kind: str, **parts: Any) -> dict[str, Any]:
    return {"type": kind, **parts}


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        (raw("section", text=raw("mrkdwn", text="x" * 3001)), "text.text has 3001, allowed 1 to 3000"),
        (raw("section", text=raw("mrkdwn", text="")), "text.text has 0, allowed 1 to 3000"),
        (raw("section"), "has neither text nor fields"),
        (raw("section", fields=[raw("mrkdwn", text="x")] * 11), "fields has 11"),
        (raw("section", fields=[raw("mrkdwn", text="x" * 2001)]), "fields[].text has 2001"),
        (raw("header", text=raw("plain_text", text="x" * 151)), "text.text has 151"),
        (raw("header", text=raw("mrkdwn", text="x")), "text must be plain_text"),
        (raw("context", elements=[raw("mrkdwn", text="x")] * 11), "elements has 11"),
        (raw("context"), "elements is missing"),
        (raw("actions", elements=[]), "elements has 0"),
        (raw("actions", elements=[{**BUTTON, "action_id": f"a{n}"} for n in range(26)]), "elements has 26"),
        (raw("actions", elements=[{**BUTTON, "text": raw("plain_text", text="x" * 76)}]), "text.text has 76"),
        (raw("actions", elements=[{**BUTTON, "text": raw("mrkdwn", text="x")}]), "text must be plain_text"),
        (raw("actions", elements=[{**BUTTON, "value": "x" * 2001}]), "value has 2001"),
        (raw("actions", elements=[{**BUTTON, "action_id": "x" * 256}]), "action_id has 256"),
        (raw("actions", elements=[BUTTON, BUTTON]), "action_id go is used 2 times"),
        (raw("actions", elements=[raw("dial", action_id="a")]), "unknown type dial"),
        (raw("table_of_mine"), "unknown type table_of_mine"),
        (raw("divider", block_id="x" * 256), "block_id has 256"),
        (raw("actions", elements=[raw("static_select", action_id="a", options=[])]), "options has 0"),
        (raw("actions", elements=[raw("static_select", action_id="a")]), "options is missing"),
        (raw("section", text=raw("mrkdwn", text=7)), "text.text has the wrong type"),
    ],
)  # fmt: skip
def test_each_broken_limit_is_said_in_words(block: dict[str, Any], complaint: str) -> None:
    assert any(complaint in problem for problem in problems([block])), problems([block])


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ({"text": raw("plain_text", text="x" * 76), "value": "1"}, "options[].text.text has 76"),
        ({"text": raw("plain_text", text="x"), "value": "1" * 151}, "options[].value has 151"),
        ({"text": raw("plain_text", text="x")}, "options[].value is missing"),
    ],
)
def test_each_option_of_a_menu_is_checked(option: dict[str, Any], complaint: str) -> None:
    menu = raw("static_select", action_id="a", options=[option])
    assert any(complaint in problem for problem in problems([raw("actions", elements=[menu])]))


def test_more_than_fifty_blocks_are_too_many_for_a_message_but_not_for_a_modal() -> None:
    blocks = [section("x")] * 51
    assert problems(blocks) == ["51 blocks, Slack takes 50"]
    assert view_problems({"type": "modal", "title": plain_text("x", 24), "blocks": blocks}) == []


def test_a_block_id_may_appear_once() -> None:
    assert problems([actions("a", "1", 1, [BUTTON]), actions("a", "1", 1, [button("No", "no", "1")])]) == [
        "block_id a:1:1 is used 2 times"
    ]


def test_a_modal_is_checked_as_a_whole() -> None:
    view = {
        "type": "modal", "title": raw("plain_text", text="x" * 25), "private_metadata": "x" * 3001,
        "blocks": [input_field("Text", text_input("text"))],
    }  # fmt: skip
    found = view_problems(view)
    assert [problem.split(" has ")[0] for problem in found[:2]] == ["modal: title.text", "modal: private_metadata"]
    assert "modal: has input fields but no submit button" in found


def test_pieces_made_by_us_have_no_problems() -> None:
    menu = select("Choose", "menu", [(str(n), str(n)) for n in range(150)])
    made = [section("x" * 5000), context(*["y" * 5000] * 12, ""), actions("a", "1", 1, [BUTTON, *menu])]
    assert problems(made) == []


def test_a_menu_without_choices_is_left_out() -> None:
    assert select("Choose", "menu", []) == []
    assert select("Choose", "menu", [("too long", "x" * 151)]) == []


def _limit(table: tuple[Limit, ...], path: str) -> int:
    return next(limit.most for limit in reversed(table) if limit.path == path)


@pytest.mark.skipif(not FACTS.exists(), reason="the recorded Block Kit facts are not here")
def test_our_table_agrees_with_the_recorded_facts() -> None:
    facts = json.loads((FACTS / "limits.json").read_text())
    ours = {
        ("section", "text", "max_length"): _limit(BLOCK_LIMITS["section"], "text.text"),
        ("section", "fields", "max_items"): _limit(BLOCK_LIMITS["section"], "fields"),
        ("context", "elements", "max_items"): _limit(BLOCK_LIMITS["context"], "elements"),
        ("actions", "elements", "max_items"): _limit(BLOCK_LIMITS["actions"], "elements"),
        ("header", "text", "max_length"): _limit(BLOCK_LIMITS["header"], "text.text"),
        ("input", "label", "max_length"): _limit(BLOCK_LIMITS["input"], "label.text"),
        ("button", "text", "max_length"): _limit(ELEMENT_LIMITS["button"], "text.text"),
        ("button", "value", "max_length"): _limit(ELEMENT_LIMITS["button"], "value"),
        ("option", "text", "max_length"): _limit(ELEMENT_LIMITS["static_select"], "options[].text.text"),
        ("option", "value", "max_length"): _limit(ELEMENT_LIMITS["static_select"], "options[].value"),
        ("select", "options", "max_items"): _limit(ELEMENT_LIMITS["static_select"], "options"),
        ("select", "placeholder", "max_length"): _limit(ELEMENT_LIMITS["static_select"], "placeholder.text"),
        ("overflow", "options", "max_items"): _limit(ELEMENT_LIMITS["overflow"], "options"),
        ("confirmation", "text", "max_length"): _limit(ELEMENT_LIMITS["button"], "confirm.text.text"),
    }
    assert {path: facts[path[0]][path[1]][path[2]] for path in ours} == ours


@pytest.mark.skipif(not FACTS.exists(), reason="the recorded Block Kit facts are not here")
@pytest.mark.parametrize("name", ["section_block_text_only", "section_block_fields", "header_block_emoji_at_limit",
                                  "header_block_text_at_limit", "context_block_text_only", "divider_block_only",
                                  "input_block_only", "section_block_both_text_and_fields"])  # fmt: skip
def test_recorded_valid_blocks_pass(name: str) -> None:
    assert problems([json.loads((FACTS / f"valid/blocks/{name}.json").read_text())]) == []


@pytest.mark.skipif(not FACTS.exists(), reason="the recorded Block Kit facts are not here")
@pytest.mark.parametrize("name", ["button_basic", "button_link", "button_style", "button_text_at_limit",
                                  "checkbox_basic", "overflow_menu_basic", "radio_button_group_basic",
                                  "select_menu_static", "multi_select_static"])  # fmt: skip
def test_recorded_valid_elements_pass(name: str) -> None:
    element = json.loads((FACTS / f"valid/elements/{name}.json").read_text())
    assert problems([raw("actions", elements=[element])]) == []
