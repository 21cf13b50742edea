"""Posts and answers on Mastodon, as they arrive at the server."""

from __future__ import annotations

from urllib.parse import parse_qs

import aiohttp
import pytest

from domain.errors import TemporaryError
from status_page.publishers.mastodon import Mastodon
from status_page.publishers.publisher import Published
from tests.domain.make import delivery
from tests.status_page.publishers.receiver import hangs_up, raw, receiving, says

TEXT = "Ödemeler: sorun çözüldü ✅\nپرداخت‌ها درست شد & <b>%"


async def test_a_post_arrives_word_for_word_with_its_language_and_key(session: aiohttp.ClientSession) -> None:
    async with receiving(says({"id": "113", "url": "https://town.example/@brand/113"})) as server:
        sent = await Mastodon("mastodon", f"{server.url}/", "tok", session).publish(delivery(text=TEXT, language="tr"))
    (got,) = server.got
    assert sent == Published("113", "https://town.example/@brand/113")
    assert got.path == "/api/v1/statuses"
    assert got.headers["Authorization"] == "Bearer tok"
    assert got.headers["Idempotency-Key"] == "del_1"
    assert parse_qs(got.body.decode()) == {"status": [TEXT], "visibility": ["public"], "language": ["tr"]}


async def test_an_answer_hangs_under_the_post_it_answers(session: aiohttp.ClientSession) -> None:
    async with receiving(says({"id": "114"})) as server:
        sent = await Mastodon("mastodon", server.url, "tok", session).publish(delivery(reply_to="99"))
    assert parse_qs(server.got[0].body.decode())["in_reply_to_id"] == ["99"]
    assert sent == Published("114", None)


async def test_a_retry_after_a_lost_answer_carries_the_same_key(session: aiohttp.ClientSession) -> None:
    async with receiving(hangs_up, says({"id": "115"})) as server:
        account = Mastodon("mastodon", server.url, "tok", session)
        with pytest.raises(TemporaryError):
            await account.publish(delivery())
        await account.publish(delivery())
    first, second = server.got
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.body == second.body


@pytest.mark.parametrize("answer", [raw(b"<html>maintenance</html>"), says({"id": 5}), says({"ok": True})])
async def test_a_yes_without_an_id_is_asked_again(answer: object, session: aiohttp.ClientSession) -> None:
    async with receiving(answer) as server:  # type: ignore[arg-type]
        with pytest.raises(TemporaryError, match="gave no id"):
            await Mastodon("mastodon", server.url, "tok", session).publish(delivery())
