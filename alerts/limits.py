"""Slack's limits for Block Kit as a table, and a check that says what a message or modal breaks.

slack-sdk's models let too much through (51 blocks, mrkdwn on a button, an action id twice), so this is our own check.
Figures: https://docs.slack.dev/reference/block-kit, read 2026-11. Lengths count code points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

MESSAGE_BLOCKS, MODAL_BLOCKS = 50, 100


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a text or list at `path` may be; a path step ending in [] means each item."""

    path: str
    most: int
    least: int = 0
    required: bool = False


_IDS = (Limit("action_id", 255, 1), Limit("block_id", 255, 1))
_CONFIRM = (
    Limit("confirm.title.text", 100, 1), Limit("confirm.text.text", 300, 1), Limit("confirm.confirm.text", 30, 1),
    Limit("confirm.deny.text", 30, 1),
)  # fmt: skip
_OPTION = (
    Limit("options", 100, 1, required=True), Limit("options[].text.text", 75, 1, required=True),
    Limit("options[].value", 150, 1, required=True), Limit("options[].description.text", 75, 1),
)  # fmt: skip
_MENU = (*_IDS, *_CONFIRM, *_OPTION, Limit("placeholder.text", 150, 1))
_FEW = (*_IDS, *_CONFIRM, *_OPTION, Limit("options", 10, 1))

BLOCK_LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "section": (*_IDS, Limit("text.text", 3000, 1), Limit("fields", 10, 1), Limit("fields[].text", 2000, 1)),
    "context": (
        *_IDS, Limit("elements", 10, 1, required=True), Limit("elements[].text", 3000, 1),
        Limit("elements[].alt_text", 2000, 1),
    ),
    "actions": (*_IDS, Limit("elements", 25, 1, required=True)),
    "header": (*_IDS, Limit("text.text", 150, 1, required=True)),
    "divider": _IDS,
    "image": (*_IDS, Limit("image_url", 3000, 1), Limit("alt_text", 2000, 1, required=True)),
    "input": (*_IDS, Limit("label.text", 2000, 1, required=True), Limit("hint.text", 2000, 1)),
}  # fmt: skip
ELEMENT_LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "button": (
        *_IDS, *_CONFIRM, Limit("text.text", 75, 1, required=True), Limit("value", 2000), Limit("url", 3000, 1),
        Limit("accessibility_label", 75),
    ),
    "static_select": _MENU,
    "multi_static_select": _MENU,
    "checkboxes": _FEW,
    "radio_buttons": _FEW,
    "overflow": (*_IDS, *_CONFIRM, *_OPTION, Limit("options", 5, 1)),
    "plain_text_input": (*_IDS, Limit("placeholder.text", 150, 1), Limit("initial_value", 3000, 1)),
    "users_select": (*_IDS, *_CONFIRM, Limit("placeholder.text", 150, 1)),
    "image": BLOCK_LIMITS["image"],
    "mrkdwn": (),
    "plain_text": (),
}  # fmt: skip
VIEW_LIMITS = (
    Limit("title.text", 24, 1, required=True), Limit("submit.text", 24, 1), Limit("close.text", 24, 1),
    Limit("private_metadata", 3000), Limit("callback_id", 255), Limit("blocks", MODAL_BLOCKS, 1, required=True),
)  # fmt: skip
# What must be plain_text: Slack answers invalid_blocks to mrkdwn here.
_PLAIN = {
    "button": ("text",), "header": ("text",), "input": ("label", "hint"), "static_select": ("placeholder",),
    "multi_static_select": ("placeholder",), "plain_text_input": ("placeholder",), "users_select": ("placeholder",),
}  # fmt: skip


def problems(blocks: Sequence[Mapping[str, object]], most: int = MESSAGE_BLOCKS) -> list[str]:
    """List in words what Slack would refuse about these blocks; empty when all is well."""
    found = [] if len(blocks) <= most else [f"{len(blocks)} blocks, Slack takes {most}"]
    for number, block in enumerate(blocks):
        found += _check(block, BLOCK_LIMITS, f"block {number}")
        for where, element in _elements(block, f"block {number}"):
            found += _check(element, ELEMENT_LIMITS, where)
    return found + _twice(blocks)


def view_problems(view: Mapping[str, object]) -> list[str]:
    """List in words what Slack would refuse about a modal; empty when all is well."""
    found = [problem for limit in VIEW_LIMITS for problem in _breaks(view, limit, "modal")]
    blocks = view.get("blocks")
    inner = [block for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, list) else []
    if any(block.get("type") == "input" for block in inner) and "submit" not in view:
        found.append("modal: has input fields but no submit button")
    return found + problems(inner, MODAL_BLOCKS)


def _check(part: Mapping[str, object], known: Mapping[str, tuple[Limit, ...]], where: str) -> Iterator[str]:
    kind = str(part.get("type"))
    if kind not in known:
        yield f"{where}: unknown type {kind[:40]}"
        return
    for limit in known[kind]:
        yield from _breaks(part, limit, f"{where} ({kind})")
    for field in _PLAIN.get(kind, ()):
        text = part.get(field)
        if isinstance(text, Mapping) and text.get("type") != "plain_text":
            yield f"{where} ({kind}): {field} must be plain_text"
    if kind == "section" and not part.get("text") and not part.get("fields"):
        yield f"{where} (section): has neither text nor fields"


def _breaks(part: Mapping[str, object], limit: Limit, where: str) -> Iterator[str]:
    values = list(_at(part, limit.path.split(".")))
    if limit.required and not values:
        yield f"{where}: {limit.path} is missing"
    for value in values:
        size = len(value) if isinstance(value, str | list) else None
        if size is None:
            yield f"{where}: {limit.path} has the wrong type"
        elif not limit.least <= size <= limit.most:
            yield f"{where}: {limit.path} has {size}, allowed {limit.least} to {limit.most}"


def _at(part: object, steps: Sequence[str]) -> Iterator[object]:
    if not steps:
        yield part
        return
    name, rest = steps[0].removesuffix("[]"), steps[1:]
    if not isinstance(part, Mapping) or name not in part:
        return
    inside = part[name]
    many = steps[0].endswith("[]") and isinstance(inside, list)
    for item in inside if many else [inside]:
        yield from _at(item, rest)


def _elements(block: Mapping[str, object], where: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    inside = block.get("elements")
    listed = list(inside) if isinstance(inside, list) else []
    for number, element in enumerate([*listed, block.get("element"), block.get("accessory")]):
        if isinstance(element, Mapping):
            yield f"{where}, element {number}", element


def _twice(blocks: Iterable[Mapping[str, object]]) -> list[str]:
    # Slack asks it per block only; per message is our own rule, so that a press names one button.
    blocks = list(blocks)
    block_ids = Counter(b["block_id"] for b in blocks if "block_id" in b)
    action_ids = Counter(e["action_id"] for b in blocks for _, e in _elements(b, "") if "action_id" in e)
    found = [f"block_id {name} is used {times} times" for name, times in block_ids.items() if times > 1]
    return found + [f"action_id {name} is used {times} times" for name, times in action_ids.items() if times > 1]
