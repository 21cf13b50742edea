"""How people, moments and lines look on the stand-ins' pages: initials, colours, clock times, directions; pure."""

from __future__ import annotations

import re
import unicodedata
import zlib
from datetime import UTC, datetime

COLOURS = 8
_ISOLATED = re.compile("[\u2066-\u2068][^\u2069\n]*\u2069?")
# What says nothing about the language of a line: addresses, tokens of mrkdwn, shortcodes, handles.
_NEUTRAL = re.compile(r"<[^<>|]*\|?|https?://\S+|:[a-z0-9_+-]+:|[@#][\w.-]+", re.ASCII)


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


def direction(text: str) -> str:
    """Say in which direction a line runs, for a `dir` attribute: "rtl", "ltr", or "auto" where no letter tells."""
    # `dir=auto` would let a leading @handle turn a Persian answer round, and looks into isolates, which UAX 9 forbids.
    plain = _NEUTRAL.sub(" ", text)
    for tried in (_ISOLATED.sub(" ", plain), plain, text):
        for char in tried:
            if (strong := unicodedata.bidirectional(char)) in {"L", "R", "AL"}:
                return "ltr" if strong == "L" else "rtl"
    return "auto"
