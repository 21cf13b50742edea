"""Hands each post to the owner's own system as signed JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from domain.signing import SIGNATURE_HEADER, sign
from domain.work import Delivery
from status_page.publishers.publisher import Published
from status_page.publishers.wire import Request, send


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address; the receiver knows a repeat by the Idempotency-Key and us by the signature.

    The signature is that of domain.signing, under the shared secret.
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
        headers = {
            "Content-Type": "application/json", "Idempotency-Key": delivery.id,
            SIGNATURE_HEADER: sign(body, self.secret, self.now()),
        }  # fmt: skip
        await send(self.session, Request("POST", self.base_url, f"Webhook ({self.name})", headers, body=body))
        return Published(delivery.id)
