"""The two static files of the page, named by their content so that they can be cached for ever."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
# What readers of the sources need and visitors do not; line breaks stay, so that scripts keep their meaning.
_COMMENT, _INDENT = re.compile(rb"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE), re.compile(rb"^\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Assets:
    """Where style and script stand in the site, and what is in them."""

    css: str
    js: str
    files: dict[str, bytes]


@lru_cache(maxsize=1)
def assets() -> Assets:
    """Read the files once and give them hashed names."""
    css, js = _hashed("page.css"), _hashed("time.js")
    return Assets(css[0], js[0], dict([css, js]))


def _hashed(name: str) -> tuple[str, bytes]:
    content = _INDENT.sub(b"", _COMMENT.sub(b"", (STATIC / name).read_bytes()))
    stem, suffix = name.rsplit(".", 1)
    return f"assets/{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}", content
