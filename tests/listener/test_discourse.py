"""Discourse: posts with their thread, pages back to the last known one, what was taken back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from domain.errors import AuthError, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.mention import MentionKind
from listener.sources.discourse import Round, deleted_posts, next_round, parse_posts
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

POSTS = "/posts.json"
FORUM = "https://forum.example"


def ids(*found: int) -> dict[str, Any]:
    return {"latest_posts": [{"id": one} for one in found]}


def posts(*found: int) -> dict[str, Any]:
    """Whole posts with these ids, all in one topic."""
    like = json_fixture("discourse.json")["latest_posts"][1]
    return {"latest_posts": [{**like, "id": one, "post_number": one} for one in found]}


def test_posts_become_mentions_with_their_thread() -> None:
    parsed = parse_posts(json_fixture("discourse.json"), ORIGIN, FORUM)
    last, middle, first = parsed.mentions
    assert last.text == "Ödeme hâlâ çalışmıyor @acme", "what was quoted is somebody else's"
    assert (last.native_id, last.in_reply_to, last.root) == ("40/3", "40/2", "40/1")
    assert (last.kind, last.addressed) == (MentionKind.REPLY, True)
    assert last.edited_at == datetime(2026, 11, 2, 11, 10, tzinfo=UTC)
    assert last.url == "https://forum.example/t/checkout-down/40/3"
    assert (last.author.id, last.author.name, last.author.handle) == (f"{FORUM}/u/zeynep", "Zeynep", "zeynep")
    assert (middle.in_reply_to, middle.author.name) == ("40/1", "kim"), "without a parent it answers the topic"
    assert middle.edited_at is None, "shown anew is not edited"
    assert first.text == "Checkout down & out\n\nپرداخت انجام نمی‌شود", "the first post carries the topic's title"
    assert (first.native_id, first.kind, first.in_reply_to, first.root) == ("40/1", MentionKind.POST, None, None)


def test_whispers_hidden_posts_and_pictures_are_left_out_and_broken_ones_set_aside() -> None:
    parsed = parse_posts(json_fixture("discourse.json"), ORIGIN, FORUM)
    assert len(parsed.mentions) == 3
    assert [aside.reason for aside in parsed.set_aside] == ["`created_at` is no readable date"]


def test_only_the_category_asked_for_counts() -> None:
    assert len(parse_posts(json_fixture("discourse.json"), ORIGIN, FORUM, 4).mentions) == 3
    assert parse_posts(json_fixture("discourse.json"), ORIGIN, FORUM, 5).mentions == ()


def test_what_was_taken_back_is_named() -> None:
    assert deleted_posts(json_fixture("discourse.json")) == ("39/7",)
    gone = {"latest_posts": [{"topic_id": 1, "post_number": 2, "deleted_at": "2026-11-02T10:00:00Z"}, {}, None]}
    assert deleted_posts(gone) == ("1/2",)


@pytest.mark.parametrize(
    ("cooked", "text"),
    [
        ("<aside class=\"quote\">a</aside>b<aside class='onebox'>c</aside>", "b\nc"),
        ('a<aside class="quote">never closed', "a\nnever closed"), ("</aside>a", "a"),
    ],
)  # fmt: skip
def test_quotes_are_cut_out_whatever_the_markup(cooked: str, text: str) -> None:
    post = {**json_fixture("discourse.json")["latest_posts"][1], "cooked": cooked}
    (mention,) = parse_posts({"latest_posts": [post]}, ORIGIN, FORUM).mentions
    assert mention.text == text


def test_a_strange_slug_cannot_leave_its_address() -> None:
    post = {**json_fixture("discourse.json")["latest_posts"][1], "topic_slug": "a/../../b?c", "topic_id": "4/0"}
    (mention,) = parse_posts({"latest_posts": [post]}, ORIGIN, FORUM).mentions
    assert mention.url == f"{FORUM}/t/a%2F..%2F..%2Fb%3Fc/4%2F0/2"


@pytest.mark.parametrize(
    ("at", "answer", "then", "more"),
    [
        (Round(None), ids(90, 80), Round(90), False),
        (Round(None), ids(), Round(0), False),
        (Round(70), ids(90, 80), Round(70, 80, 90), True),
        (Round(70), ids(90, 70, 60), Round(90), False),
        (Round(70, 80, 90), ids(80, 75), Round(70, 75, 90), True),
        (Round(70, 80, 90), ids(80, 70), Round(90), False),
        (Round(70), ids(), Round(70), False),
        (Round(100, 300, 400), ids(300), Round(100, 251, 400, 1), True),
        (Round(100, 300, 400, 19), ids(), Round(100, 251, 400, 20), True),
        (Round(100, 300, 400, 20), ids(), Round(400), False),
        (Round(100, 140, 400), ids(), Round(400), False),
        (Round(0, 30, 90), ids(1), Round(90), False),
    ],
    ids=["first poll", "empty forum", "gap", "no gap", "inclusive pages", "gap closed", "nothing there",
         "only private posts", "still", "given up", "stepped over the known one", "the very first post"],
)  # fmt: skip
def test_pages_go_back_to_the_last_known_post(at: Round, answer: dict[str, Any], then: Round, more: bool) -> None:
    assert next_round(at, answer) == (then, more)


@pytest.mark.parametrize("inclusive", [True, False], ids=["older version", "newer version"])
async def test_nothing_is_skipped_and_rounds_end(session: aiohttp.ClientSession, inclusive: bool) -> None:
    visible = [known for known in range(1, 400) if known % 10 and not 180 <= known < 300]
    asked: list[str] = []

    async def latest(request: web.Request) -> web.Response:
        """Page as the two generations of the forum do."""
        before = int(request.query.get("before", max(visible) + (not inclusive)))
        asked.append(request.query.get("before", ""))
        found = [known for known in visible if known <= before and known > before - 50] if inclusive else []
        found = found or [known for known in visible if known < before and not inclusive]
        return web.json_response(posts(*sorted(found, reverse=True)[:50]))

    app = web.Application()
    app.router.add_get(POSTS, latest)
    async with TestServer(app) as server:
        forum = source("discourse", session, str(server.make_url("")))
        cursor: str | None = '{"known":41}'
        seen, more = set[str](), True
        while more:
            batch = await forum.fetch(cursor)
            seen |= {mention.native_id for mention in batch.mentions}
            cursor, more = batch.cursor, batch.more
    assert {f"40/{known}" for known in visible if known > 41} <= seen
    assert json.loads(cursor or "")["known"] == 399
    assert len(asked) < 15


async def test_the_first_poll_reads_one_page_and_the_next_goes_back(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(POSTS, Reply(json_fixture("discourse.json")), Reply(posts(560, 555)), Reply(posts(540, 503)))
    forum = source("discourse", session, f"{service.url}/")
    first = await forum.fetch(None)
    assert (first.more, first.deleted, json.loads(first.cursor or "")) == (False, ("39/7",), {"known": 503})
    second = await forum.fetch(first.cursor)
    third = await forum.fetch(second.cursor)
    assert [asked.query for asked in service.asked] == [[], [], [("before", "555")]]
    assert (second.more, third.more, json.loads(third.cursor or "")) == (True, False, {"known": 560})
    assert all("Api-Key" not in asked.headers for asked in service.asked)
    assert first.mentions[0].url == f"{service.url}/t/checkout-down/40/3"


async def test_a_key_is_sent_with_the_account_it_acts_as(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(POSTS, Reply(posts(1)))
    await source("discourse", session, service.url, secrets={"api_key": "k3y"}, api_username="hub").fetch(None)
    assert (service.asked[0].headers["Api-Key"], service.asked[0].headers["Api-Username"]) == ("k3y", "hub")


SLOW = {"errors": ["You've done that too many times"], "error_type": "rate_limit", "extras": {"wait_seconds": 12}}


@pytest.mark.parametrize(
    ("reply", "kind", "wait"),
    [
        (Reply(SLOW, 429), RateLimited, timedelta(seconds=12)),
        (Reply("<html>Slow down</html>", 429, {"Retry-After": "7"}), RateLimited, timedelta(seconds=7)),
        (Reply({"errors": ["x"]}, 429), RateLimited, None),
        (Reply({"errors": ["x"], "extras": {"wait_seconds": -3}}, 429), RateLimited, None),
        (Reply({"errors": ["You need to be logged in"], "error_type": "not_logged_in"}, 403), AuthError, None),
        (Reply("<html>sign in</html>"), TemporaryError, None),
        (Reply({"posts": []}), PermanentError, None),
    ],
)
async def test_refusals_are_errors(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[ServiceError], wait: timedelta | None
) -> None:
    service.says(POSTS, reply)
    with pytest.raises(kind) as caught:
        await source("discourse", session, service.url).fetch(None)
    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after", None) == wait


async def test_a_used_up_quota_is_passed_on(service: Service, session: aiohttp.ClientSession) -> None:
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"}
    service.says(POSTS, Reply(posts(1), headers=spent))
    batch = await source("discourse", session, service.url).fetch(None)
    assert batch.not_before == NOW + timedelta(seconds=30)
    assert batch.quota is not None
