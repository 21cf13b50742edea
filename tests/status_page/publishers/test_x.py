"""Posts on X: what arrives, what it costs, what a refusal means, and how a lost answer is cleared up."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest

from domain.errors import AuthError, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.work import Delivery
from status_page.publishers.publisher import Edits, Finds, Published, Withdraws
from status_page.publishers.x import Duplicate, X
from tests.domain.make import NOW, delivery
from tests.status_page.publishers.receiver import Answer, Receiver, receiving, says

RECORDED = (
    Path(__file__).parents[3] / "../shared/fixtures/posting/x/test_asyncclient_create_and_delete_tweet.replay.json"
)
TAKEN = says({"data": {"id": "1522929456142245888", "text": "Test Tweet"}}, 201)
ME = says({"data": {"id": "7"}})
NONE = says({"meta": {"result_count": 0}})
AGAIN = says({"title": "Forbidden", "detail": "You are not allowed to create a Tweet with duplicate content."}, 403)


def account(server: Receiver, session: aiohttp.ClientSession, **changes: Any) -> X:
    return X("x", f"{server.url}/", changes.pop("secret", "tok"), session, lambda: NOW, **changes)


def listed(text: str, **more: Any) -> Answer:
    post = {"id": "99", "text": text, "created_at": "2026-03-06T16:45:10.000Z", **more}
    return says({"data": [{"id": "98", "text": "another one", "created_at": "2026-03-06T16:45:20.000Z"}, post]})


def in_doubt(text: str = "We are looking.") -> Delivery:
    return delivery(text=text, unsure_since=NOW)


async def test_a_post_arrives_word_for_word_and_its_address_comes_back(session: aiohttp.ClientSession) -> None:
    async with receiving(TAKEN) as server:
        sent = await account(server, session).publish(delivery(text="Ödemeler & پرداخت"))
    (got,) = server.got
    assert (got.method, got.path, got.headers["Authorization"]) == ("POST", "/2/tweets", "Bearer tok")
    assert json.loads(got.body) == {"text": "Ödemeler & پرداخت"}
    assert sent == Published("1522929456142245888", "https://x.com/i/status/1522929456142245888")


async def test_a_later_one_hangs_under_the_one_before(session: aiohttp.ClientSession) -> None:
    async with receiving(TAKEN) as server:
        await account(server, session).publish(delivery(text="Resolved", reply_to="1522929456142245888"))
    assert json.loads(server.got[0].body) == {
        "text": "Resolved", "reply": {"in_reply_to_tweet_id": "1522929456142245888"},
    }  # fmt: skip


async def test_the_four_keys_of_an_account_sign_each_request(session: aiohttp.ClientSession) -> None:
    async with receiving(TAKEN) as server:
        await account(server, session, secret="app:app-secret:token:token-secret").publish(delivery())
    said = server.got[0].headers["Authorization"]
    assert said.startswith('OAuth oauth_consumer_key="app"')
    assert f'oauth_timestamp="{int(NOW.timestamp())}"' in said
    assert "secret" not in said


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers of X are not here")
async def test_recorded_answers_of_x_are_understood(session: aiohttp.ClientSession) -> None:
    created, deleted = json.loads(RECORDED.read_text())["interactions"]
    said = [says(one["response"]["json"], one["response"]["status"]) for one in (created, deleted)]
    async with receiving(*said) as server:
        brand = account(server, session)
        sent = await brand.publish(delivery(text="Test Tweet"))
        await brand.withdraw(delivery(remote_id=sent.remote_id))
    assert [(got.method, got.path) for got in server.got] == [
        (one["request"]["method"], one["request"]["path"]) for one in (created, deleted)
    ]  # fmt: skip


async def test_taking_back_what_is_gone_already_is_no_error(session: aiohttp.ClientSession) -> None:
    async with receiving(says({"title": "Not Found Error"}, 404)) as server:
        await account(server, session).withdraw(delivery(remote_id="5"))
    assert (server.got[0].method, server.got[0].path) == ("DELETE", "/2/tweets/5")


def test_x_can_withdraw_and_be_asked_but_not_edit() -> None:
    made = X("x", "https://api.x.com", "tok", None, lambda: NOW)  # type: ignore[arg-type]
    assert isinstance(made, Finds)
    assert isinstance(made, Withdraws)
    assert not isinstance(made, Edits)
    assert made.remembers == timedelta()


@pytest.mark.parametrize("text", ["no link", "Node.js 3.5 is out.", "write to care@acme.com"])
def test_plain_words_cost_little(text: str) -> None:
    assert X("x", "", "", None, lambda: NOW).cost_of(text) == 0.015  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["See https://status.acme.com/1", "see acme.com.", "(ACME.COM)", "durum: acme.com.tr/x"]
)
def test_anything_x_makes_a_link_of_costs_more(text: str) -> None:
    assert X("x", "", "", None, lambda: NOW).cost_of(text) == 0.20  # type: ignore[arg-type]


RESET = str(int(NOW.timestamp()) + 90)


@pytest.mark.parametrize(
    ("answer", "kind", "words", "wait"),
    [
        (says({"title": "Too Many Requests"}, 429, x_rate_limit_reset=RESET), RateLimited, "slow down", 90),
        (says({}, 429, x_rate_limit_reset=RESET, x_user_limit_24hour_remaining="0",
              x_user_limit_24hour_reset=str(int(RESET) + 600)), RateLimited, "slow down", 690),
        (says({}, 429, x_rate_limit_reset="soon"), RateLimited, "slow down", None),
        (says({}, 429, x_rate_limit_reset="1"), RateLimited, "slow down", 0),
        (says({"title": "UsageCapExceeded", "detail": "Usage cap exceeded: Monthly product cap"}, 429), PermanentError,
         "allowance is used up", None),
        (says({"type": "https://api.twitter.com/2/problems/usage-capped"}, 429), PermanentError, "used up", None),
        (says({"title": "CreditsDepleted"}, 402), PermanentError, "credits are used up", None),
        (says({"title": "Unauthorized", "detail": "Unauthorized"}, 401), AuthError, "Unauthorized", None),
        (says({"detail": "You can only reply to people who mentioned you."}, 403), AuthError, "only reply", None),
        (says({"title": "Service Unavailable"}, 503), TemporaryError, "503", None),
        (says({"data": {}}, 201), TemporaryError, "gave no id", None),
    ],
)  # fmt: skip
async def test_each_refusal_says_what_to_do(
    answer: Answer, kind: type[ServiceError], words: str, wait: float | None, session: aiohttp.ClientSession
) -> None:
    async with receiving(answer) as server:
        with pytest.raises(ServiceError, match=words) as caught:
            await account(server, session).publish(delivery())
    assert type(caught.value) is kind
    if isinstance(caught.value, TemporaryError):
        assert caught.value.retry_after == (None if wait is None else timedelta(seconds=wait))


async def test_it_is_asked_for_posts_since_shortly_before_the_first_try(session: aiohttp.ClientSession) -> None:
    async with receiving(ME, NONE, NONE) as server:
        brand = account(server, session)
        assert await brand.find(in_doubt()) is None
        assert await brand.find(in_doubt()) is None
    assert [got.path for got in server.got] == ["/2/users/me", "/2/users/7/tweets", "/2/users/7/tweets"]
    asked = parse_qs(server.got[1].query)
    assert (asked["start_time"], asked["exclude"]) == (["2026-03-06T16:43:30Z"], ["retweets"])


async def test_a_known_account_number_saves_the_question(session: aiohttp.ClientSession) -> None:
    async with receiving(NONE) as server:
        await account(server, session, user_id="42").find(in_doubt())
    assert [got.path for got in server.got] == ["/2/users/42/tweets"]


SHORT = {"urls": [{"url": "https://t.co/abc", "expanded_url": "https://status.acme.com/en/1.html"}]}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("We are looking.", says({"data": [{"id": "99", "text": "We are looking."}]})),
        ("A & B <now>\nSoon.", listed("A &amp; B &lt;now&gt;\nSoon.")),
        ("Cafe\u0301  bakıyoruz ", listed("Café bakıyoruz")),
        ("More: https://status.acme.com/en/1.html", listed("More: https://t.co/abc", entities=SHORT)),
        ("پرداخت‌ها", listed("@zeynep پرداخت‌ها")),
    ],
)
async def test_our_post_is_known_however_x_writes_it(ours: str, theirs: Answer, session: aiohttp.ClientSession) -> None:
    async with receiving(ME, theirs) as server:
        found = await account(server, session).find(in_doubt(ours))
    assert found == Published("99", "https://x.com/i/status/99")


@pytest.mark.parametrize(
    "theirs",
    [
        listed("We are looking!"),
        listed("We are looking.", created_at="2026-03-06T16:00:00.000Z"),
        listed("We are looking. https://t.co/abc", entities=SHORT),
        NONE,
    ],
)
async def test_another_post_is_not_taken_for_ours(theirs: Answer, session: aiohttp.ClientSession) -> None:
    async with receiving(ME, theirs) as server:
        assert await account(server, session).find(in_doubt()) is None


@pytest.mark.parametrize("answers", [(says({"x": 1}),), (ME, says({"x": 1}))])
async def test_an_answer_that_says_nothing_is_no_proof_that_nothing_was_posted(
    answers: tuple[Answer, ...], session: aiohttp.ClientSession
) -> None:
    async with receiving(*answers) as server:
        with pytest.raises(TemporaryError, match="did not say"):
            await account(server, session).find(in_doubt())


async def test_a_duplicate_that_stands_there_since_our_try_is_our_post(session: aiohttp.ClientSession) -> None:
    async with receiving(AGAIN, ME, listed("We are looking.")) as server:
        sent = await account(server, session).publish(in_doubt())
    assert sent.remote_id == "99"


async def test_a_duplicate_of_something_else_fails_in_words(session: aiohttp.ClientSession) -> None:
    async with receiving(AGAIN, ME, NONE) as server:
        with pytest.raises(Duplicate, match="change them a little"):
            await account(server, session).publish(in_doubt())
