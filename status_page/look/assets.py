"""The static files of a page, named by their content so that they can be cached for ever."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parents[1] / "static"
CARDS = STATIC / "cards"
# What readers of the sources need and visitors do not; line breaks stay, so that scripts keep their meaning.
_COMMENT, _INDENT = re.compile(rb"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE), re.compile(rb"^\s+", re.MULTILINE)
_STYLE_GAPS = re.compile(rb"(?<=[{;,])\s+|\s+(?=\{)|(?<=:) |;?\s*(?=\})|\n")


@dataclass(frozen=True, slots=True)
class Assets:
    """Where style and scripts stand in the site, and what is in them."""

    css: str
    js: str
    search: str  # the script of the search page
    files: dict[str, bytes]
    report: tuple[str, bytes]  # path and content: only for pages with the forms for customers


@lru_cache(maxsize=32)
def assets(style: str = "") -> Assets:
    """Read the files once and give them hashed names; `style` is a brand's own and comes after the page's."""
    css = named("page.css", slim_style(slimmed(STATIC / "page.css")) + style.encode())
    js, search, report = (named(name, slimmed(STATIC / name)) for name in ("time.js", "search.js", "report.js"))
    return Assets(css[0], js[0], search[0], dict([css, js, search]), report)


@lru_cache(maxsize=64)
def card(state: str, language: str) -> tuple[str, bytes] | None:
    """Give the picture that social networks show beside a link: (path, PNG), drawn by tests/cards.py."""
    found = next((path for end in (f"-{language}", "") if (path := CARDS / f"{state}{end}.png").is_file()), None)
    return named(f"card-{found.stem.replace('_', '-')}.png", found.read_bytes()) if found is not None else None


def slimmed(source: Path) -> bytes:
    """Read a script or style sheet without its comments and indents."""
    return _INDENT.sub(b"", _COMMENT.sub(b"", source.read_bytes()))


def slim_style(sheet: bytes) -> bytes:
    """Leave out the white space that a style sheet does not need."""
    return _STYLE_GAPS.sub(b"", sheet)


def named(name: str, content: bytes) -> tuple[str, bytes]:
    """Give a file a path with the hash of its content."""
    stem, suffix = name.rsplit(".", 1)
    return f"assets/{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}", content
