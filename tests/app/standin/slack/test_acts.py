"""Pressing, submitting and typing commands: what reaches hubbub, and what comes back to the person."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from app.standin.slack.forms import REQUIRED
from app.standin.slack.postman import signed
from tests.app.standin.world import (
    World,
    actions,
    button,
    input_block,
    modal,
    option,
    section,
    select,
    slack_world,
    text_input,
)

SHARED = Path(__file__).parents[4] / "../shared/fixtures/slack/payloads"
EVERY_FIELD = modal(
    section("words"),
    input_block("title", text_input("title", initial_value="Card payments fail", max_length=40)),
    input_block("note", text_input("note"), optional=True),
    input_block("impact", select("impact", "minor", "major", initial_option=option("minor"))),
    input_block("parts", select("parts", "pay", "ship", kind="multi_static_select", initial_options=[option("pay")])),
    input_block("ticks", select("ticks", "a", "b", kind="checkboxes"), optional=True),
    input_block("when", {"type": "datetimepicker", "action_id": "when", "initial_date_time": 1772366400}),
)


async def card(world: World, *elements: dict[str, Any], channel: str = "care") -> str:
    blocks = [section("a card"), actions(*(elements or (button(value="case_1"),)))]
    return str((await world.client.chat_postMessage(channel=f"#{channel}", text="a card", blocks=blocks))["ts"])


def opening(world: World, view: dict[str, Any]) -> Any:
    async def answer(payload: dict[str, Any]) -> None:
        await world.client.views_open(trigger_id=payload["trigger_id"], view=view)

    return answer


async def opened(world: World, view: dict[str, Any] = EVERY_FIELD) -> dict[str, Any]:
    world.hubbub.answer = opening(world, view)
    answer = await world.ui("press", channel="care", ts=await card(world), action_id="claim", user="U2")
    world.hubbub.answer = None
    world.hubbub.payloads.clear()
    return dict(answer["view"])


async def test_a_press_reaches_hubbub_signed_and_in_slack_s_shape(world: World) -> None:
    ts = await card(world)
    answer = await world.ui("press", channel="care", ts=ts, action_id="claim", user="U2", wait=0)
    (payload,) = world.hubbub.payloads
    assert answer == {"ok": True} and world.hubbub.forged == 0
    assert payload["user"] == {"id": "U2", "username": "rezamoradi", "name": "rezamoradi", "team_id": "T0STANDIN"}
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == ts
    assert payload["channel"]["name"] == "care" and payload["response_url"].startswith(world.home)
    (action,) = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("claim", "row", "case_1")


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/fixtures/slack is not on this machine")
async def test_the_payloads_have_every_key_of_the_recorded_ones(world: World) -> None:
    view = await opened(world)
    await world.ui("press", channel="care", ts=await card(world), action_id="claim", wait=0)
    await world.ui("submit", view_id=view["id"])
    for payload, name in zip(world.hubbub.payloads, ("block_actions_button", "view_submission"), strict=True):
        recorded = json.loads((SHARED / f"{name}__body.json").read_text())
        assert recorded.keys() <= payload.keys()
        assert recorded.get("view", {}).keys() <= payload.get("view", {}).keys()
        for ours, theirs in zip(payload.get("actions", []), recorded.get("actions", []), strict=False):
            assert theirs.keys() <= ours.keys()


async def test_every_press_is_new_to_hubbub(world: World) -> None:
    ts = await card(world)
    for _ in range(2):
        await world.ui("press", channel="care", ts=ts, action_id="claim", wait=0)
    first, second = world.hubbub.payloads
    assert first["trigger_id"] != second["trigger_id"]
    assert first["actions"][0]["action_ts"] != second["actions"][0]["action_ts"]


@pytest.mark.parametrize("kind", ["static_select", "overflow"])
async def test_a_choice_carries_the_chosen_option(world: World, kind: str) -> None:
    ts = await card(world, select("snooze", "case_1|15", "case_1|60", kind=kind))
    await world.ui("press", channel="care", ts=ts, action_id="snooze", value="case_1|60", wait=0)
    (payload,) = world.hubbub.payloads
    assert payload["actions"][0]["selected_option"] == option("case_1|60")
    if kind == "static_select":
        assert payload["state"]["values"]["row"]["snooze"]["selected_option"]["value"] == "case_1|60"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"action_id": "nothing"}, "no_such_action"),
        ({"action_id": "snooze", "value": "5 years"}, "no_such_option"),
        ({"action_id": "snooze", "ts": "1.000000"}, "message_not_found"),
        ({"action_id": "snooze", "channel": "nowhere"}, "channel_not_found"),
        ({"action_id": "snooze", "user": "U9"}, "user_not_found"),
        ({"action_id": 7}, "invalid_arguments"),
        ({"action_id": "snooze", "value": "1", "wait": "long"}, "invalid_arguments"),
    ],
)
async def test_what_cannot_be_pressed_is_refused_in_words(world: World, asked: dict[str, Any], error: str) -> None:
    ts = await card(world, select("snooze", "1"))
    assert (await world.ui("press", **{"channel": "care", "ts": ts, **asked}))["error"] == error


async def test_a_press_that_opens_a_modal_gives_the_modal(world: World) -> None:
    view = await opened(world)
    assert view["id"] == view["view"]["id"] and view["view"]["state"] == {"values": {}}
    assert "Card payments fail" in view["html"]


async def test_a_trigger_opens_one_modal_only_and_not_for_long() -> None:
    world = await slack_world(trigger_life_s=0.2)
    await world.ui("press", channel="care", ts=await card(world), action_id="claim", wait=0)
    trigger = world.hubbub.payloads[0]["trigger_id"]
    await asyncio.sleep(0.25)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await world.client.views_open(trigger_id=trigger, view=EVERY_FIELD)
    await opened(world)
    await world.ui("press", channel="care", ts=await card(world), action_id="claim", wait=0)
    fresh = world.hubbub.payloads[-1]["trigger_id"]
    await world.client.views_open(trigger_id=fresh, view=EVERY_FIELD)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await world.client.views_open(trigger_id=fresh, view=EVERY_FIELD)
    await world.close()


async def test_an_untouched_form_is_sent_with_its_first_values(world: World) -> None:
    view = await opened(world)
    assert await world.ui("submit", view_id=view["id"]) == {"ok": True}
    (payload,) = world.hubbub.payloads
    values = payload["view"]["state"]["values"]
    assert payload["type"] == "view_submission" and payload["user"]["id"] == "U2"
    assert values["title"]["title"] == {"type": "plain_text_input", "value": "Card payments fail"}
    assert values["note"]["note"] == {"type": "plain_text_input", "value": None}
    assert values["impact"]["impact"] == {"type": "static_select", "selected_option": option("minor")}
    assert values["parts"]["parts"] == {"type": "multi_static_select", "selected_options": [option("pay")]}
    assert values["ticks"]["ticks"] == {"type": "checkboxes", "selected_options": []}
    assert values["when"]["when"] == {"type": "datetimepicker", "selected_date_time": 1772366400}


async def test_what_was_filled_in_takes_the_place_of_the_first_values(world: World) -> None:
    view = await opened(world)
    given = {
        "title": {"title": "Ödeme"},
        "parts": {"parts": ["ship"]},
        "impact": {"impact": "major"},
        "when": {"when": 5},
    }
    await world.ui("submit", view_id=view["id"], values=given)
    values = world.hubbub.payloads[0]["view"]["state"]["values"]
    assert values["title"]["title"]["value"] == "Ödeme"
    assert [o["value"] for o in values["parts"]["parts"]["selected_options"]] == ["ship"]
    assert values["impact"]["impact"]["selected_option"]["value"] == "major"
    assert values["when"]["when"]["selected_date_time"] == 5


async def test_slack_s_own_client_stops_an_incomplete_form(world: World) -> None:
    view = await opened(world)
    given = {"title": {"title": ""}, "parts": {"parts": []}, "impact": {"impact": "minor"}}
    answer = await world.ui("submit", view_id=view["id"], values=given)
    assert answer == {"ok": False, "errors": {"title": REQUIRED, "parts": REQUIRED}}
    too_long = await world.ui("submit", view_id=view["id"], values={"title": {"title": "x" * 41}})
    assert "this is 41" in too_long["errors"]["title"]
    assert world.hubbub.payloads == []


async def test_errors_of_hubbub_keep_the_modal_open(world: World) -> None:
    view = await opened(world)

    async def refuse(payload: dict[str, Any]) -> dict[str, Any]:
        return {"response_action": "errors", "errors": {"title": "Say it in fewer words."}}

    world.hubbub.answer = refuse
    answer = await world.ui("submit", view_id=view["id"])
    assert answer == {"ok": False, "errors": {"title": "Say it in fewer words."}}
    world.hubbub.answer = None
    assert (await world.ui("submit", view_id=view["id"]))["ok"]
    assert (await world.ui("submit", view_id=view["id"]))["error"] == "view_closed"


@pytest.mark.parametrize("todo", ["update", "push"])
async def test_hubbub_can_answer_a_submit_with_another_modal(world: World, todo: str) -> None:
    view = await opened(world)

    async def go_on(payload: dict[str, Any]) -> dict[str, Any]:
        return {"response_action": todo, "view": modal(section("the next step"))}

    world.hubbub.answer = go_on
    answer = await world.ui("submit", view_id=view["id"])
    assert "the next step" in answer["view"]["html"]
    assert (answer["view"]["id"] == view["id"]) is (todo == "update")


async def test_views_update_wants_the_newest_hash(world: World) -> None:
    view = await opened(world)
    changed = await world.client.views_update(view_id=view["id"], view=modal(section("new")), hash=view["view"]["hash"])
    assert changed["view"]["blocks"][0]["text"]["text"] == "new"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await world.client.views_update(view_id=view["id"], view=modal(section("newer")), hash=view["view"]["hash"])


async def test_closing_tells_hubbub_only_where_the_modal_asks_for_it(world: World) -> None:
    quiet = await opened(world)
    loud = await opened(world, {**EVERY_FIELD, "notify_on_close": True})
    for view in (quiet, loud, loud):
        assert (await world.ui("close", view_id=view["id"]))["ok"]
    assert [p["type"] for p in world.hubbub.payloads] == ["view_closed"]


async def test_a_command_is_signed_and_its_answer_seen_by_its_sender(world: World) -> None:
    async def whisper(form: dict[str, Any]) -> dict[str, Any]:
        return {"response_type": "ephemeral", "text": "No incident is open."}

    world.hubbub.answer = whisper
    answer = await world.ui("command", text="/hubbub status now", channel="oncall", user="U2", wait=0)
    (form,) = world.hubbub.commands
    assert (form["command"], form["text"], form["user_id"], form["channel_name"]) == (
        "/hubbub", "status now", "U2", "oncall",
    )  # fmt: skip
    assert (answer["text"], answer["response_type"]) == ("No incident is open.", "ephemeral")
    assert "No incident is open." in await world.page("?channel=oncall&as=U2")
    assert "No incident is open." not in await world.page("?channel=oncall&as=U1")


async def test_a_command_can_open_a_modal_and_speak_to_everyone(world: World) -> None:
    async def both(form: dict[str, Any]) -> dict[str, Any]:
        await world.client.views_open(trigger_id=form["trigger_id"], view=EVERY_FIELD)
        return {"response_type": "in_channel", "text": "Reza declares."}

    world.hubbub.answer = both
    answer = await world.ui("command", text="declare", user="U2")
    assert answer["view"]["view"]["callback_id"] == "hubbub"
    assert "Reza declares." in await world.page("?channel=care&as=U1")


async def test_an_absent_slow_or_broken_hubbub_is_told_to_the_person() -> None:
    world = await slack_world(patience_s=0.2)
    ts = await card(world)

    async def late(payload: dict[str, Any]) -> None:
        await asyncio.sleep(0.5)

    world.hubbub.answer = late
    answer = await world.ui("press", channel="care", ts=ts, action_id="claim")
    assert answer["ok"] is False and "did not answer within 0.2 s" in answer["error"]

    async def broken(payload: dict[str, Any]) -> None:
        raise ValueError("a bug")

    world.hubbub.answer = broken
    assert "status 500" in (await world.ui("press", channel="care", ts=ts, action_id="claim"))["error"]
    world.stand_in.acts.postman.hubbub_url = lambda: "http://127.0.0.1:1"
    assert "cannot be reached" in (await world.ui("press", channel="care", ts=ts, action_id="claim"))["error"]
    await world.close()


async def test_a_wrong_secret_is_refused_by_hubbub_and_nothing_happens(world: World) -> None:
    world.stand_in.acts.postman.secret = "another"
    answer = await world.ui("press", channel="care", ts=await card(world), action_id="claim")
    assert "status 401" in answer["error"] and world.hubbub.payloads == [] and world.hubbub.forged == 1


def test_the_signature_is_the_one_of_slack_s_own_example() -> None:
    body, secret = "token=xyzz0&command=%2Fweather&text=94070", "8f742231b10e8888abcd99yyyzzz85a5"
    headers = signed(body, secret, 1531420618)
    verifier = SignatureVerifier(secret)
    assert headers["X-Slack-Signature"] == verifier.generate_signature(timestamp="1531420618", body=body)
    assert not verifier.is_valid_request(body, headers)  # the timestamp is years old


async def test_a_response_url_writes_replaces_and_deletes(world: World) -> None:
    ts = await card(world)
    await world.ui("press", channel="care", ts=ts, action_id="claim", user="U2", wait=0)
    url = world.hubbub.payloads[0]["response_url"]
    for said in ({"text": "only you"}, {"text": "new words", "replace_original": True}):
        async with world.http.post(url, json=said) as answer:
            assert answer.status == 200
    page = await world.page("?channel=care&as=U2")
    assert "only you" in page and "new words" in page and "a card" not in page
    async with world.http.post(url, json={"delete_original": True}) as answer:
        assert answer.status == 200
    assert "new words" not in await world.page("?channel=care&as=U2")
    async with world.http.post(f"{world.home}hooks/unknown", json={"text": "x"}) as answer:
        assert answer.status == 404


async def test_people_write_in_channels_and_threads(world: World) -> None:
    ts = await card(world)
    await world.ui("say", channel="care", text="<b>looking</b> & thinking", thread_ts=ts, user="U1")
    async with world.http.get(f"{world.home}ui/messages?channel=care") as answer:
        (message,) = (await answer.json())["messages"]
    assert [(r["text"], r["user"]) for r in message["replies"]] == [("&lt;b&gt;looking&lt;/b&gt; &amp; thinking", "U1")]


async def test_a_guest_is_of_another_workspace_and_listed_nowhere() -> None:
    world = await slack_world(guests=[("U7", "Gail Guest")])
    try:
        await world.ui("press", channel="care", ts=await card(world), action_id="claim", user="U7", wait=0)
        await world.ui("command", text="status", channel="care", user="U7", wait=0)
        (pressed,), (typed,) = world.hubbub.payloads, world.hubbub.commands
        assert (pressed["user"]["team_id"], pressed["team"]["id"]) == ("T0ELSEWHERE", "T0STANDIN")
        assert typed["team_id"] == "T0ELSEWHERE"
        assert [user["id"] for user in (await world.client.users_list())["members"]] == ["U1", "U2"]
        assert (await world.client.users_info(user="U7"))["user"]["team_id"] == "T0ELSEWHERE"
    finally:
        await world.close()
