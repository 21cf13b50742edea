"""Slack's doors: signed requests for buttons, modals and `/hubbub`; anything else gets 401."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from alerts.actions import decode_body, decode_event
from alerts.signature import why_not_genuine
from app.slack.desk import SlackDesk
from domain.errors import PermanentError

Decode = Callable[[bytes], dict[str, object]]


@dataclass(frozen=True, slots=True)
class SlackDoors:
    """HTTP entrance for one Slack app."""

    desk: SlackDesk
    secret: str
    now: Callable[[], datetime]

    def __repr__(self) -> str:
        """Leave the signing secret out of logs."""
        return "SlackDoors()"

    def routes(self) -> list[web.RouteDef]:
        """Give the routes that the app manifest names."""
        return [
            web.post("/slack/interactions", self.interactions),
            web.post("/slack/commands", self.commands),
            web.post("/slack/events", self.events),
        ]

    async def interactions(self, request: web.Request) -> web.Response:
        """Take a button press or a submitted modal."""
        payload = await self._genuine(request)
        try:
            answer = await self.desk.interaction(payload)
        except PermanentError as err:  # signed, but of a shape we do not know
            raise web.HTTPBadRequest(text=f"{err}\n") from err
        return web.Response() if answer is None else web.json_response(answer)

    async def commands(self, request: web.Request) -> web.Response:
        """Take `/hubbub ...`."""
        return web.json_response(await self.desk.command(await self._genuine(request)))

    async def events(self, request: web.Request) -> web.Response:
        """Take an event, or answer the question by which Slack tries the address."""
        payload = await self._genuine(request, decode_event)
        if payload.get("type") == "url_verification":
            return web.json_response({"challenge": str(payload.get("challenge"))[:500]})
        await self.desk.event(payload)
        return web.Response()

    async def _genuine(self, request: web.Request, decode: Decode = decode_body) -> dict[str, object]:
        body = await request.read()
        why_not = why_not_genuine(request.headers, body, self.secret, self.now())
        if why_not is not None:
            raise web.HTTPUnauthorized(text=f"{why_not}\n")
        try:
            return decode(body)
        except PermanentError as err:
            raise web.HTTPBadRequest(text=f"{err}\n") from err
