"""App Store reviews of one app in one country, through Apple's public feed: no key, 10 pages of 50, no guarantees."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.feeds import moment_in, read_feed
from listener.items import BadItem, Origin, Parsed, collect, dig, moment_of, needed, number_at, stars, text_at
from listener.source import Configured

HOST = "https://itunes.apple.com"


@dataclass(frozen=True, slots=True)
class AppStoreOptions:
    """Which app, and where."""

    app_id: Annotated[str, Field(pattern=r"^[0-9]{1,15}$", coerce_numbers_to_str=True)]  # in the app's address
    country: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "us"
    pages: Annotated[int, Field(ge=1, le=10)] = 10  # Apple shows no more than 10


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One page: the reviews, when they were last changed, and how many pages there are."""

    parsed: Parsed
    changed: tuple[datetime, ...]
    last: int | None


def parse_reviews(body: bytes, origin: Origin, country: str) -> ReviewPage:
    """Read one page of the XML feed; an entry without stars is the app itself and left out.

    Raises `TemporaryError` for an HTML error page, `PermanentError` for anything else that is no feed.
    """
    feed = read_feed(body, "application/atom+xml; charset=utf-8")
    entries = [entry for entry in feed["entries"] if dig(entry, "im_rating") is not None]
    parsed = collect(entries, lambda entry: _parse_review(entry, origin, country))
    changed = (moment_in(entry, "updated_parsed") for entry in entries)
    return ReviewPage(parsed, tuple(moment for moment in changed if moment), _last_page(feed))


def next_page(page: int, found: ReviewPage, since: datetime | None, pages: int) -> int | None:
    """Give the number of the page to read next, or None when the rest is known or there is none."""
    reached = since is not None and bool(found.changed) and min(found.changed) < since
    end = min(pages, found.last or pages)
    return None if reached or page >= end or not found.changed else page + 1


class AppStore(Configured[AppStoreOptions]):
    """Polls newest first down to what it knows; a changed review comes up again with a new date."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page."""
        state = read_cursor(cursor)
        page, since = number_at(state, "page") or 1, moment_of(text_at(state, "since"))
        country = self.options.country
        path = f"/{country}/rss/customerreviews/page={page}/id={self.options.app_id}/sortby=mostrecent/xml"
        answer = await self.setup.web().get(self.setup.url(HOST, path))
        found = await asyncio.to_thread(parse_reviews, answer.body, self.setup.origin(), country)
        seen = [*found.changed, *filter(None, (moment_of(text_at(state, "newest")), since))]
        newest = max(seen).isoformat() if seen else None
        then = next_page(page, found, since, self.options.pages)
        mark = (
            write_cursor(page=then, since=text_at(state, "since") or None, newest=newest)
            if then else write_cursor(since=newest)
        )  # fmt: skip
        return Batch(found.parsed.mentions, mark, found.parsed.set_aside, more=then is not None)


def _parse_review(entry: object, origin: Origin, country: str) -> Mention:
    when = moment_in(entry, "updated_parsed")
    if when is None:
        raise BadItem("`updated` is no readable date")
    name, page = text_at(entry, "author_detail", "name"), text_at(entry, "author_detail", "href")
    return origin.mention(
        needed(entry, "id"), Author(page or name or needed(entry, "id"), name, url=page or None),
        "\n\n".join(filter(None, (text_at(entry, "title"), _plain(entry)))), when,
        url=text_at(entry, "links", 0, "href"), kind=MentionKind.REVIEW, region=country.upper(),
        rating=stars(number_at(entry, "im_rating")),
    )  # fmt: skip


def _plain(entry: object) -> str:
    """Give the review without Apple's HTML table, which repeats the title."""
    parts = dig(entry, "content")
    for part in parts if isinstance(parts, list) else []:
        if text_at(part, "type") == "text/plain":
            return text_at(part, "value")
    return ""


def _last_page(feed: object) -> int | None:
    links = dig(feed, "feed", "links")
    for link in links if isinstance(links, list) else []:
        found = re.search(r"/page=([0-9]{1,3})/", text_at(link, "href"))
        if found and text_at(link, "rel") == "last":
            return int(found[1])
    return None
