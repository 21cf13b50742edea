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

_WEB_PAGE = ("<!doctype html", "<html")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"),
)  # fmt: skip
_OLD_CODE_PAGES = {"tr": "cp1254", "fa": "cp1256", "ar": "cp1256", "ru": "cp1251", "el": "cp1253", "pl": "cp1250"}
_DECLARATION = re.compile(r"^\s*<\?xml\b[^<>]{0,500}\?>")
_ENCODING = re.compile(rb"^\s*<\?xml\b[^<>]{0,200}encoding\s*=\s*[\"']([\w.:-]{1,40})")
_LANGUAGE = re.compile(rb"(?:<language>|xml:lang=[\"'])\s*([a-z]{2})\b", re.IGNORECASE)


def read_feed(body: bytes, content_type: str = "") -> Mapping[str, Any]:
    """Parse a feed (slow: call it in a thread).

    Raises `TemporaryError` for an HTML page (usually an error page), `PermanentError` when it is no feed.
    """
    text = decode_feed(body, content_type)
    # Nested entities of 600 bytes keep expat and feedparser busy for 45 s (measured 2026-11); no feed needs its own.
    plain = re.sub(r"<!ENTITY\b[^>]*>", "", _DECLARATION.sub("", text)).strip()
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
        if plain[:50].lower().startswith(_WEB_PAGE):
            raise TemporaryError("A web page came instead of a feed.")
        raise PermanentError("The answer is empty." if not plain else "The answer is not a feed.")
    return feed


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
