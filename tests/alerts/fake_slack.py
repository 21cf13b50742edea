"""A small Slack on loopback: keeps what is posted, and answers badly when a test asks for it."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

TOKEN = "xoxb-secret-token"
APP_TOKEN = "xapp-secret-token"
Answer = Callable[[web.Request], web.StreamResponse]


class FakeSlack:
    """Records each call; `next(method, answer)` puts one special answer before the normal ones."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.messages: list[dict[str, Any]] = []
        self.people: dict[str, dict[str, Any]] = {}  # user objects by id
        self.channels = [{"id": "C0CARE001", "name": "care"}, {"id": "C0ONCALL1", "name": "oncall"}]
        self.page_size = 2
        self.acks: asyncio.Queue[str] = asyncio.Queue()
        self.connected: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self.base_url = ""
        self._special: defaultdict[str, deque[Answer]] = defaultdict(deque)

    def next(self, method: str, *answers: Answer) -> None:
        """Give these answers to the next calls of `method`."""
        self._special[method].extend(answers)

    def sent(self, method: str) -> list[dict[str, Any]]:
        """What was sent to `method`, oldest first."""
        return [body for name, body in self.calls if name == method]

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer one Web API call."""
        method = request.match_info["method"]
        body = await request.json() if request.content_type == "application/json" else dict(request.query)
        self.calls.append((method, body))
        self.headers.append(dict(request.headers))
        if self._special[method]:
            return self._special[method].popleft()(request)
        if request.headers.get("Authorization") not in {f"Bearer {TOKEN}", f"Bearer {APP_TOKEN}"}:
            return web.json_response({"ok": False, "error": "invalid_auth"})
        return web.json_response({"ok": True, **getattr(self, method.replace(".", "_"))(body)})

    def auth_test(self, body: dict[str, Any]) -> dict[str, Any]:
        """Say who we are."""
        return {"user": "hubbub", "team": "Acme", "team_id": "T0ACME", "enterprise_id": "E0ACME"}

    def users_info(self, query: dict[str, Any]) -> dict[str, Any]:
        """Show one person."""
        return {"user": self.people[query["user"]]}

    def chat_postMessage(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a message; a name becomes the channel's id, as at Slack."""
        known = {f"#{channel['name']}": channel["id"] for channel in self.channels}
        ts = f"{1795183200 + len(self.messages)}.000100"
        self.messages.append({**body, "channel": known.get(body["channel"], body["channel"]), "ts": ts})
        return {"channel": self.messages[-1]["channel"], "ts": ts}

    def chat_update(self, body: dict[str, Any]) -> dict[str, Any]:
        """Accept an edit."""
        return {"channel": body["channel"], "ts": body["ts"]}

    def chat_postEphemeral(self, body: dict[str, Any]) -> dict[str, Any]:
        """Accept a word to one person."""
        return {"message_ts": "1.1"}

    def views_open(self, body: dict[str, Any]) -> dict[str, Any]:
        """Accept a modal."""
        return {"view": {"id": "V1"}}

    def apps_connections_open(self, body: dict[str, Any]) -> dict[str, Any]:
        """Give the address of a socket."""
        return {"url": self.base_url.replace("http", "ws", 1).replace("/api/", "/socket")}

    def conversations_list(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the channels, page by page."""
        return self._paged("channels", self.channels, query)

    def conversations_history(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the messages of a channel, newest first, page by page."""
        oldest = float(query.get("oldest", 0))
        found = [m for m in self.messages if m["channel"] == query["channel"] and float(m["ts"]) >= oldest]
        return self._paged("messages", [m for m in reversed(found) if "thread_ts" not in m], query)

    def conversations_replies(self, query: dict[str, Any]) -> dict[str, Any]:
        """List a thread: its parent first."""
        found = [m for m in self.messages if query["ts"] in {m["ts"], m.get("thread_ts")}]
        return self._paged("messages", found, query)

    def _paged(self, name: str, items: list[dict[str, Any]], query: dict[str, Any]) -> dict[str, Any]:
        start = int(query.get("cursor") or 0)
        end = start + self.page_size
        if query.get("include_all_metadata") != "1" and name == "messages":
            items = [{k: v for k, v in item.items() if k != "metadata"} for item in items]
        return {name: items[start:end], "response_metadata": {"next_cursor": str(end) if end < len(items) else ""}}

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """Hold a web socket and note each acknowledgement."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connected.put_nowait(socket)
        await socket.send_json({"type": "hello"})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acks.put_nowait(json.loads(message.data)["envelope_id"])
        return socket


@asynccontextmanager
async def running() -> AsyncIterator[FakeSlack]:
    """Run a Slack of our own on a free port."""
    slack = FakeSlack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.call)
    app.router.add_get("/socket", slack.socket)
    server = TestServer(app)
    await server.start_server()
    slack.base_url = str(server.make_url("/api/"))
    try:
        yield slack
    finally:
        await server.close()


def refuse(error: str, **more: Any) -> Answer:
    """Answer ok:false, as Slack does with HTTP 200."""
    return lambda request: web.json_response({"ok": False, "error": error, **more})


def http(status: int, text: str = "<html>bad</html>", kind: str = "text/html", **headers: str) -> Answer:
    """Answer with a bare HTTP status, as a proxy in between does."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: web.Response(status=status, text=text, content_type=kind, headers=named)


def hang_up(request: web.Request) -> web.StreamResponse:
    """Drop the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
