"""Posts and answers on Mastodon. API: https://docs.joinmastodon.org/methods/statuses/ (read 2026-11)."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from domain.errors import TemporaryError
from domain.work import Delivery
from status_page.publishers.publisher import Published
from status_page.publishers.wire import Request, send


@dataclass(frozen=True, slots=True)
class Mastodon:
    """One account on one server; the server keeps an Idempotency-Key for an hour, so a retry cannot double."""

    name: str
    base_url: str
    token: str
    session: aiohttp.ClientSession
    limit: int | None = 500
    visibility: str = "public"

    def __repr__(self) -> str:
        """Leave the token out of logs."""
        return f"Mastodon({self.name!r}, {self.base_url!r})"

    async def publish(self, delivery: Delivery) -> Published:
        """Post, or answer `delivery.reply_to`."""
        form = {"status": addressed(delivery), "visibility": self.visibility, "language": delivery.language}
        if delivery.reply_to:
            form["in_reply_to_id"] = delivery.reply_to
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": delivery.id}
        url = f"{self.base_url.rstrip('/')}/api/v1/statuses"
        answer = await send(self.session, Request("POST", url, f"Mastodon ({self.name})", headers, form=form))
        if not isinstance(answer.get("id"), str):
            # A proxy's page with status 200, most often; the key makes another try safe.
            raise TemporaryError(f"Mastodon ({self.name}) accepted the post but gave no id.")
        where = answer.get("url")
        return Published(answer["id"], where if isinstance(where, str) else None)


def addressed(delivery: Delivery) -> str:
    """Begin an answer with the handle of whom it answers: Mastodon tells only those who are named."""
    if not delivery.reply_to or not delivery.handle or f"@{delivery.handle}" in delivery.text:
        return delivery.text
    return f"@{delivery.handle} {delivery.text}"
