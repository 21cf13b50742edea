"""Hacker News: stories and comments that match a search, through Algolia's free API (https://hn.algolia.com/api)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.items import Origin, Parsed, collect, list_at, moment_at, needed, number_at, text_at
from listener.pacing import quota_of, quota_pause
from listener.source import Configured

HOST = "https://hn.algolia.com"
MAX_HITS = 1000  # Algolia pages no further; older hits are reached by a lower `before`
_OVERLAP = 600  # seconds asked again each time: the index takes in some items late


@dataclass(frozen=True, slots=True)
class HackerNewsOptions:
    """What to search for."""

    query: Annotated[str, Field(min_length=1)]  # words, or a "quoted phrase"
    tags: str = "(story,comment)"  # Algolia's filter; brackets mean "or"
    page_size: Annotated[int, Field(ge=1, le=1000)] = 100
    exact: bool = True  # without it Algolia forgives typing errors: "slack" also finds "snack"
    lookback_hours: Annotated[int, Field(ge=0, le=8760)] = 24  # how far the first poll reaches


@dataclass(frozen=True, slots=True)
class Window:
    """Where a round of pages stands: everything after `since` and before `before`, newest first."""

    since: int  # epoch seconds
    before: int | None = None
    page: int = 0
    newest: int = 0  # seen in this round


def parse_hits(answer: object, origin: Origin) -> Parsed:
    """Read a search answer; raises `PermanentError` when it has no list of hits."""
    return collect(list_at(answer, "hits"), lambda hit: _parse_hit(hit, origin))


def next_window(window: Window, answer: object, page_size: int) -> tuple[Window, bool]:
    """Say what to ask next, and whether to ask it at once."""
    found = [number_at(hit, "created_at_i") for hit in list_at(answer, "hits")]
    stamps = [stamp for stamp in found if stamp is not None and stamp > 0]
    newest = max([window.newest, *stamps])
    if stamps and window.page + 1 < (number_at(answer, "nbPages") or 0):
        return replace(window, page=window.page + 1, newest=newest), True
    full = (window.page + 1) * page_size >= MAX_HITS
    if stamps and full and min(stamps) + 1 < (window.before or newest + 2):
        return Window(window.since, min(stamps) + 1, 0, newest), True
    return Window(max(window.since, newest - _OVERLAP)), False


class HackerNews(Configured[HackerNewsOptions]):
    """Polls the search, page by page; the lower bound moves only when a round is complete."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page."""
        window = self._window(cursor)
        answer = await self.setup.web().get(self.setup.url(HOST, "/api/v1/search_by_date"), params=self._params(window))
        found = answer.json()
        origin = self.setup.origin()
        parsed = parse_hits(found, origin)
        then, more = next_window(window, found, self.options.page_size)
        mark = write_cursor(since=then.since, before=then.before, page=then.page, newest=then.newest)
        return Batch(
            parsed.mentions, mark, parsed.set_aside, more, quota_pause(answer.headers, origin.now),
            quota=quota_of(answer.headers, origin.now),
        )  # fmt: skip

    def _window(self, cursor: str | None) -> Window:
        state = read_cursor(cursor)
        since = number_at(state, "since")
        if since is None:
            return Window(int((self.setup.now() - timedelta(hours=self.options.lookback_hours)).timestamp()))
        return Window(since, number_at(state, "before"), number_at(state, "page") or 0, number_at(state, "newest") or 0)

    def _params(self, window: Window) -> list[tuple[str, str]]:
        bounds = f"created_at_i>{window.since}" + (f",created_at_i<{window.before}" if window.before else "")
        params = [
            ("query", self.options.query), ("tags", self.options.tags), ("numericFilters", bounds),
            ("hitsPerPage", str(self.options.page_size)), ("page", str(window.page)),
        ]  # fmt: skip
        return [*params, ("typoTolerance", "false")] if self.options.exact else params


def _parse_hit(hit: object, origin: Origin) -> Mention:
    native_id, author = needed(hit, "objectID"), needed(hit, "author")
    comment = text_at(hit, "comment_text")
    story = "<p>".join(filter(None, (text_at(hit, "title"), text_at(hit, "story_text"))))
    page = "https://news.ycombinator.com"
    # The id goes into an address; anything but digits would be somebody's trick.
    url = f"{page}/item?id={native_id}" if re.fullmatch(r"[0-9]+", native_id) else None
    return origin.mention(
        native_id, Author(author, author, author, url=f"{page}/user?id={author}"), comment or story,
        moment_at(hit, "created_at_i"), is_html=True, url=url,
        kind=MentionKind.REPLY if comment else MentionKind.POST,
        in_reply_to=text_at(hit, "parent_id") or None, root=text_at(hit, "story_id") or None,
    )  # fmt: skip
