"""Posts and answers on Mastodon. API: https://docs.joinmastodon.org/methods/statuses/ (read 2026-11)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aiohttp

from domain.errors import NotFound, TemporaryError
from domain.work import Delivery
from status_page.publishers.alike import alike, moment, since, text_of
from status_page.publishers.publisher import Published
from status_page.publishers.wire import Request, receive, send
from status_page.words.lengths import LINK_LENGTH, mastodon_length

DEFAULT_LIMIT = 500  # of a server that was not asked yet


@dataclass(frozen=True, slots=True)
class Mastodon:
    """One account on one server; the server keeps an Idempotency-Key for an hour, so a retry cannot double.

    After that hour it is asked what the account has posted, which needs the token's scope read:accounts, read:statuses.
    """

    name: str
    base_url: str
    token: str
    session: aiohttp.ClientSession
    visibility: str = "public"
    remembers: timedelta = timedelta(minutes=50)
    known: dict[str, int] = field(default_factory=dict)  # what the server told of its limits

    def __repr__(self) -> str:
        """Leave the token out of logs."""
        return f"Mastodon({self.name!r}, {self.base_url!r})"

    @property
    def limit(self) -> int:
        """The server's own limit, once it was asked."""
        return self.known.get("max_characters", DEFAULT_LIMIT)

    def measure(self, text: str) -> int:
        """Count characters; every address counts the same."""
        return mastodon_length(text, self.known.get("characters_reserved_per_url", LINK_LENGTH))

    async def learn(self) -> None:
        """Ask the server for its limits."""
        answer = await send(self.session, self._request("GET", "/api/v2/instance"))
        told = answer.get("configuration")
        told = told.get("statuses") if isinstance(told, Mapping) else None
        for name in ("max_characters", "characters_reserved_per_url"):
            value = told.get(name) if isinstance(told, Mapping) else None
            if isinstance(value, int) and 10 <= value <= 100_000:
                self.known[name] = value

    async def publish(self, delivery: Delivery) -> Published:
        """Post, or answer `delivery.reply_to`."""
        form = {"status": addressed(delivery), "visibility": self.visibility, "language": delivery.language}
        if delivery.reply_to:
            form["in_reply_to_id"] = delivery.reply_to
        request = self._request("POST", "/api/v1/statuses", form=form, key=delivery.id)
        found = _published(await send(self.session, request))
        if found is None:
            # A proxy's page with status 200, most often; the key makes another try safe.
            raise TemporaryError(f"Mastodon ({self.name}) accepted the post but gave no id.")
        return found

    async def find(self, delivery: Delivery) -> Published | None:
        """Look for the post among the newest 40 of the account."""
        who = (await send(self.session, self._request("GET", "/api/v1/accounts/verify_credentials"))).get("id")
        if not isinstance(who, str):
            raise TemporaryError(f"Mastodon ({self.name}) did not say whose account this is.")
        path = f"/api/v1/accounts/{quote(who, safe='')}/statuses?limit=40&exclude_reblogs=true"
        raw = await receive(self.session, self._request("GET", path))
        first = since(delivery.unsure_since, delivery.created_at)
        for status in _list(raw):
            at, words = moment(status.get("created_at")), text_of(str(status.get("content") or ""))
            if at is not None and at >= first and alike(addressed(delivery), words):
                return _published(status)
        return None

    async def edit(self, delivery: Delivery) -> None:
        """Replace the words; readers see that the post was edited."""
        words = addressed(replace(delivery, text=delivery.correction or delivery.text))
        form = {"status": words, "language": delivery.language}
        await send(self.session, self._request("PUT", f"/api/v1/statuses/{delivery.remote_id}", form=form))

    async def withdraw(self, delivery: Delivery) -> None:
        """Delete the post."""
        try:
            await send(self.session, self._request("DELETE", f"/api/v1/statuses/{delivery.remote_id}"))
        except NotFound:
            return

    def _request(self, method: str, path: str, *, form: Mapping[str, str] | None = None, key: str = "") -> Request:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        return Request(method, f"{self.base_url.rstrip('/')}{path}", f"Mastodon ({self.name})", headers, form=form)


def addressed(delivery: Delivery) -> str:
    """Begin an answer with the handle of whom it answers: Mastodon tells only those who are named."""
    if not delivery.reply_to or not delivery.handle or f"@{delivery.handle}" in delivery.text:
        return delivery.text
    return f"@{delivery.handle} {delivery.text}"


def _published(status: Mapping[str, Any]) -> Published | None:
    known, url = status.get("id"), status.get("url")
    return Published(known, url if isinstance(url, str) else None) if isinstance(known, str) else None


def _list(raw: bytes) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):  # a proxy's page: nothing is known, so it is asked again
        raise TemporaryError("Mastodon did not say what was posted.")
    return [status for status in found if isinstance(status, Mapping)]
