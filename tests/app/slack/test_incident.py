"""The incident desk in Slack, by the local Slack: people, publish, merge, split, the second look, notes and pins."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from app.slack.socket import SocketDesk
from app.standin.slack.postman import signed
from domain.incidents.incident import Incident, IncidentStatus
from domain.incidents.severity import Severity
from tests.app.desk.slack_town import SECRET, SlackTown, first_values

BLAME = "Due to AWS cards fail. We are looking."


async def more(town: SlackTown, value: str, **asked: Any) -> dict[str, Any]:
    """Choose from the menu of the card."""
    return await town.press("more", "on-call", value=value, **{"wait": 3, **asked})


async def knock(town: SlackTown, body: bytes, path: str) -> tuple[int, str]:
    headers = signed(body.decode(), SECRET, int(time.time()))
    async with town.session.post(f"{town.door}/slack/{path}", data=body, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_doubtful_words_come_back_once_with_remarks_and_nothing_typed_is_lost(
    town: SlackTown, going: Incident
) -> None:
    opened = await more(town, f"update|{going.id}|monitoring")
    assert first_values(opened)["status"] == "monitoring"
    assert "{next_update}" in first_values(opened)["text.en"]
    again = await town.submit(opened, text__en=BLAME, text__tr="", text__fa="", next_update_minutes="60")
    assert "“Due to AWS”: this blames somebody" in str(again["view"]["view"]["blocks"][0])
    assert first_values(again)["text.en"] == BLAME
    assert first_values(again)["next_update_minutes"] == "60"
    assert len((await town.office.get(going)).updates) == 1
    assert (await town.submit(again))["ok"]
    told = (await town.office.get(going)).updates[-1]
    assert (told.status, told.texts["en"]) == (IncidentStatus.MONITORING, BLAME)


async def test_over_a_socket_the_second_look_opens_anew(town: SlackTown, going: Incident) -> None:
    opened = await more(town, f"update|{going.id}|identified")
    view = opened["view"]["view"]
    state = {"text.en": {"text.en": {"type": "plain_text_input", "value": BLAME}}}
    trigger = town.slack.acts.triggers.issue("U1")
    payload = {
        "type": "view_submission", "user": {"id": "U1", "name": "ada"}, "trigger_id": trigger.id,
        "view": {**view, "state": {"values": state}},
    }  # fmt: skip
    await SocketDesk(town.desk).take("interactive", payload)
    shown = await trigger.view(3.0)
    assert shown is not None
    assert "Due to AWS" in str(shown["blocks"][0])


async def test_severity_and_people_are_set_by_menu_and_by_button(town: SlackTown, going: Incident) -> None:
    await town.press("take_comms", "on-call", user="U2")
    opened = await more(town, f"organise|{going.id}")
    assert first_values(opened)["severity"] == "sev2"
    await town.submit(opened, severity="sev1", lead="U2")
    known = await town.office.get(going)
    assert known.severity is Severity.SEV1
    assert (known.lead.id, known.lead.name, known.comms.id) == ("U2", "Bora", "U2")
    await town.outbox().run()
    assert "sev1 · lead: <@U2> · communications: <@U2>" in str(town.posts("on-call")[0]["blocks"])


async def test_merging_in_slack_and_taking_it_back(town: SlackTown, going: Incident) -> None:
    opened = await more(town, f"merge|{going.id}", wait=0)
    assert town.whispers("U1") == ["There is no other open incident that could tell this story."]
    await town.office.declare("", "k2", **{"title.en": "All fails", "components": "payments,delivery"})
    (other,) = [known for known in await town.office.all(Incident) if known.id != going.id]
    opened = await more(town, f"merge|{going.id}")
    await town.submit(opened)
    assert (await town.office.get(going)).merged_into == other.id
    await town.outbox().run()
    assert "Another incident tells this story now" in str(town.posts("on-call")[0]["blocks"])
    await more(town, f"unmerge|{going.id}", wait=0)
    assert (await town.office.get(going)).merged_into is None


async def test_a_private_incident_is_published_and_split_in_slack(town: SlackTown) -> None:
    secret = await town.office.declare(private="yes", components="payments,delivery", **{"text.en": "Key leaked."})
    await town.outbox().run()
    card = str(town.posts("on-call")[0]["blocks"])
    assert "Private: nothing of this leaves" in card
    assert "Our people read" in card
    assert "Open the page" not in card
    assert (await town.ask("command", text="status", wait=0))["text"].startswith("No incident is open.")
    opened = await more(town, f"publish|{secret.id}")
    assert "leaked" not in str(opened)
    await town.submit(opened)
    assert (await town.office.get(secret)).public
    await town.outbox().run()
    opened = await more(town, f"split|{secret.id}")
    await town.submit(opened, components=["delivery"])  # type: ignore[arg-type]
    assert set((await town.office.get(secret)).components) == {"payments"}


async def test_a_note_is_written_in_a_modal(town: SlackTown, going: Incident) -> None:
    await town.submit(await more(town, f"timeline|{going.id}"), text="restarted it")
    assert (await town.office.get(going)).history[-1].text == "noted: restarted it"


# --- pins


async def said(town: SlackTown, going: Incident, **asked: str) -> str:
    """Write a message as Bora in the thread of the card; give its ts."""
    where = {"channel": "on-call", "thread_ts": going.card.ts if going.card else "", "user": "U2", **asked}
    return str((await town.ask("say", text="rolled back at 14:31", **where))["ts"])


def reaction(channel: str, ts: str, name: str = "pushpin") -> dict[str, Any]:
    event = {
        "type": "reaction_added", "user": "U1", "reaction": name, "item_user": "U2",
        "item": {"type": "message", "channel": channel, "ts": ts},
    }  # fmt: skip
    return {"type": "event_callback", "event": event}


async def test_a_pushpin_in_the_thread_notes_the_message_once(town: SlackTown, going: Incident) -> None:
    assert going.card is not None
    body = json.dumps(reaction(going.card.channel, await said(town, going))).encode()
    for _ in range(2):  # Slack repeats what it believes was not heard
        assert await knock(town, body, "events") == (200, "")
    notes = [line for line in (await town.office.get(going)).history if line.text.startswith("noted")]
    assert [(line.who, line.text) for line in notes] == [("Ada", "noted: Bora: rolled back at 14:31")]
    assert town.woken


@pytest.mark.parametrize("case", ["another reaction", "our own card", "another thread", "gone"])
async def test_other_reactions_note_nothing(town: SlackTown, going: Incident, case: str) -> None:
    assert going.card is not None
    place, ts = going.card.channel, await said(town, going)
    loose = await said(town, going, thread_ts="")
    payload = {
        "another reaction": reaction(place, ts, "tada"), "our own card": reaction(place, str(going.card.ts)),
        "another thread": reaction(place, loose), "gone": reaction(place, "1.000001"),
    }[case]  # fmt: skip
    await SocketDesk(town.desk).take("events_api", payload)
    assert (await town.office.get(going)).history == going.history


async def test_slack_may_try_the_address_and_nobody_else(town: SlackTown) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c1"}).encode()
    assert await knock(town, body, "events") == (200, '{"challenge": "c1"}')
    assert (await knock(town, b"[1]", "events"))[0] == 400
    assert (await knock(town, b"{", "events"))[0] == 400
    async with town.session.post(f"{town.door}/slack/events", data=body) as answer:
        assert answer.status == 401


def shortcut(town: SlackTown, channel: str, message: dict[str, str], trigger: str = "t") -> bytes:
    payload = {
        "type": "message_action", "callback_id": "add_to_timeline", "user": {"id": "U1", "name": "Ada"},
        "channel": {"id": channel}, "trigger_id": trigger, "message": message,
    }  # fmt: skip
    return urlencode({"payload": json.dumps(payload)}).encode()


async def test_the_shortcut_in_the_thread_notes_at_once(town: SlackTown, going: Incident) -> None:
    assert going.card is not None
    message = {"ts": "9.1", "thread_ts": str(going.card.ts), "text": "it was the <cache>", "user": "U2"}
    assert (await knock(town, shortcut(town, going.card.channel, message), "interactions"))[0] == 200
    assert (await town.office.get(going)).history[-1].text == "noted: Bora: it was the <cache>"
    assert town.whispers("U1") == ["Added to the timeline; customers do not see it."]


async def test_the_shortcut_elsewhere_asks_which_incident(town: SlackTown, going: Incident) -> None:
    place = town.slack.workspace.channel("care").id
    trigger = town.slack.acts.triggers.issue("U1")
    message = {"ts": "9.1", "text": "customers say it works again", "user": "U2"}
    await knock(town, shortcut(town, place, message, trigger.id), "interactions")
    view = await trigger.view(3.0)
    assert view is not None
    await town.submit({"view": {"view": view}})
    assert (await town.office.get(going)).history[-1].text == "noted: Bora: customers say it works again"


async def test_without_an_open_incident_the_shortcut_says_so(town: SlackTown) -> None:
    place = town.slack.workspace.channel("care").id
    await knock(town, shortcut(town, place, {"ts": "9.1", "text": "x", "user": "U2"}), "interactions")
    await knock(town, shortcut(town, place, {"ts": "9.1", "text": " ", "user": "U2"}), "interactions")
    assert town.whispers("U1") == [
        "No incident is open, and this is not the thread of one.",
        "This message has no words that could stand in a timeline.",
    ]
