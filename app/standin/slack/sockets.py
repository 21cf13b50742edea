"""Socket Mode: hubbub's own connection, over which presses are sent when one is open."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

from aiohttp import WSMsgType, web

from app.standin.slack.workspace import APP_ID


class Sockets:
    """The open connections; an envelope goes to the newest one and waits for its acknowledgement."""

    def __init__(self) -> None:
        """Begin without a connection."""
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    @property
    def connected(self) -> bool:
        """Tell whether hubbub listens."""
        return any(not socket.closed for socket in self._open)

    def ticket(self) -> str:
        """Make the word that lets one connection in, once."""
        made = secrets.token_urlsafe(18)
        self._tickets.add(made)
        return made

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="This ticket is not known or was used already.")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        self._open.append(socket)
        try:
            await socket.send_json(_hello(len(self._open)))
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(message.data)
        finally:
            self._open.remove(socket)
        return socket

    async def send(self, kind: str, payload: dict[str, Any], wait_s: float) -> Any:
        """Send an envelope and give the payload of its acknowledgement; TimeoutError when none comes in time."""
        socket = next(s for s in reversed(self._open) if not s.closed)
        id_ = secrets.token_hex(16)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[id_] = answer
        try:
            envelope = {"envelope_id": id_, "type": kind, "payload": payload, "accepts_response_payload": True}
            await socket.send_json(envelope)
            return await asyncio.wait_for(answer, wait_s)
        finally:
            del self._waiting[id_]

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to come again, as Slack does from time to time, and close it."""
        for socket in list(self._open):
            if not socket.closed:
                await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "stand-in"}})
                await socket.close()

    def _acknowledged(self, text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            return
        answer = self._waiting.get(str(said.get("envelope_id"))) if isinstance(said, dict) else None
        if answer is not None and not answer.done():
            answer.set_result(said.get("payload"))


def _hello(connections: int) -> dict[str, Any]:
    return {
        "type": "hello", "num_connections": connections, "connection_info": {"app_id": APP_ID},
        "debug_info": {"host": "stand-in", "build_number": 1, "approximate_connection_time": 18060},
    }  # fmt: skip
