"""A server on loopback that keeps what reached it and answers as it is told; shared by the publishers' tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Answer = Callable[[web.Request], web.StreamResponse]


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request, as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"
    query: str = ""


@dataclass(slots=True)
class Receiver:
    """Answers with `script` in turn, the last one again and again."""

    script: list[Answer] = field(default_factory=list)
    got: list[Arrived] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Keep a request and answer it."""
        arrived = Arrived(
            request.path, dict(request.headers), await request.read(), request.method, request.query_string
        )
        self.got.append(arrived)
        return self.script[min(len(self.got), len(self.script)) - 1](request)


@asynccontextmanager
async def receiving(*script: Answer) -> AsyncIterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver(list(script))
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/{path:.*}", receiver.take)
    server = TestServer(app)
    await server.start_server()
    receiver.url = str(server.make_url("/")).rstrip("/")
    yield receiver
    await server.close()


def says(body: Any = None, status: int = 200, **headers: str) -> Answer:
    """Answer with JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: web.json_response(body or {}, status=status, headers=named)


def raw(body: bytes, status: int = 200, content_type: str = "text/html") -> Answer:
    """Answer with bytes."""
    return lambda request: web.Response(body=body, status=status, content_type=content_type)


def hangs_up(request: web.Request) -> web.StreamResponse:
    """Take the request and drop the connection."""
    assert request.transport is not None
    request.transport.abort()
    raise asyncio.CancelledError
