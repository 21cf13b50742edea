"""Socket Mode: the real client of slack-sdk on the stand-in's connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from app.standin.slack import APP_TOKEN
from tests.app.standin.slack.test_acts import EVERY_FIELD, card
from tests.app.standin.world import World, slack_world


class Listener:
    """hubbub's side of Socket Mode: remembers the requests and acknowledges them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: list[SocketModeRequest] = []
        self.answer: dict[str, Any] | None = None
        self.silent = False
        self.client = SocketModeClient(APP_TOKEN, web_client=world.client, ping_interval=0.2)
        self.client.socket_mode_request_listeners.append(self._take)

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.seen.append(request)
        if self.silent:
            return
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, self.answer))
        if request.payload.get("type") == "block_actions":
            await self.world.client.views_open(trigger_id=request.payload["trigger_id"], view=EVERY_FIELD)


async def connected(world: World) -> None:
    """Wait, at most six seconds, until hubbub listens."""
    for _ in range(300):
        if world.stand_in.sockets.connected:
            return
        await asyncio.sleep(0.02)
    raise TimeoutError("the client did not connect")


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    world = await slack_world(patience_s=0.5)
    made = Listener(world)
    await made.client.connect()
    await connected(world)
    yield made
    await made.client.close()
    await world.close()


async def test_a_press_goes_over_the_open_connection_and_its_modal_comes_after_the_acknowledgement(
    listener: Listener,
) -> None:
    world = listener.world
    answer = await world.ui("press", channel="care", ts=await card(world), action_id="claim", user="U2")
    (request,) = listener.seen
    assert (request.type, request.payload["actions"][0]["value"]) == ("interactive", "case_1")
    assert answer["ok"] and answer["view"]["view"]["callback_id"] == "hubbub"
    assert world.hubbub.payloads == []  # nothing came by HTTP


async def test_the_acknowledgement_carries_the_answer_to_a_submit(listener: Listener) -> None:
    world = listener.world
    view = (await world.ui("press", channel="care", ts=await card(world), action_id="claim"))["view"]
    listener.answer = {"response_action": "errors", "errors": {"title": "No."}}
    assert (await world.ui("submit", view_id=view["id"]))["errors"] == {"title": "No."}


async def test_a_command_goes_over_the_connection_too(listener: Listener) -> None:
    listener.answer = {"text": "All is well."}
    answer = await listener.world.ui("command", text="status", wait=0)
    assert listener.seen[0].type == "slash_commands" and listener.seen[0].payload["text"] == "status"
    assert answer["text"] == "All is well."


async def test_without_an_acknowledgement_the_person_is_told(listener: Listener) -> None:
    listener.silent = True
    world = listener.world
    answer = await world.ui("press", channel="care", ts=await card(world), action_id="claim")
    assert answer == {"ok": False, "error": "hubbub did not answer within 0.5 s"}


async def test_the_client_comes_again_after_a_disconnect(listener: Listener) -> None:
    world = listener.world
    await world.stand_in.sockets.disconnect()
    await connected(world)
    await world.ui("press", channel="care", ts=await card(world), action_id="claim")
    assert len(listener.seen) == 1


async def test_the_connection_needs_a_ticket_that_is_good_once(world: World) -> None:
    async with world.http.get(f"{world.home}link/?ticket=guessed") as answer:
        assert answer.status == 403
