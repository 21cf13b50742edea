"""People's words made safe to look at: nothing hidden or reordered, long ones folded. Jinja escapes the markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from alerts.text import clean, web_url

FOLD_AT, FOLD_LINES = 600, 10
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r\v\f"} | {0x7F: 0x2421}
_NOT_LINES = re.compile("[\x80-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True)
class Words:
    """A text to show: `start` is always seen, `rest` behind a fold; each is a run of (words, is it marked)."""

    start: tuple[tuple[str, bool], ...]
    rest: tuple[tuple[str, bool], ...] = ()
    length: int = 0  # characters of the whole


def visible(text: str) -> str:
    """Show control characters by their pictures and drop what could hide or reorder the words around it."""
    return clean(_NOT_LINES.sub("\ufffd", text.translate(_PICTURES)))


def line(text: str, limit: int = 160) -> str:
    """Show a text as one short line, never empty."""
    shown = " ".join(visible(text[: limit * 8]).split())
    return (shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…") or "–"


def words(text: str, marks: Sequence[str] = ()) -> Words:
    """Fold a long text at the end of a word, and mark the `marks` in it."""
    whole = visible(text)
    cut = _fold_at(whole)
    return Words(_marked(whole[:cut], marks), _marked(whole[cut:], marks), len(whole))


def _fold_at(text: str) -> int:
    cut = FOLD_AT if len(text) > FOLD_AT * 1.3 else len(text)
    lines = [mark.start() for mark in re.finditer("\n", text[:cut])]
    if len(lines) > FOLD_LINES * 1.3:
        cut = lines[FOLD_LINES]
    if cut == len(text):
        return cut
    space = max(text.rfind(" ", 0, cut), text.rfind("\n", 0, cut))
    return space if space > cut // 2 else cut


def _marked(text: str, marks: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    wanted = sorted({mark.strip() for mark in marks if len(mark.strip()) > 1}, key=len, reverse=True)[:20]
    if not wanted or not text:
        return ((text, False),) if text else ()
    pattern = re.compile("(" + "|".join(re.escape(mark) for mark in wanted) + ")", re.IGNORECASE)
    return tuple((part, at % 2 == 1) for at, part in enumerate(pattern.split(text)) if part)


def link(url: str | None) -> str | None:
    """Give an address that may be linked: http(s) only."""
    return web_url(url)
