"""What Slack refuses about blocks and modals, checked as Slack does: on arrival, from the other side of the wire.

Kept apart from the check in `alerts` on purpose: if that one forgets a rule, this one must still refuse.
Figures: https://docs.slack.dev/reference/block-kit, read 2026-11. Lengths count code points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MESSAGE_BLOCKS, MODAL_BLOCKS, MESSAGE_TEXT, VIEW_BYTES = 50, 100, 40_000, 250_000
_TEXTS = ("plain_text", "mrkdwn")


@dataclass(frozen=True, slots=True)
class Rule:
    """One field at `path` (dots between steps, [] for each item): its length, if it is needed, if it is a text."""

    path: str
    most: int
    least: int = 1
    needed: bool = False
    texts: tuple[str, ...] = ()  # the types of text object allowed; empty: the value is a string or a list


def _plain(path: str, most: int, needed: bool = False) -> Rule:
    return Rule(path, most, 1, needed, _TEXTS[:1])


def _any_text(path: str, most: int, needed: bool = False) -> Rule:
    return Rule(path, most, 1, needed, _TEXTS)


_ACTION, _BLOCK = Rule("action_id", 255), Rule("block_id", 255)
_CONFIRM = (
    _plain("confirm.title", 100), _any_text("confirm.text", 300), _plain("confirm.confirm", 30),
    _plain("confirm.deny", 30),
)  # fmt: skip
_CHOICES = tuple(
    rule
    for start in ("options", "option_groups[].options")
    for rule in (
        _any_text(f"{start}[].text", 75, needed=True), Rule(f"{start}[].value", 150, needed=True),
        _any_text(f"{start}[].description", 75), Rule(f"{start}[].url", 3000),
    )
)  # fmt: skip
_MENU = (
    _ACTION, *_CONFIRM, *_CHOICES, Rule("options", 100), Rule("option_groups", 100),
    Rule("option_groups[].options", 100), _plain("option_groups[].label", 75), _plain("placeholder", 150),
)  # fmt: skip
_FEW = (_ACTION, *_CONFIRM, *_CHOICES, Rule("options", 10, needed=True))
_PICKER = (_ACTION, *_CONFIRM, _plain("placeholder", 150))

BLOCKS: Mapping[str, tuple[Rule, ...]] = {
    "section": (_BLOCK, _any_text("text", 3000), Rule("fields", 10), _any_text("fields[]", 2000)),
    "context": (_BLOCK, Rule("elements", 10, needed=True)),
    "actions": (_BLOCK, Rule("elements", 25, needed=True)),
    "header": (_BLOCK, _plain("text", 150, needed=True)),
    "divider": (_BLOCK,),
    "image": (_BLOCK, Rule("image_url", 3000), Rule("alt_text", 2000, needed=True), _plain("title", 2000)),
    "input": (_BLOCK, _plain("label", 2000, needed=True), _plain("hint", 2000)),
}
ELEMENTS: Mapping[str, tuple[Rule, ...]] = {
    "button": (
        _ACTION, *_CONFIRM, _plain("text", 75, needed=True), Rule("value", 2000, 0), Rule("url", 3000),
        Rule("accessibility_label", 75),
    ),
    "static_select": _MENU,
    "multi_static_select": _MENU,
    "checkboxes": _FEW,
    "radio_buttons": _FEW,
    "overflow": (_ACTION, *_CONFIRM, *_CHOICES, Rule("options", 5, needed=True)),
    "plain_text_input": (_ACTION, _plain("placeholder", 150), Rule("initial_value", 3000, 0)),
    "datepicker": _PICKER,
    "timepicker": _PICKER,
    "datetimepicker": (_ACTION, *_CONFIRM),
    "users_select": _PICKER,
    "image": (Rule("image_url", 3000), Rule("alt_text", 2000, needed=True)),
    "mrkdwn": (Rule("text", 3000),),
    "plain_text": (Rule("text", 3000),),
}  # fmt: skip
VIEW: tuple[Rule, ...] = (
    _plain("title", 24, needed=True), _plain("submit", 24), _plain("close", 24), Rule("private_metadata", 3000, 0),
    Rule("callback_id", 255), Rule("external_id", 255, 0), Rule("blocks", MODAL_BLOCKS, needed=True),
)  # fmt: skip
# Which elements may stand where: https://docs.slack.dev/reference/block-kit/block-elements (2026-11)
_PRESSED = frozenset(ELEMENTS) - {"mrkdwn", "plain_text", "image", "plain_text_input"}
_PLACES: Mapping[str, frozenset[str]] = {
    "context": frozenset({"mrkdwn", "plain_text", "image"}),
    "actions": _PRESSED - {"multi_static_select"},
    "section": _PRESSED | {"image"},
    "input": frozenset(ELEMENTS) - {"button", "overflow", "image", "mrkdwn", "plain_text"},
}


def block_faults(blocks: object, most: int = MESSAGE_BLOCKS) -> list[str]:
    """List what Slack would refuse about the blocks of a message; empty when all is well."""
    if not isinstance(blocks, list) or not all(isinstance(block, Mapping) for block in blocks):
        return ["must be an array of objects [json-pointer:/blocks]"]
    found = [] if len(blocks) <= most else [f"no more than {most} items allowed [json-pointer:/blocks]"]
    for number, block in enumerate(blocks):
        found += _block(block, f"/blocks/{number}")
        if most == MESSAGE_BLOCKS and block.get("type") == "input":
            found.append(f"input blocks are only for modals [json-pointer:/blocks/{number}]")
    return found + _doubled(blocks)


def view_faults(view: object) -> list[str]:
    """List what Slack would refuse about a modal; empty when all is well."""
    if not isinstance(view, Mapping) or view.get("type") != "modal":
        return ["must be a view of type modal [json-pointer:/view]"]
    found = [fault for rule in VIEW for fault in _breaks(view, rule, "/view")]
    blocks = view.get("blocks")
    if any(block.get("type") == "input" for block in _objects(blocks)) and "submit" not in view:
        found.append("a submit text is needed with input blocks [json-pointer:/view/submit]")
    return found + block_faults(blocks, MODAL_BLOCKS)


def elements_of(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the elements of a block, wherever they stand in it."""
    return _objects(block.get("elements")) + _objects([block.get("accessory"), block.get("element")])


def _block(block: Mapping[str, Any], where: str) -> Iterator[str]:
    kind = str(block.get("type"))
    if kind not in BLOCKS:
        yield f"unsupported type: {kind[:60]} [json-pointer:{where}/type]"
        return
    for rule in BLOCKS[kind]:
        yield from _breaks(block, rule, where)
    if kind == "section" and "text" not in block and "fields" not in block:
        yield f"missing required field: text [json-pointer:{where}]"
    if kind == "input" and not isinstance(block.get("element"), Mapping):
        yield f"missing required field: element [json-pointer:{where}]"
    for number, element in enumerate(elements_of(block)):
        yield from _element(element, kind, f"{where}/elements/{number}")


def _element(element: Mapping[str, Any], place: str, where: str) -> Iterator[str]:
    kind = str(element.get("type"))
    if kind not in _PLACES.get(place, frozenset()):
        yield f"unsupported type in {place}: {kind[:60]} [json-pointer:{where}/type]"
        return
    for rule in ELEMENTS[kind]:
        yield from _breaks(element, rule, where)
    if kind.endswith("static_select") and "options" not in element and "option_groups" not in element:
        yield f"missing required field: options [json-pointer:{where}]"
    if element.get("style") not in {None, "primary", "danger"}:
        yield f"must be primary or danger [json-pointer:{where}/style]"
    yield from _strange_choice(element, where)


def _strange_choice(element: Mapping[str, Any], where: str) -> Iterator[str]:
    first = element.get("initial_options", [element.get("initial_option")])
    known = [option.get("value") for option in options_of(element)]
    for option in first if isinstance(first, list) else [first]:
        if option is not None and not (isinstance(option, Mapping) and option.get("value") in known):
            yield f"the initial option is none of the options [json-pointer:{where}/initial_option]"


def options_of(element: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the options of a menu, grouped or not."""
    groups = _objects(element.get("option_groups"))
    lists = [element.get("options"), *(group.get("options") for group in groups)]
    return [option for options in lists for option in _objects(options)]


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _breaks(part: Mapping[str, Any], rule: Rule, where: str) -> Iterator[str]:
    for pointer, value in _at(part, rule.path.split("."), where):
        if value is None:
            if rule.needed:
                yield f"missing required field: {pointer.rsplit('/', 1)[-1]} [json-pointer:{pointer}]"
        elif rule.texts and not (isinstance(value, Mapping) and value.get("type") in rule.texts):
            yield f"must be a text object of type {' or '.join(rule.texts)} [json-pointer:{pointer}]"
        else:
            yield from _length(value.get("text") if rule.texts else value, rule, pointer)


def _length(value: object, rule: Rule, pointer: str) -> Iterator[str]:
    noun = "items" if isinstance(value, list) else "characters"
    if not isinstance(value, str | list):
        yield f"must be a string or an array [json-pointer:{pointer}]"
    elif len(value) > rule.most:
        yield f"must be no more than {rule.most} {noun} [json-pointer:{pointer}]"
    elif len(value) < rule.least:
        yield f"must be at least {rule.least} {noun} [json-pointer:{pointer}]"


def _at(part: object, steps: Sequence[str], where: str) -> Iterator[tuple[str, Any]]:
    if not steps:
        yield where, part
        return
    name = steps[0].removesuffix("[]")
    inside = part.get(name) if isinstance(part, Mapping) else None
    if inside is None and len(steps) > 1:
        return  # an optional parent that is absent breaks nothing
    if steps[0].endswith("[]"):
        for number, item in enumerate(inside if isinstance(inside, list) else []):
            yield from _at(item, steps[1:], f"{where}/{name}/{number}")
        return
    yield from _at(inside, steps[1:], f"{where}/{name}")


def _doubled(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    block_ids = Counter(str(block["block_id"]) for block in blocks if "block_id" in block)
    action_ids = Counter(str(e["action_id"]) for block in blocks for e in elements_of(block) if "action_id" in e)
    found = [f"block_id {name[:60]} must be unique [json-pointer:/blocks]" for name, n in block_ids.items() if n > 1]
    return found + [
        f"action_id {name[:60]} must be unique [json-pointer:/blocks]" for name, n in action_ids.items() if n > 1
    ]
