"""Slack's mrkdwn as safe HTML: whatever a stranger wrote comes out as text, only our own tags are added."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby

import emoji
from markupsafe import Markup

from app.standin.faces import direction

_FENCE = re.compile(r"```\n?(.+?)```", re.DOTALL)
_SPAN = r"(?<![\w{0}])\{0}(?P<{1}>[^\s{0}](?:[^{0}\n]*[^\s{0}])?)\{0}(?![\w{0}])"
_TOKEN = re.compile(
    "|".join(
        (
            r"`(?P<code>[^`\n]+)`",
            r"<(?P<special>[^<>\n]+)>",
            r":(?P<emoji>[a-z0-9_+'-]{1,60}):",
            _SPAN.format("*", "bold"),
            _SPAN.format("_", "italic"),
            _SPAN.format("~", "strike"),
            r"(?P<url>https?://[^\s<>|]+)",
        )
    )
)
_LINE = Markup('<div class="line" dir="{}">{}</div>')
_TAGS = {"bold": "strong", "italic": "em", "strike": "s"}
_WEB = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+")
_DATE = re.compile(r"!date\^(-?\d{1,11})\^([^|^]*)(?:\^[^|]*)?(?:\|(.*))?")


def plain(text: str, shortcodes: bool = True) -> Markup:
    """Show a plain_text object: no markup, shortcodes become emoji."""
    if not shortcodes:
        return Markup.escape(text)
    pieces = re.split(r":([a-z0-9_+'-]{1,60}):", text)
    return Markup("").join(
        _emoji(piece) if number % 2 else Markup.escape(piece) for number, piece in enumerate(pieces)
    )  # fmt: skip


def mrkdwn(text: str, names: Mapping[str, str] | None = None, linkify: bool = False) -> Markup:
    """Show mrkdwn; `names` are those of users and channels by id, `linkify` links bare addresses too."""
    out: list[Markup] = []
    for number, piece in enumerate(_FENCE.split(text)):
        if number % 2:
            out.append(Markup("<pre>{}</pre>").format(_unescape(piece.rstrip("\n"))))
        elif piece.strip("\n"):
            out += _lines(piece.strip("\n"), names or {}, linkify)
    return Markup("").join(out)


def _lines(text: str, names: Mapping[str, str], linkify: bool) -> Iterator[Markup]:
    # Each line has its own direction: a Persian quote may follow an English sentence.
    for quoted, group in groupby(text.split("\n"), key=_is_quote):
        texts = [_unquote(line) if quoted else line for line in group]
        shown = Markup("").join(_LINE.format(direction(text), _inline(text, names, linkify)) for text in texts)
        yield Markup("<blockquote>{}</blockquote>").format(shown) if quoted else shown


def _is_quote(line: str) -> bool:
    return line.startswith((">", "&gt;"))


def _unquote(line: str) -> str:
    return (line[1:] if line.startswith(">") else line[4:]).removeprefix(" ")


def _inline(text: str, names: Mapping[str, str], linkify: bool) -> Markup:
    out, end = [], 0
    for found in _TOKEN.finditer(text):
        out += [_unescape(text[end : found.start()]), _token(found, names, linkify)]
        end = found.end()
    return Markup("").join([*out, _unescape(text[end:])])


def _token(found: re.Match[str], names: Mapping[str, str], linkify: bool) -> Markup:
    kind, inner = str(found.lastgroup), found[str(found.lastgroup)]
    if kind == "code":
        return Markup("<code>{}</code>").format(_unescape(inner))
    if kind == "special":
        return _special(inner, names)
    if kind == "emoji":
        return _emoji(inner)
    if kind == "url":
        return _link(inner, inner) if linkify else _unescape(inner)
    return Markup("<{0}>{1}</{0}>").format(Markup(_TAGS[kind]), _inline(inner, names, linkify))  # noqa: S704


def _special(inner: str, names: Mapping[str, str]) -> Markup:
    target, _, label = inner.partition("|")
    if inner.startswith("!date^"):
        return _date(inner)
    if target[:1] in {"@", "#"}:
        name = _unescape(label or names.get(target[1:], target[1:]))
        return Markup('<span class="at">{}{}</span>').format(target[0], name)
    if target in {"!here", "!channel", "!everyone"}:
        return Markup('<span class="at">@{}</span>').format(target[1:])
    return _link(target, label or target)


def _link(url: str, label: str) -> Markup:
    address = _raw(url)
    if not _WEB.fullmatch(address):
        return Markup.escape(_raw(label if label != url else f"<{url}>"))
    pieces = plain(_raw(label))
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>').format(address, pieces)


def _date(inner: str) -> Markup:
    found = _DATE.fullmatch(inner)
    if found is None:
        return Markup.escape(_raw(inner))
    try:
        at = datetime.fromtimestamp(int(found[1]), UTC)
    except (OverflowError, ValueError, OSError):
        return _unescape(found[3] or "")
    fallback = _unescape(found[3] or f"{at:%H:%M} UTC")
    return Markup('<time datetime="{}" data-format="{}">{}</time>').format(at.isoformat(), found[2], fallback)


def _emoji(name: str) -> Markup:
    # Slack's names differ from the emoji library's in a few families: large_orange_circle, flag-tr.
    tries = (name, name.removeprefix("large_"), name.removeprefix("flag-"))
    for each in tries:
        code = f":{each}:"
        sign = emoji.emojize(code, language="alias")
        if sign != code:
            return Markup('<span class="emoji" title=":{}:">{}</span>').format(name, sign)
    return Markup.escape(f":{name}:")


def _raw(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _unescape(text: str) -> Markup:
    # Slack escapes three characters and no more; the rest is ours to escape for HTML.
    return Markup.escape(_raw(text))
