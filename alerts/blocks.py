"""The few Block Kit pieces our cards and modals are made of, kept inside Slack's limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alerts.limits import problems, view_problems
from alerts.text import clean, escape, fit, isolate, link, one_line, phrase, plain, quote, web_url

Block = dict[str, Any]

__all__ = [
    "Block", "actions", "button", "clean", "confirmation", "context", "escape", "fit", "input_field", "isolate", "link",
    "link_button", "multi_select", "one_line", "person_select", "phrase", "plain", "plain_text", "problems", "quote",
    "section", "select", "text_input", "view_problems", "web_url",
]  # fmt: skip


def plain_text(text: str, limit: int) -> Block:
    """Words without any markup, cut to `limit` characters."""
    return {"type": "plain_text", "text": plain(text, limit), "emoji": True}


def _mrkdwn(text: str, limit: int = 3000) -> Block:
    # verbatim: Slack must not turn customers' "#words", "@names" and addresses into links of its own.
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return {"type": "mrkdwn", "text": cut, "verbatim": True}


def section(text: str) -> Block:
    """A paragraph of mrkdwn; what comes from outside must be escaped already."""
    return {"type": "section", "text": _mrkdwn(text)}


def context(*texts: str) -> Block:
    """Small grey lines, at most ten; empty ones fall away."""
    return {"type": "context", "elements": [_mrkdwn(text) for text in [t for t in texts if t][:10]]}


def actions(kind: str, record_id: str, revision: int, elements: Sequence[Block]) -> Block:
    """A row of at most 25 buttons and menus."""
    # A new block id with each revision: else Slack goes on showing what somebody chose in a menu before the edit.
    return {"type": "actions", "block_id": f"{kind}:{record_id[:200]}:{revision}", "elements": list(elements[:25])}


def button(label: str, action_id: str, value: str, style: str | None = None, confirm: str | None = None) -> Block:
    """A button that sends `value`; `style` is primary or danger, `confirm` the question asked first."""
    made: Block = {"type": "button", "text": plain_text(label, 75), "action_id": str(action_id), "value": str(value)}
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirmation(confirm, label)
    return made


def confirmation(question: str, label: str) -> Block:
    """The question that is asked before a press or choice counts."""
    return {
        "title": plain_text("Are you sure?", 100), "text": plain_text(question, 300),
        "confirm": plain_text(label, 30), "deny": plain_text("Not now", 30),
    }  # fmt: skip


def link_button(label: str, action_id: str, url: str | None) -> list[Block]:
    """A button that opens `url`; none where it is no web address."""
    if web_url(url) is None:
        return []
    return [{"type": "button", "text": plain_text(label, 75), "action_id": action_id, "url": url}]


def _options(choices: Sequence[tuple[str, str]]) -> list[Block]:
    fitting = [(label, value) for label, value in choices if 0 < len(value) <= 150]
    return [{"text": plain_text(label, 75), "value": str(value)} for label, value in fitting[:100]]


def select(placeholder: str, action_id: str, choices: Sequence[tuple[str, str]], chosen: str = "") -> list[Block]:
    """A menu of (label, value); none where nothing is to choose. `chosen` is the value shown at first."""
    options = _options(choices)
    if not options:
        return []
    made: Block = {
        "type": "static_select", "action_id": str(action_id), "placeholder": plain_text(placeholder, 150),
        "options": options,
    }  # fmt: skip
    first = [option for option in options if option["value"] == chosen]
    return [{**made, "initial_option": first[0]} if first else made]


def multi_select(
    placeholder: str, action_id: str, choices: Sequence[tuple[str, str]], chosen: Sequence[str] = ()
) -> list[Block]:
    """A menu of (label, value) of which several can be taken; none where nothing is to choose."""
    made = select(placeholder, action_id, choices)
    for menu in made:
        menu["type"] = "multi_static_select"
        if first := [option for option in menu["options"] if option["value"] in chosen]:
            menu["initial_options"] = first
    return made


def person_select(action_id: str, chosen: str = "") -> Block:
    """A menu of the people of the workspace; `chosen` is the id of the one it begins with."""
    made: Block = {"type": "users_select", "action_id": action_id, "placeholder": plain_text("Nobody", 150)}
    return {**made, "initial_user": chosen} if chosen else made


def text_input(action_id: str, *, value: str = "", limit: int = 3000, multiline: bool = False) -> Block:
    """A field to type in, at most `limit` (up to 3,000) characters, filled with `value`."""
    made: Block = {"type": "plain_text_input", "action_id": action_id, "multiline": multiline, "max_length": limit}
    # Not `plain`: a draft keeps its lines.
    text = clean(value) if multiline else one_line(value)
    if text:
        made["initial_value"] = text if len(text) <= limit else text[: limit - 1] + "…"
    return made


def input_field(label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    """A labelled field of a modal; its block id is its action id, which is the key of the answer."""
    made: Block = {
        "type": "input", "block_id": element["action_id"], "label": plain_text(label, 2000), "element": element,
        "optional": optional,
    }  # fmt: skip
    return {**made, "hint": plain_text(hint, 2000)} if hint else made
