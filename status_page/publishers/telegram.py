"""Posts in a Telegram channel or group, through a bot. API: https://core.telegram.org/bots/api (read 2026-11).

Telegram has no idempotency, and a bot cannot read what it wrote. Before another try the public preview of the channel
is read; where there is none, a person has to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aiohttp

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.work import Delivery
from status_page.publishers.alike import alike, since
from status_page.publishers.publisher import Published
from status_page.publishers.telegram_page import messages_of
from status_page.publishers.wire import Request, bounded, json_body, receive, send
from status_page.words.lengths import telegram_length

HOST, PREVIEWS = "https://api.telegram.org", "https://t.me"


@dataclass(frozen=True, slots=True)
class Telegram:
    """One chat of a bot; `channel` is its public name, "" for a private one. The token is part of each address."""

    name: str
    base_url: str
    token: str
    session: aiohttp.ClientSession
    chat: str
    channel: str = ""
    previews: str = PREVIEWS
    limit: int | None = 4096
    remembers: timedelta = timedelta()

    def __repr__(self) -> str:
        """Leave the token out of logs."""
        return f"Telegram({self.name!r}, {self.chat!r})"

    def measure(self, text: str) -> int:
        """Count UTF-16 code units."""
        return telegram_length(text)

    async def publish(self, delivery: Delivery) -> Published:
        """Post, under `delivery.reply_to` if that still stands."""
        body: dict[str, Any] = {"chat_id": self.chat, "text": delivery.text}
        if delivery.reply_to:
            answered = int(delivery.reply_to) if delivery.reply_to.isdecimal() else 0
            body["reply_parameters"] = {"message_id": answered, "allow_sending_without_reply": True}
        result = (await self._call("sendMessage", body)).get("result")
        known = result.get("message_id") if isinstance(result, Mapping) else None
        if not isinstance(known, int):
            raise TemporaryError(f"Telegram ({self.name}) accepted the post but gave no id.")
        return self._published(str(known))

    async def find(self, delivery: Delivery) -> Published | None:
        """Look for the post in the channel's public preview, which shows the newest twenty or so."""
        unknown = PermanentError(f"Telegram ({self.name}) shows nobody what was posted in this chat")
        if not self.channel:
            raise unknown
        url = f"{self.previews.rstrip('/')}/s/{quote(self.channel, safe='')}"
        try:
            page = await receive(self.session, Request("GET", url, f"Telegram ({self.name})", {}))
        except PermanentError:  # it leads elsewhere: the channel is private, or has no preview
            raise unknown from None
        shown = messages_of(page.decode("utf-8", "replace"))
        if shown is None:
            raise unknown
        first = since(delivery.unsure_since, delivery.created_at)
        for message in reversed(shown):
            if (message.at is None or message.at >= first) and alike(delivery.text, message.text):
                return self._published(message.id)
        return None

    async def edit(self, delivery: Delivery) -> None:
        """Replace the words."""
        body = {"chat_id": self.chat, "message_id": _number(delivery), "text": delivery.correction or delivery.text}
        try:
            await self._call("editMessageText", body)
        except PermanentError as err:
            if "message is not modified" not in str(err):
                raise

    async def withdraw(self, delivery: Delivery) -> None:
        """Delete the message; Telegram allows it for 48 hours, in channels longer."""
        try:
            await self._call("deleteMessage", {"chat_id": self.chat, "message_id": _number(delivery)})
        except PermanentError as err:
            if "message to delete not found" not in str(err):
                raise

    def _published(self, id: str) -> Published:
        return Published(id, f"{PREVIEWS}/{self.channel}/{id}" if self.channel else None)

    async def _call(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{self.base_url.rstrip('/')}/bot{quote(self.token, safe=':')}/{method}"
        headers = {"Content-Type": "application/json"}
        who = f"Telegram ({self.name})"
        return await send(self.session, Request("POST", url, who, headers, body=json_body(body), judge=self._judge))

    def _judge(self, status: int, headers: Mapping[str, str], said: Mapping[str, Any]) -> ServiceError | None:
        """Read what Telegram means; the wait stands in the body, and an unknown token is a 401 or 404."""
        parameters = said.get("parameters")
        seconds = parameters.get("retry_after") if isinstance(parameters, Mapping) else None
        if status == 429 and isinstance(seconds, int):
            return RateLimited(f"Telegram ({self.name}) asks us to slow down (status 429).", bounded(seconds))
        if status in (401, 404):
            return AuthError(f"Telegram ({self.name}) does not know this bot: its token is wrong or was revoked.")
        return None


def _number(delivery: Delivery) -> int:
    if not (delivery.remote_id or "").isdecimal():
        raise NotFound("It is not known which message this was.")
    return int(delivery.remote_id or "")
