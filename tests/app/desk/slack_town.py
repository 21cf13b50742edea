"""The local Slack on loopback, with the real client that talks to it and the people who press its buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from alerts.client import SlackClient
from app.outbox.delivery import Outbox
from app.slack.cards import Cards
from app.slack.desk import SlackDesk
from app.slack.views import Views
from app.standin.slack.app import STAND_IN, SlackStandIn, slack_app
from app.standin.slack.web_api import BOT_TOKEN
from app.web.doors import SlackDoors
from tests.app.desk.office import COMPONENTS, LANGUAGES, PAGE, Office

SECRET = "signing-secret"
HOME = "/stand-in/slack/"


@dataclass
class SlackTown:
    """A running Slack and our side of it."""

    slack: SlackStandIn
    client: SlackClient
    session: aiohttp.ClientSession
    base: str
    desk: SlackDesk
    office: Office
    door: str = ""
    woken: list[str] = field(default_factory=list)

    def outbox(self) -> Outbox:
        """Give an outbox as a fresh process has it."""
        office = self.office
        views = Views(office.store, COMPONENTS, PAGE, office.clock)
        cards = Cards(office.store, self.client, office.clock, views.draw)
        return Outbox(office.store, office.tapes, cards, office.clock)

    def posts(self, channel: str = "care") -> list[dict[str, Any]]:
        """List what stands in a channel, oldest first."""
        return self.slack.workspace.history(self.slack.workspace.channel(channel).id)[::-1]

    def thread(self, channel: str = "care") -> list[str]:
        """List the lines under the first card of a channel."""
        place = self.slack.workspace.channel(channel).id
        return [line["text"] for line in self.slack.workspace.thread(place, self.posts(channel)[0]["ts"])]

    def whispers(self, user: str = "") -> list[str]:
        """List what only one person sees."""
        return [message["text"] for message in self.slack.workspace.ephemerals("", user)]

    async def ask(self, what: str, **asked: Any) -> dict[str, Any]:
        """Do something as a person, through the page of the stand-in."""
        async with self.session.post(f"{self.base}{HOME}ui/{what}", json=asked) as answer:
            return dict(await answer.json())

    async def press(self, action: str, channel: str = "care", user: str = "U1", **more: Any) -> dict[str, Any]:
        """Press what begins with `action` on the first card of a channel."""
        card = self.posts(channel)[0]
        elements = [e for block in card["blocks"] for e in block.get("elements", []) if "action_id" in e]
        known = next(e["action_id"] for e in elements if e["action_id"].startswith(action))
        asked = {"channel": channel, "ts": card["ts"], "action_id": known, "user": user, "wait": 0, **more}
        return await self.ask("press", **asked)

    async def submit(self, opened: dict[str, Any], user: str = "U1", **fields: str) -> dict[str, Any]:
        """Fill in fields of an opened modal (by action id, "__" for ".") and send it off."""
        view = opened["view"]["view"]
        named = {name.replace("__", "."): value for name, value in fields.items()}
        values = {
            block["block_id"]: {block["element"]["action_id"]: named[block["element"]["action_id"]]}
            for block in view["blocks"]
            if block.get("type") == "input" and block["element"]["action_id"] in named
        }
        return await self.ask("submit", view_id=view["id"], values=values, user=user)


def first_values(opened: dict[str, Any]) -> dict[str, Any]:
    """Read what the fields of an opened modal begin with."""
    inputs = [b["element"] for b in opened["view"]["view"]["blocks"] if b.get("type") == "input"]
    return {e["action_id"]: e.get("initial_value") or _chosen(e) for e in inputs}


def _chosen(element: dict[str, Any]) -> Any:
    many = [option["value"] for option in element.get("initial_options", [])]
    return many or (element.get("initial_option") or {}).get("value")


@asynccontextmanager
async def open_town(office: Office) -> AsyncIterator[SlackTown]:
    """Run Slack beside an office, with our doors open to it."""
    place: dict[str, str] = {}
    slack = slack_app(
        None, signing_secret=SECRET, hubbub_url=lambda: place["door"], now=office.clock,
        channels=["#care", "#on-call"], users=[("U1", "Ada"), ("U2", "Bora")], guests=[("U7", "Gail")],
    )  # fmt: skip
    house = web.Application()
    house.add_subapp(HOME, slack)
    server = TestServer(house)
    await server.start_server()
    base = str(server.make_url("/")).rstrip("/")
    async with aiohttp.ClientSession() as session:
        client = SlackClient(BOT_TOKEN, session=session, base_url=f"{base}{HOME}api/", per_second=None)
        woken: list[str] = []
        desk = SlackDesk(office.store, office.front, client, COMPONENTS, LANGUAGES, PAGE, lambda: woken.append("woken"))
        town = SlackTown(slack[STAND_IN], client, session, base, desk, office, woken=woken)
        doors = web.Application()
        doors.add_routes(SlackDoors(desk, SECRET, lambda: datetime.now(UTC)).routes())
        front = TestServer(doors)
        await front.start_server()
        place["door"] = town.door = str(front.make_url("/")).rstrip("/")
        yield town
        await front.close()
    await server.close()
