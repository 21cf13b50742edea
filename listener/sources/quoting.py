"""What the writer of a mail said, without the earlier conversation and the signature below it; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import nh3

from listener.text import html_to_text

_MAX_LINES = 2000
_MAX_MARKUP = 60_000  # characters; nested quotations cost the square of their number
# Direction marks stand around right-to-left attributions.
_MARKS = " \t\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
# "On ... wrote:", "... tarihinde şunu yazdı:", "Ali şunları yazdı (2 Kas 2026 10:00):", "در تاریخ ... نوشت:"
_SAYS = re.compile(r"(?:\bwrote\b|\byazdı\b|نوشت(?:ه|ه است)?(?!\w)).{0,60}[:：]$", re.IGNORECASE)
_DATED = re.compile(r"\S@\S|\d{4}")  # \d takes Persian digits too
_DIVIDER = re.compile(
    r"-{3,}\s*(?:original message|özgün (?:ileti|mesaj)|orijinal mesaj|پیام اصلی|پیام اولیه)\s*-{3,}", re.IGNORECASE
)
_HEADER = re.compile(r"\*?(?:from|kimden|از|فرستنده)\s*:", re.IGNORECASE)
_NEXT_HEADER = re.compile(r"\*?(?:sent|date|gönderil\w+|gönderme|tarih|ارسال|تاریخ)[^:]{0,30}:", re.IGNORECASE)
_SENT_FROM = re.compile(r"(?:sent from my |get outlook for |.{1,40} gönderildi\.?$|ارسال شده از )", re.IGNORECASE)
_ASIDE = {"blockquote", "script", "style", "template", "noscript", "title", "iframe", "object", "svg", "math"}
_QUOTE_TAG = re.compile(r"<blockquote\b", re.IGNORECASE)


def own_words(text: str) -> str:
    """Cut the quoted conversation and the signature from a plain text; all of it comes back if nothing is left."""
    lines = [line.rstrip(_MARKS) for line in text.replace("\r\n", "\n").split("\n")[:_MAX_LINES]]
    kept = _without_attributions(lines[: _end(lines)])
    own = [line for line in kept if not line.lstrip(_MARKS).startswith(">")]
    while own and (not own[-1] or (len(own) > 1 and _SENT_FROM.match(own[-1]))):
        own.pop()
    return "\n".join(own).strip() or text.strip()


def own_words_of_html(markup: str) -> str:
    """Do the same for HTML, where what is quoted stands in `blockquote`s."""
    # A ">" line stays where a quotation was: it shows that the text below it is the writer's own again.
    marked = _QUOTE_TAG.sub("<p>&gt;</p><blockquote", markup[:_MAX_MARKUP])
    tags = nh3.ALLOWED_TAGS - {"blockquote"}
    own = own_words(html_to_text(nh3.clean(marked, tags=tags, attributes={}, clean_content_tags=_ASIDE)))
    return own if own.strip("> \n") else html_to_text(markup)


def _end(lines: Sequence[str]) -> int:
    """Find where the writer's part ends for good: at a signature, or at what Outlook puts over the old mail."""
    for number, line in enumerate(lines):
        if line == "--" or _DIVIDER.fullmatch(line.strip(_MARKS)):
            return number
        if _HEADER.match(line) and any(_NEXT_HEADER.match(after) for after in lines[number + 1 : number + 4]):
            return number
    return len(lines)


def _without_attributions(lines: Sequence[str]) -> list[str]:
    """Drop "On ... wrote:", and all that follows where the quotation below it is not marked line by line."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        start = _attribution(lines, number)
        if start is None:
            kept.append(line)
            continue
        del kept[len(kept) - (number - start) :]
        below = next((after for after in lines[number + 1 :] if after.strip(_MARKS)), "")
        if not below.lstrip(_MARKS).startswith(">"):
            break
    return kept


def _attribution(lines: Sequence[str], number: int) -> int | None:
    """Give the first line of the attribution that ends at line `number`; long ones are wrapped over three lines."""
    if not _SAYS.search(lines[number][-500:]):
        return None
    start = number
    while start > 0 and number - start < 2 and not _starts(lines[start]):
        before, is_dated = lines[start - 1][:500], _is_dated(lines[start : number + 1])
        if not (_starts(before) or ("@" in before and not is_dated)):
            break
        start -= 1
    return start if _is_dated(lines[start : number + 1]) else None


def _is_dated(lines: Sequence[str]) -> bool:
    return any(_DATED.search(line[:500]) for line in lines)


def _starts(line: str) -> bool:
    return line.lstrip(_MARKS).lower().startswith(("on ", "در تاریخ"))
