"""The doors for technical monitors: Alertmanager's webhook and a generic one, by token or signature; else 401."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from app.desk.monitors import MonitorDesk
from domain.errors import AuthError, PermanentError
from domain.signing import SIGNATURE_HEADER
from listener.alertmanager import Monitor, parse_alerts
from listener.monitor_hook import parse_reports
from listener.sources.webhook import verify

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MonitorDoor:
    """HTTP entrance for the monitors of the settings: name -> (how to read it, its secret)."""

    desk: MonitorDesk
    monitors: Mapping[str, tuple[Monitor, str]]
    now: Callable[[], datetime]
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)  # signatures age by the real time, also in the demo

    def __repr__(self) -> str:
        """Leave the secrets out of logs."""
        return "MonitorDoor()"

    def routes(self) -> list[web.RouteDef]:
        """Give the route that docs/detection.md names."""
        return [web.post("/hooks/alertmanager/{name}", self.take), web.post("/hooks/monitor/{name}", self.take_any)]

    async def take(self, request: web.Request) -> web.Response:
        """Take one body of alerts; 202 once they are stored. Whether a name is known is told to nobody else."""
        monitor, body = await self._genuine(request)
        try:
            pushed = parse_alerts(body, monitor, self.now())
        except PermanentError as err:
            raise web.HTTPBadRequest(text=f"{err}\n") from err
        for item in pushed.set_aside:
            log.warning("monitor %s: one alert set aside: %s", monitor.name, item.reason)
        news = await self.desk.hear(pushed.alerts)
        unknown = sum(alert.component is None for alert in pushed.alerts)
        answer = {"alerts": len(pushed.alerts), "news": news, "set_aside": len(pushed.set_aside), "unmapped": unknown}
        return web.json_response(answer, status=202)

    async def take_any(self, request: web.Request) -> web.Response:
        """Take one body of any monitor, read by the fields of the settings; Grafana's is read as Alertmanager's."""
        monitor, body = await self._genuine(request)
        try:
            if is_alertmanager(body):
                return await self.take(request)
            pushed = parse_reports(body, monitor)
        except PermanentError as err:
            raise web.HTTPBadRequest(text=f"{err}\n") from err
        for item in pushed.set_aside:
            log.warning("monitor %s: one report set aside: %s", monitor.name, item.reason)
        news = await self.desk.hear_reports(monitor.name, pushed.reports)
        unknown = sum(report.component is None for report in pushed.reports)
        answer = {"alerts": len(pushed.reports), "news": news, "set_aside": len(pushed.set_aside), "unmapped": unknown}
        return web.json_response(answer, status=202)

    async def _genuine(self, request: web.Request) -> tuple[Monitor, bytes]:
        """Give monitor and body of a request that proves where it comes from: bearer token, or our signature."""
        monitor, secret = self.monitors.get(request.match_info["name"], (None, ""))
        body = await request.read()
        bearer = _is_genuine(request.headers.get("Authorization", ""), secret)
        signed = is_signed(body, request.headers.get(SIGNATURE_HEADER, ""), secret, self.wall())
        if monitor is None or not (bearer or signed):
            raise web.HTTPUnauthorized(text="The bearer token is missing or wrong.\n")
        return monitor, body


def is_signed(body: bytes, header: str, secret: str, now: datetime) -> bool:
    """Say whether a body carries our signature of the last five minutes."""
    try:
        verify(body, header, secret, now)
    except AuthError:
        return False
    return True


def is_alertmanager(body: bytes) -> bool:
    """Say whether a body has Alertmanager's shape: an object with a list `alerts`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and isinstance(found.get("alerts"), list)


def _is_genuine(header: str, secret: str) -> bool:
    scheme, _, token = header.partition(" ")
    same = hmac.compare_digest(token.strip().encode("utf-8", "surrogateescape"), secret.encode())
    return bool(secret) and scheme.casefold() == "bearer" and same
