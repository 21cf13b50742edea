"""Hands each post to the owner's own system as signed JSON."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from domain.work import Delivery
from status_page.publishers.publisher import Published
from status_page.publishers.wire import Request, send


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address; the receiver knows a repeat by the Idempotency-Key and us by the signature.

    X-Hubbub-Signature is "v1=" and the hex HMAC-SHA256 of "<X-Hubbub-Timestamp>.<body>" under the shared secret.
    """

    name: str
    base_url: str
    secret: str
    session: aiohttp.ClientSession
    now: Callable[[], datetime]
    limit: int | None = None

    def __repr__(self) -> str:
        """Leave address and secret out of logs: webhook addresses often carry a token."""
        return f"Webhook({self.name!r})"

    async def publish(self, delivery: Delivery) -> Published:
        """Send one post or answer."""
        body = json.dumps(
            {
                "id": delivery.id, "text": delivery.text, "language": delivery.language, "about": delivery.subject,
                "reply_to": delivery.reply_to, "created_at": delivery.created_at.isoformat(),
            },
            ensure_ascii=False,
        ).encode()  # fmt: skip
        headers = signed(body, self.secret, self.now()) | {"Idempotency-Key": delivery.id}
        await send(self.session, Request("POST", self.base_url, f"Webhook ({self.name})", headers, body=body))
        return Published(delivery.id)


def signed(body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """Give the headers that prove a body is ours."""
    stamp = str(int(now.timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Hubbub-Timestamp": stamp, "X-Hubbub-Signature": f"v1={digest}"}
