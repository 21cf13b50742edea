"""A service on loopback that is in trouble: it breaks each rule of HTTP in turn, and recovers."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from yarl import URL

Respond = Callable[[str, URL], object]  # the method and the address to the body: bytes, or what JSON can say
HTML = b"<!DOCTYPE html><html><body><h1>We'll be back</h1></body></html>"
ODD_WAITS: tuple[Mapping[str, str], ...] = (
    {},
    {"Retry-After": "-5"},
    {"Retry-After": "0"},
    {"Retry-After": "9" * 30},
    {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"},
    {"Retry-After": "Mon, 02 Nov 1970 11:00:00 GMT"},
    {"Retry-After": "soon; \u00fc"},
    {"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "-1"},
    {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999999"},
    {"RateLimit": '"x";r=0;t=999999999999', "RateLimit-Reset": "1e9"},
    {"Retry-After": "", "X-RateLimit-Reset": "2199-13-45T99:00:00Z"},
)


@dataclass
class Trouble:
    """One server; `mode` says what is wrong with it now ("" when nothing is)."""

    respond: Respond
    port: int = 0
    mode: str = ""
    turns: list[str] = field(default_factory=list)  # modes of the next requests, before `mode` counts
    asked: int = 0
    server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it answers; over TLS, which it does not speak, when that is its trouble."""
        return f"{'https' if self.mode == 'tls' else 'http'}://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listen, on the same port as before."""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse connections."""
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            first = await reader.readexactly(1)
            if first == b"\x16":  # a TLS handshake
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                raise EOFError
            head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split("\r\n", 1)[0].split(" ")
            self.asked += 1
            await _TROUBLES.get(self.turns.pop(0) if self.turns else self.mode, _well)(
                self, writer, method, URL(f"http://127.0.0.1{target}", encoded=True)
            )
        with contextlib.suppress(OSError):
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def in_trouble(respond: Respond) -> AsyncIterator[Trouble]:
    """Open such a server for the time of a test."""
    trouble = Trouble(respond)
    await trouble.open()
    try:
        yield trouble
    finally:
        await trouble.close()


def _body(trouble: Trouble, method: str, url: URL) -> bytes:
    said = trouble.respond(method, url)
    return said if isinstance(said, bytes) else json.dumps(said).encode()


async def _send(
    writer: asyncio.StreamWriter, status: int, body: bytes, headers: Mapping[str, str] | None = None
) -> None:
    kind = "application/json" if body[:1] in b"[{" else "text/html" if body == HTML else "application/xml"
    lines = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(head.encode() + b"\r\n" + body)
    await writer.drain()


async def _well(trouble: Trouble, writer: asyncio.StreamWriter, method: str, url: URL) -> None:
    body = _body(trouble, method, url)
    if body == b"null":
        await _send(writer, 404, b'{"error": "nothing here"}')
    else:
        await _send(writer, 200, body)


async def _reset(trouble: Trouble, writer: asyncio.StreamWriter, method: str, url: URL) -> None:
    writer.transport.abort()


async def _drip(trouble: Trouble, writer: asyncio.StreamWriter, method: str, url: URL) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _truncated(trouble: Trouble, writer: asyncio.StreamWriter, method: str, url: URL) -> None:
    body = _body(trouble, method, url)
    await _send(writer, 200, body[: len(body) * 2 // 3])


async def _broken_off(trouble: Trouble, writer: asyncio.StreamWriter, method: str, url: URL) -> None:
    body = _body(trouble, method, url)
    await _send(writer, 200, body[: len(body) // 2], {"Content-Length": str(len(body))})


async def _wrong_clock(trouble: Trouble, writer: asyncio.StreamWriter, method: str, url: URL) -> None:
    year = 1999 if trouble.asked % 2 else 2099
    wrong = {"Date": f"Sat, 02 Jan {year} 00:00:00 GMT", "Last-Modified": f"Sat, 02 Jan {year} 00:00:00 GMT"}
    await _send(writer, 200, _body(trouble, method, url), wrong)


async def _nonsense(trouble: Trouble, writer: asyncio.StreamWriter, method: str, url: URL) -> None:
    writer.write(b"220 smtp.example ESMTP\r\n")
    await writer.drain()


def _says(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> _Act:
    async def act(trouble: Trouble, writer: asyncio.StreamWriter, method: str, url: URL) -> None:
        await _send(writer, status, body, headers)

    return act


_Act = Callable[[Trouble, asyncio.StreamWriter, str, URL], Awaitable[None]]
_TROUBLES: dict[str, _Act] = {
    "reset": _reset,
    "drip": _drip,
    "truncated": _truncated,
    "broken off": _broken_off,
    "wrong clock": _wrong_clock,
    "nonsense": _nonsense,
    "401": _says(401, b'{"error": "unauthorized"}'),
    "403": _says(403, HTML),
    "403 slow down": _says(403, b'{"message": "rate limit"}', {"Retry-After": "77"}),
    "404": _says(404, b'{"error": "not found"}'),
    "500": _says(500, HTML),
    "503": _says(503, HTML, {"Retry-After": "120"}),
    "200 html": _says(200, HTML),
    "empty": _says(200, b""),
    **{f"429 {n}": _says(429, b'{"error": "slow down"}', waits) for n, waits in enumerate(ODD_WAITS)},
}
