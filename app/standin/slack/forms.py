"""What people have chosen and typed: `state.values` in the shapes in which Slack sends it; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.standin.slack.errors import SlackRefusal
from app.standin.slack.limits import elements_of, options_of

Values = Mapping[str, Mapping[str, Any]]
# The name of the answer and of the first answer, by type of element: docs.slack.dev, view_submission (2026-11).
_ONE = frozenset({"static_select", "radio_buttons", "overflow"})
_MANY = frozenset({"multi_static_select", "checkboxes"})
_TYPED = {
    "plain_text_input": ("value", "initial_value"), "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"), "users_select": ("selected_user", "initial_user"),
}  # fmt: skip
REQUIRED = "Please complete this required field."


def fields(blocks: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """List what keeps a state: (block, element), in order."""
    for block in blocks:
        for element in elements_of(block):
            kind = element.get("type")
            if kind in _ONE or kind in _MANY or kind in _TYPED:
                yield block, element


def state_values(blocks: Sequence[Mapping[str, Any]], given: Values) -> dict[str, dict[str, Any]]:
    """Build `state.values`; what is not `given` has its first value. Refuses what is none of a menu's options."""
    state: dict[str, dict[str, Any]] = {}
    for block, element in fields(blocks):
        block_id, action_id = str(block.get("block_id")), str(element.get("action_id"))
        if element["type"] == "overflow":
            continue
        answers = given.get(block_id, {})
        chosen = answer(element, answers[action_id]) if action_id in answers else first_answer(element)
        state.setdefault(block_id, {})[action_id] = chosen
    return state


def answer(element: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Shape one answer: an option's value, a list of them, a text, a date, a time or epoch seconds."""
    kind = str(element["type"])
    if kind in _ONE:
        return {"type": kind, "selected_option": _option(element, value) if value not in (None, "") else None}
    if kind in _MANY:
        wanted = [value] if isinstance(value, str) else list(value or [])
        return {"type": kind, "selected_options": [_option(element, each) for each in wanted]}
    name = _TYPED[kind][0]
    if kind == "datetimepicker":
        return {"type": kind, name: int(value) if value not in (None, "") else None}
    return {"type": kind, name: str(value) if value not in (None, "") else None}


def first_answer(element: Mapping[str, Any]) -> dict[str, Any]:
    """Shape the answer of an element that nobody has touched."""
    kind = str(element["type"])
    if kind in _ONE:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in _MANY:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    name, first = _TYPED[kind]
    return {"type": kind, name: element.get(first)}


def form_faults(blocks: Sequence[Mapping[str, Any]], state: Values) -> dict[str, str]:
    """Say per block what Slack's own client would not let a person submit."""
    faults = {}
    for block, element in fields(blocks):
        given = state.get(str(block.get("block_id")), {}).get(str(element.get("action_id")), {})
        value = next((part for name, part in given.items() if name != "type"), None)
        if fault := _fault(block, element, value):
            faults[str(block["block_id"])] = fault
    return faults


def _fault(block: Mapping[str, Any], element: Mapping[str, Any], value: Any) -> str:
    if value in (None, "", []):
        return REQUIRED if block.get("type") == "input" and not block.get("optional") else ""
    least, most = int(element.get("min_length") or 0), int(element.get("max_length") or 3000)
    if element["type"] == "plain_text_input" and not least <= len(value) <= most:
        return f"Please write {least} to {most} characters; this is {len(value)}."
    return ""


def _option(element: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    for option in options_of(element):
        if option.get("value") == value:
            return option
    raise SlackRefusal("no_such_option", [f"“{str(value)[:80]}” is none of the options of {element.get('action_id')}"])
