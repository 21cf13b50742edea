"""Feed documents through feedparser, safely: bytes in, a document out, nothing but our own errors."""

from __future__ import annotations

import calendar
import codecs
import io
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import feedparser

from domain.errors import PermanentError, TemporaryError
from listener.items import moment_of

_OPENING = re.compile(r"\s*(<\?|<!--|<!DOCTYPE|)", re.IGNORECASE)
_CLOSING = {"<?": re.compile(r"\?>"), "<!--": re.compile("-->"), "<!": re.compile(">"), "[": re.compile(r"\]\s{0,20}>")}
_WEB_PAGE = ("<!doctype html", "<html")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"),
)  # fmt: skip
_OLD_CODE_PAGES = {"tr": "cp1254", "fa": "cp1256", "ar": "cp1256", "ru": "cp1251", "el": "cp1253", "pl": "cp1250"}
_END = re.compile(rb"</(?:\w{1,40}:)?(?:rss|feed|rdf)\s{0,40}>", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s{1,20}(\w{1,40})\s{1,20}[\"']((?:[^&%<>\"']|&#\w{1,8};){1,200})[\"']\s{0,20}>")
_MAX_GROWTH = 100_000  # characters that one entity may add
_ENCODING = re.compile(rb"^\s*<\?xml\b[^<>]{0,200}encoding\s*=\s*[\"']([\w.:-]{1,40})")
_LANGUAGE = re.compile(rb"(?:<language>|xml:lang=[\"'])\s*([a-z]{2})\b", re.IGNORECASE)


def read_feed(body: bytes, content_type: str = "", *, partial: bool = False) -> Mapping[str, Any]:
    """Parse a feed (slow, and hostile ones take for ever: see listener/apart.py).

    Raises `TemporaryError` for an HTML page (usually an error page) and, unless `partial`, for a feed that broke off;
    `PermanentError` when it is no feed.
    """
    text = decode_feed(body, content_type).strip()
    plain = _bare_document(text)
    try:
        # A stream, not the bytes: feedparser would take short bytes for the name of a file and open it.
        feed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(plain.encode("utf-8", "replace")), sanitize_html=False, resolve_relative_uris=False,
            response_headers={"content-type": "application/xml; charset=utf-8"},
        )  # fmt: skip
    except Exception as err:
        # feedparser runs other people's bytes through several parsers; any of them may give up in its own way.
        raise PermanentError(f"The feed cannot be read ({type(err).__name__}).") from err
    if not feed.get("entries") and not feed.get("version"):
        if text[:50].lower().startswith(_WEB_PAGE) or plain[:50].lower().startswith(_WEB_PAGE):
            raise TemporaryError("A web page came instead of a feed.")
        raise PermanentError("The answer is empty." if not text else "The answer is not a feed.")
    if not partial and not is_whole(body):
        raise TemporaryError("The feed broke off on its way.")
    return feed


def is_whole(body: bytes) -> bool:
    """Say whether a feed goes on to its end; one that broke off on its way must be asked for again."""
    return _END.search(body[-4096:].replace(b"\0", b"")) is not None


def decode_feed(body: bytes, content_type: str = "") -> str:
    """Turn a feed's bytes into text: byte order mark, valid UTF-8, what it declares, then its language's code page."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff")
    declared = _ENCODING.match(body[:400])
    served = re.search(r"charset=[\"']?([\w.:-]{1,40})", content_type)
    # UTF-8 before what is declared: text in another encoding is hardly ever valid UTF-8, and feeds often lie.
    for encoding in ("utf-8", declared[1].decode() if declared else "", served[1] if served else ""):
        try:
            return body.decode(encoding or "utf-8")
        except (ValueError, LookupError):
            continue
    language = _LANGUAGE.search(body[:4000])
    code_page = _OLD_CODE_PAGES.get(language[1].decode().lower() if language else "", "cp1252")
    return body.decode(code_page, "replace")


def _bare_document(text: str) -> str:
    """Leave out all that comes before the first element, but for plain entities.

    Nested ones of 600 bytes keep expat and feedparser busy for 45 s, and a million empty lines for hours (2026-11).
    """
    start = _after_prolog(text)
    found = dict(_ENTITY.findall(text[:start])[:20])
    used = {name: value for name, value in found.items() if len(value) * text.count(f"&{name};") < _MAX_GROWTH}
    first = re.compile(r"<\w").search(text, start)
    declared = "\n".join(f'<!ENTITY {name} "{value}">' for name, value in used.items())
    return (f"<!DOCTYPE feed [\n{declared}\n]>\n" if used else "") + text[first.start() if first else start :]


def _after_prolog(text: str) -> int:
    """Find where declarations, comments and document types end; each character is looked at once."""
    at = 0
    while (opening := _OPENING.match(text, at)) and opening[1]:
        kind = opening[1] if opening[1] in _CLOSING else "<!"
        if kind == "<!" and "[" in text[opening.end() : text.find(">", opening.end())]:
            kind = "["
        closing = _CLOSING[kind].search(text, opening.end())
        if closing is None:
            break
        at = closing.end()
    return at


def moment_in(entry: object, *names: str) -> datetime | None:
    """Give the first date feedparser understood among `names`."""
    for name in names:
        # dict.get: feedparser's own `get` answers "updated" with the date of publication, and warns each time.
        found = dict.get(entry, name) if isinstance(entry, dict) else None
        if isinstance(found, time.struct_time):
            return _utc(found)
    return None


def _utc(found: time.struct_time) -> datetime | None:
    try:
        return moment_of(datetime.fromtimestamp(calendar.timegm(found), UTC).isoformat())
    except (ValueError, OverflowError, OSError):
        return None
