"""Socket Mode: Slack's presses and commands over a web socket of ours, where no public address exists."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

import aiohttp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from alerts.client import SLACK_API, web_client
from alerts.slack_errors import as_our_errors
from domain.errors import TemporaryError

log = logging.getLogger(__name__)

OnPayload = Callable[[str, Mapping[str, Any]], Awaitable[None]]  # kind: interactive | slash_commands | events_api
TICKET_S = 20.0
CONNECT_S = 30.0
SEEN = 500  # envelopes remembered, so that a redelivered one acts once


class _FreshAddress(SocketModeClient):
    """Forgets an address whose ticket has run out; slack-sdk would try the same one for ever after a long outage."""

    _address: str | None = None
    _since = 0.0

    @property  # type: ignore[override]
    def wss_uri(self) -> str | None:
        """The address to connect to, None when a new one must be asked for."""
        return self._address if monotonic() - self._since < TICKET_S else None

    @wss_uri.setter
    def wss_uri(self, address: str | None) -> None:
        self._address, self._since = address, monotonic()


class SlackSocket:
    """Acknowledges at once and hands each payload on; slack-sdk reconnects when Slack or the network hangs up."""

    def __init__(
        self, app_token: str, on_payload: OnPayload, *, base_url: str = SLACK_API,
        session: aiohttp.ClientSession | None = None, ping_interval_s: float = 5,
    ) -> None:  # fmt: skip
        """`app_token` begins with xapp- and has the scope connections:write."""
        self._app_token, self._on_payload, self._ping_interval_s = app_token, on_payload, ping_interval_s
        self._web: AsyncWebClient = web_client("", base_url, session, 15, [])
        self._client: SocketModeClient | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._seen: dict[str, None] = {}

    def __repr__(self) -> str:
        """Show whether it is connected, never with what token."""
        return f"SlackSocket(started={self._client is not None})"

    async def start(self) -> None:
        """Connect; raises AuthError or TemporaryError when Slack gives us no socket."""
        # slack-sdk would try a wrong token for ever and only log it, so the first address is asked for here.
        with as_our_errors("apps.connections.open"):
            answer = await self._web.apps_connections_open(app_token=self._app_token)
            address = str(answer["url"])
        client = _FreshAddress(self._app_token, web_client=self._web, ping_interval=self._ping_interval_s)
        client.proxy = self._web.proxy
        client.wss_uri = address
        client.socket_mode_request_listeners.append(self._received)
        self._client = client
        try:
            await asyncio.wait_for(client.connect(), CONNECT_S)  # type: ignore[no-untyped-call]
        except TimeoutError as err:
            await self.stop()
            raise TemporaryError("Slack gave an address for Socket Mode, but nobody answers there.") from err

    async def stop(self) -> None:
        """Hang up and wait (at most five seconds) for what is being handled."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()  # type: ignore[no-untyped-call]
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=5)
            for task in late:
                task.cancel()

    async def _received(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        # Slack shows the person an error after three seconds: acknowledge first, work afterwards.
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        if request.envelope_id in self._seen:
            return
        self._seen[request.envelope_id] = None
        while len(self._seen) > SEEN:
            del self._seen[next(iter(self._seen))]
        task = asyncio.create_task(self._handle(request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _handle(self, request: SocketModeRequest) -> None:
        try:
            await self._on_payload(request.type, request.payload)
        except Exception:
            log.exception("handling a Slack %s failed", request.type)
