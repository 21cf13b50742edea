"""Text as people wrote it: out of HTML, without control characters, without the handles of third parties."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection

import nh3

MAX_TEXT = 20_000  # characters kept of one text
MAX_LINE = 200  # characters kept of a name or handle
_MAX_MARKUP = 60_000  # characters of HTML read; the rest cannot matter once the text is cut

# Kept on purpose: tab and newline, ZWNJ and ZWJ (Persian spelling, emoji), LRM and RLM. Removed: the other control
# characters, and the embeddings, overrides and isolates that can make a text read differently from what it says.
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_HANDLE = re.compile(r"(?<![\w@/.+-])@(\w[\w.-]{0,100})(@[\w-]+(?:\.[\w-]+){0,8})?")
_ASIDE = {"script", "style", "template", "noscript", "head", "iframe", "object", "svg", "math"}
_BLOCK_TAG = re.compile(
    r"<(?:br|(p)|/?(?:address|article|aside|blockquote|div|dd|dt|figure|footer|form|h[1-6]|header|hr|li|ol|p|pre|section"
    r"|table|td|th|tr|ul))(?:[\s/][^<>]{0,2000})?>",
    re.IGNORECASE,
)
# Begins only where no blank stands before: else a long run of blanks costs its length squared.
_BEFORE_BREAK = re.compile(r"(?<![ \t])[ \t]+\n")
_BREAK = "\ue000"  # stands for a line break while HTML's own white space is collapsed; private use, removed before


def well_formed(raw: str) -> str:
    """Replace lone surrogates, which JSON can carry and nothing can store."""
    return raw if raw.isascii() else _SURROGATE.sub("\ufffd", raw)


def clean_text(raw: str, limit: int = MAX_TEXT) -> str:
    """Make any string fit to store and show: NFC, no control or direction-overriding characters, at most `limit`."""
    # Cut first (NFC can triple the length at worst), so that a hostile text costs no more than a long one.
    text = _SURROGATE.sub("\ufffd", raw[: limit * 4]).replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", _UNWANTED.sub("", text))
    text = _BEFORE_BREAK.sub("\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()[:limit]


def clean_line(raw: str, limit: int = MAX_LINE) -> str:
    """Make a name or handle one clean line of at most `limit` characters."""
    return " ".join(clean_text(raw, limit * 4).split())[:limit]


def html_to_text(markup: str) -> str:
    """Give the visible text of HTML, paragraphs and line breaks as newlines; plain text passes, entities resolved."""
    markup = clean_text(markup, _MAX_MARKUP).replace(_BREAK, "")
    if "<" in markup:
        # nh3 rather than BeautifulSoup: html.parser and bs4 take seconds to minutes for 60 kB of unclosed or nested
        # tags (measured 2026-11, Python 3.11.7). No tag survives nh3, so its nesting costs nothing either.
        bare = nh3.clean(_BLOCK_TAG.sub(_breaks, markup), tags=set(), clean_content_tags=_ASIDE)
        markup = "\n".join(line.strip() for line in re.sub(r"\s+", " ", bare).split(_BREAK))
    return clean_text(html.unescape(markup))


def _breaks(tag: re.Match[str]) -> str:
    return _BREAK * (2 if tag[1] else 1)  # a paragraph starts after an empty line, also where none was closed


def mask_handles(text: str, own_handles: Collection[str] = ()) -> str:
    """Shorten the handles of third parties to "@…"; `own_handles` (casefolded, without the first "@") stay."""
    own = set(own_handles) | {handle.split("@")[0] for handle in own_handles}

    def masked(found: re.Match[str]) -> str:
        """Keep one of our own handles, with or without its server."""
        name = found[1].rstrip(".-")
        full = f"{name}{found[2] or ''}".casefold()
        return found[0] if full in own else "@…" + found[1][len(name) :] * (found[2] is None)

    return _HANDLE.sub(masked, text)


def language_code(raw: str) -> str | None:
    """Give the ISO 639 code of a language tag ("pt-BR" -> "pt"), or None for anything else."""
    found = re.fullmatch(r"([a-zA-Z]{2,3})(?:[-_][\w-]{0,30})?", raw.strip())
    return found[1].lower() if found else None
