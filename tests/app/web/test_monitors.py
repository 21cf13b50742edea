"""The door for monitors: a bearer token or 401, and what is pushed stands on the signal's card."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.desk.monitors import MonitorDesk
from app.web.inbound import Inbound
from app.web.monitors import MonitorDoor
from domain.records import MonitorAlert
from domain.signal import Signal, SignalState
from listener.alertmanager import Monitor
from tests.app.desk.office import COMPONENTS, Office, open_office
from tests.app.desk.slack_town import open_town
from tests.domain.make import evidence

SECRET = "a-long-secret-of-the-monitor"
ALERT = {
    "status": "firing", "labels": {"alertname": "HighErrorRate", "service": "checkout"}, "fingerprint": "1",
    "startsAt": "2026-03-06T16:35:00Z",
}  # fmt: skip


@asynccontextmanager
async def open_door(office: Office) -> AsyncIterator[str]:
    monitors = {
        "prom": (Monitor("prom", "service", {"checkout": "payments"}, tuple(COMPONENTS)), SECRET),
        "bare": (Monitor("bare", "service", {}), ""),
    }
    door = MonitorDoor(MonitorDesk(office.store, office.clock), monitors, office.clock)
    assert SECRET not in repr(door)
    application = web.Application()
    inbound = Inbound(None, [], {}, (), ("en",))  # type: ignore[arg-type]  # stands before it, as in the server
    application.add_routes([*inbound.routes(), *door.routes()])
    server = TestServer(application)
    await server.start_server()
    yield str(server.make_url("/hooks/alertmanager/"))
    await server.close()


async def push(url: str, body: object, token: str | None = f"Bearer {SECRET}") -> tuple[int, str]:
    headers = {"Authorization": token} if token is not None else {}
    async with aiohttp.ClientSession() as session, session.post(url, data=json.dumps(body), headers=headers) as answer:
        return answer.status, await answer.text()


async def test_an_alert_is_stored_and_stands_on_the_card_and_in_its_thread() -> None:
    async with open_office() as office, open_town(office) as town, open_door(office) as base:
        await office.incidents.observe("payments", SignalState.OPEN, evidence(), ["men_1"])
        status, said = await push(f"{base}prom", {"version": "4", "alerts": [ALERT, {"status": "?"}]})
        assert (status, json.loads(said)) == (202, {"alerts": 1, "news": 1, "set_aside": 1, "unmapped": 0})
        (kept,) = await office.all(MonitorAlert)
        assert kept.component == "payments"
        await town.outbox().run()
        assert any("monitor prom says: HighErrorRate firing since 16:35 UTC" in line for line in town.thread("on-call"))
        (signal,) = await office.all(Signal)
        assert signal.escalations == 0


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("prom", None), ("prom", ""), ("prom", "Bearer"), ("prom", "Bearer wrong"), ("prom", f"Basic {SECRET}"),
        ("prom", "Bearer ÿ€"), ("bare", "Bearer "), ("bare", None), ("other", f"Bearer {SECRET}"),
    ],
)  # fmt: skip
async def test_without_the_token_nobody_learns_even_whether_the_monitor_is_known(name: str, token: str | None) -> None:
    async with open_office() as office, open_door(office) as base:
        status, said = await push(f"{base}{name}", {"alerts": [ALERT]}, token)
        assert (status, said) == (401, "The bearer token is missing or wrong.\n")
        assert await office.all(MonitorAlert) == []


async def test_a_body_of_another_shape_is_400_with_the_reason() -> None:
    async with open_office() as office, open_door(office) as base:
        status, said = await push(f"{base}prom", {"alert": 1})
        assert status == 400
        assert "no list `alerts`" in said
