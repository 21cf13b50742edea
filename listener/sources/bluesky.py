"""Bluesky: posts that match a search, signed in with an app password.

API: https://docs.bsky.app/docs/api/app-bsky-feed-search-posts (read 2026-11). Limits: 3000 requests per 5 minutes;
signing in 30 times per 5 minutes and 300 times a day, so sessions are refreshed and a refusal is remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from domain.errors import AuthError
from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.http import Answer, refusal
from listener.items import Origin, Parsed, collect, dig, list_at, moment_at, moment_of, needed, number_at, text_at
from listener.options import SecretProblem
from listener.pacing import quota_of, quota_pause
from listener.source import Configured

HOST = "https://bsky.social"
SIGN_IN_PAUSE = timedelta(minutes=15)  # after a refusal: 96 tries a day stay below the 300 allowed
_OVERLAP = timedelta(minutes=10)  # asked again each time: the index takes in some posts late
_MAX_PAGES = 20  # of one round


@dataclass(frozen=True, slots=True)
class BlueskyOptions:
    """What to search for, and as whom."""

    query: Annotated[str, Field(min_length=1)]
    handle: str = ""  # of our account, e.g. brand.bsky.social
    lang: str | None = None  # only posts in this language
    limit: Annotated[int, Field(ge=1, le=100)] = 100  # per page
    lookback_hours: Annotated[int, Field(ge=0, le=720)] = 24  # how far the first round reaches


@dataclass(frozen=True, slots=True)
class Round:
    """Where a round of pages stands: everything since `since`, newest first."""

    since: datetime
    first: bool = False  # the very first round: `since` is not asked of the server
    page: str | None = None  # the server's own cursor
    pages: int = 0
    newest: datetime | None = None  # seen in this round


@dataclass(slots=True)
class SignIn:
    """The tokens of our account; changes as they expire."""

    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    did: str = ""  # our account's permanent id
    refused_until: datetime | None = None


def parse_posts(answer: object, origin: Origin, our_did: str = "") -> Parsed:
    """Read a search answer; raises `PermanentError` when it has no list of posts."""
    return collect(list_at(answer, "posts"), lambda post: _parse_post(post, origin, our_did))


def next_round(now_at: Round, answer: object) -> tuple[Round, bool]:
    """Say what to ask next, and whether to ask it at once."""
    moments = [moment for moment in map(_sort_moment, list_at(answer, "posts")) if moment]
    newest = max([*moments, *([now_at.newest] if now_at.newest else [])], default=None)
    page = text_at(answer, "cursor")
    in_reach = bool(moments) and min(moments) >= now_at.since
    if page and page != now_at.page and in_reach and now_at.pages + 1 < _MAX_PAGES:
        return Round(now_at.since, now_at.first, page, now_at.pages + 1, newest), True
    return Round(max(now_at.since, newest - _OVERLAP) if newest else now_at.since), False


def problems_of(options: BlueskyOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing to sign in."""
    problems = [] if options.handle else ["option `handle` is missing: our account, for example brand.bsky.social."]
    if not text_at(secrets, "app_password"):
        problems.append(
            SecretProblem("secret `app_password` is missing: Bluesky's search answers only to a signed-in account.")
        )
    return problems


@dataclass(frozen=True, slots=True)
class Bluesky(Configured[BlueskyOptions]):
    """Polls the search, page by page; the lower bound moves only when a round is complete."""

    sign_in: SignIn = field(default_factory=SignIn)

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page, signing in first where needed."""
        now_at = self._round(cursor)
        answer = await self._search(self._params(now_at))
        found = answer.json()
        origin = self.setup.origin()
        parsed = parse_posts(found, origin, self.sign_in.did)
        then, more = next_round(now_at, found)
        return Batch(
            parsed.mentions, _mark(then), parsed.set_aside, more, quota_pause(answer.headers, origin.now),
            quota=quota_of(answer.headers, origin.now),
        )  # fmt: skip

    async def _search(self, params: Sequence[tuple[str, str]]) -> Answer:
        url = self.setup.url(HOST, "/xrpc/app.bsky.feed.searchPosts")
        for _ in range(2):
            headers = {"Authorization": f"Bearer {await self._token()}"}
            answer = await self.setup.web().get(url, params=params, headers=headers, ok=(200, 400, 401))
            if answer.status == 200:
                return answer
            if answer.status == 400 and text_at(answer.json(), "error") not in ("ExpiredToken", "InvalidToken"):
                break
            self.sign_in.access = ""
        raise refusal(answer.host, answer.status, answer.headers, self.setup.now())

    async def _token(self) -> str:
        if self.sign_in.access:
            return self.sign_in.access
        if self.sign_in.refresh:
            try:
                return await self._tokens("refreshSession", None, {"Authorization": f"Bearer {self.sign_in.refresh}"})
            except AuthError:
                self.sign_in.refresh = ""
        return await self._first_sign_in()

    async def _first_sign_in(self) -> str:
        until = self.sign_in.refused_until
        if until is not None and self.setup.now() < until:
            raise AuthError(f"Bluesky refused the app password; the next try is at {until:%H:%M} UTC.")
        who = {"identifier": self.options.handle, "password": self.setup.secrets.get("app_password", "")}
        try:
            return await self._tokens("createSession", who, {})
        except AuthError:
            self.sign_in.refused_until = self.setup.now() + SIGN_IN_PAUSE
            raise

    async def _tokens(self, method: str, body: object, headers: dict[str, str]) -> str:
        url = self.setup.url(HOST, f"/xrpc/com.atproto.server.{method}")
        answer = await self.setup.web().post(url, body, headers=headers, ok=(200, 400))
        tokens = answer.json() if answer.status == 200 else None
        access, refresh = text_at(tokens, "accessJwt"), text_at(tokens, "refreshJwt")
        if not access or "\n" in access + refresh:
            raise AuthError(f"{answer.host} did not sign us in (status {answer.status}).")
        self.sign_in.access, self.sign_in.refresh, self.sign_in.refused_until = access, refresh, None
        self.sign_in.did = text_at(tokens, "did") or self.sign_in.did
        return access

    def _round(self, cursor: str | None) -> Round:
        state = read_cursor(cursor)
        since = moment_of(text_at(state, "since"))
        return Round(
            since or self.setup.now() - timedelta(hours=self.options.lookback_hours),
            since is None or dig(state, "first") is True, text_at(state, "page") or None,
            number_at(state, "pages") or 0, moment_of(text_at(state, "newest")),
        )  # fmt: skip

    def _params(self, now_at: Round) -> list[tuple[str, str]]:
        params = [("q", self.options.query), ("limit", str(self.options.limit)), ("sort", "latest")]
        params += [("lang", self.options.lang)] if self.options.lang else []
        params += [] if now_at.first else [("since", f"{now_at.since:%Y-%m-%dT%H:%M:%S}Z")]
        return [*params, ("cursor", now_at.page)] if now_at.page else params


def _parse_post(post: object, origin: Origin, our_did: str) -> Mention | None:
    if dig(post, "record", "text") == "":  # pictures only: nothing to read
        return None
    uri, author = needed(post, "uri"), dig(post, "author")
    did, handle = needed(author, "did"), needed(author, "handle")
    reply_to = text_at(post, "record", "reply", "parent", "uri")
    return origin.mention(
        uri, Author(did, text_at(author, "displayName"), handle, url=f"https://bsky.app/profile/{did}"),
        needed(post, "record", "text"), _sort_moment(post) or moment_at(post, "record", "createdAt"),
        url=f"https://bsky.app/profile/{did}/post/{uri.rsplit('/', 1)[-1]}",
        language=text_at(post, "record", "langs", 0), kind=MentionKind.REPLY if reply_to else MentionKind.POST,
        in_reply_to=reply_to or None, root=text_at(post, "record", "reply", "root", "uri") or None,
        addressed=_names_us(post, origin, our_did),
    )  # fmt: skip


def _sort_moment(post: object) -> datetime | None:
    """Give the earlier of "created" and "indexed": authors may claim any time, also a future one."""
    claimed, indexed = moment_of(dig(post, "record", "createdAt")), moment_of(dig(post, "indexedAt"))
    return min(claimed, indexed) if claimed and indexed else claimed or indexed


def _names_us(post: object, origin: Origin, our_did: str) -> bool:
    named = dig(post, "record", "facets")
    dids = {text_at(facet, "features", 0, "did") for facet in named} if isinstance(named, list) else set()
    words = text_at(post, "record", "text").casefold().split()
    return (bool(our_did) and our_did in dids) or any(
        word.startswith("@") and origin.is_own(word.rstrip(".,:;!?")) for word in words
    )


def _mark(then: Round) -> str:
    return write_cursor(
        since=then.since.isoformat(), first=then.first or None, page=then.page, pages=then.pages or None,
        newest=then.newest.isoformat() if then.newest else None,
    )  # fmt: skip
