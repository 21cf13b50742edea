"""Feed documents through feedparser, safely: bytes in, a document out, nothing but our own errors."""

from __future__ import annotations

import calendar
import io
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import feedparser

from domain.errors import PermanentError, TemporaryError
from listener.items import dig, moment_of

_WEB_PAGE = (b"<!doctype html", b"<html")


def read_feed(body: bytes, content_type: str = "") -> Mapping[str, Any]:
    """Parse a feed (slow: call it in a thread).

    Raises `TemporaryError` for an HTML page (usually an error page), `PermanentError` when it is no feed.
    """
    try:
        # A stream, not the bytes: feedparser would take short bytes for the name of a file and open it.
        feed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(body), response_headers={"content-type": content_type} if content_type else {},
            sanitize_html=False, resolve_relative_uris=False,
        )  # fmt: skip
    except Exception as err:
        # feedparser runs other people's bytes through several parsers; any of them may give up in its own way.
        raise PermanentError(f"The feed cannot be read ({type(err).__name__}).") from err
    if not feed.get("entries") and not feed.get("version"):
        if body[:500].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB_PAGE):
            raise TemporaryError("A web page came instead of a feed.")
        raise PermanentError("The answer is empty." if not body.strip() else "The answer is not a feed.")
    return feed


def moment_in(entry: object, *names: str) -> datetime | None:
    """Give the first date feedparser understood among `names`."""
    for name in names:
        found = dig(entry, name)
        if isinstance(found, time.struct_time):
            return _utc(found)
    return None


def _utc(found: time.struct_time) -> datetime | None:
    try:
        return moment_of(datetime.fromtimestamp(calendar.timegm(found), UTC).isoformat())
    except (ValueError, OverflowError, OSError):
        return None
