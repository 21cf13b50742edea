"""Reads what a card shows: its words, its buttons and menus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def texts(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Every text a person reads, from top to bottom."""
    for block in blocks:
        for part in (block.get("text"), *(block.get("elements") or ())):
            text = part.get("text") if isinstance(part, Mapping) else None
            if isinstance(text, str):
                yield text


def words(blocks: Sequence[Mapping[str, Any]]) -> str:
    """All texts of a card as one."""
    return "\n".join(texts(blocks))


def elements(blocks: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Buttons and menus by action id."""
    return {e["action_id"]: e for b in blocks if b["type"] == "actions" for e in b["elements"]}


def fields(view: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The fields of a modal by name."""
    return {b["element"]["action_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
