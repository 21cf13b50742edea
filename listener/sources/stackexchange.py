"""Stack Exchange: the questions of one site with certain tags or words, such as Stack Overflow's about our product.

API: https://api.stackexchange.com/docs, version 2.3 (read 2026-11). 300 requests a day and address, 10,000 with a key.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from domain.errors import AuthError, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.mention import Author, Batch, Mention, Quota
from listener.cursor import read_cursor, write_cursor
from listener.http import Answer, refusal
from listener.items import (
    Origin,
    Parsed,
    collect,
    dig,
    list_at,
    moment_at,
    moment_of,
    needed,
    number_at,
    text_at,
)  # fmt: skip
from listener.source import Configured
from listener.text import clean_line

HOST = "https://api.stackexchange.com"
# Its errors are JSON with a number of their own; "too many requests" is 502 there and may come with any of these.
LOOKED_INTO = (200, 400, 401, 402, 403, 404, 405, 406, 429, 500, 502, 503)
MAX_PAGES = 25  # further ones are only for people who signed in
_OVERLAP = timedelta(minutes=10)  # asked again each time: answers are cached for a minute, search is late
_A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StackExchangeOptions:
    """Which questions."""

    site: Annotated[str, Field(pattern=r"^[\w.-]{1,80}$")] = "stackoverflow"
    tagged: tuple[str, ...] = ()  # questions with any of these tags
    query: str = ""  # words in title or text
    sort: Literal["activity", "creation"] = "activity"  # "activity" brings edits and answered questions again
    page_size: Annotated[int, Field(ge=1, le=100)] = 100
    lookback_hours: Annotated[int, Field(ge=0, le=8760)] = 24  # how far the first poll reaches


@dataclass(frozen=True, slots=True)
class Round:
    """Where a round of pages stands: everything after `since`, newest first."""

    since: datetime
    page: int = 1
    newest: datetime | None = None  # seen in this round


def parse_questions(answer: object, origin: Origin, site: str) -> Parsed:
    """Read a page of questions; raises `PermanentError` when it has no list of items."""
    return collect(list_at(answer, "items"), lambda item: _parse_question(item, origin, site))


def next_round(at: Round, answer: object, stamp: str) -> tuple[Round, bool]:
    """Say what to ask next, and whether to ask it at once; `stamp` names the date the page is sorted by."""
    stamps = [moment for item in list_at(answer, "items") if (moment := moment_of(number_at(item, stamp)))]
    newest = max([*stamps, *([at.newest] if at.newest else [])], default=None)
    if dig(answer, "has_more") is True and stamps and min(stamps) >= at.since and at.page < MAX_PAGES:
        return Round(at.since, at.page + 1, newest), True
    return Round(max(at.since, newest - _OVERLAP) if newest else at.since), False


def quota_in(answer: object, now: datetime) -> Quota | None:
    """Read what is left of the day's requests; the count starts again at midnight UTC."""
    left = number_at(answer, "quota_remaining")
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return Quota(max(0, left), midnight) if left is not None else None


def pause_in(answer: object, now: datetime) -> datetime | None:
    """Give when we may ask again: after `backoff` seconds (to ignore it gets us banned), or when the quota is back."""
    asked, quota = dig(answer, "backoff"), quota_in(answer, now)
    seconds = min(max(float(asked), 0.0), 86400.0) if isinstance(asked, int | float) else 0.0
    waits = [now + timedelta(seconds=seconds)] if seconds else []
    return max([*waits, *([quota.resets_at] if quota and not quota.remaining else [])], default=None)


def problem_in(answer: object, host: str, secret: str = "") -> ServiceError | None:
    """Say what the error in an answer means; None when there is none. `secret` is kept out of the sentence."""
    number, said = number_at(answer, "error_id"), text_at(answer, "error_message")
    if number is None:
        return None
    if number == 502:
        wait = re.search(r"\b([0-9]{1,6}) seconds", said[:500])
        return RateLimited(f"{host} asks us to slow down.", timedelta(seconds=int(wait[1])) if wait else _A_MINUTE)
    why = clean_line(f"{text_at(answer, 'error_name')}: {said.replace(secret, '…') if secret else said}", 200)
    if number >= 500:
        return TemporaryError(f"{host} has trouble of its own ({why}).")
    kind = AuthError if number in (401, 402, 403, 405, 406) or "`key`" in said else PermanentError
    return kind(f"{host} refused the request ({why}).")


def problems_of(options: StackExchangeOptions, base_url: str | None, secrets: object) -> list[str]:
    """Refuse to listen to all of Stack Overflow."""
    if options.site == "stackoverflow" and not options.query.strip() and not _tags(options):
        return ["option `query` or `tagged` is missing: all of Stack Overflow is a question every ten seconds."]
    return []


class StackExchange(Configured[StackExchangeOptions]):
    """Polls newest first down to what it knows; the lower bound moves only when a round is complete."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page."""
        at, origin = self._round(cursor), self.setup.origin()
        answer = await self.setup.web().get(self._address(), params=self._params(at), ok=LOOKED_INTO)
        found = self._read(answer)
        parsed = parse_questions(found, origin, self.options.site)
        then, more = next_round(at, found, _STAMPS[self.options.sort])
        mark = write_cursor(
            since=then.since.isoformat(), page=then.page if more else None,
            newest=then.newest.isoformat() if then.newest else None,
        )  # fmt: skip
        pause, quota = pause_in(found, origin.now), quota_in(found, origin.now)
        return Batch(parsed.mentions, mark, parsed.set_aside, more, pause, quota)

    def _read(self, answer: Answer) -> object:
        found: object = None
        if answer.status == 200 or not answer.is_html():
            found = answer.json() if answer.body else None
        problem = problem_in(found, answer.host, self.setup.secrets.get("key", ""))
        if problem is None and answer.status != 200:
            problem = refusal(answer.host, answer.status, answer.headers, self.setup.now())
        if problem is not None:
            raise problem
        return found

    def _round(self, cursor: str | None) -> Round:
        state = read_cursor(cursor)
        since = moment_of(text_at(state, "since"))
        if since is None:
            return Round(self.setup.now() - timedelta(hours=self.options.lookback_hours))
        return Round(since, max(1, number_at(state, "page") or 1), moment_of(text_at(state, "newest")))

    def _address(self) -> str:
        # /questions joins tags with "and", the search with "or".
        plain = not self.options.query.strip() and len(_tags(self.options)) <= 1
        return self.setup.url(HOST, "/2.3/questions" if plain else "/2.3/search/advanced")

    def _params(self, at: Round) -> list[tuple[str, str]]:
        options, since = self.options, str(int(at.since.timestamp()))
        # `min` bounds whatever the answer is sorted by, `fromdate` the date of creation.
        params = [
            ("site", options.site), ("order", "desc"), ("sort", options.sort), ("filter", "withbody"),
            ("min" if options.sort == "activity" else "fromdate", since),
            ("pagesize", str(options.page_size)), ("page", str(at.page)),
            ("tagged", ";".join(_tags(options))), ("q", options.query.strip()),
            ("key", self.setup.secrets.get("key", "")),
        ]  # fmt: skip
        return [(name, value) for name, value in params if value]


_STAMPS = {"activity": "last_activity_date", "creation": "creation_date"}


def _tags(options: StackExchangeOptions) -> Sequence[str]:
    return [tag.strip() for tag in options.tagged if tag.strip()]


def _parse_question(item: object, origin: Origin, site: str) -> Mention:
    owner, text = dig(item, "owner"), text_at(item, "body") or text_at(item, "body_markdown")
    name = html.unescape(text_at(owner, "display_name"))
    number = text_at(owner, "user_id") or name  # people who left have only a name
    author = Author(f"{site}:{number}" if number else "", name, name, url=text_at(owner, "link"))
    return origin.mention(
        needed(item, "question_id"), author,
        # Titles are escaped like bodies.
        "<p>".join(filter(None, (text_at(item, "title"), text))), moment_at(item, "creation_date"), is_html=True,
        url=text_at(item, "link"), edited_at=moment_of(dig(item, "last_edit_date")),
    )  # fmt: skip
