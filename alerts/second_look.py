"""The same modal once more, with remarks about its words: nothing typed is lost, and a second press sends it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from alerts.blocks import Block, phrase, plain_text, section
from alerts.cards import language_name

MOST_REMARKS = 12
_BLOCK = "remarks"
_FIRST = {  # of a field: where Slack reports what was chosen -> where the field begins with it
    "value": "initial_value", "selected_option": "initial_option", "selected_options": "initial_options",
    "selected_user": "initial_user",
}  # fmt: skip
_KEPT = ("type", "callback_id", "title", "close", "blocks")


def second_look(view: Mapping[str, Any], remarks: Sequence[tuple[str, str]], mark: str) -> dict[str, Any]:
    """Draw a submitted modal again with (language, advice) on top; `mark` is set in what it carries home."""
    carried = json.loads(view["private_metadata"])
    carried["values"] = {**carried.get("values", {}), mark: "yes"}
    lines = [f"• {language_name(language)}: {phrase(advice, 300)}" for language, advice in remarks[:MOST_REMARKS]]
    words = "\n".join([":mag: *Before customers read this:*", *lines])
    answers = (view.get("state") or {}).get("values") or {}
    blocks = [_filled(block, answers) for block in view["blocks"] if block.get("block_id") != _BLOCK]
    return {
        **{name: view[name] for name in _KEPT if name in view}, "private_metadata": json.dumps(carried),
        "submit": plain_text("Publish as it is now", 24), "blocks": [{**section(words), "block_id": _BLOCK}, *blocks],
    }  # fmt: skip


def _filled(block: Mapping[str, Any], answers: Mapping[str, Any]) -> Block:
    element = block.get("element")
    if block.get("type") != "input" or not isinstance(element, Mapping):
        return dict(block)
    answer = (answers.get(str(block.get("block_id"))) or {}).get(element.get("action_id")) or {}
    bare = {name: value for name, value in element.items() if name not in _FIRST.values()}
    first = {_FIRST[name]: answer[name] for name in _FIRST if answer.get(name)}
    return {**block, "element": {**bare, **first}}
