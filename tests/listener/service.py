"""A programmable service on loopback: hands out prepared answers in order and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from listener.items import Origin
from listener.registry import build_source
from listener.source import Source

FIXTURES = Path(__file__).parent / "fixtures"
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ORIGIN = Origin("test", "test", NOW, frozenset({"acme", "acme.bsky.social"}))


@dataclass(frozen=True)
class Reply:
    """One prepared answer; `body` is bytes, text, or anything JSON can say."""

    body: object = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0  # seconds before it is sent
    drop: bool = False  # close the connection instead

    def raw(self) -> bytes:
        """Give the bytes that go out."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: str


class Service:
    """Answers each path with its replies in order; the last one repeats."""

    def __init__(self) -> None:
        """Start without any answers (everything is 404)."""
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[Asked] = []
        self.url = ""

    def says(self, path: str, *replies: Reply) -> None:
        """Prepare the answers of one path."""
        self.replies[path] = list(replies)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.asked.append(
            Asked(request.method, request.path, list(request.query.items()), request.headers, await request.text())
        )
        waiting = self.replies.get(request.path, [Reply(status=404)])
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        await asyncio.sleep(reply.wait)
        if reply.drop and request.transport is not None:
            request.transport.abort()
        json_type = {} if isinstance(reply.body, bytes) else {"Content-Type": "application/json"}
        return web.Response(status=reply.status, body=reply.raw(), headers={**json_type, **reply.headers})

    def app(self) -> web.Application:
        """Give the application to serve."""
        app = web.Application(client_max_size=32 << 20)
        app.router.add_route("*", "/{path:.*}", self.handle)
        return app


def source(
    type_: str, session: aiohttp.ClientSession, base_url: str | None = None, now: datetime = NOW,
    secrets: Mapping[str, str] | None = None, **options: Any,
) -> Source:  # fmt: skip
    """Build a source through the registry, as the application does."""
    return build_source(
        type_, f"{type_}-test", base_url=base_url, every=timedelta(minutes=1), options=options, secrets=secrets or {},
        session=session, now=lambda: now,
    )  # fmt: skip


def fixture(name: str) -> bytes:
    """Read one of the hand-written answers."""
    return (FIXTURES / name).read_bytes()


def json_fixture(name: str) -> Any:
    """Read one of the hand-written JSON answers."""
    return json.loads(fixture(name))
