"""Socket Mode acknowledges at once, hands on once, and comes back after a hang-up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from alerts.socket import SlackSocket
from domain.errors import AuthError, TemporaryError
from tests.alerts.fake_slack import APP_TOKEN, FakeSlack, http, refuse

PRESS = {
    "type": "interactive",
    "envelope_id": "e1",
    "payload": {"type": "block_actions"},
    "accepts_response_payload": False,
}


class Heard:
    """Keeps what was handed on; waits or fails when a test wants it."""

    def __init__(self) -> None:
        self.payloads: asyncio.Queue[tuple[str, Mapping[str, Any]]] = asyncio.Queue()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, kind: str, payload: Mapping[str, Any]) -> None:
        await self.gate.wait()
        self.payloads.put_nowait((kind, payload))
        if payload.get("type") == "broken":
            raise ValueError("a mistake of ours")


async def soon(queue: asyncio.Queue[Any]) -> Any:
    """The next item, within five seconds."""
    return await asyncio.wait_for(queue.get(), 5)


async def listening(slack: FakeSlack, heard: Heard) -> tuple[SlackSocket, web.WebSocketResponse]:
    """Connect to the fake Slack; gives our end and its end."""
    socket = SlackSocket(APP_TOKEN, heard, base_url=slack.base_url, ping_interval_s=0.2)
    await socket.start()
    return socket, await soon(slack.connected)


async def test_a_press_is_acknowledged_before_it_is_handled(slack: FakeSlack) -> None:
    heard = Heard()
    heard.gate.clear()
    socket, there = await listening(slack, heard)
    await there.send_json(PRESS)
    assert await soon(slack.acks) == "e1"
    assert heard.payloads.empty()
    heard.gate.set()
    assert await soon(heard.payloads) == ("interactive", {"type": "block_actions"})
    await socket.stop()


async def test_a_redelivered_press_is_acknowledged_again_and_handled_once(slack: FakeSlack) -> None:
    heard = Heard()
    socket, there = await listening(slack, heard)
    for _ in range(2):
        await there.send_json(PRESS)
    assert [await soon(slack.acks), await soon(slack.acks)] == ["e1", "e1"]
    await socket.stop()
    assert heard.payloads.qsize() == 1


async def test_a_mistake_of_ours_does_not_stop_the_next_press(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    socket, there = await listening(slack, heard)
    await there.send_json({**PRESS, "payload": {"type": "broken", "text": "a customer's words"}})
    await there.send_json({**PRESS, "envelope_id": "e2", "type": "slash_commands"})
    assert {(await soon(heard.payloads))[0], (await soon(heard.payloads))[0]} == {"interactive", "slash_commands"}
    await socket.stop()
    assert "handling a Slack interactive failed" in caplog.text
    assert "a customer's words" not in caplog.text


@pytest.mark.parametrize("how", ["close", "disconnect"])
async def test_after_a_hang_up_it_connects_again(slack: FakeSlack, how: str) -> None:
    heard = Heard()
    socket, there = await listening(slack, heard)
    if how == "close":
        await there.close()
    else:
        await there.send_json({"type": "disconnect", "reason": "refresh_requested"})
    await (await soon(slack.connected)).send_json(PRESS)
    assert (await soon(heard.payloads))[0] == "interactive"
    await socket.stop()


async def test_an_old_address_is_given_up_for_a_new_one(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.socket.TICKET_S", 0.3)
    gone = slack.base_url.replace("http", "ws", 1).replace("/api/", "/gone")
    slack.next("apps.connections.open", lambda request: _json({"ok": True, "url": gone}))
    heard = Heard()
    socket, there = await listening(slack, heard)
    await there.send_json(PRESS)
    assert (await soon(heard.payloads))[0] == "interactive"
    assert len(slack.sent("apps.connections.open")) == 2
    await socket.stop()


async def test_a_wrong_app_token_is_said_at_once_without_showing_it(slack: FakeSlack) -> None:
    socket = SlackSocket("xapp-wrong", Heard(), base_url=slack.base_url)
    with pytest.raises(AuthError, match="the token is wrong") as caught:
        await socket.start()
    assert "xapp-wrong" not in f"{caught.value} {socket!r}"


async def test_the_wrong_kind_of_token_gets_a_hint(slack: FakeSlack) -> None:
    slack.next("apps.connections.open", refuse("not_allowed_token_type"))
    with pytest.raises(AuthError, match="app tokens with xapp-"):
        await SlackSocket("xoxb-wrong", Heard(), base_url=slack.base_url).start()


async def test_a_slack_in_trouble_is_worth_another_try(slack: FakeSlack) -> None:
    slack.next("apps.connections.open", http(503))
    with pytest.raises(TemporaryError):
        await SlackSocket(APP_TOKEN, Heard(), base_url=slack.base_url).start()


async def test_an_address_where_nobody_answers_is_worth_another_try(
    slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.socket.CONNECT_S", 0.3)
    slack.next("apps.connections.open", lambda request: _json({"ok": True, "url": "ws://127.0.0.1:9/"}))
    socket = SlackSocket(APP_TOKEN, Heard(), base_url=slack.base_url)
    with pytest.raises(TemporaryError, match="nobody answers"):
        await socket.start()
    assert repr(socket) == "SlackSocket(started=False)"


def _json(body: dict[str, Any]) -> web.Response:
    return web.json_response(body)
