"""The people behind an escalation are reached: in Slack, by webhook, by mail; a way that is not set up says so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from alerts.escalation import Call, Target, Way
from alerts.second_channel import MailServer
from app.calls import Calls
from domain.component import Component
from domain.errors import PermanentError
from domain.incidents.promises import Watch
from domain.work import Actor
from tests.app.desk.office import PAGE, open_office
from tests.app.desk.slack_town import SlackTown, open_town
from tests.domain.make import ADA, NOW, signal
from tests.ports import quiet_port
from tests.status_page.publishers.receiver import receiving, says

COMPONENTS = {"payments": Component("payments", {"en": "Cards & wallets"})}


@pytest.fixture
async def town() -> AsyncIterator[SlackTown]:
    async with open_office() as office, open_town(office) as opened:
        yield opened


def calls(town: SlackTown, **changes: Any) -> Calls:
    made = Calls(town.session, town.client, None, "hook-secret", COMPONENTS, PAGE, lambda: NOW)
    return replace(made, **changes)


def to(way: Way, address: str) -> Call:
    return Call(Target("somebody", way, address), None, "nobody has acknowledged it in 5 min")


async def test_a_person_is_told_in_slack_in_plain_words(town: SlackTown) -> None:
    await calls(town).call(signal(), to(Way.SLACK, "U2"))
    direct = town.slack.workspace.open_direct("U2").id
    (message,) = town.slack.workspace.history(direct)
    assert "Customers report: Cards &amp; wallets. 12 people in 10 min" in message["text"]
    assert "nobody has acknowledged it" in message["text"]
    assert f"{PAGE}/desk/signals/sig_1" in message["text"]


async def test_a_pager_gets_signed_figures_and_a_key_for_each_step(town: SlackTown) -> None:
    async with receiving(says()) as receiver:
        for step in (0, 0, 1):
            await calls(town).call(replace(signal(), escalations=step), to(Way.WEBHOOK, receiver.url))
    keys = [got.headers["Idempotency-Key"] for got in receiver.got]
    body = json.loads(receiver.got[0].body)
    assert (keys[0] == keys[1], keys[0] == keys[2]) == (True, False)
    assert receiver.got[0].headers["X-Hubbub-Signature"].startswith("t=")
    assert (body["signal"], body["component"], body["people"], body["state"]) == ("sig_1", "payments", 12, "open")


class Letters(Message):
    """Keeps the mails."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[Any] = []

    def handle_message(self, message: Any) -> None:
        """Keep one."""
        self.got.append(message)


@pytest.fixture
def letters() -> Iterator[tuple[Letters, int]]:
    taken = Letters()
    controller = Controller(taken, hostname="127.0.0.1", port=quiet_port())
    controller.start()
    yield taken, controller.port
    controller.stop()


async def test_a_mail_reaches_the_address(town: SlackTown, letters: tuple[Letters, int]) -> None:
    taken, port = letters
    server = MailServer("127.0.0.1", port, "hubbub@brand.example", tls="none")
    await calls(town, mail=server).call(signal(), to(Way.MAIL, "oncall@brand.example"))
    (mail,) = taken.got
    assert (mail["To"], mail["Subject"]) == ("oncall@brand.example", "Customers report a problem")


@pytest.mark.parametrize(("way", "words"), [(Way.SLACK, "Slack is not set up"), (Way.MAIL, "No mail server is set up")])
async def test_a_way_that_is_not_set_up_is_said(town: SlackTown, way: Way, words: str) -> None:
    with pytest.raises(PermanentError, match=words):
        await calls(town, slack=None).call(signal(), to(way, "x@y.example"))


def test_no_secret_is_printed(town: SlackTown) -> None:
    assert "hook-secret" not in repr(calls(town))


# --- promises


async def test_a_reminder_stands_in_the_thread_of_the_card_and_names_who_is_to_write(town: SlackTown) -> None:
    made = await town.office.declare()
    await town.outbox().run()
    known = replace(await town.office.get(made), lead=ADA, comms=Actor("desk:selin", "Se<lin>", "desk"))
    await calls(town).remind(known, NOW, [])
    line = town.thread("on-call")[-1]
    assert line.startswith(":hourglass: Se&lt;lin&gt; <@U1> customers are promised the next word by 16:45 UTC.")
    assert f"{PAGE}/desk/incidents/{made.id}" in line


async def test_without_lead_the_first_on_call_is_named(town: SlackTown) -> None:
    made = await town.office.declare()
    await town.outbox().run()
    known = replace(await town.office.get(made), lead=None)
    await calls(town).remind(known, NOW, [to(Way.MAIL, "a@b.example").target, to(Way.SLACK, "U2").target])
    assert town.thread("on-call")[-1].startswith(":hourglass: <@U2> customers are promised")


async def test_without_slack_a_reminder_goes_to_the_first_target(town: SlackTown) -> None:
    made = await town.office.declare()
    async with receiving(says()) as receiver:
        await calls(town, slack=None).remind(made, NOW, [to(Way.WEBHOOK, receiver.url).target])
        await calls(town, slack=None).remind(made, NOW, [])
    (got,) = receiver.got
    assert json.loads(got.body)["incident"] == made.id


async def test_a_broken_promise_is_told_with_its_own_key_for_each_call(town: SlackTown) -> None:
    made = await town.office.declare()
    async with receiving(says()) as receiver:
        for number in (1, 1, 2):
            known = replace(made, watch=Watch(NOW, calls=number))
            await calls(town).call_about(known, to(Way.WEBHOOK, receiver.url))
    keys = [got.headers["Idempotency-Key"] for got in receiver.got]
    assert (keys[0] == keys[1], keys[0] == keys[2]) == (True, False)
    assert json.loads(receiver.got[0].body)["due"] == NOW.isoformat()
