"""The door for monitors: a bearer token or 401, and what is pushed stands on the signal's card."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.desk.monitors import MonitorDesk
from app.web.inbound import Inbound
from app.web.monitors import MonitorDoor
from domain.incidents.signal import Signal, SignalState
from domain.records import MonitorAlert
from domain.signing import SIGNATURE_HEADER, sign
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
    inbound = Inbound(None, {})  # type: ignore[arg-type]  # stands before it, as in the server
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


# --- any monitor

REPORT = {"name": "Checkout", "component": "checkout", "state": "down", "summary": "timeout"}


async def test_a_generic_monitor_begins_renews_and_ends_one_alert() -> None:
    async with open_office() as office, open_door(office) as base:
        url = base.replace("alertmanager", "monitor") + "prom"
        news = []
        for state in ("up", "down", "down", "up", "up", "down"):
            status, said = await push(url, {**REPORT, "state": state})
            assert status == 202
            news.append(json.loads(said)["news"])
            office.clock.passes(minutes=1)
        assert news == [0, 1, 0, 1, 0, 1]
        first, second = sorted(await office.all(MonitorAlert), key=lambda alert: alert.started_at)
        assert (first.component, first.firing, second.firing) == ("payments", False, True)


async def test_grafana_at_the_generic_door_is_read_as_alertmanager() -> None:
    async with open_office() as office, open_door(office) as base:
        status, said = await push(base.replace("alertmanager", "monitor") + "prom", {"alerts": [ALERT]})
        assert (status, json.loads(said)["news"]) == (202, 1)
        assert (await push(base.replace("alertmanager", "monitor") + "prom", []))[0] == 400


@pytest.mark.parametrize(
    ("secret", "age", "status"),
    [(SECRET, 0, 202), ("another-secret-xx", 0, 401), (SECRET, 310, 401), (SECRET, -310, 401)],
)
async def test_a_signed_body_needs_no_token(secret: str, age: int, status: int) -> None:
    async with open_office() as office, open_door(office) as base:
        body = json.dumps(REPORT).encode()
        headers = {SIGNATURE_HEADER: sign(body, secret, datetime.now(UTC) - timedelta(seconds=age))}
        url = base.replace("alertmanager", "monitor") + "prom"
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
            assert answer.status == status
        async with aiohttp.ClientSession() as session, session.post(url, data=body + b" ", headers=headers) as answer:
            assert answer.status == 401
