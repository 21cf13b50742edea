"""Telegram: messages from chats, groups and channels, the offset that confirms, and a token nobody sees."""

from __future__ import annotations

import json
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.mention import Author, Mention, MentionKind
from listener.sources.telegram import KINDS, next_offset, parse_updates
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

TOKEN = "8123456:AAH-s3cr3t"
PATH = f"/bot{TOKEN}/getUpdates"
SECRETS = {"bot_token": TOKEN}
NOTHING: dict[str, Any] = {"ok": True, "result": []}
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Acme users"}
JO = {"id": 33, "is_bot": False, "first_name": "Jo", "username": "jo"}
OUR_BOT = {"id": 8123456, "is_bot": True, "first_name": "Acme", "username": "acme_bot"}


def heard(bot_id: str = "", kind: str = "message", **message: Any) -> Mention | None:
    """Parse one message of a group."""
    whole = {"message_id": 9, "date": 1793613600, "text": "hello", "from": JO, "chat": GROUP} | message
    parsed = parse_updates({"result": [{"update_id": 1, kind: whole}]}, ORIGIN, bot_id)
    assert parsed.set_aside == ()
    return parsed.mentions[0] if parsed.mentions else None


def test_messages_become_mentions() -> None:
    private, photo, edited, post = parse_updates(json_fixture("telegram.json"), ORIGIN).mentions
    assert private.author == Author("31", "Zeynep K.", "zeynep_k", None, "https://t.me/zeynep_k")
    assert (private.native_id, private.kind, private.addressed) == ("31:11", MentionKind.MESSAGE, True)
    assert (private.url, private.language) == (None, None), "the language of the app is not that of the message"
    assert private.created_at == datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
    assert photo.text == "اپلیکیشن باز نمی‌شود @… @…", "the words below a picture count"
    assert (photo.kind, photo.url) == (MentionKind.POST, "https://t.me/c/1234567890/501")
    assert (edited.kind, edited.in_reply_to) == (MentionKind.REPLY, "-1001234567890:501")
    assert edited.root == "-1001234567890:480"
    assert edited.edited_at == datetime(2026, 11, 2, 10, 5, tzinfo=UTC)
    assert (post.author.id, post.author.name, post.url) == ("-1009", "Down watch", "https://t.me/downwatch/77")


def test_bots_and_service_messages_are_left_out_and_broken_ones_set_aside() -> None:
    parsed = parse_updates(json_fixture("telegram.json"), ORIGIN)
    assert [mention.native_id for mention in parsed.mentions][2:] == ["-1001234567890:502", "-1009:77"]
    assert [aside.reason for aside in parsed.set_aside] == ["`date` is no readable date"]


@pytest.mark.parametrize(
    "message",
    [
        {"text": "/start"}, {"text": "/status@acme_bot"}, {"text": None, "photo": []}, {"from": OUR_BOT},
        {"forward_origin": {"type": "channel", "chat": {"id": -7, "username": "Acme"}, "message_id": 3}},
        {"forward_origin": {"type": "user", "sender_user": OUR_BOT}}, {"forward_from": OUR_BOT},
        {"forward_from_chat": {"id": -7, "username": "acme"}},
    ],
)  # fmt: skip
def test_commands_pictures_bots_and_forwards_of_our_own_posts_are_no_mentions(message: dict[str, Any]) -> None:
    assert heard(**message) is None


def test_a_forwarded_channel_post_names_where_it_comes_from() -> None:
    forwarded = heard(forward_origin={"type": "channel", "chat": {"id": -8, "username": "news"}, "message_id": 3})
    assert forwarded is not None
    assert (forwarded.root, forwarded.author.id) == ("-8:3", "33")


@pytest.mark.parametrize(
    ("message", "addressed"),
    [
        ({"text": "is @ACME down?"}, True), ({"text": "mail me at jo@acme.example"}, True), ({}, False),
        ({"text": "@acmeuser"}, False), ({"reply_to_message": {"message_id": 2, "from": OUR_BOT}}, True),
        ({"reply_to_message": {"message_id": 2, "from": {"id": 1, "username": "acme"}}}, True),
        ({"reply_to_message": {"message_id": 2, "from": JO}}, False),
    ],
)  # fmt: skip
def test_a_group_speaks_to_us_where_it_names_or_answers_us(message: dict[str, Any], addressed: bool) -> None:
    mention = heard("8123456", **message)
    assert mention is not None
    assert mention.addressed is addressed


def test_a_topic_of_a_forum_is_no_conversation() -> None:
    opened = {"message_id": 4, "forum_topic_created": {"name": "Payments"}}
    mention = heard(message_thread_id=4, is_topic_message=True, reply_to_message=opened)
    assert mention is not None
    assert (mention.kind, mention.in_reply_to, mention.root) == (MentionKind.POST, None, None)


def test_a_channel_that_speaks_in_a_group_is_the_author() -> None:
    channel = {"id": -1009, "type": "channel", "title": "Down watch", "username": "downwatch"}
    mention = heard(sender_chat=channel, **{"from": OUR_BOT | {"username": "Channel_Bot"}})
    assert mention is not None
    assert mention.author.handle == "downwatch"


@pytest.mark.parametrize(
    ("chats", "texts"),
    [((), 4), ((-1001234567890,), 2), (("@DownWatch",), 1), (("-1009", 31), 2), (("nowhere",), 0), (("@",), 0)],
)
def test_only_the_chosen_chats_are_heard(chats: tuple[int | str, ...], texts: int) -> None:
    assert len(parse_updates(json_fixture("telegram.json"), ORIGIN, chats=chats).mentions) == texts


def test_the_offset_is_one_more_than_the_highest_update() -> None:
    assert next_offset({"result": [{"update_id": 5}, {"update_id": 9}, {}, None]}) == 10
    assert next_offset(NOTHING) is None


async def test_only_what_is_stored_is_confirmed(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply(json_fixture("telegram.json")), Reply(NOTHING))
    bot = source("telegram", session, service.url, secrets=SECRETS)
    first = await bot.fetch(None)
    assert (len(first.mentions), first.more) == (4, False)
    assert json.loads(first.cursor or "")["offset"] == 7008
    assert service.asked[0].query == [], "nothing is confirmed before the first answer is stored"
    again = await bot.fetch(first.cursor)
    assert again.cursor == first.cursor
    assert service.asked[1].query == [("offset", "7008")]
    assert json.loads(service.asked[1].body) == {"limit": 100, "timeout": 0, "allowed_updates": list(KINDS)}


async def test_a_full_answer_is_asked_on_at_once(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply({"ok": True, "result": [{"update_id": n} for n in range(100)]}))
    batch = await source("telegram", session, service.url, secrets=SECRETS).fetch(None)
    assert (batch.more, batch.mentions, json.loads(batch.cursor or "")["offset"]) == (True, (), 100)


@pytest.mark.parametrize(("days", "query"), [(5, [("offset", "70")]), (7, [])])
async def test_after_a_silent_week_the_offset_is_forgotten(
    service: Service, session: aiohttp.ClientSession, days: int, query: list[tuple[str, str]]
) -> None:
    service.says(PATH, Reply({"ok": True, "result": [{"update_id": 12}]}))
    known = json.dumps({"offset": 70, "heard_at": (NOW - timedelta(days=days)).isoformat()})
    batch = await source("telegram", session, service.url, secrets=SECRETS).fetch(known)
    assert service.asked[0].query == query
    assert json.loads(batch.cursor or "") == {"offset": 13, "heard_at": NOW.isoformat()}


def refused(code: int, description: str = "", **parameters: int) -> dict[str, Any]:
    return {"ok": False, "error_code": code, "description": description, "parameters": parameters}


@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (Reply(refused(409, "Conflict: can't use getUpdates method while webhook is active"), 409), PermanentError,
         "deleteWebhook"),
        (Reply(refused(409, "Conflict: terminated by other getUpdates request"), 409), TemporaryError, "only one may"),
        (Reply(refused(401, "Unauthorized"), 401), AuthError, "bot_token"),
        (Reply(refused(404, "Not Found"), 404), AuthError, "bot_token"),
        (Reply(refused(401), 200), AuthError, "bot_token"),
        (Reply({"ok": False}), PermanentError, "refused"),
        (Reply("Forbidden", 403), AuthError, "403"),
        (Reply(refused(400, "Bad Request"), 400), PermanentError, "400"),
        (Reply("Bad Gateway", 502), TemporaryError, "502"),
        (Reply(b"<html>captive portal</html>"), TemporaryError, "web page"),
        (Reply("[", 200), PermanentError, "broken JSON"),
        (Reply({"ok": True, "result": {}}), PermanentError, "`result` should be a list"),
        (Reply(drop=True), TemporaryError, "dropped"),
        (Reply("", 302, {"Location": "http://127.0.0.1:1/"}), PermanentError, "another address"),
    ],
)  # fmt: skip
async def test_refusals_say_what_to_do_and_never_show_the_token(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[Exception], says: str
) -> None:
    service.says(PATH, reply)
    with pytest.raises(ServiceError) as caught:
        await source("telegram", session, service.url, secrets=SECRETS).fetch(None)
    assert type(caught.value) is kind
    assert says in str(caught.value)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert "s3cr3t" not in told


async def test_the_wait_stands_in_the_body(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply(refused(429, "Too Many Requests: retry after 17", retry_after=17), 429))
    with pytest.raises(RateLimited) as caught:
        await source("telegram", session, service.url, secrets=SECRETS).fetch(None)
    assert caught.value.retry_after == timedelta(seconds=17)


async def test_an_unreachable_server_does_not_give_the_token_away(session: aiohttp.ClientSession) -> None:
    for base in ("http://127.0.0.1:1", "http://[::1", "http://nowhere.invalid"):
        bot = source("telegram", session, base, secrets={"bot_token": TOKEN + "/../x y"})
        with pytest.raises(ServiceError) as caught:
            await bot.fetch(None)
        assert "s3cr3t" not in "".join(traceback.format_exception(caught.value))
