"""Brings presses to hubbub: through its Socket Mode connection if there is one, else as a signed HTTP request."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from app.standin.slack.sockets import Sockets

PATIENCE_S = 3.0  # Slack shows an error to the person when the app takes longer (docs.slack.dev, 2026-11)


class Kind(StrEnum):
    """What is brought, by the name it has in a Socket Mode envelope."""

    INTERACTIVE = "interactive"
    COMMAND = "slash_commands"


_PATHS = {Kind.INTERACTIVE: "/slack/interactions", Kind.COMMAND: "/slack/commands"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What hubbub said: `body` is its JSON object or its text; `error` is empty when it took the request."""

    body: Any = None
    error: str = ""


def signed(body: str, secret: str, timestamp: int) -> dict[str, str]:
    """Make the headers by which Slack proves that a request is its own; `timestamp` in epoch seconds."""
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(timestamp), body=body)
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": str(timestamp),
        "X-Slack-Signature": signature or "",
        "User-Agent": "Slackbot 1.0 (stand-in)",
    }


@dataclass(slots=True)
class Postman:
    """Knows the way to hubbub; `session` is there while the server runs."""

    hubbub_url: Callable[[], str]
    secret: str
    sockets: Sockets
    patience_s: float = PATIENCE_S
    session: aiohttp.ClientSession | None = None

    async def bring(self, kind: Kind, payload: Mapping[str, Any]) -> Reply:
        """Hand one payload over and wait for the answer; whatever goes wrong is said in `Reply.error`."""
        try:
            if self.sockets.connected:
                return Reply(await self.sockets.send(kind, dict(payload), self.patience_s))
            return await self._by_http(kind, payload)
        except TimeoutError:
            return Reply(error=f"hubbub did not answer within {self.patience_s:g} s")
        except (aiohttp.ClientError, OSError) as err:
            return Reply(error=f"hubbub cannot be reached ({type(err).__name__})")

    async def _by_http(self, kind: Kind, payload: Mapping[str, Any]) -> Reply:
        if self.session is None:
            return Reply(error="the stand-in is not running")
        form = {"payload": json.dumps(payload)} if kind is Kind.INTERACTIVE else payload
        body = urlencode(form)
        # Real time, not the demo's clock: hubbub refuses a timestamp that is more than five minutes off.
        headers = signed(body, self.secret, int(time.time()))
        url = self.hubbub_url().rstrip("/") + _PATHS[kind]
        timeout = aiohttp.ClientTimeout(total=self.patience_s)
        async with self.session.post(url, data=body.encode(), headers=headers, timeout=timeout) as answer:
            text = await answer.text(errors="replace")
            if answer.status != 200:
                return Reply(error=f"hubbub answered with status {answer.status}")
            return Reply(_json_or_text(text))


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
