"""Reddit: new posts or comments of a subreddit, or a search: through its feeds, or with an app's keys its API.

API: https://www.reddit.com/dev/api and https://support.reddithelp.com, "Reddit Data API Wiki" (read 2026-11). Since
November 2025 keys are given after approval only; the feeds need none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import quote

from aiohttp import encode_basic_auth
from pydantic import Field

from domain.errors import AuthError
from domain.heard.mention import Batch
from listener.cursor import read_cursor, write_cursor
from listener.http import Answer, refusal
from listener.items import dig, list_at, moment_of, number_at, text_at
from listener.options import SecretProblem
from listener.pacing import quota_of, quota_pause
from listener.source import Configured
from listener.sources.reddit_posts import SITE, parse_entries, parse_listing, removed_in

API = "https://oauth.reddit.com"
_MAX_PAGES = 10  # Reddit lists no more than the newest 1000
_EARLY = timedelta(minutes=1)  # a token is renewed before it expires


@dataclass(frozen=True, slots=True)
class RedditOptions:
    """What to read."""

    subreddit: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+]{0,300}$")] = ""  # "acme", or several: "acme+acmehelp"
    query: str = ""  # a search; within the subreddit, if both are given
    watch: Literal["posts", "comments"] = "posts"
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,60}$")] = (
        ""  # of the app whose secret is given; without both, the feeds are read
    )
    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,40}$")] = ""  # our account: Reddit wants to know who asks
    limit: Annotated[int, Field(ge=1, le=100)] = 100  # a page
    lookback_hours: Annotated[int, Field(ge=0, le=720)] = 24  # how far the first round reaches


@dataclass(slots=True)
class Token:
    """What the API lets us in with; changes as it expires."""

    value: str = field(default="", repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """Where a round of pages stands: everything since `since`, newest first."""

    since: datetime
    after: str = ""  # the last item of the page before
    pages: int = 0
    newest: datetime | None = None  # seen in this round


def next_round(now_at: Round, answer: object) -> tuple[Round, bool]:
    """Say what to ask next, and whether to ask it at once.

    Pages go back in time from the newest. (`before` would go forward, but finds nothing once its item is deleted.)
    """
    found = (moment_of(dig(child, "data", "created_utc")) for child in list_at(answer, "data", "children"))
    said = [moment for moment in found if moment]
    newest = max([*said, *([now_at.newest] if now_at.newest else [])], default=None)
    after = text_at(answer, "data", "after")
    in_reach = bool(said) and min(said) >= now_at.since
    if after and after != now_at.after and in_reach and now_at.pages + 1 < _MAX_PAGES:
        return Round(now_at.since, after, now_at.pages + 1, newest), True
    return Round(max(now_at.since, newest) if newest else now_at.since), False


def problems_of(options: RedditOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing to read this."""
    secret, query = text_at(secrets, "client_secret"), options.query.strip()
    wrong = (
        (not options.subreddit and not query, "option `subreddit` or `query` is missing: one says what to read."),
        (query and options.watch == "comments", "option `watch` is wrong: Reddit searches posts only; drop `query`."),
        (secret and not options.client_id, "option `client_id` is missing: the API needs it beside the secret."),
        (
            options.client_id and not secret,
            SecretProblem("secret `client_secret` is missing: without `client_id` feeds are read."),
        ),
        (secret and not options.username, "option `username` is missing: Reddit wants to know whose program asks."),
    )
    return [problem for is_wrong, problem in wrong if is_wrong]


@dataclass(frozen=True, slots=True)
class Reddit(Configured[RedditOptions]):
    """Reads the API where its keys are given, else the feed."""

    token: Token = field(default_factory=Token)

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page."""
        return await (self._page(cursor) if self.options.client_id else self._feed(cursor))

    async def _feed(self, cursor: str | None) -> Batch:
        path, params = self._where(".rss")
        url = self.setup.url(SITE, path)
        answer = await self.setup.web().get(url, params=params, headers=self._named())
        content_type = answer.headers.get("Content-Type", "")
        parsed, gone = await asyncio.to_thread(parse_entries, answer.body, self.setup.origin(), content_type)
        now = self.setup.now()
        return Batch(
            parsed.mentions, cursor, parsed.set_aside, not_before=quota_pause(answer.headers, now),
            quota=quota_of(answer.headers, now), deleted=gone,
        )  # fmt: skip

    async def _page(self, cursor: str | None) -> Batch:
        now_at, now = self._round(cursor), self.setup.now()
        path, params = self._where("")
        params += [("raw_json", "1")]  # without it, texts come with &lt; for <
        answer = await self._ask(path, [*params, ("after", now_at.after)] if now_at.after else params)
        found = answer.json()
        parsed, (then, more) = parse_listing(found, self.setup.origin()), next_round(now_at, found)
        return Batch(
            parsed.mentions, _mark(then), parsed.set_aside, more, quota_pause(answer.headers, now),
            quota_of(answer.headers, now), deleted=removed_in(found),
        )  # fmt: skip

    async def _ask(self, path: str, params: Sequence[tuple[str, str]]) -> Answer:
        for _ in range(2):
            headers = {"Authorization": f"Bearer {await self._token()}", **self._named()}
            answer = await self.setup.web().get(
                self.setup.url(API, path), params=params, headers=headers, ok=(200, 401)
            )
            if answer.status == 200:
                return answer
            self.token.value = ""
        raise refusal(answer.host, answer.status, answer.headers, self.setup.now())

    async def _token(self) -> str:
        now, token = self.setup.now(), self.token
        if token.value and token.expires_at is not None and now < token.expires_at - _EARLY:
            return token.value
        keys = encode_basic_auth(self.options.client_id, self.setup.secrets.get("client_secret", ""), "utf-8")
        answer = await self.setup.web().post_form(
            self.setup.url(SITE, "/api/v1/access_token"), {"grant_type": "client_credentials"},
            headers={"Authorization": keys, **self._named()},
        )  # fmt: skip
        given = answer.json()
        token.value = text_at(given, "access_token")
        if not token.value.isprintable() or not token.value:
            token.value = ""
            raise AuthError(f"{answer.host} gave no token for these keys.")
        token.expires_at = now + timedelta(seconds=min(number_at(given, "expires_in") or 3600, 86_400))
        return token.value

    def _named(self) -> dict[str, str]:
        """Name the program as Reddit's rules want it; programs without a name of their own are slowed down."""
        who = self.options.username
        return {"User-Agent": f"python:hubbub:0.1 (by /u/{who})"} if who else {}

    def _where(self, ending: str) -> tuple[str, list[tuple[str, str]]]:
        """Give path and params; `ending` is ".rss" for a feed."""
        options, limit = self.options, ("limit", str(self.options.limit))
        place = f"/r/{quote(options.subreddit, safe='+')}" if options.subreddit else ""
        if options.query.strip():
            within = [("restrict_sr", "on")] if place else []
            return f"{place}/search{ending}", [("q", options.query), ("sort", "new"), *within, limit]
        listing = "new" if options.watch == "posts" else "comments"
        return f"{place}/{listing}{'/' + ending if ending else ''}", [limit]

    def _round(self, cursor: str | None) -> Round:
        state, now = read_cursor(cursor), self.setup.now()
        since = moment_of(text_at(state, "since")) or now - timedelta(hours=self.options.lookback_hours)
        return Round(
            since, text_at(state, "after"), number_at(state, "pages") or 0, moment_of(text_at(state, "newest"))
        )


def _mark(then: Round) -> str:
    return write_cursor(
        since=then.since.isoformat(), after=then.after or None, pages=then.pages or None,
        newest=then.newest.isoformat() if then.newest else None,
    )  # fmt: skip
