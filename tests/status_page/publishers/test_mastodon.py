"""Posts and answers on Mastodon, as they arrive at the server."""

from __future__ import annotations

from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web

from domain.errors import TemporaryError
from status_page.publishers.mastodon import Mastodon
from status_page.publishers.publisher import Published
from tests.domain.make import NOW, delivery
from tests.status_page.publishers.receiver import Answer, hangs_up, raw, receiving, says

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


async def test_the_server_says_itself_how_long_a_post_may_be(session: aiohttp.ClientSession) -> None:
    told = {"configuration": {"statuses": {"max_characters": 5000, "characters_reserved_per_url": 30}}}
    async with receiving(says(told)) as server:
        account = Mastodon("mastodon", server.url, "tok", session)
        assert (account.limit, account.measure("https://a.example")) == (500, 23)
        await account.learn()
    assert (server.got[0].method, server.got[0].path) == ("GET", "/api/v2/instance")
    assert (account.limit, account.measure("https://a.example")) == (5000, 30)


NONSENSE = [{}, {"configuration": 5}, {"configuration": {"statuses": {"max_characters": "many"}}},
            {"configuration": {"statuses": {"max_characters": 0}}}]  # fmt: skip


@pytest.mark.parametrize("told", NONSENSE)
async def test_a_limit_that_is_none_changes_nothing(told: object, session: aiohttp.ClientSession) -> None:
    async with receiving(says(told)) as server:
        account = Mastodon("mastodon", server.url, "tok", session)
        await account.learn()
    assert account.limit == 500


async def test_words_are_replaced_and_the_person_stays_addressed(session: aiohttp.ClientSession) -> None:
    sent = delivery(remote_id="113", reply_to="9", handle="zeynep", correction="Düzeltme", language="tr")
    async with receiving(says({"id": "113"})) as server:
        await Mastodon("mastodon", server.url, "tok", session).edit(sent)
    (got,) = server.got
    assert (got.method, got.path) == ("PUT", "/api/v1/statuses/113")
    assert parse_qs(got.body.decode()) == {"status": ["@zeynep Düzeltme"], "language": ["tr"]}


@pytest.mark.parametrize("answer", [says({"id": "113"}), says({"error": "Record not found"}, 404)])
async def test_a_post_is_taken_back_also_when_it_is_gone(answer: Answer, session: aiohttp.ClientSession) -> None:
    async with receiving(answer) as server:
        await Mastodon("mastodon", server.url, "tok", session).withdraw(delivery(remote_id="113"))
    assert (server.got[0].method, server.got[0].path) == ("DELETE", "/api/v1/statuses/113")


ME = says({"id": "7"})
IN_DOUBT = delivery(text="A & B\nhttps://s.example/1", unsure_since=NOW)
CONTENT = (
    '<p>A &amp; B<br /><a href="https://s.example/1" rel="nofollow"><span class="invisible">https://</span>'
    '<span class="">s.example/1</span><span class="invisible"></span></a></p>'
)


def status(**changes: object) -> dict[str, object]:
    return {"id": "113", "url": None, "created_at": "2026-03-06T16:45:01.000Z", "content": CONTENT, **changes}


def listing(*found: object) -> Answer:
    return lambda request: web.json_response(list(found))


async def test_our_post_is_found_among_those_of_the_account(session: aiohttp.ClientSession) -> None:
    async with receiving(ME, listing(status(id="114", content="<p>other</p>"), status())) as server:
        found = await Mastodon("mastodon", server.url, "tok", session).find(IN_DOUBT)
    assert found == Published("113", None)
    assert [got.path for got in server.got] == ["/api/v1/accounts/verify_credentials", "/api/v1/accounts/7/statuses"]


@pytest.mark.parametrize(
    "found", [[], [status(content="<p>A &amp; C</p>")], [status(created_at="2026-03-06T16:00:00Z")], [5]]
)
async def test_another_post_is_not_taken_for_ours(found: list[object], session: aiohttp.ClientSession) -> None:
    async with receiving(ME, listing(*found)) as server:
        assert await Mastodon("mastodon", server.url, "tok", session).find(IN_DOUBT) is None


@pytest.mark.parametrize("answers", [(raw(b"<html>"),), (ME, raw(b"<html>")), (ME, says({"a": 1}))])
async def test_an_answer_that_says_nothing_is_no_proof(
    answers: tuple[Answer, ...], session: aiohttp.ClientSession
) -> None:
    async with receiving(*answers) as server:
        with pytest.raises(TemporaryError, match="did not say"):
            await Mastodon("mastodon", server.url, "tok", session).find(IN_DOUBT)
