"""Posts in Telegram: what arrives, what a refusal means, and what can be found out after a lost answer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import AuthError, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.work import Delivery
from status_page.publishers.publisher import Published
from status_page.publishers.telegram import Telegram
from status_page.publishers.telegram_page import messages_of
from tests.app.outbox.platforms import CHANNEL, Post, preview
from tests.domain.make import NOW, delivery
from tests.status_page.publishers.receiver import Answer, Receiver, raw, receiving, says

TOKEN = "123456:AAH-secret"
TAKEN = says({"ok": True, "result": {"message_id": 5, "chat": {"id": -100123}}})


def bot(server: Receiver, session: aiohttp.ClientSession, **changes: Any) -> Telegram:
    given = {"chat": "@acme_status", "channel": CHANNEL, "previews": server.url, **changes}
    return Telegram("telegram", f"{server.url}/", TOKEN, session, **given)


def refuses(description: str, code: int = 400, **more: Any) -> Answer:
    return says({"ok": False, "error_code": code, "description": description, **more}, code)


def page(*texts: str, at: timedelta = timedelta(seconds=5)) -> Answer:
    posts = [Post(str(number), text, NOW + at) for number, text in enumerate(texts, start=5)]
    return raw(preview(posts).encode())


def in_doubt(text: str = "We are looking.") -> Delivery:
    return delivery(text=text, unsure_since=NOW)


async def test_a_post_arrives_as_plain_words_and_its_address_comes_back(session: aiohttp.ClientSession) -> None:
    async with receiving(TAKEN) as server:
        sent = await bot(server, session).publish(delivery(text="<b>Ödemeler</b> *پرداخت* _x_"))
    (got,) = server.got
    assert got.path == f"/bot{TOKEN}/sendMessage"
    assert json.loads(got.body) == {"chat_id": "@acme_status", "text": "<b>Ödemeler</b> *پرداخت* _x_"}
    assert sent == Published("5", f"https://t.me/{CHANNEL}/5")


async def test_a_post_in_a_private_chat_has_no_address(session: aiohttp.ClientSession) -> None:
    async with receiving(TAKEN) as server:
        assert await bot(server, session, channel="").publish(delivery()) == Published("5", None)


async def test_a_later_one_answers_the_one_before_even_if_that_is_gone(session: aiohttp.ClientSession) -> None:
    async with receiving(TAKEN) as server:
        await bot(server, session).publish(delivery(reply_to="4"))
    assert json.loads(server.got[0].body)["reply_parameters"] == {
        "message_id": 4, "allow_sending_without_reply": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refuses("Unauthorized", 401), AuthError, "does not know this bot"),
        (refuses("Not Found", 404), AuthError, "does not know this bot"),
        (refuses("Forbidden: bot is not a member of the channel chat", 403), AuthError, "not a member"),
        (refuses("Bad Request: chat not found"), PermanentError, "chat not found"),
        (refuses("Too Many Requests: retry after 5", 429, parameters={"retry_after": 5}), RateLimited, "slow down"),
        (refuses("Bad Gateway", 502), TemporaryError, "502"),
        (says({"ok": True}), TemporaryError, "gave no id"),
    ],
)
async def test_each_refusal_says_what_to_do_and_never_the_token(
    answer: Answer, kind: type[ServiceError], words: str, session: aiohttp.ClientSession
) -> None:
    async with receiving(answer) as server:
        with pytest.raises(ServiceError, match=words) as caught:
            await bot(server, session).publish(delivery())
    assert type(caught.value) is kind
    assert "secret" not in f"{caught.value} {caught.value.__cause__!r} {bot(server, session)!r}"
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == timedelta(seconds=5)


async def test_words_are_replaced_and_a_repeat_is_fine(session: aiohttp.ClientSession) -> None:
    same = refuses("Bad Request: message is not modified: specified new message content ...")
    async with receiving(TAKEN, same) as server:
        for _ in range(2):
            await bot(server, session).edit(delivery(remote_id="5", correction="Düzeltme"))
    assert server.got[0].path.endswith("/editMessageText")
    assert json.loads(server.got[0].body) == {"chat_id": "@acme_status", "message_id": 5, "text": "Düzeltme"}


async def test_a_post_is_taken_back_and_one_that_is_gone_is_fine(session: aiohttp.ClientSession) -> None:
    gone = refuses("Bad Request: message to delete not found")
    async with receiving(says({"ok": True, "result": True}), gone) as server:
        for _ in range(2):
            await bot(server, session).withdraw(delivery(remote_id="5"))
    assert server.got[0].path.endswith("/deleteMessage")
    assert json.loads(server.got[0].body) == {"chat_id": "@acme_status", "message_id": 5}


@pytest.mark.parametrize("change", ["edit", "withdraw"])
async def test_a_change_that_is_refused_is_said(change: str, session: aiohttp.ClientSession) -> None:
    async with receiving(refuses("Bad Request: message can't be deleted")) as server:
        with pytest.raises(PermanentError, match="can't be deleted"):
            await getattr(bot(server, session), change)(delivery(remote_id="5"))
        with pytest.raises(PermanentError, match="not known which"):
            await getattr(bot(server, session), change)(delivery(remote_id=None))


@pytest.mark.parametrize("text", ["We are looking.", "A & B <b>\nپرداخت‌ها: https://status.example/1.html", "🙂 tamam"])
async def test_our_post_is_found_in_the_public_preview(text: str, session: aiohttp.ClientSession) -> None:
    async with receiving(page("earlier", text, "later")) as server:
        found = await bot(server, session).find(in_doubt(text))
    assert found == Published("6", f"https://t.me/{CHANNEL}/6")
    assert (server.got[0].method, server.got[0].path) == ("GET", f"/s/{CHANNEL}")


@pytest.mark.parametrize("answer", [page(), page("another one"), page("We are looking.", at=timedelta(minutes=-5))])
async def test_another_post_is_not_taken_for_ours(answer: Answer, session: aiohttp.ClientSession) -> None:
    async with receiving(answer) as server:
        assert await bot(server, session).find(in_doubt()) is None


@pytest.mark.parametrize("answer", [raw(b"", 302), raw(b"", 404), raw(b"<html><body>Contact @acme</body></html>")])
async def test_without_a_preview_nobody_can_tell(answer: Answer, session: aiohttp.ClientSession) -> None:
    async with receiving(answer) as server:
        with pytest.raises(PermanentError, match="shows nobody"):
            await bot(server, session).find(in_doubt())


async def test_a_private_chat_is_not_even_asked_for(session: aiohttp.ClientSession) -> None:
    async with receiving(page()) as server:
        with pytest.raises(PermanentError, match="shows nobody"):
            await bot(server, session, channel="").find(in_doubt())
    assert server.got == []


async def test_a_preview_that_is_down_is_asked_again(session: aiohttp.ClientSession) -> None:
    async with receiving(raw(b"", 503)) as server:
        with pytest.raises(TemporaryError):
            await bot(server, session).find(in_doubt())


def test_a_message_keeps_its_words_through_marks_emoji_and_nested_blocks() -> None:
    inside = (
        'Fix <b>is <i>in</i></b> place<br>see <a href="https://a.example/?x=1&amp;y=2">https://a.example/?x=1&amp;y=2</a>'
        '<i class="emoji" style="x"><b>🙂</b></i><img src="x"><blockquote><div>quoted</div></blockquote>'
    )
    html = f'<div data-post="{CHANNEL}/8"><div class="tgme_widget_message_text js-message_text">{inside}</div>after'
    found = next(iter(messages_of(html) or ()), None)
    assert found is not None
    assert (found.id, found.at) == ("8", None)
    assert found.text == "Fix is in place\nsee https://a.example/?x=1&y=2🙂quoted"


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_no_page_breaks_the_reader(page: str) -> None:
    messages_of(page)
    messages_of(f'<div data-post="a/1"><div class="tgme_widget_message_text">{page}')
