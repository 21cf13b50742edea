"""Guests of a shared channel (Slack Connect): their presses are signed by Slack, and change nothing."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from alerts.client import SlackClient
from alerts.members import Sender
from app.slack.members import Members
from app.slack.socket import SocketDesk
from app.standin.slack.postman import signed
from app.standin.slack.workspace import ELSEWHERE, TEAM
from domain.care.case import Case
from domain.incidents.incident import Incident
from domain.work import DeliveryState
from tests.alerts.fake_slack import TOKEN, FakeSlack, refuse, running
from tests.app.desk.slack_town import SECRET, SlackTown

GUEST, WORD = "U7", "Only members of hubbub stand-in can do this."


async def knock(town: SlackTown, payload: Mapping[str, Any], path: str = "events") -> None:
    body = json.dumps(payload).encode() if path == "events" else urlencode({"payload": json.dumps(payload)}).encode()
    headers = signed(body.decode(), SECRET, int(time.time()))
    async with town.session.post(f"{town.door}/slack/{path}", data=body, headers=headers) as answer:
        assert answer.status == 200


async def test_a_guest_approves_resolves_and_opens_nothing(town: SlackTown, going: Incident) -> None:
    for action in ("approve_post:0", "skip_post:1", "resolve", "take_comms"):
        assert "view" not in await town.press(action, "on-call", GUEST)
    assert await town.office.get(going) == going
    assert town.whispers(GUEST) == [WORD] * 4
    assert town.woken == []
    await town.press("approve_post:0", "on-call", "U2")
    assert (await town.office.get(going)).deliveries[0].state is DeliveryState.PENDING


async def test_a_guest_cannot_send_a_modal_off(town: SlackTown, going: Incident) -> None:
    opened = await town.press("resolve", "on-call", "U1", wait=3)
    answer = await town.submit(opened, GUEST)
    assert list(answer["errors"].values()) == [WORD]
    assert await town.office.get(going) == going
    assert (await town.submit(opened, "U1"))["ok"]


@pytest.mark.parametrize("text", ["declare Cards fail", "resolve", "status", "help"])
async def test_a_guest_commands_and_learns_nothing(town: SlackTown, going: Incident, text: str) -> None:
    answer = await town.ask("command", text=text, channel="care", user=GUEST, wait=0)
    assert (answer["text"], answer["response_type"], "view" in answer) == (WORD, "ephemeral", False)
    assert await town.office.all(Incident) == [going]


def pinned(going: Incident, ts: str, user: str, **more: str) -> dict[str, Any]:
    assert going.card is not None
    item = {"type": "message", "channel": going.card.channel, "ts": ts}
    event = {"type": "reaction_added", "user": user, "reaction": "pushpin", "item_user": "U2", "item": item, **more}
    # Around an event stands the workspace of the channel, not that of the person.
    return {"type": "event_callback", "team_id": TEAM, "is_ext_shared_channel": True, "event": event}


@pytest.mark.parametrize("more", [{}, {"user_team": ELSEWHERE}, {"team": ELSEWHERE}])
async def test_a_guest_s_pushpin_and_shortcut_note_nothing(
    town: SlackTown, going: Incident, more: dict[str, str]
) -> None:
    assert going.card is not None
    where = {"channel": "on-call", "thread_ts": str(going.card.ts), "user": "U2"}
    said = await town.ask("say", text="rolled back", **where)
    await knock(town, pinned(going, said["ts"], GUEST, **more))
    message = {"ts": said["ts"], "thread_ts": str(going.card.ts), "text": "rolled back", "user": "U2"}
    shortcut = {
        "type": "message_action", "callback_id": "add_to_timeline", "message": message, "trigger_id": "t",
        "user": {"id": GUEST, "name": "gail", "team_id": ELSEWHERE}, "channel": {"id": going.card.channel},
        "team": {"id": TEAM},
    }  # fmt: skip
    await knock(town, shortcut, "interactions")
    assert (await town.office.get(going)).history == going.history
    assert town.whispers(GUEST) == [WORD] * 2
    await knock(town, pinned(going, said["ts"], "U1"))
    assert (await town.office.get(going)).history[-1].text == "noted: Bora: rolled back"


async def test_a_guest_is_refused_over_the_socket_too(town: SlackTown, going: Incident) -> None:
    take = SocketDesk(town.desk).take
    await take("slash_commands", {"user_id": GUEST, "team_id": ELSEWHERE, "text": "status", "channel_id": ""})
    direct = town.slack.workspace.open_direct(GUEST).id
    assert [m["text"] for m in town.slack.workspace.history(direct)] == [WORD]


async def test_slack_is_asked_once_who_we_are(town: SlackTown, going: Incident) -> None:
    for user in ("U1", GUEST, "U2"):
        await town.press("take_comms", "on-call", user)
    assert town.slack.api.calls["auth.test"] == 1


async def test_while_slack_does_not_say_who_we_are_everybody_may_act(
    town: SlackTown, caplog: pytest.LogCaptureFixture
) -> None:
    case = await town.office.hear()
    assert isinstance(case, Case)
    await town.outbox().run()
    town.slack.api.fail_next(500, 1000, method="auth.test")
    with caplog.at_level(logging.WARNING, "app.slack.members"):
        await town.press("claim", user=GUEST)
    assert (await town.office.get(case)).assignee.id == GUEST
    assert "cannot be asked who is of our workspace" in caplog.text
    town.slack.api.troubles.clear()
    await town.press("snooze", user=GUEST, value=f"{case.id}|60")
    assert town.whispers(GUEST) == [WORD]


# --- one organisation with several workspaces (Enterprise Grid)


@pytest.fixture
async def grid() -> AsyncIterator[FakeSlack]:
    async with running() as slack:
        slack.people = {
            "W1": {"team_id": "T0SHOP", "enterprise_user": {"enterprise_id": "E0ACME", "teams": ["T0SHOP"]}},
            "W2": {"team_id": "T0ELSE", "enterprise_user": {"enterprise_id": "E0ELSE", "teams": ["T0ELSE"]}},
        }
        yield slack


@pytest.mark.parametrize(("user", "ids", "may"), [
    ("W1", {"E0ACME"}, True), ("W1", {"T0ACME"}, True), ("W1", {"T0SHOP"}, True), ("W1", set(), True),
    ("W1", {"T0SHOP", "E0ACME"}, True), ("W2", {"T0ELSE"}, False), ("W2", {"E0ELSE"}, False), ("W2", set(), False),
])  # fmt: skip
async def test_all_workspaces_of_our_organisation_may_act(grid: FakeSlack, user: str, ids: set[str], may: bool) -> None:
    members = Members(SlackClient(TOKEN, base_url=grid.base_url, per_second=None))
    word = await members.why_not(Sender(user, frozenset(ids)))
    assert word == (None if may else "Only members of Acme can do this.")


@pytest.mark.parametrize(("ids", "may"), [(set(), True), ({"T0ELSE"}, False)])
async def test_without_an_answer_about_a_person_what_they_sent_decides(
    grid: FakeSlack, ids: set[str], may: bool
) -> None:
    grid.next("users.info", refuse("missing_scope"))
    members = Members(SlackClient(TOKEN, base_url=grid.base_url, per_second=None))
    assert (await members.why_not(Sender("W2", frozenset(ids))) is None) is may
