"""What a post's text says to Mastodon: its HTML, hashtags, mentions and length; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

URL_LENGTH, MAX_CHARACTERS = 23, 500
_URL = r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]"
# A hashtag needs a letter: "#1" is none. Letters of every script count, joiners too (Persian words carry them).
_TAG = r"(?<![\w/#&])#(?P<tag>[\w\u200c·]*[^\W\d_][\w\u200c·]*)"
_AT = r"(?<![\w/])@(?P<at>[A-Za-z0-9_]+(?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)"
_TOKEN = re.compile(f"(?P<url>{_URL})|{_TAG}|{_AT}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def tags_of(text: str) -> list[str]:
    """List the hashtags of a text, without "#", folded, in order."""
    return list(dict.fromkeys(fold(found["tag"]) for found in _TOKEN.finditer(text) if found["tag"]))


def mentions_of(text: str) -> list[str]:
    """List whom a text mentions, without "@", in order."""
    return list(dict.fromkeys(found["at"].lower() for found in _TOKEN.finditer(text) if found["at"]))


def fold(tag: str) -> str:
    """Make spellings of one hashtag the same; Turkish "İ" is one letter here."""
    return tag.replace("İ", "i").casefold()


def length(text: str) -> int:
    """Count characters as Mastodon does: every web address is 23."""
    return len(re.sub(_URL, "x" * URL_LENGTH, text))


def clean(text: str) -> str:
    """Drop what neither XML nor a page can carry: control characters and lone surrogates."""
    return _CONTROL.sub("", text)


def content(text: str, home: str, known: Mapping[str, str] | None = None) -> str:
    """Write the HTML of a status as Mastodon does; `known` are the names of accounts that can be linked."""
    paragraphs = [part for part in re.split(r"\n{2,}", clean(text).strip()) if part]
    return "".join(f"<p>{_inline(part, home, known or {})}</p>" for part in paragraphs)


def _inline(text: str, home: str, known: Mapping[str, str]) -> Markup:
    out, end = [], 0
    for found in _TOKEN.finditer(text):
        out += [_lines(text[end : found.start()]), _token(found, home, known)]
        end = found.end()
    return Markup("").join([*out, _lines(text[end:])])


def _lines(text: str) -> Markup:
    return Markup("<br />").join(escape(line) for line in text.split("\n"))


def _token(found: re.Match[str], home: str, known: Mapping[str, str]) -> Markup:
    if found["url"]:
        link = Markup('<a href="{}" rel="nofollow noopener" translate="no" target="_blank">{}</a>')
        return link.format(found["url"], found["url"])
    if found["tag"]:
        link = Markup('<a href="{}tags/{}" class="mention hashtag" rel="tag">#<span>{}</span></a>')
        return link.format(home, fold(found["tag"]), found["tag"])
    if found["at"].lower() not in known:
        return escape(found[0])
    card = '<span class="h-card" translate="no"><a href="{}@{}" class="u-url mention">@<span>{}</span></a></span>'
    return Markup(card).format(home, found["at"], found["at"])  # noqa: S704 - the pattern is a constant
