"""RSS and Atom as found in the wild: news feeds, Google Alerts, forums, Reddit's `.rss`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urljoin, urlsplit

from pydantic import Field

from domain.heard.mention import Author, Batch, Mention
from listener.apart import Apart
from listener.cursor import read_cursor, write_cursor
from listener.feeds import is_whole, moment_in, read_feed
from listener.items import Origin, Parsed, collect, dig, text_at, web_url
from listener.pacing import quota_of
from listener.source import Configured
from listener.text import html_to_text

READING_LIMIT = timedelta(seconds=60)  # 5 MB of ordinary entries take 8 s of a slow processor (2026-11)
_READER = Apart()


@dataclass(frozen=True, slots=True)
class RssOptions:
    """Which feed to read."""

    url: Annotated[str, Field(min_length=8)]  # of the feed; `base_url` replaces its scheme and host
    language: str = ""  # where the feed does not say it
    region: str | None = None


def parse_feed(body: bytes, origin: Origin, options: RssOptions, content_type: str = "") -> Parsed:
    """Read a feed in any encoding and shape feedparser knows; broken XML gives what can be saved of it.

    Raises `TemporaryError` for an HTML page, `PermanentError` when it is no feed at all.
    """
    feed = read_feed(body, content_type, partial=True)
    language = text_at(feed, "feed", "language") or options.language

    def parse(entry: object) -> Mention:
        """Read one entry."""
        return _parse_entry(entry, origin, options, language)

    return collect(feed["entries"], parse)


def problems_of(options: RssOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is wrong with the address."""
    return [] if web_url(options.url) else ["option `url` is wrong: it should start with http:// or https://."]


class Rss(Configured[RssOptions]):
    """Polls one feed with conditional requests; an unchanged one is not parsed again."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get the feed as it is now; the cursor remembers ETag, Last-Modified and a hash of the body."""
        known = read_cursor(cursor)
        answer = await self.setup.web().get(self._url(), headers=_conditions(known), ok=(200, 304))
        digest = hashlib.sha256(answer.body).hexdigest()[:16]
        if answer.status == 304 or digest == text_at(known, "body"):
            return Batch((), cursor, quota=quota_of(answer.headers, self.setup.now()))
        content_type = answer.headers.get("Content-Type", "")
        origin = self.setup.origin()
        parsed = await _READER.run(READING_LIMIT, parse_feed, answer.body, origin, self.options, content_type)
        quota = quota_of(answer.headers, origin.now)
        if not is_whole(answer.body):  # a broken-off feed may carry the ETag of the whole one
            return Batch(parsed.mentions, write_cursor(), parsed.set_aside, quota=quota)
        mark = write_cursor(etag=answer.headers.get("ETag"), modified=answer.headers.get("Last-Modified"), body=digest)
        return Batch(parsed.mentions, mark, parsed.set_aside, quota=quota)

    def _url(self) -> str:
        parts = urlsplit(self.options.url)
        return self.setup.url(f"{parts.scheme}://{parts.netloc}", parts._replace(scheme="", netloc="").geturl())


def _conditions(known: Mapping[str, object]) -> dict[str, str]:
    names = {"If-None-Match": text_at(known, "etag"), "If-Modified-Since": text_at(known, "modified")}
    return {"Accept": "application/atom+xml, application/rss+xml, application/xml, */*;q=0.5"} | {
        name: value for name, value in names.items() if value.isprintable() and value
    }


def _parse_entry(entry: object, origin: Origin, options: RssOptions, language: str) -> Mention:
    title, body = html_to_text(text_at(entry, "title")), html_to_text(_body(entry))
    text = body if body.startswith(title) else f"{title}\n\n{body}"
    link = _link(entry, options.url)
    said = moment_in(entry, "published_parsed", "updated_parsed", "created_parsed")
    changed = moment_in(entry, "updated_parsed")
    return origin.mention(
        text_at(entry, "id") or link or hashlib.sha256(text.encode()).hexdigest()[:32] * bool(text.strip()),
        _author(entry, link, origin), text.strip() or link or text_at(entry, "id"), said or origin.now, url=link,
        language=text_at(entry, "language") or language, region=options.region,
        edited_at=changed if said and changed and changed > said else None,
    )  # fmt: skip


def _body(entry: object) -> str:
    content = dig(entry, "content")
    whole = [text_at(part, "value") for part in content] if isinstance(content, list) else []
    return max([*whole, text_at(entry, "summary"), text_at(entry, "subtitle")], key=len)


def _link(entry: object, base: str) -> str:
    found = text_at(entry, "link")
    try:
        return urljoin(base, found) if found else ""
    except ValueError:  # "http://[": no address, but still a name for the entry
        return found


def _author(entry: object, link: str, origin: Origin) -> Author:
    """Name who wrote it; an entry without author counts as its site's (aggregators link to many)."""
    name = text_at(entry, "author_detail", "name") or text_at(entry, "author")
    page = text_at(entry, "author_detail", "href")
    site = _site(link)
    return Author(page or name or site or origin.name, name or site, name.removeprefix("/u/"), url=page or None)


def _site(link: str) -> str:
    try:
        return urlsplit(link).netloc if web_url(link) else ""
    except ValueError:
        return ""
