"""How long a post is as each platform counts it, and what makes it fit; pure.

Where a rule cannot be known for sure the larger count is taken: a post that is refused for its length helps nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import emoji
import regex  # type: ignore[import-untyped]  # for \X, which the standard library cannot do
from babel import Locale

Measure = Callable[[str], int]
LINK_LENGTH = 23  # of any address on X and Mastodon
BLUESKY_LIMIT, BLUESKY_BYTES = 300, 3000
# twitter-text configuration v3 (github.com/twitter/twitter-text, config/v3.json, read 2026-11): code points that count
# one; every other counts two, and so does an emoji of however many code points.
_ONES = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_GENERIC = re.compile(
    "com|net|org|info|biz|edu|gov|int|mil|name|app|dev|shop|store|online|site|cloud|tech|news|bank|blog|page|link|live|"
    "status|support|help|services|company|global|world|today|agency|group|money|pay|health|travel"
)
_NOT_PUBLIC = re.compile("localhost|local|internal|test|example|invalid|lan|home|corp|onion|arpa")
# An address ends before closing punctuation, also Persian, and before the invisible marks of right-to-left text.
_END = "\\s<>\"'«»“”\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HOST = r"(?:[a-z0-9\u00c0-\u024f](?:[\w-]*[a-z0-9\u00c0-\u024f])?\.)+"
_WEB = re.compile(f"https?://[^{_END}]*[^{_END}.,;:!?)…،؛؟]", re.IGNORECASE)
_BARE = re.compile(rf"(?<![\w@＠$#＃/.-]){_HOST}(?P<end>[a-z]{{2,24}})\b(?:/[^{_END}]*[^{_END}.,;:!?)…،؛؟])?", re.I)
_ENDING = re.compile(r"https?://(?:[^/?#\s]*@)?[^/?#:\s]*?\.?(?P<end>[^/?#:.\s]*)(?::\d*)?(?:[/?#]|$)", re.IGNORECASE)


def graphemes(text: str) -> int:
    """Count what people call characters (extended grapheme clusters, Unicode TR29)."""
    return len(regex.findall(r"\X", text))


def bluesky_length(text: str) -> int:
    """Count for Bluesky: at most 300 graphemes and 3,000 bytes, so ten bytes weigh as much as one grapheme."""
    by_bytes = -(-len(text.encode("utf-8", "surrogatepass")) * BLUESKY_LIMIT // BLUESKY_BYTES)
    return max(graphemes(text), by_bytes)


def mastodon_length(text: str, link: int = LINK_LENGTH) -> int:
    """Count for Mastodon: code points, an address as `link`.

    Mastodon itself counts graphemes, which are never more; the servers that speak its API count code points.
    """
    return len(_WEB.sub("", text)) + link * len(_WEB.findall(text))


def telegram_length(text: str) -> int:
    """Count for Telegram: UTF-16 code units, never fewer than what it counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def x_length(text: str) -> int:
    """Count for X: the weighted length of twitter-text v3, in which an address is 23 and an emoji 2."""
    text, total, at = unicodedata.normalize("NFC", text), 0, 0
    for start, end, sure in _links(text):
        own = _weight(text[start:end])
        total += _weight(text[at:start]) + (LINK_LENGTH if sure else max(LINK_LENGTH, own))
        at = end
    return total + _weight(text[at:])


def has_link(text: str) -> bool:
    """True when X makes a link of something in the text, which then costs more; "acme.com" is enough."""
    return next(iter(_links(unicodedata.normalize("NFC", text))), None) is not None


def fitting(write: Callable[[int], str], measure: Measure, limit: int, least: int) -> str:
    """Give the longest of the texts `write(room)` that `limit` allows, or the one with the least room there is.

    `room` is in characters; more of it makes no shorter text.
    """
    best, low, high = write(least), least, max(4 * limit, least)
    while low < high:
        room = (low + high + 1) // 2
        text = write(room)
        if measure(text) <= limit:
            best, low = text, room
        else:
            high = room - 1
    return best


def _weight(text: str) -> int:
    found = emoji.emoji_list(text)
    total, at = 0, 0
    for one in found:
        start, end = one["match_start"], one["match_end"]
        # © and the like are signs, not emoji, unless a variation selector follows.
        total += sum(_one(char) for char in text[at:start]) + (_one(text[start]) if end - start == 1 else 2)
        at = end
    return total + sum(_one(char) for char in text[at:])


def _one(char: str) -> int:
    point = ord(char)
    return 1 if any(first <= point <= last for first, last in _ONES) else 2


def _links(text: str) -> list[tuple[int, int, bool]]:
    """List what X may take for an address: (start, end, whether it surely does), in order."""
    found = [(m.start(), m.end(), _is_public(m[0])) for m in _WEB.finditer(text)]
    taken = [(start, end) for start, end, _ in found]
    for match in _BARE.finditer(text):
        apart = all(match.end() <= start or end <= match.start() for start, end in taken)
        if apart and _is_ending(match["end"].lower()):
            found.append((match.start(), match.end(), False))
    return sorted(found)


def _is_public(address: str) -> bool:
    match = _ENDING.match(address)
    ending = match["end"].lower() if match else ""
    return len(ending) > 1 and not ending[-1].isdigit() and not _NOT_PUBLIC.fullmatch(ending)


def _is_ending(end: str) -> bool:
    """True for the common ends of names: those of countries, and some of the many others."""
    return end in _countries() or _GENERIC.fullmatch(end) is not None


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    codes = (str(code).lower() for code in Locale("en").territories)
    return frozenset({code for code in codes if len(code) == 2 and code.isalpha()} | {"uk", "eu", "su"})
