"""Reddit: its feeds and, with an app's keys, its API; what was removed; rate headers; the name of the program."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, TemporaryError
from domain.heard.mention import Author, MentionKind, Quota
from listener.dialects import joined_by_or
from listener.query import Query, Variant
from listener.sources.reddit import Round, next_round
from listener.sources.reddit_posts import parse_entries, parse_listing, removed_in
from tests.listener.service import NOW, ORIGIN, Reply, Service, fixture, json_fixture, source

TOKEN, NEW = "/api/v1/access_token", "/r/acme/new"
KEYS = {"client_id": "app", "username": "acme_listens", "secrets": {"client_secret": "s3cr3t"}}
LEFT = {"X-Ratelimit-Remaining": "594.0", "X-Ratelimit-Reset": "123", "X-Ratelimit-Used": "6"}


def subreddit(session: aiohttp.ClientSession, service: Service, **options: Any) -> Any:
    return source("reddit", session, service.url, **{"subreddit": "acme", **options})


def lets_in(service: Service, **more: object) -> None:
    service.says(
        TOKEN, Reply({"access_token": "t0k", "token_type": "bearer", "expires_in": 86400, "scope": "*", **more})
    )


def listing(*stamps: float, after: str | None = None) -> Reply:
    post = {"author": "pat", "title": "x", "selftext": "", "edited": False}
    children = [{"kind": "t3", "data": {**post, "name": f"t3_{int(at)}", "created_utc": at}} for at in stamps]
    return Reply({"kind": "Listing", "data": {"after": after, "children": children}}, headers=LEFT)


def test_posts_and_comments_become_mentions() -> None:
    parsed = parse_listing(json_fixture("reddit.json"), ORIGIN)
    post, bare, comment = parsed.mentions
    assert (post.native_id, post.text) == ("t3_aa5", "Acme checkout <broken>?\n\nPaid twice, u/acme please help")
    assert post.author == Author("pat_s", "pat_s", "pat_s", url="https://www.reddit.com/user/pat_s")
    assert (post.kind, post.in_reply_to, post.root) == (MentionKind.POST, None, None)
    assert (post.created_at, post.edited_at) == (
        datetime(2026, 11, 2, 9, 50, tzinfo=UTC), datetime(2026, 11, 2, 9, 55, tzinfo=UTC),
    )  # fmt: skip
    assert (post.addressed, bare.addressed) == (True, False)
    assert (bare.text, bare.edited_at) == ("Kargo gecikti", None)
    assert (comment.kind, comment.in_reply_to, comment.root) == (MentionKind.REPLY, "t1_cc1", "t3_aa5")
    assert comment.url == "https://www.reddit.com/r/acme/comments/aa5/acme_checkout_broken/cc2/"


def test_what_was_removed_is_reported_and_a_broken_item_set_aside() -> None:
    answer = json_fixture("reddit.json")
    assert removed_in(answer) == ("t3_aa3",)
    assert [aside.reason for aside in parse_listing(answer, ORIGIN).set_aside] == ["`created_utc` is no readable date"]


@pytest.mark.parametrize(
    ("item", "gone"),
    [
        ({"body": "[deleted]", "author": "[deleted]"}, True),
        ({"body": "[ Removed by Reddit ]", "author": "pat"}, True),
        ({"selftext": "still here", "author": "[deleted]"}, True),
        ({"selftext": "", "author": "pat", "removed_by_category": "deleted"}, True),
        ({"body": "they [removed] my post", "author": "pat"}, False),
    ],
)
def test_signs_of_a_removal(item: dict[str, str], gone: bool) -> None:
    answer = {"data": {"children": [{"kind": "t1", "data": {"name": "t1_x", **item}}]}}
    assert removed_in(answer) == (("t1_x",) if gone else ())


def test_entries_of_the_feed_lose_what_reddit_adds() -> None:
    parsed, gone = parse_entries(fixture("reddit.xml"), ORIGIN)
    post, picture, comment = parsed.mentions
    assert (post.native_id, post.author.id) == ("t3_aa5", "pat_s")
    assert post.text == "Acme <checkout> broken?\n\nPaid twice, nothing shipped.\n\nAnyone else? u/acme"
    assert (post.created_at.minute, post.edited_at) == (30, datetime(2026, 11, 2, 10, 40, tzinfo=UTC))
    assert (picture.text, picture.edited_at) == ("Kargo gecikti", None)
    assert (comment.text, comment.kind, comment.root) == ("برای من هم همین‌طور", MentionKind.REPLY, "t3_aa5")
    assert gone == ("t1_cc1",)
    assert [aside.reason for aside in parsed.set_aside] == ["`author` is missing or no text"]


def test_the_list_of_subreddits_that_comes_for_a_wrong_name_is_an_error() -> None:
    feed = fixture("reddit.xml").replace(b"<id>t3_", b"<id>t5_").replace(b"<id>t1_", b"<id>t5_")
    with pytest.raises(NotFound, match="no subreddit of this name"):
        parse_entries(feed, ORIGIN)
    with pytest.raises(NotFound, match="no subreddit of this name"):
        parse_listing({"data": {"children": [{"kind": "t5", "data": {}}]}}, ORIGIN)


def test_what_is_no_listing_is_an_error() -> None:
    wrong: tuple[object, ...] = ({}, [], {"data": {"children": 7}})
    for answer in wrong:
        with pytest.raises(PermanentError):
            parse_listing(answer, ORIGIN)
    with pytest.raises(PermanentError):
        parse_entries(b"no feed", ORIGIN)
    with pytest.raises(TemporaryError):
        parse_entries(b"<!doctype html><html>busy</html>", ORIGIN)


@pytest.mark.parametrize(
    ("options", "path", "query"),
    [
        ({"subreddit": "acme"}, "/r/acme/new/.rss", {"limit": "100"}),
        ({"subreddit": "acme+acmehelp", "watch": "comments"}, "/r/acme+acmehelp/comments/.rss", {"limit": "100"}),
        ({"subreddit": "", "query": '"acme pay" OR acme'}, "/search.rss", {"q": '"acme pay" OR acme', "sort": "new"}),
        ({"query": "refund", "limit": 25}, "/r/acme/search.rss", {"q": "refund", "restrict_sr": "on", "limit": "25"}),
    ],
)
async def test_without_keys_the_feed_is_read(
    service: Service, session: aiohttp.ClientSession, options: dict[str, Any], path: str, query: dict[str, str]
) -> None:
    service.says(path, Reply(fixture("reddit.xml"), headers={"Content-Type": "application/atom+xml; charset=UTF-8"}))
    batch = await subreddit(session, service, **options).fetch(None)
    assert (len(batch.mentions), batch.more, batch.deleted) == (3, False, ("t1_cc1",))
    (asked,) = service.asked
    assert asked.path == path
    assert dict(asked.query).items() >= query.items()
    assert asked.headers["User-Agent"] == "hubbub-test/1"


async def test_the_program_is_named_as_reddit_wants(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/r/acme/new/.rss", Reply(fixture("reddit.xml")))
    await subreddit(session, service, username="acme_listens").fetch(None)
    assert service.asked[0].headers["User-Agent"] == "python:hubbub:0.1 (by /u/acme_listens)"


async def test_with_keys_the_api_is_asked_with_a_token(service: Service, session: aiohttp.ClientSession) -> None:
    lets_in(service)
    service.says(NEW, Reply(json_fixture("reddit.json"), headers=LEFT))
    made = subreddit(session, service, **KEYS)
    batch = await made.fetch(None)
    await made.fetch(batch.cursor)
    signed_in, first, second = service.asked
    assert (signed_in.method, signed_in.body) == ("POST", "grant_type=client_credentials")
    assert signed_in.headers["Authorization"] == aiohttp.encode_basic_auth("app", "s3cr3t")
    assert first.headers["Authorization"] == "Bearer t0k"
    assert first.headers["User-Agent"].endswith("(by /u/acme_listens)")
    assert dict(first.query) == {"limit": "100", "raw_json": "1"}
    assert second.path == NEW, "the token is kept"
    assert batch.deleted == ("t3_aa3",)
    assert batch.quota == Quota(594, NOW + timedelta(seconds=123))


async def test_pages_go_back_to_the_last_known_item(service: Service, session: aiohttp.ClientSession) -> None:
    noon = NOW.timestamp()
    lets_in(service)
    service.says(NEW, listing(noon - 10, noon - 20, after="t3_b"), listing(noon - 30, noon - 9000, after="t3_c"))
    made = subreddit(session, service, **KEYS)
    first = await made.fetch(json.dumps({"since": (NOW - timedelta(hours=1)).isoformat()}))
    assert first.more
    second = await made.fetch(first.cursor)
    assert ("after", "t3_b") in service.asked[2].query
    assert (second.more, json.loads(second.cursor or "")) == (False, {"since": "2026-11-02T11:59:50+00:00"})


@pytest.mark.parametrize(
    ("pages", "after", "more"), [(0, "t3_b", True), (0, None, False), (0, "t3_a", False), (9, "t3_b", False)]
)
def test_a_round_ends_with_the_listing_or_after_a_thousand(pages: int, after: str | None, more: bool) -> None:
    answer = listing(NOW.timestamp(), after=after).body
    then, goes_on = next_round(Round(NOW - timedelta(hours=1), "t3_a", pages), answer)
    assert goes_on == more
    assert then.since == (NOW - timedelta(hours=1) if more else NOW)


async def test_an_expired_or_refused_token_is_renewed_once(service: Service, session: aiohttp.ClientSession) -> None:
    lets_in(service, expires_in=30)
    service.says(NEW, listing(), Reply(status=401), listing())
    made = subreddit(session, service, **KEYS)
    for _ in range(2):
        await made.fetch(None)
    assert [asked.path for asked in service.asked] == [TOKEN, NEW, TOKEN, NEW, TOKEN, NEW]
    service.says(NEW, Reply(status=401))
    with pytest.raises(AuthError):
        await made.fetch(None)


@pytest.mark.parametrize(
    "answer", [{"error": "unsupported_grant_type"}, {"access_token": ""}, {"access_token": "a\nb"}]
)
async def test_keys_that_get_no_token_are_an_auth_error(
    service: Service, session: aiohttp.ClientSession, answer: object
) -> None:
    service.says(TOKEN, Reply(answer), Reply({"error": 401}, 401))
    made = subreddit(session, service, **KEYS)
    for _ in range(2):
        with pytest.raises(AuthError) as caught:
            await made.fetch(None)
        assert "s3cr3t" not in str(caught.value)


async def test_rate_headers_are_obeyed(service: Service, session: aiohttp.ClientSession) -> None:
    spent = {"X-Ratelimit-Remaining": "0.0", "X-Ratelimit-Reset": "77"}
    path = "/r/acme/new/.rss"
    service.says(path, Reply(fixture("reddit.xml"), headers=spent), Reply(status=429, headers=spent), Reply(status=429))
    batch = await subreddit(session, service).fetch(None)
    assert batch.not_before == NOW + timedelta(seconds=77)
    for wait in (timedelta(seconds=77), None):
        with pytest.raises(RateLimited) as caught:
            await subreddit(session, service).fetch(None)
        assert caught.value.retry_after == wait


@pytest.mark.parametrize(("status", "kind"), [(403, AuthError), (404, NotFound), (503, TemporaryError)])
async def test_private_and_banned_subreddits_are_errors(
    service: Service, session: aiohttp.ClientSession, status: int, kind: type[Exception]
) -> None:
    service.says("/r/acme/new/.rss", Reply(status=status))
    with pytest.raises(kind):
        await subreddit(session, service).fetch(None)


def test_a_query_becomes_one_search() -> None:
    assert joined_by_or(Query("brand", Variant(("Acme", "acme pay")))) == [{"query": 'Acme OR "acme pay"'}]
