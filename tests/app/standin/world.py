"""A small world for the stand-ins' tests: a clock, a server on loopback, and a hubbub that takes presses."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from app.standin.slack import BOT_TOKEN, STAND_IN, SlackStandIn, slack_app

SECRET = "a secret of the tests"
USERS = (("U1", "Ada Karaca"), ("U2", "Reza Moradi"))
Answer = dict[str, Any] | str | None


@dataclass
class Clock:
    """A clock that stands until a test moves it."""

    at: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Hubbub:
    """What the product is for the stand-in: it checks signatures, remembers what came, and answers as told."""

    payloads: list[dict[str, Any]] = field(default_factory=list)
    commands: list[dict[str, str]] = field(default_factory=list)
    forged: int = 0
    answer: Callable[[dict[str, Any]], Awaitable[Answer]] | None = None

    async def interaction(self, request: web.Request) -> web.Response:
        body = await self._checked(request)
        form = await _form(body)
        self.payloads.append(json.loads(form["payload"]))
        return _response(await self.answer(self.payloads[-1]) if self.answer else None)

    async def command(self, request: web.Request) -> web.Response:
        self.commands.append(await _form(await self._checked(request)))
        return _response(await self.answer(dict(self.commands[-1])) if self.answer else None)

    async def _checked(self, request: web.Request) -> bytes:
        body = await request.read()
        if not SignatureVerifier(SECRET).is_valid_request(body, dict(request.headers)):
            self.forged += 1
            raise web.HTTPUnauthorized
        return body


async def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _response(answer: Answer) -> web.Response:
    if answer is None:
        return web.Response()
    return web.Response(text=answer) if isinstance(answer, str) else web.json_response(answer)


@dataclass
class World:
    """A running server with the stand-in and a hubbub."""

    server: TestServer
    hubbub: Hubbub
    stand_in: SlackStandIn
    http: aiohttp.ClientSession
    client: AsyncWebClient
    clock: Clock

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/stand-in/slack/"

    async def ui(self, what: str, **asked: Any) -> dict[str, Any]:
        async with self.http.post(f"{self.home}ui/{what}", json=asked) as answer:
            return dict(await answer.json())

    async def page(self, query: str = "") -> str:
        async with self.http.get(f"{self.home}{query}") as answer:
            return await answer.text()

    async def close(self) -> None:
        await self.http.close()
        await self.server.close()


async def slack_world(path: Path | None = None, clock: Clock | None = None, **options: Any) -> World:
    """Start a server with the stand-in mounted as the product mounts it."""
    clock, hubbub, app = clock or Clock(), Hubbub(), web.Application()
    address = [""]
    slack = slack_app(
        path, signing_secret=SECRET, hubbub_url=lambda: address[0], now=clock, channels=["care", "oncall"], users=USERS,
        **options,
    )  # fmt: skip
    app.add_subapp("/stand-in/slack/", slack)
    app.router.add_post("/slack/interactions", hubbub.interaction)
    app.router.add_post("/slack/commands", hubbub.command)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    address[0] = f"http://127.0.0.1:{server.port}"
    client = AsyncWebClient(BOT_TOKEN, base_url=f"{address[0]}/stand-in/slack/api/")
    return World(server, hubbub, slack[STAND_IN], aiohttp.ClientSession(), client, clock)


def button(action_id: str = "claim", label: str = "Claim", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": label}, **more}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "row", "elements": list(elements)}


def option(value: str, label: str = "") -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": label or value}, "value": value}


def select(action_id: str, *values: str, kind: str = "static_select", **more: Any) -> dict[str, Any]:
    return {"type": kind, "action_id": action_id, "options": [option(value) for value in values], **more}


def input_block(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": f"Label of {block_id}"}
    return {"type": "input", "block_id": block_id, "label": label, "element": element, **more}


def text_input(action_id: str = "text", **more: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", "action_id": action_id, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    def words(text: str) -> dict[str, str]:
        return {"type": "plain_text", "text": text}

    return {
        "type": "modal", "callback_id": "hubbub", "title": words("A title"), "submit": words("Send"),
        "close": words("Cancel"), "private_metadata": "{}", "blocks": list(blocks), **more,
    }  # fmt: skip
