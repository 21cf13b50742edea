"""Socket Mode: the same presses over a web socket of ours, where there is no public address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from alerts.socket import SlackSocket
from app.slack.socket import SocketDesk
from app.standin.slack.web_api import APP_TOKEN
from domain.care.case import Case
from tests.app.desk.office import open_office
from tests.app.desk.slack_town import HOME, SlackTown, open_town


@pytest.fixture
async def town() -> AsyncIterator[SlackTown]:
    async with open_office() as office, open_town(office) as opened:
        take = SocketDesk(opened.desk).take
        socket = SlackSocket(APP_TOKEN, take, base_url=f"{opened.base}{HOME}api/", session=opened.session)
        await socket.start()
        yield opened
        await socket.stop()


async def until(true: Callable[[], Any]) -> None:
    """Wait (two seconds at most) for what an acknowledged envelope brings about."""
    for _ in range(100):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


async def a_case(town: SlackTown) -> Case:
    case = await town.office.hear()
    assert case is not None
    await town.outbox().run()
    return case


async def test_a_press_and_a_refusal_arrive_over_the_socket(town: SlackTown) -> None:
    case = await a_case(town)
    await town.press("claim", user="U1")
    await until(lambda: town.woken)
    await town.press("claim", user="U2")
    await until(lambda: town.whispers("U2"))
    assert (await town.office.get(case)).assignee.id == "U1"
    assert town.whispers("U2") == ["ada has this case already."]


async def test_a_modal_is_opened_and_its_refusal_comes_as_a_message(town: SlackTown) -> None:
    await a_case(town)
    first, second = [await town.press("reply", user=user, wait=2) for user in ("U1", "U2")]
    await town.submit(first, "U1", text="On it.")
    await until(lambda: town.woken)
    await town.submit(second, "U2", text="Me too.")
    await until(lambda: len(town.woken) == 2)
    direct = town.slack.workspace.open_direct("U2").id
    await until(lambda: town.slack.workspace.history(direct))
    assert [m["text"] for m in town.slack.workspace.history(direct)] == ["This case is answered already."]


async def test_the_command_is_answered_for_its_sender_only(town: SlackTown) -> None:
    await town.ask("command", text="status", channel="care", user="U2", wait=0)
    await until(lambda: town.whispers("U2"))
    assert town.whispers("U2")[0].startswith("No incident is open.")
    assert town.whispers("U1") == []


async def test_what_is_none_of_ours_is_left_alone(town: SlackTown) -> None:
    await SocketDesk(town.desk).take("events_api", {"event": {"type": "message"}})
    await SocketDesk(town.desk).take("interactive", {"type": "view_closed"})
    assert (town.whispers(), town.woken) == ([], [])
