"""What Slack would refuse, the stand-in refuses; what Slack takes, it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.standin.slack.limits import BLOCKS, ELEMENTS, block_faults, view_faults
from tests.app.standin.world import actions, button, input_block, modal, option, section, select, text_input

SPEC = Path(__file__).parents[4] / "../shared/fixtures/slack/blockkit_spec"
Block = dict[str, Any]


def words(length: int, kind: str = "plain_text") -> Block:
    return {"type": kind, "text": "x" * length}


def header(length: int) -> Block:
    return {"type": "header", "text": words(length)}


def confirm(title: int = 1, text: int = 1, yes: int = 1) -> Block:
    return {"title": words(title), "text": words(text), "confirm": words(yes), "deny": words(1)}


def options(count: int, length: int = 1) -> Block:
    menu = select("menu")
    return {**menu, "options": [option(f"v{n}", "x" * length) for n in range(count)]}


AT_THE_LIMIT: list[list[Block]] = [
    [section(f"block {n}") for n in range(50)],
    [section("x" * 3000)],
    [{"type": "section", "fields": [words(2000, "mrkdwn")] * 10}],
    [actions(button(label="x" * 75, value="v" * 2000))],
    [actions(button(action_id="a" * 255))],
    [actions(*(button(f"a{n}") for n in range(25)))],
    [actions(options(100, 75))],
    [actions({**options(1), "placeholder": words(150)})],
    [header(150)],
    [{"type": "context", "elements": [words(3000, "mrkdwn")] * 10}],
    [actions(button(confirm=confirm(100, 300, 30)))],
    [actions(select("more", *"abcde", kind="overflow"))],
    [actions(button(url="https://" + "x" * 2992))],
    [{"type": "divider"}],
    [{"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a chart"}],
]
BEYOND: list[tuple[list[Block], str]] = [
    ([section(f"block {n}") for n in range(51)], "no more than 50 items"),
    ([section("x" * 3001)], "no more than 3000 characters"),
    ([section("")], "at least 1"),
    ([{"type": "section"}], "missing required field: text"),
    ([{"type": "section", "fields": [words(2001, "mrkdwn")]}], "no more than 2000"),
    ([{"type": "section", "fields": [words(1)] * 11}], "no more than 10 items"),
    ([actions(button(label="x" * 76))], "no more than 75"),
    ([actions(button(label=""))], "at least 1"),
    ([actions(button(value="v" * 2001))], "no more than 2000"),
    ([actions(button(action_id="a" * 256))], "no more than 255"),
    ([actions(*(button(f"a{n}") for n in range(26)))], "no more than 25 items"),
    ([actions()], "at least 1 items"),
    ([actions(button("same"), button("same"))], "action_id same must be unique"),
    ([actions(button("a")), actions(button("b"))], "block_id row must be unique"),
    ([actions({**button(), "text": words(5, "mrkdwn")})], "plain_text"),
    ([actions(button(style="green"))], "primary or danger"),
    ([actions(options(101))], "no more than 100 items"),
    ([actions(options(0))], "at least 1 items"),
    ([actions({"type": "static_select", "action_id": "a"})], "missing required field: options"),
    ([actions(options(1, 76))], "no more than 75"),
    ([actions(select("a", "v" * 151))], "no more than 150"),
    ([actions(select("a", "v", initial_option=option("w")))], "none of the options"),
    ([actions({**options(1), "placeholder": words(151)})], "no more than 150"),
    ([actions({**options(1), "placeholder": words(1, "mrkdwn")})], "plain_text"),
    ([header(151)], "no more than 150"),
    ([{"type": "header", "text": words(1, "mrkdwn")}], "plain_text"),
    ([{"type": "context", "elements": [words(1)] * 11}], "no more than 10 items"),
    ([{"type": "context", "elements": [button()]}], "unsupported type in context"),
    ([actions(button(confirm=confirm(title=101)))], "no more than 100"),
    ([actions(button(confirm=confirm(text=301)))], "no more than 300"),
    ([actions(button(confirm=confirm(yes=31)))], "no more than 30"),
    ([actions(select("more", *"abcdef", kind="overflow"))], "no more than 5"),
    ([actions(button(url="https://" + "x" * 2993))], "no more than 3000"),
    ([{"type": "image", "image_url": "https://example.com/a.png"}], "missing required field: alt_text"),
    ([{"type": "poem", "text": words(1)}], "unsupported type: poem"),
    ([input_block("b", text_input())], "only for modals"),
    ([actions({**button(), "text": "no object"})], "text object"),
]
BAD_VIEWS: list[tuple[Block, str]] = [
    (modal(section("x"), title=words(25)), "no more than 24"),
    (modal(section("x"), title=words(5, "mrkdwn")), "plain_text"),
    (modal(section("x"), submit=words(25)), "no more than 24"),
    (modal(section("x"), close=words(25)), "no more than 24"),
    (modal(section("x"), private_metadata="m" * 3001), "no more than 3000"),
    (modal(section("x"), callback_id="c" * 256), "no more than 255"),
    (modal(*(section(f"{n}") for n in range(101))), "no more than 100 items"),
    (modal(), "at least 1 items"),
    ({**modal(section("x")), "type": "poster"}, "of type modal"),
    ({k: v for k, v in modal(input_block("b", text_input())).items() if k != "submit"}, "submit text is needed"),
    (modal({"type": "input", "block_id": "b", "label": words(1)}), "missing required field: element"),
    (modal(input_block("b", button())), "unsupported type in input"),
    (modal(input_block("b", text_input(initial_value="x" * 3001))), "no more than 3000"),
    (modal({**input_block("b", text_input()), "label": words(2001)}), "no more than 2000"),
]


@pytest.mark.parametrize("blocks", AT_THE_LIMIT)
def test_what_reaches_a_limit_is_taken(blocks: list[Block]) -> None:
    assert block_faults(blocks) == []


@pytest.mark.parametrize(("blocks", "fault"), BEYOND)
def test_what_is_beyond_a_limit_is_refused_and_located(blocks: list[Block], fault: str) -> None:
    found = block_faults(blocks)
    assert any(fault in each and "[json-pointer:/" in each for each in found), found


@pytest.mark.parametrize(("view", "fault"), BAD_VIEWS)
def test_a_modal_beyond_a_limit_is_refused(view: Block, fault: str) -> None:
    assert any(fault in each for each in view_faults(view)), view_faults(view)


def test_a_modal_at_its_limits_is_taken() -> None:
    blocks = [input_block(f"b{n}", text_input(f"t{n}", max_length=3000)) for n in range(100)]
    assert view_faults(modal(*blocks, title=words(24), private_metadata="m" * 3000)) == []


@pytest.mark.parametrize("blocks", [None, "text", 7, {"type": "section"}, [1], [[]]])
def test_what_is_no_list_of_objects_is_refused(blocks: object) -> None:
    assert block_faults(blocks)


def published_examples() -> list[Any]:
    """The published blocks of the types that hubbub uses; two of them show oddities that only the SDKs know."""
    examples = []
    for path in sorted(SPEC.glob("valid/blocks/*.json")):
        block = json.loads(path.read_text())
        kinds = {each["type"] for each in [*block.get("elements", []), block.get("accessory")] if each}
        odd = "empty" in path.stem or "coercion" in path.stem
        if block["type"] in set(BLOCKS) - {"input"} and kinds <= set(ELEMENTS) and not odd:
            examples.append(pytest.param(block, id=path.stem))
    return examples


EXAMPLES = published_examples()


@pytest.mark.skipif(not EXAMPLES, reason="../shared/fixtures/slack is not on this machine")
@pytest.mark.parametrize("block", EXAMPLES)
def test_the_published_examples_are_taken(block: Block) -> None:
    assert block_faults([block]) == []
