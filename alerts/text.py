"""Customers' words made safe for Slack: nobody outside may ping, link, format or reorder what our people read."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

ISOLATE, POP = "\u2068", "\u2069"  # first-strong isolate and its end: keeps right-to-left words from moving others
_JOINER = "\u2060"  # invisible, forbids a break; between "@" and "channel" nothing can be parsed any more

_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Control characters, bidi embeddings/overrides/isolates, deprecated format characters, half surrogates, tags.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u206a-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILED_MARKS = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")
_BROADCAST = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
# Slack formats only where the mark touches a word's edge; inside a word (snake_case, 5*3) it is left alone.
_FORMAT = re.compile(r"`|(?<![^\W_])[*_~]|[*_~](?![^\W_])")
_LOOKALIKE = {"`": "ˋ", "*": "∗", "_": "ˍ", "~": "∼"}  # Slack has no escape for these four
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")
_LOOSE_END = " \n\u200d\ufe0f\u2060@"


def clean(text: str) -> str:
    """Drop what can hide or reorder text (control and bidi characters, piled accents); newlines stay."""
    text = _DROPPED.sub("", _NEWLINES.sub("\n", text).replace("\t", " "))
    return _PILED_MARKS.sub(r"\1", text).strip()


def one_line(text: str) -> str:
    """Clean `text` and fold all its white space to single spaces."""
    return " ".join(clean(text).split())


def escape(text: str) -> str:
    """Make hostile text plain in Slack's mrkdwn: no mention, link, broadcast or formatting survives."""
    text = _FORMAT.sub(lambda mark: _LOOKALIKE[mark[0]], clean(text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _BROADCAST.sub(f"@{_JOINER}", text)


def fit(text: str, limit: int) -> str:
    """Escape `text` and cut it to `limit` characters, never through the middle of an entity."""
    window = text[: _window(limit)]
    safe = escape(window)
    if len(safe) <= limit and window == text:
        return safe
    end = limit - 1
    entity = safe.rfind("&", max(0, end - 4), end)
    if entity >= 0 and ";" not in safe[entity:end]:
        end = entity
    return safe[:end].rstrip(_LOOSE_END) + "…"


def _window(limit: int) -> int:
    # Nobody makes us clean 5 MB to show 40 characters; junk that is dropped may be seven of eight characters.
    return limit * 8 + 200


def plain(text: str, limit: int) -> str:
    """Cut `text` to one clean line for a plain_text object, where Slack parses nothing; never empty."""
    line = one_line(text[: _window(limit)])
    return (line if len(line) <= limit else line[: limit - 1].rstrip(_LOOSE_END) + "…") or "–"


def isolate(text: str) -> str:
    """Fence right-to-left text, so that it cannot reorder what stands beside it."""
    return f"{ISOLATE}{text}{POP}" if _RIGHT_TO_LEFT.search(text) else text


def phrase(text: str, limit: int) -> str:
    """Make a name or short quote safe to stand inside a line of ours; never empty."""
    return isolate(fit(one_line(text[: _window(limit)]), limit)) or "–"


def quote(text: str, limit: int = 1500, lines: int = 12) -> str:
    """Show `text` as a block quote of at most `limit` characters and `lines` lines; never empty."""
    kept = [line.strip() for line in fit(text, limit).split("\n") if line.strip()]
    if len(kept) > lines:
        kept = [*kept[:lines], "…"]
    return "\n".join(f"> {isolate(line)}" for line in kept) or "> _(no text)_"


def web_url(url: str | None, limit: int = 2000) -> str | None:
    """Give `url` when it is an http(s) address that can be linked, else None."""
    if not url or len(url) > limit or url != one_line(url) or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def link(url: str | None, label: str) -> str:
    """Link `label` (our own words) to `url`; only the label where the address is no web address."""
    if (address := web_url(url)) is None:
        return label
    for sign, code in (("&", "&amp;"), ("<", "%3C"), (">", "%3E"), ("|", "%7C")):
        address = address.replace(sign, code)
    return f"<{address}|{label}>" if len(address) <= 350 else label  # six of them must fit one block
