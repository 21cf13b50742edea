"""The Slack client posts once, finds what it posted, and speaks only our errors."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from alerts.blocks import section
from alerts.cards import View
from alerts.case_card import case_card
from alerts.client import Posted, SlackClient
from alerts.members import Home
from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from tests.alerts.fake_slack import TOKEN, Answer, FakeSlack, hang_up, http, refuse
from tests.alerts.records import NOW, a_case

CARD = View("Waiting for someone", [section("*Waiting for someone*")])


async def test_a_posted_card_carries_its_key_and_slack_parses_nothing(slack: FakeSlack, client: SlackClient) -> None:
    view = case_card(a_case(), now=NOW)
    assert await client.post("#care", view, "case_1") == Posted("C0CARE001", "1795183200.000100")
    (sent,) = slack.sent("chat.postMessage")
    assert sent == {
        "channel": "#care", "text": view.text, "blocks": view.blocks, "parse": "none", "link_names": False,
        "unfurl_links": False, "unfurl_media": False,
        "metadata": {"event_type": "hubbub_card", "event_payload": {"key": "case_1"}},
    }  # fmt: skip
    assert slack.headers[0]["Authorization"] == f"Bearer {TOKEN}"


async def test_a_card_is_edited_in_place_by_the_channels_id(slack: FakeSlack, client: SlackClient) -> None:
    posted = await client.post("#care", CARD, "case_1")
    await client.update(posted.channel_id, posted.ts, View("Ada has this", [section("*Ada has this*")]))
    (sent,) = slack.sent("chat.update")
    assert (sent["channel"], sent["ts"], sent["text"]) == ("C0CARE001", posted.ts, "Ada has this")
    assert sent["blocks"] == [section("*Ada has this*")]


async def test_a_name_is_turned_into_an_id_where_slack_takes_no_names(slack: FakeSlack, client: SlackClient) -> None:
    slack.channels = [{"id": f"C00000{n}", "name": f"c{n}"} for n in range(7)] + slack.channels
    await client.update("#oncall", "1.1", CARD)
    await client.update("oncall", "1.1", CARD)
    assert [body["channel"] for body in slack.sent("chat.update")] == ["C0ONCALL1", "C0ONCALL1"]


async def test_without_the_right_to_list_channels_the_name_is_used_as_is(slack: FakeSlack, client: SlackClient) -> None:
    slack.next("conversations.list", refuse("missing_scope", needed="channels:read"))
    await client.update("#care", "1.1", CARD)
    assert slack.sent("chat.update")[0]["channel"] == "#care"


async def test_a_thread_line_goes_under_its_card(slack: FakeSlack, client: SlackClient) -> None:
    card = await client.post("#care", CARD, "case_1")
    ts = await client.thread(card.channel_id, card.ts, "Ada claimed the case", "case_1#0")
    sent = slack.sent("chat.postMessage")[1]
    assert ts == "1795183201.000100"
    assert (sent["thread_ts"], sent["text"]) == (card.ts, "Ada claimed the case")
    assert sent["metadata"] == {"event_type": "hubbub_line", "event_payload": {"key": "case_1#0"}}
    assert "blocks" not in sent


async def test_a_card_is_found_again_by_its_key_over_several_pages(slack: FakeSlack, client: SlackClient) -> None:
    posted = [await client.post("#care", CARD, f"case_{n}") for n in range(7)]
    assert await client.find("C0CARE001", "case_0") == posted[0].ts
    assert await client.find("#care", "case_6") == posted[6].ts
    assert await client.find("C0CARE001", "case_99") is None
    assert await client.find("C0ONCALL1", "case_0") is None


async def test_the_search_goes_no_further_back_than_asked(slack: FakeSlack, client: SlackClient) -> None:
    for n in range(3):
        await client.post("#care", CARD, f"case_{n}")
    oldest = datetime.fromtimestamp(1795183202, UTC)
    assert await client.find("C0CARE001", "case_0", oldest) is None
    assert await client.find("C0CARE001", "case_2", oldest) is not None
    assert slack.sent("conversations.history")[0]["oldest"] == "1795183202.000000"


async def test_another_apps_metadata_is_not_taken_for_ours(slack: FakeSlack, client: SlackClient) -> None:
    theirs = {"event_type": "theirs", "event_payload": {"key": "case_1"}}
    slack.messages = [
        {"channel": "C0CARE001", "ts": "1.1", "metadata": theirs},
        {"channel": "C0CARE001", "ts": "1.2", "metadata": "x"},
        {"channel": "C0CARE001", "ts": "1.3"},
    ]  # fmt: skip
    assert await client.find("C0CARE001", "case_1") is None


async def test_a_thread_line_is_found_again_by_its_key(client: SlackClient) -> None:
    card = await client.post("#care", CARD, "case_1")
    for n in range(5):
        await client.thread(card.channel_id, card.ts, "x", f"case_1#{n}")
    assert await client.find_in_thread(card.channel_id, card.ts, "case_1#4") == "1795183205.000100"
    assert await client.find_in_thread(card.channel_id, card.ts, "case_1#9") is None


async def test_a_modal_is_opened_for_the_person_who_pressed(slack: FakeSlack, client: SlackClient) -> None:
    assert await client.open_modal("T.1", {"type": "modal"}) == "V1"
    assert slack.sent("views.open") == [{"trigger_id": "T.1", "view": {"type": "modal"}}]


async def test_a_word_to_one_person_is_seen_by_them_alone_and_escaped(slack: FakeSlack, client: SlackClient) -> None:
    await client.tell("C0CARE001", "U1", "<!channel> Ada has this case already.")
    (sent,) = slack.sent("chat.postEphemeral")
    assert (sent["channel"], sent["user"]) == ("C0CARE001", "U1")
    assert sent["text"] == "&lt;!channel&gt; Ada has this case already."


@pytest.mark.parametrize("channel", ["", "C0CARE001"])
async def test_where_no_channel_is_shared_the_word_comes_as_a_direct_message(
    slack: FakeSlack, client: SlackClient, channel: str
) -> None:
    slack.next("chat.postEphemeral", refuse("user_not_in_channel"))
    await client.tell(channel, "U1", "Too late.")
    (sent,) = slack.sent("chat.postMessage")
    assert (sent["channel"], sent["text"]) == ("U1", "Too late.")


async def test_the_check_says_who_we_are(client: SlackClient) -> None:
    assert await client.check() == "hubbub in Acme"


async def test_our_workspace_is_asked_for_until_slack_has_said_it_once(slack: FakeSlack, client: SlackClient) -> None:
    slack.next("auth.test", refuse("internal_error"))
    with pytest.raises(TemporaryError):
        await client.home()
    for _ in range(2):
        assert await client.home() == Home(frozenset({"T0ACME", "E0ACME"}), "Acme")
    assert len(slack.sent("auth.test")) == 2


async def test_people_are_known_by_their_workspaces_and_organisation(slack: FakeSlack, client: SlackClient) -> None:
    grid = {"enterprise_id": "E0ACME", "teams": ["T0ACME", "T0SHOP"]}
    slack.people = {"U1": {"team_id": "T0ACME"}, "W2": {"team_id": "T0SHOP", "enterprise_user": grid}}
    assert await client.ids_of("U1") == {"T0ACME"}
    assert await client.ids_of("W2") == {"T0ACME", "T0SHOP", "E0ACME"}
    for error in ("user_not_found", "user_not_visible"):
        slack.next("users.info", refuse(error))
        assert await client.ids_of("U9") == frozenset()
    slack.next("users.info", refuse("missing_scope"))
    with pytest.raises(AuthError):
        await client.ids_of("U1")


async def test_a_wrong_token_is_said_without_showing_it(slack: FakeSlack, session: aiohttp.ClientSession) -> None:
    wrong = SlackClient("xoxb-wrong-token", session=session, base_url=slack.base_url.rstrip("/"), per_second=None)
    with pytest.raises(AuthError, match="the token is wrong") as caught:
        await wrong.check()
    assert "xoxb" not in f"{caught.value} {caught.value.__cause__} {wrong!r}"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refuse("channel_not_found"), NotFound, "invite the bot"),
        (refuse("not_in_channel"), NotFound, "/invite @hubbub"),
        (refuse("is_archived"), NotFound, "archived"),
        (refuse("invalid_auth"), AuthError, "token is wrong"),
        (refuse("missing_scope"), AuthError, "slack-manifest"),
        (refuse("token_revoked"), AuthError, "revoked"),
        (refuse("ratelimited"), RateLimited, "slow down"),
        (refuse("internal_error"), TemporaryError, "internal_error"),
        (refuse("msg_too_long"), PermanentError, "too long"),
        (refuse("something_new"), PermanentError, "something_new"),
        (http(500), TemporaryError, "HTTP 500"),
        (http(503, "busy", "text/plain"), TemporaryError, "HTTP 503"),
        (http(502, "{cut", "application/json"), TemporaryError, "HTTP 502"),
        (http(200, "<html>sign in to the hotel"), TemporaryError, "could not be read"),
        (http(200, "fine", "text/plain"), TemporaryError, "could not be read"),
        (http(200, "[]", "application/json"), TemporaryError, "could not be read"),
        (http(200, '{"ok": false, "error": 7}', "application/json"), TemporaryError, "could not be read"),
        (hang_up, TemporaryError, "could not be reached"),
    ],
)
async def test_each_failure_becomes_one_of_our_errors(
    slack: FakeSlack, client: SlackClient, answer: Answer, error: type[ServiceError], words: str
) -> None:
    slack.next("chat.postMessage", answer)
    with pytest.raises(error, match=words) as caught:
        await client.post("#care", CARD, "case_1")
    assert type(caught.value) is error
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("answer", [http(500), http(503), hang_up])
async def test_a_post_whose_fate_is_unknown_is_not_repeated(
    slack: FakeSlack, client: SlackClient, answer: Answer
) -> None:
    slack.next("chat.postMessage", answer)
    with pytest.raises(TemporaryError):
        await client.post("#care", CARD, "case_1")
    assert len(slack.sent("chat.postMessage")) == 1


@pytest.mark.parametrize("answer", [http(500), http(503), hang_up])
async def test_an_edit_and_a_search_are_repeated_once(slack: FakeSlack, client: SlackClient, answer: Answer) -> None:
    slack.next("chat.update", answer)
    slack.next("conversations.history", answer)
    await client.update("C0CARE001", "1.1", CARD)
    assert await client.find("C0CARE001", "case_1") is None
    assert (len(slack.sent("chat.update")), len(slack.sent("conversations.history"))) == (2, 2)


async def test_a_short_wait_is_waited_for_in_place(slack: FakeSlack, client: SlackClient) -> None:
    slack.next("chat.postMessage", http(429, Retry_After="0"))
    posted = await client.post("#care", CARD, "case_1")
    assert posted.ts
    assert len(slack.sent("chat.postMessage")) == 2


async def test_a_long_wait_is_handed_to_the_caller(slack: FakeSlack, client: SlackClient) -> None:
    slack.next("chat.postMessage", http(429, Retry_After="30"))
    with pytest.raises(RateLimited) as caught:
        await client.post("#care", CARD, "case_1")
    assert caught.value.retry_after == timedelta(seconds=30)
    assert len(slack.sent("chat.postMessage")) == 1


@pytest.mark.parametrize("value", ["soon", "-1", "1e9", "٣", ""])
async def test_a_wait_that_is_no_number_is_half_a_minute(slack: FakeSlack, client: SlackClient, value: str) -> None:
    slack.next("chat.postMessage", http(429, Retry_After=value))
    with pytest.raises(RateLimited) as caught:
        await client.post("#care", CARD, "case_1")
    assert caught.value.retry_after == timedelta(seconds=30)


async def test_a_card_slack_refuses_to_lay_out_is_sent_as_plain_words(slack: FakeSlack, client: SlackClient) -> None:
    slack.next("chat.postMessage", refuse("invalid_blocks"))
    await client.post("#care", CARD, "case_1")
    assert slack.sent("chat.postMessage")[1]["blocks"] == [section("Waiting for someone")]
    slack.next("chat.update", refuse("invalid_blocks"), refuse("invalid_blocks"))
    with pytest.raises(PermanentError, match="layout"):
        await client.update("C0CARE001", "1.1", CARD)


async def test_an_unreachable_slack_is_a_passing_trouble(session: aiohttp.ClientSession) -> None:
    nobody = SlackClient(TOKEN, session=session, base_url="http://127.0.0.1:9/api/", per_second=None)
    with pytest.raises(TemporaryError, match="could not be reached"):
        await nobody.post("#care", CARD, "case_1")


async def test_writes_to_one_channel_are_paced_and_other_channels_do_not_wait(
    slack: FakeSlack, session: aiohttp.ClientSession
) -> None:
    client = SlackClient(TOKEN, session=session, base_url=slack.base_url, per_second=5)
    clock = asyncio.get_running_loop().time
    start = clock()
    await client.post("C0CARE001", CARD, "1")
    await client.post("C0ONCALL1", CARD, "2")
    other = clock() - start
    await client.post("C0CARE001", CARD, "3")
    await client.update("C0CARE001", "1.1", CARD)
    assert other < 0.2 <= 0.4 <= clock() - start + 0.02


async def test_a_proxy_in_the_environment_is_not_asked_about_loopback(
    slack: FakeSlack, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = SlackClient(TOKEN, session=session, base_url=slack.base_url, per_second=None)
    assert await client.check() == "hubbub in Acme"
