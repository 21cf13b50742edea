"""X: posts that match a recent search, or the mentions of our account; every post that is read costs money.

API: https://docs.x.com/x-api (search/recent, users/:id/mentions, tweets; read 2026-11). Its terms ask that a post its
author deleted, or does not show to everyone any more, is erased within a day: what is younger is asked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from domain.errors import ServiceError
from domain.heard.mention import Batch
from listener.cursor import read_cursor, write_cursor
from listener.http import Answer
from listener.items import dig, moment_of, text_at
from listener.options import SecretProblem
from listener.pacing import quota_of, quota_pause
from listener.source import Configured
from listener.sources.x_posts import age, gone_ids, included, list_or_empty, moment_of_id, parse_posts
from listener.sources.x_refusals import why_refused

HOST = "https://api.x.com"
REACH = timedelta(days=6, hours=23)  # recent search knows seven days; the hour is for clocks that differ
RECHECK = timedelta(hours=1)
MAX_RECENT = 100  # ids that one look-up takes
_FIELDS = (
    ("tweet.fields", "created_at,author_id,conversation_id,lang,referenced_tweets,in_reply_to_user_id,public_metrics,"
     "note_tweet,edit_history_tweet_ids"),
    ("expansions", "author_id,referenced_tweets.id"),
    ("user.fields", "username,name,public_metrics,verified"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class XOptions:
    """What to follow, and what X charges for it (US dollars)."""

    timeline: Literal["search", "mentions"] = "search"
    query: Annotated[str, Field(max_length=4096)] = ""  # for "search", in X's own syntax
    user_id: Annotated[str, Field(pattern="^[0-9]{0,19}$", coerce_numbers_to_str=True)] = ""  # our account's number
    max_results: Annotated[int, Field(ge=10, le=100)] = 100  # per page
    lookback_hours: Annotated[int, Field(ge=1, le=167)] = 24  # how far the first round reaches
    recheck: bool = True  # ask once an hour which posts of the last day are gone
    price_post: Annotated[float, Field(ge=0)] = 0.005
    price_mention: Annotated[float, Field(ge=0)] = 0.001  # of our own account, read with its own token
    price_included: Annotated[float, Field(ge=0)] = 0.0  # for each author and quoted post that comes along


@dataclass(frozen=True, slots=True)
class Round:
    """Where a round of pages stands: everything after `since_id`, else from `start` on, newest first."""

    since_id: str = ""
    start: datetime | None = None
    token: str = ""  # of the next page
    newest: str = ""  # highest id seen in this round
    recent: tuple[str, ...] = ()  # native ids, newest first, that may have to be erased
    checked_at: datetime | None = None


def next_round(now_at: Round, answer: object) -> tuple[Round, bool]:
    """Say what to ask next, and whether to ask it at once; `since_id` moves only when all pages are through."""
    seen = [text_at(answer, "meta", "newest_id"), *(text_at(p, "id") for p in list_or_empty(answer, "data"))]
    newest = max((now_at.newest, *(known for known in seen if moment_of_id(known))), key=age)
    token = text_at(answer, "meta", "next_token")
    if token and token != now_at.token:
        return replace(now_at, token=token, newest=newest), True
    since_id = max(now_at.since_id, newest, key=age)
    # As long as nothing was found the start stays where it was.
    return replace(now_at, since_id=since_id, start=None if since_id else now_at.start, token="", newest=""), False


def old_posts(answer: object, now: datetime) -> int:
    """Count the posts of a look-up that were written before today.

    X charges a post once a day (UTC): today's were paid with their page, older ones are paid with the day's first look.
    """
    moments = [moment_of_id(text_at(post, "id")) for post in list_or_empty(answer, "data")]
    return sum(1 for moment in moments if moment is not None and moment.date() < now.date())


def another_try(now_at: Round, body: bytes, now: datetime) -> Round | None:
    """Say how to ask again after a 400; None when it is not about where the round stands.

    A `since_id` (or start) older than a week is refused, and so is the token of a page after some time.
    """
    if now_at.token and b"_token" in body:
        return replace(now_at, token="")
    if (now_at.since_id and b"since_id" in body) or (now_at.start and b"start_time" in body):
        return replace(now_at, since_id="", start=now - REACH, token="")
    return None


def problems_of(options: XOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing to follow this timeline."""
    problems = []
    if options.timeline == "search" and not options.query.strip():
        problems.append("option `query` is missing: what to search for, for example `acme -is:retweet`.")
    if options.timeline == "mentions" and not options.user_id:
        problems.append("option `user_id` is missing: the number of the account whose mentions are read.")
    if not text_at(secrets, "access_token"):
        problems.append(SecretProblem("secret `access_token` is missing: the bearer token of your app at X."))
    return problems


class X(Configured[XOptions]):
    """Polls one timeline page by page, and asks once an hour which posts have to be erased."""

    @property
    def page_cost(self) -> float:
        """The most one fetch can be charged: a full page, or fewer posts and the rest of it asked for again."""
        price = max(self._price(), self.options.price_post if self.options.recheck else 0.0)
        return self.options.max_results * (price + 3 * self.options.price_included)

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page."""
        now_at, answer = await self._page(self._round(cursor))
        page, origin = answer.json(), self.setup.origin()
        mentions = self.options.timeline == "mentions"
        parsed = parse_posts(page, origin, self.options.user_id, mentions_us=mentions)
        then, more = next_round(now_at, page)
        then = replace(then, recent=_latest((*then.recent, *(m.native_id for m in parsed.mentions)), origin.now))
        room = 0 if more else self.options.max_results - len(list_or_empty(page, "data"))
        then, gone, extra = await self._rechecked(then, room)
        return Batch(
            parsed.mentions, _mark(then), parsed.set_aside, more, quota_pause(answer.headers, origin.now),
            quota=quota_of(answer.headers, origin.now), cost=self._cost(page) + extra, deleted=gone,
        )  # fmt: skip

    async def _page(self, now_at: Round) -> tuple[Round, Answer]:
        searching = self.options.timeline == "search"
        path = "/2/tweets/search/recent" if searching else f"/2/users/{self.options.user_id}/mentions"
        for _ in range(3):
            answer = await self._ask(path, self._params(now_at))
            if answer.status == 200:
                return now_at, answer
            again = another_try(now_at, answer.body, self.setup.now()) if answer.status == 400 else None
            if again is None:
                break
            now_at = again
        raise why_refused(answer, self.setup.now())

    async def _ask(self, path: str, params: list[tuple[str, str]]) -> Answer:
        return await self.setup.web().get(
            self.setup.url(HOST, path), params=params, ok=(200, 400, 402, 403, 429),
            headers={"Authorization": f"Bearer {self.setup.secrets.get('access_token', '')}"},
        )  # fmt: skip

    async def _rechecked(self, then: Round, room: int) -> tuple[Round, tuple[str, ...], float]:
        """Ask for at most `room` recent posts again, when it is time; gives what is gone and what it cost."""
        now, before, asked = self.setup.now(), then.checked_at, then.recent[: max(room, 0)]
        if before is None:
            return replace(then, checked_at=now), (), 0.0
        if not self.options.recheck or not asked or now - before < RECHECK:
            return then, (), 0.0
        found = await self._looked_up(asked)
        gone = tuple(known for known in gone_ids(found) if known in asked)
        left = tuple(known for known in then.recent if known not in gone)
        again = old_posts(found, now) if before.date() < now.date() else 0
        return replace(then, recent=left, checked_at=now), gone, again * self.options.price_post

    async def _looked_up(self, ids: Sequence[str]) -> object:
        try:
            answer = await self._ask("/2/tweets", [("ids", ",".join(ids))])
            return answer.json() if answer.status == 200 else None
        except ServiceError:  # the page that was just read must not get lost; the next try is in an hour
            return None

    def _cost(self, page: object) -> float:
        extras = len(included(page, "users")) + len(included(page, "tweets"))
        return len(list_or_empty(page, "data")) * self._price() + extras * self.options.price_included

    def _price(self) -> float:
        return self.options.price_mention if self.options.timeline == "mentions" else self.options.price_post

    def _params(self, now_at: Round) -> list[tuple[str, str]]:
        searching = self.options.timeline == "search"
        params = [("query", self.options.query)] if searching else []
        params += [("max_results", str(self.options.max_results)), *_FIELDS]
        if now_at.since_id:  # together with a start X refuses it
            params.append(("since_id", now_at.since_id))
        elif now_at.start is not None:
            params.append(("start_time", f"{now_at.start:%Y-%m-%dT%H:%M:%SZ}"))
        return [*params, ("next_token" if searching else "pagination_token", now_at.token)] if now_at.token else params

    def _round(self, cursor: str | None) -> Round:
        state, now = read_cursor(cursor), self.setup.now()
        since_id, token = text_at(state, "since_id"), text_at(state, "token")
        start = moment_of(dig(state, "start")) or now - timedelta(hours=self.options.lookback_hours)
        return Round(
            since_id, None if since_id else start if token else max(start, now - REACH), token,
            text_at(state, "newest"), _latest(tuple(map(str, list_or_empty(state, "recent"))), now),
            moment_of(dig(state, "checked_at")),
        )  # fmt: skip


def _latest(ids: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Keep the newest ids of the last day, newest first."""
    young = {known for known in ids if (made := moment_of_id(known)) and now - made < timedelta(days=1)}
    return tuple(sorted(young, key=age, reverse=True)[:MAX_RECENT])


def _mark(then: Round) -> str:
    return write_cursor(
        since_id=then.since_id or None, start=then.start.isoformat() if then.start else None, token=then.token or None,
        newest=then.newest or None, recent=list(then.recent) or None,
        checked_at=then.checked_at.isoformat() if then.checked_at else None,
    )  # fmt: skip
