"""How people and moments look on the stand-ins' pages: initials on a colour, clock times; pure."""

from __future__ import annotations

import unicodedata
import zlib
from datetime import UTC, datetime

COLOURS = 8


def colour(name: str) -> int:
    """Give a name its colour, 0 to 7, the same each time."""
    return zlib.crc32(name.encode("utf-8", "replace")) % COLOURS


def initials(name: str) -> str:
    """Give the first letter of the first two words, for an avatar; a dot where a name has no letter."""
    words = ["".join(c for c in word if unicodedata.category(c)[0] in "LN") for word in name.split()]
    letters = [word[0].upper() for word in words if word]
    joined = letters[:2] if all(ord(letter) < 0x590 for letter in letters[:2]) else letters[:1]
    return "".join(joined) or "·"


def iso(at: datetime) -> str:
    """Write a moment for a `datetime` attribute and for APIs: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
