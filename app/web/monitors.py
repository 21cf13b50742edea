"""The door for technical monitors: Alertmanager's webhook with a bearer token; anything else gets 401."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from app.desk.monitors import MonitorDesk
from domain.errors import PermanentError
from listener.alertmanager import Monitor, parse_alerts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MonitorDoor:
    """HTTP entrance for the monitors of the settings: name -> (how to read it, its secret)."""

    desk: MonitorDesk
    monitors: Mapping[str, tuple[Monitor, str]]
    now: Callable[[], datetime]

    def __repr__(self) -> str:
        """Leave the secrets out of logs."""
        return "MonitorDoor()"

    def routes(self) -> list[web.RouteDef]:
        """Give the route that docs/detection.md names."""
        return [web.post("/hooks/alertmanager/{name}", self.take)]

    async def take(self, request: web.Request) -> web.Response:
        """Take one body of alerts; 202 once they are stored. Whether a name is known is told to nobody else."""
        monitor, secret = self.monitors.get(request.match_info["name"], (None, ""))
        if not _is_genuine(request.headers.get("Authorization", ""), secret) or monitor is None:
            raise web.HTTPUnauthorized(text="The bearer token is missing or wrong.\n")
        try:
            pushed = parse_alerts(await request.read(), monitor, self.now())
        except PermanentError as err:
            raise web.HTTPBadRequest(text=f"{err}\n") from err
        for item in pushed.set_aside:
            log.warning("monitor %s: one alert set aside: %s", monitor.name, item.reason)
        news = await self.desk.hear(pushed.alerts)
        unknown = sum(alert.component is None for alert in pushed.alerts)
        answer = {"alerts": len(pushed.alerts), "news": news, "set_aside": len(pushed.set_aside), "unmapped": unknown}
        return web.json_response(answer, status=202)


def _is_genuine(header: str, secret: str) -> bool:
    scheme, _, token = header.partition(" ")
    same = hmac.compare_digest(token.strip().encode("utf-8", "surrogateescape"), secret.encode())
    return bool(secret) and scheme.casefold() == "bearer" and same
