"""Hands each post to the owner's own system as signed JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import aiohttp

from domain.ids import stable_id
from domain.signing import SIGNATURE_HEADER, sign
from domain.work import Delivery
from status_page.publishers.publisher import Published
from status_page.publishers.wire import Request, json_body, send


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
        await self._tell("posted", delivery, delivery.text, delivery.id)
        return Published(delivery.id)

    async def edit(self, delivery: Delivery) -> None:
        """Say which words stand now."""
        words = delivery.correction or delivery.text
        await self._tell("corrected", delivery, words, stable_id(delivery.id, "corrected", str(delivery.edits), words))

    async def withdraw(self, delivery: Delivery) -> None:
        """Say that it does not hold any more."""
        await self._tell("withdrawn", delivery, delivery.text, stable_id(delivery.id, "withdrawn"))

    async def _tell(
        self, event: Literal["posted", "corrected", "withdrawn"], delivery: Delivery, text: str, key: str
    ) -> None:
        body = json_body({
            "event": event, "id": delivery.id, "text": text, "language": delivery.language, "about": delivery.subject,
            "reply_to": delivery.reply_to, "created_at": delivery.created_at.isoformat(),
        })  # fmt: skip
        headers = {
            "Content-Type": "application/json", "Idempotency-Key": key,
            SIGNATURE_HEADER: sign(body, self.secret, self.now()),
        }  # fmt: skip
        await send(self.session, Request("POST", self.base_url, f"Webhook ({self.name})", headers, body=body))
