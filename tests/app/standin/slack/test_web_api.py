"""The Web API, called by the real slack-sdk over loopback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from app.standin.slack import APP_TOKEN, BOT_TOKEN
from tests.app.standin.world import Clock, World, actions, button, modal, section, slack_world


async def refusal(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    data = caught.value.response.data
    assert isinstance(data, dict)
    return data


async def post(world: World, text: str = "hello", **more: Any) -> str:
    return str((await world.client.chat_postMessage(channel="#care", text=text, **more))["ts"])


async def test_auth_test_says_who_the_token_is(world: World) -> None:
    answer = await world.client.auth_test()
    assert answer["ok"] and answer["user"] == "hubbub" and answer["url"] == world.home


@pytest.mark.parametrize(
    ("token", "error"), [("", "not_authed"), ("xoxb-other", "invalid_auth"), (APP_TOKEN, "not_allowed_token_type")]
)
async def test_a_wrong_token_is_refused(world: World, token: str, error: str) -> None:
    client = AsyncWebClient(token, base_url=f"{world.home}api/")
    assert (await refusal(client.api_call("chat.postMessage", json={"channel": "#care", "text": "x"})))[
        "error"
    ] == error


async def test_a_message_is_posted_by_name_or_id_and_read_back_newest_first(world: World) -> None:
    first = await world.client.chat_postMessage(channel="#care", text="one", blocks=[section("*one*")])
    second = await world.client.chat_postMessage(channel=first["channel"], text="two", username="Duty")
    history = await world.client.conversations_history(channel=first["channel"])
    assert [m["ts"] for m in history["messages"]] == [second["ts"], first["ts"]]
    assert history["messages"][0]["username"] == "Duty"
    assert history["messages"][1]["blocks"][0]["text"]["text"] == "*one*"


async def test_json_form_and_bearer_less_form_calls_mean_the_same(world: World) -> None:
    blocks = json.dumps([section("x")])
    form = {"token": BOT_TOKEN, "channel": "#care", "text": "by form", "blocks": blocks}
    async with world.http.post(f"{world.home}api/chat.postMessage", data=form) as answer:
        by_form = await answer.json()
    by_json = (await world.client.chat_postMessage(channel="#care", text="by form", blocks=[section("x")])).data
    assert isinstance(by_json, dict)
    assert by_form["message"].keys() == by_json["message"].keys()


async def test_ts_are_unique_and_rise_although_the_clock_stands_or_goes_back(world: World) -> None:
    seen = [await post(world) for _ in range(3)]
    world.clock.move(hours=-5)
    seen.append(await post(world))
    assert len(set(seen)) == 4 and seen == sorted(seen, key=float)
    assert seen[0] == f"{world.clock.at.timestamp() + 5 * 3600:.6f}"


async def test_broken_blocks_are_refused_with_the_reason(world: World) -> None:
    data = await refusal(world.client.chat_postMessage(channel="#care", text="x", blocks=[section("x" * 3001)]))
    assert data["error"] == "invalid_blocks"
    assert "no more than 3000 characters [json-pointer:/blocks/0/text]" in data["errors"][0]
    assert data["response_metadata"]["messages"][0].startswith("[ERROR] ")
    assert world.stand_in.workspace.revision == 0


@pytest.mark.parametrize(
    ("method", "values", "error"),
    [
        ("chat.postMessage", {"channel": "#nowhere", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "#care"}, "no_text"),
        ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "#care", "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": "#care", "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": "#care", "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        (
            "chat.postMessage",
            {"channel": "#care", "text": "x", "metadata": {"event_type": 1}},
            "invalid_metadata_format",
        ),
        ("chat.update", {"channel": "#care", "ts": "1.000000", "text": "x"}, "channel_not_found"),
        ("chat.delete", {"channel": "#care", "ts": "1.000000"}, "channel_not_found"),
        ("chat.postEphemeral", {"channel": "#care", "text": "x", "user": "U9"}, "user_not_in_channel"),
        ("conversations.history", {"channel": "#care", "cursor": "zzz"}, "invalid_cursor"),
        ("conversations.history", {"channel": "#care", "limit": "-1"}, "invalid_limit"),
        ("conversations.replies", {"channel": "#care", "ts": "1.0"}, "thread_not_found"),
        ("users.info", {"user": "U9"}, "user_not_found"),
        ("users.lookupByEmail", {"email": "no@example.com"}, "users_not_found"),
        ("views.open", {"trigger_id": "1.2.3", "view": modal(section("x"))}, "invalid_trigger_id"),
        ("views.open", {"trigger_id": "1.2.3", "view": modal()}, "invalid_arguments"),
        ("views.update", {"view_id": "V9", "view": modal(section("x"))}, "not_found"),
        ("chat.poem", {}, "unknown_method"),
    ],
)
async def test_slack_s_own_refusals(world: World, method: str, values: dict[str, Any], error: str) -> None:
    assert (await refusal(world.client.api_call(method, json=values)))["error"] == error


@pytest.mark.parametrize(
    ("body", "error"), [(b"{", "invalid_json"), (b"[1]", "json_not_object"), (b"[" * 10**5, "invalid_json")]
)
async def test_broken_bodies_are_refused(world: World, body: bytes, error: str) -> None:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}", "Content-Type": "application/json"}
    async with world.http.post(f"{world.home}api/chat.postMessage", data=body, headers=headers) as answer:
        assert (await answer.json())["error"] == error


async def test_an_update_changes_the_same_message_and_keeps_its_metadata(world: World) -> None:
    metadata = {"event_type": "hubbub_card", "event_payload": {"key": "case_1"}}
    made = await world.client.chat_postMessage(channel="#care", text="one", blocks=[section("one")], metadata=metadata)
    await world.client.chat_update(channel=made["channel"], ts=made["ts"], text="two", blocks=[section("two")])
    history = await world.client.conversations_history(channel=made["channel"], include_all_metadata=True)
    (message,) = history["messages"]
    assert (message["text"], message["blocks"][0]["text"]["text"]) == ("two", "two")
    assert message["metadata"] == metadata


async def test_a_text_without_blocks_removes_the_old_blocks(world: World) -> None:
    made = await world.client.chat_postMessage(channel="#care", text="one", blocks=[section("one")])
    answer = await world.client.chat_update(channel=made["channel"], ts=made["ts"], text="plain")
    assert answer["message"]["blocks"] == [] and "edited" in answer["message"]


async def test_metadata_is_shown_only_to_who_asks(world: World) -> None:
    made = await world.client.chat_postMessage(
        channel="#care", text="x", metadata={"event_type": "t", "event_payload": {}}
    )  # fmt: skip
    assert "metadata" not in (await world.client.conversations_history(channel=made["channel"]))["messages"][0]


async def test_replies_stand_in_the_thread_and_not_in_the_channel(world: World) -> None:
    ts = await post(world)
    await world.client.chat_postMessage(channel="#care", text="reply", thread_ts=ts)
    channel = world.stand_in.workspace.channel("care").id
    history = await world.client.conversations_history(channel=channel)
    replies = await world.client.conversations_replies(channel=channel, ts=ts)
    assert [(m["text"], m["reply_count"]) for m in history["messages"]] == [("hello", 1)]
    assert [m["text"] for m in replies["messages"]] == ["hello", "reply"]


async def test_history_pages_with_a_cursor_and_an_exclusive_oldest(world: World) -> None:
    seen = [await post(world, str(n)) for n in range(5)]
    channel = world.stand_in.workspace.channel("care").id
    pages, cursor = [], None
    while cursor != "":
        page = await world.client.conversations_history(channel=channel, limit=2, cursor=cursor)
        pages.append([m["text"] for m in page["messages"]])
        cursor = page["response_metadata"]["next_cursor"]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    newer = await world.client.conversations_history(channel=channel, oldest=seen[2])
    assert [m["text"] for m in newer["messages"]] == ["4", "3"]


async def test_a_deleted_message_is_gone_and_cannot_be_changed(world: World) -> None:
    ts, channel = await post(world), world.stand_in.workspace.channel("care").id
    await world.client.chat_delete(channel=channel, ts=ts)
    assert (await world.client.conversations_history(channel=channel))["messages"] == []
    data = await refusal(world.client.chat_update(channel=channel, ts=ts, text="x"))
    assert data["error"] == "message_not_found"


async def test_people_s_messages_cannot_be_changed_by_the_app(world: World) -> None:
    said = await world.ui("say", channel="care", text="mine", user="U1")
    channel = world.stand_in.workspace.channel("care").id
    data = await refusal(world.client.chat_update(channel=channel, ts=said["ts"], text="x"))
    assert data["error"] == "cant_update_message"


async def test_an_ephemeral_is_seen_by_one_person_only(world: World) -> None:
    await world.client.chat_postEphemeral(channel="#care", user="U2", text="for Reza")
    channel = world.stand_in.workspace.channel("care").id
    assert (await world.client.conversations_history(channel=channel))["messages"] == []
    async with world.http.get(f"{world.home}ui/ephemerals?channel=care") as answer:
        assert [(m["text"], m["user_only"]) for m in (await answer.json())["messages"]] == [("for Reza", "U2")]
    assert "for Reza" in await world.page("?channel=care&as=U2")
    assert "for Reza" not in await world.page("?channel=care&as=U1")


async def test_a_direct_message_opens_its_conversation(world: World) -> None:
    opened = (await world.client.conversations_open(users="U2"))["channel"]["id"]
    posted = await world.client.chat_postMessage(channel="U2", text="just you")
    assert posted["channel"] == opened and opened.startswith("D")
    assert "just you" in await world.page(f"?channel={opened}&as=U2")
    assert "just you" not in await world.page(f"?channel={opened}&as=U1")


async def test_channels_and_people_are_listed_and_found(world: World) -> None:
    channels = await world.client.conversations_list(limit=1)
    more = await world.client.conversations_list(cursor=channels["response_metadata"]["next_cursor"])
    assert [c["name"] for c in [*channels["channels"], *more["channels"]]] == ["care", "oncall"]
    assert (await world.client.conversations_info(channel=more["channels"][0]["id"]))["channel"]["name"] == "oncall"
    assert [u["real_name"] for u in (await world.client.users_list())["members"]] == ["Ada Karaca", "Reza Moradi"]
    found = await world.client.users_lookupByEmail(email="adakaraca@example.com")
    assert found["user"]["id"] == (await world.client.users_info(user="U1"))["user"]["id"]


async def test_a_told_rate_limit_comes_with_its_wait_and_passes(world: World) -> None:
    world.stand_in.api.fail_next(429, 1, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await post(world)
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")
    assert await post(world)


async def test_a_told_server_error_is_no_json_and_only_for_its_method(world: World) -> None:
    world.stand_in.api.fail_next(503, 1, method="chat.postMessage")
    await world.client.auth_test()
    with pytest.raises(SlackApiError) as caught:
        await post(world)
    assert caught.value.response.status_code == 503 and isinstance(caught.value.response.data, str)


async def test_an_answer_can_be_lost_after_the_work_was_done(world: World) -> None:
    world.stand_in.api.fail_next(0, 1, method="chat.postMessage", after_work=True)
    lonely = AsyncWebClient(BOT_TOKEN, base_url=f"{world.home}api/", retry_handlers=[])
    with pytest.raises(Exception, match=r".*"):
        await lonely.chat_postMessage(channel="#care", text="written all the same")
    assert world.stand_in.workspace.count(world.stand_in.workspace.channel("care").id) == 1


async def test_everything_is_there_again_after_the_process_was_killed(tmp_path: Path) -> None:
    path, clock = tmp_path / "slack.db", Clock()
    first = await slack_world(path, clock)
    ts = await post(first, blocks=[section("kept"), actions(button())])
    await first.client.chat_postMessage(channel="#care", text="reply", thread_ts=ts)
    await first.client.chat_postMessage(channel="U2", text="direct")
    await first.http.close()  # the workspace is never closed, as after kill -9
    second = await slack_world(path, Clock(clock.at))
    channel = second.stand_in.workspace.channel("care").id
    replies = await second.client.conversations_replies(channel=channel, ts=ts)
    assert [m["text"] for m in replies["messages"]] == ["hello", "reply"]
    assert replies["messages"][0]["blocks"][1]["elements"][0]["action_id"] == "claim"
    assert float(await post(second)) > float(replies["messages"][1]["ts"])
    assert [c.reader for c in second.stand_in.workspace.direct_channels("U2")] == ["U2"]
    for world in (second, first):
        await world.close()
