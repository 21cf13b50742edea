"""Posts and answers on X, where each one costs money. API: https://docs.x.com/x-api/posts/create-post (read 2026-11).

X has no idempotency: before another try it is asked what the account has posted. It cannot edit.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp

from domain.errors import NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.work import Delivery
from status_page.publishers.alike import alike, moment, since
from status_page.publishers.oauth1 import authorization, read_keys
from status_page.publishers.publisher import Published
from status_page.publishers.wire import Request, bounded, json_body, send
from status_page.words.lengths import has_link, x_length

HOST = "https://api.x.com"
PRICE_POST, PRICE_LINK = 0.015, 0.20  # US dollars, pay per use (2026-11); with an address it is the second


class Duplicate(PermanentError):
    """X was given these very words a short while ago."""


@dataclass(frozen=True, slots=True)
class X:
    """One account; the secret is an OAuth 2 user token, or `app key:app secret:token:token secret` (OAuth 1.0a)."""

    name: str
    base_url: str
    secret: str
    session: aiohttp.ClientSession
    now: Callable[[], datetime]
    user_id: str = ""
    price_post: float = PRICE_POST
    price_link: float = PRICE_LINK
    limit: int | None = 280
    remembers: timedelta = timedelta()
    known: dict[str, str] = field(default_factory=dict)  # our own id, once it was asked for

    def __repr__(self) -> str:
        """Leave the secret out of logs."""
        return f"X({self.name!r})"

    def measure(self, text: str) -> int:
        """Give the weighted length."""
        return x_length(text)

    def cost_of(self, text: str) -> float:
        """Give the price of one post; whatever X makes a link of costs the higher one."""
        return self.price_link if has_link(text) else self.price_post

    async def publish(self, delivery: Delivery) -> Published:
        """Post, or answer `delivery.reply_to`."""
        body: dict[str, Any] = {"text": delivery.text}
        if delivery.reply_to:
            body["reply"] = {"in_reply_to_tweet_id": delivery.reply_to}
        try:
            answer = await self._call("POST", "/2/tweets", body)
        except Duplicate:
            # Either an earlier try of ours that X did not list yet, or the same words about something else.
            if (found := await self.find(delivery)) is not None:
                return found
            raise
        data = answer.get("data")
        if not isinstance(data, Mapping) or not isinstance(data.get("id"), str):
            raise TemporaryError(f"X ({self.name}) accepted the post but gave no id.")
        return _published(data["id"])

    async def find(self, delivery: Delivery) -> Published | None:
        """Look for the post among those of the account since the first try."""
        first = since(delivery.unsure_since, delivery.created_at)
        asked = {
            "max_results": "50", "exclude": "retweets", "start_time": f"{first.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "tweet.fields": "created_at,entities",
        }  # fmt: skip
        answer = await self._call("GET", f"/2/users/{await self._own_id()}/tweets?{urlencode(asked)}")
        for post in _posts(answer):
            at = moment(post.get("created_at"))
            if (at is None or at >= first) and alike(delivery.text, _words(post)):
                return _published(str(post["id"]))
        return None

    async def withdraw(self, delivery: Delivery) -> None:
        """Delete the post."""
        try:
            await self._call("DELETE", f"/2/tweets/{delivery.remote_id}")
        except NotFound:
            return

    async def _own_id(self) -> str:
        if not self.user_id and "id" not in self.known:
            data = (await self._call("GET", "/2/users/me")).get("data")
            if not isinstance(data, Mapping) or not isinstance(data.get("id"), str):
                raise TemporaryError(f"X ({self.name}) did not say whose account this is.")
            self.known["id"] = data["id"]
        return self.user_id or self.known["id"]

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        url = f"{self.base_url.rstrip('/')}{path}"
        keys = read_keys(self.secret)
        stamp = int(self.now().timestamp())
        bearer = f"Bearer {self.secret}"
        headers = {"Authorization": authorization(keys, method, url, stamp) if keys else bearer}
        if body is not None:
            headers["Content-Type"] = "application/json"
        raw = json_body(body) if body is not None else None
        who = f"X ({self.name})"
        return await send(self.session, Request(method, url, who, headers, body=raw, judge=self._judge))

    def _judge(self, status: int, headers: Mapping[str, str], said: Mapping[str, Any]) -> ServiceError | None:
        """Read what X means: https://docs.x.com/x-api/fundamentals/response-codes-and-errors (2026-11)."""
        title, kind, detail = (str(said.get(name) or "") for name in ("title", "type", "detail"))
        if status == 403 and "duplicate content" in detail.lower():
            return Duplicate(f"X ({self.name}) refuses the same words twice within a short time: change them a little.")
        if title in ("UsageCapExceeded", "SpendCapReached") or kind.endswith("/usage-capped"):
            return PermanentError(f"X ({self.name}): the allowance is used up; raise it in X's developer console.")
        if status == 402 or title == "CreditsDepleted":
            return PermanentError(f"X ({self.name}): the credits are used up; buy some in X's developer console.")
        if status == 429:
            return RateLimited(f"X ({self.name}) asks us to slow down (status 429).", self._wait(headers))
        return None

    def _wait(self, headers: Mapping[str, str]) -> timedelta | None:
        """Take the reset of the limit that is used up: a day's of the account or the app, else the window's."""
        for limit in ("x-user-limit-24hour", "x-app-limit-24hour", "x-rate-limit"):
            reset = headers.get(f"{limit}-reset", "")
            spent = limit == "x-rate-limit" or headers.get(f"{limit}-remaining") == "0"
            if spent and reset.isascii() and reset.isdigit() and len(reset) < 12:
                return bounded(int(reset) - self.now().timestamp())
        return None


def _published(id: str) -> Published:
    return Published(id, f"https://x.com/i/status/{id}")


def _posts(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    data = answer.get("data")
    if "meta" not in answer and not isinstance(data, list):  # a proxy's page: nothing is known
        raise TemporaryError("X did not say what was posted.")
    for post in data if isinstance(data, list) else ():
        if isinstance(post, Mapping) and isinstance(post.get("id"), str):
            yield post


def _words(post: Mapping[str, Any]) -> str:
    """Give the words as they were posted: X puts its own short addresses in the place of ours, and escapes & < >."""
    text = str(post.get("text") or "")
    entities = post.get("entities")
    urls = entities.get("urls") if isinstance(entities, Mapping) else None
    for one in urls if isinstance(urls, list) else ():
        if isinstance(one, Mapping) and one.get("url") and one.get("expanded_url"):
            text = text.replace(str(one["url"]), str(one["expanded_url"]))
    return html.unescape(text)
