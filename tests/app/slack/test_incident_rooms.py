"""A channel for each incident: made once, with the people who care for it and the page in its topic."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from alerts.client import SlackClient
from app.slack.incident_rooms import IncidentRooms, room_name
from domain.work import Actor
from tests.alerts.fake_slack import TOKEN, Answer, FakeSlack, refuse, running
from tests.app.desk.office import PAGE, Office, open_office
from tests.domain.make import BORA, incident


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with running() as town:
        yield town


def says(**more: Any) -> Answer:
    return lambda request: web.json_response({"ok": True, **more})


async def once(office: Office, slack: FakeSlack) -> int:
    async with aiohttp.ClientSession() as session:
        client = SlackClient(TOKEN, session=session, base_url=slack.base_url, per_second=None)
        return await IncidentRooms(office.store, client, PAGE, office.clock).run()


def opens(slack: FakeSlack) -> None:
    slack.next("conversations.create", says(channel={"id": "C0ROOM001"}))
    slack.next("conversations.invite", says(), refuse("already_in_channel"))
    slack.next("conversations.setTopic", says())


async def test_a_channel_is_opened_once_with_people_and_topic(office: Office, slack: FakeSlack) -> None:
    made = await office.declare()
    await office.store.replace(replace(made, comms=BORA, declared_by=Actor("desk:x", "X", "desk")))
    opens(slack)
    assert await once(office, slack) == 1
    known = await office.get(made)
    assert known.room == "C0ROOM001"
    assert known.history[-1].text == f"opened the channel #inc-0306-payments-fail-{made.id[-6:]}"
    assert [body["users"] for body in slack.sent("conversations.invite")] == ["U1", "U2"]
    assert slack.sent("conversations.setTopic")[0]["topic"] == f"Payments fail · {PAGE}/en/incidents/{made.id}.html"
    assert await once(office, slack) == 0


async def test_a_private_incident_gets_a_private_channel_that_says_nothing(office: Office, slack: FakeSlack) -> None:
    made = await office.declare(private="yes")
    opens(slack)
    await once(office, slack)
    (asked,) = slack.sent("conversations.create")
    assert asked == {"name": f"inc-0306-{made.id[-6:]}", "is_private": True}
    assert "/desk/incidents/" in slack.sent("conversations.setTopic")[0]["topic"]


async def test_after_a_kill_the_channel_that_was_made_is_found_by_its_name(office: Office, slack: FakeSlack) -> None:
    made = await office.declare()
    slack.channels.append({"id": "C0KNOWN01", "name": room_name(made)})
    opens(slack)
    slack._special["conversations.create"].clear()
    slack.next("conversations.create", refuse("name_taken"))
    assert await once(office, slack) == 1
    assert (await office.get(made)).room == "C0KNOWN01"


async def test_without_the_permission_it_says_so_and_everything_else_goes_on(
    office: Office, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    made = await office.declare()
    slack.next("conversations.create", refuse("missing_scope"))
    assert await once(office, slack) == 0
    assert "the app lacks a permission" in caplog.text
    assert (await office.get(made)).room is None


@pytest.mark.parametrize("title", ["پرداخت انجام نمی‌شود", "x" * 200, "!!!", "Ödeme ÇÖKTÜ"])
def test_any_title_gives_a_name_that_slack_takes(title: str) -> None:
    name = room_name(incident(titles={"en": title}))
    assert len(name) <= 80
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
