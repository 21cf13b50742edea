"""Facebook pages: comments and visitors' posts, paging, Meta's errors and usage headers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.mention import Author, Batch, MentionKind
from listener.http import Answer
from listener.sources.facebook import parse_comments, parse_posts
from listener.sources.graph import next_page, refused, rest_until
from listener.sources.page_watch import WatchOptions
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

FEED, COMMENTS = "/v21.0/100/feed", "/v21.0/100_1/comments"
OPTIONS = WatchOptions("100")


def page(session: aiohttp.ClientSession, service: Service, **options: Any) -> Any:
    return source("facebook", session, service.url, secrets={"access_token": "s3cr3t"}, account="100", **options)


def empty(**more: object) -> Reply:
    return Reply({"data": [], **more})


def said_no(code: int, status: int = 400, headers: dict[str, str] | None = None, **more: object) -> Reply:
    error = {"message": "Malformed access token s3cr3t", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return Reply({"error": error | more}, status, headers or {})


def test_comments_and_visitors_posts_become_mentions_with_their_thread() -> None:
    parsed = parse_posts(json_fixture("facebook.json"), ORIGIN, OPTIONS)
    comment, unnamed, post = parsed.mentions
    assert (comment.native_id, comment.text) == ("1_13", "@Acme ödeme sayfası açılmıyor 😡")
    assert comment.author == Author("501", "Zeynep Kaya")
    assert (comment.kind, comment.in_reply_to, comment.root) == (MentionKind.REPLY, "100_1", "100_1")
    assert comment.url == "https://www.facebook.com/100/posts/1/?comment_id=13"
    assert comment.created_at == datetime(2026, 11, 2, 11, 30, tzinfo=UTC)
    assert comment.addressed
    assert unnamed.author.id == "unknown:1_11", "Meta names nobody unless the app may see them"
    assert (post.native_id, post.kind, post.in_reply_to) == ("100_2", MentionKind.POST, None)


def test_our_own_words_and_stickers_are_left_out_and_broken_items_set_aside() -> None:
    parsed = parse_posts(json_fixture("facebook.json"), ORIGIN, OPTIONS)
    assert not [mention for mention in parsed.mentions if mention.author.id == "100"]
    assert [aside.reason for aside in parsed.set_aside] == [
        "`created_time` is no readable date",
        "`id` is missing or no text",
    ]


def test_a_page_named_by_words_still_knows_itself_by_its_posts() -> None:
    named = parse_posts(json_fixture("facebook.json"), ORIGIN, WatchOptions("acme.shop"))
    assert [mention.native_id for mention in named.mentions] == ["1_13", "1_11", "100_2"]


def test_a_reply_answers_its_comment() -> None:
    reply, other = parse_comments(json_fixture("facebook_comments.json"), ORIGIN, OPTIONS, "100_1").mentions
    assert (reply.in_reply_to, reply.root) == ("1_07", "100_1")
    assert (other.in_reply_to, other.root) == ("100_1", "100_1")


def test_a_comment_without_id_is_known_by_its_address() -> None:
    address = "https://www.facebook.com/1/posts/22/?comment_id=33&reply_comment_id=44"
    item = {"message": "x", "created_time": "2026-11-02T10:00:00+0000", "permalink_url": address}
    (mention,) = parse_comments({"data": [item]}, ORIGIN, OPTIONS, "1_22").mentions
    assert mention.native_id == "22_44"


@pytest.mark.parametrize("broken", [{"data": None}, {}, [], {"data": {"id": "1"}}])
def test_an_answer_without_a_list_is_an_error(broken: object) -> None:
    with pytest.raises(PermanentError, match="`data` should be a list"):
        parse_posts(broken, ORIGIN, OPTIONS)


@pytest.mark.parametrize("bad", [7, None, "x", [], {"id": "100_9", "comments": {"data": 7}, "message": "m"}])
def test_one_bad_post_never_loses_its_page(bad: object) -> None:
    good = {"id": "100_2", "message": "ok", "created_time": "2026-11-02T09:00:00+0000"}
    parsed = parse_posts({"data": [bad, good]}, ORIGIN, OPTIONS)
    assert ([mention.native_id for mention in parsed.mentions], len(parsed.set_aside)) == (["100_2"], 1)


async def test_a_round_reads_the_feed_then_what_is_left_of_the_comments_then_older_posts(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(FEED, Reply(json_fixture("facebook.json")), empty())
    service.says(COMMENTS, Reply(json_fixture("facebook_comments.json")))
    batch, seen = await page(session, service, posts=50).fetch(None), []
    seen += [mention.native_id for mention in batch.mentions]
    while batch.more:
        batch = await page(session, service, posts=50).fetch(batch.cursor)
        seen += [mention.native_id for mention in batch.mentions]
    assert seen == ["1_13", "1_11", "100_2", "1_08"], "what is older than a day is not news"
    assert [asked.path for asked in service.asked] == [FEED, COMMENTS, FEED]
    assert ("after", "QZ") in service.asked[1].query
    assert ("after", "Z") in service.asked[2].query
    assert json.loads(batch.cursor or "") == {"since": "2026-11-02T10:30:00+00:00"}, (
        "the newest, and an hour of overlap"
    )


async def test_requests_ask_for_all_comments_newest_first_with_the_token_in_a_header(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(FEED, empty())
    await page(session, service).fetch(None)
    (asked,) = service.asked
    query = dict(asked.query)
    assert asked.headers["Authorization"] == "Bearer s3cr3t"
    assert "access_token" not in query
    assert "comments.filter(stream).order(reverse_chronological).limit(50){id,message" in query["fields"]
    assert query["limit"] == "25"


async def test_the_next_page_is_asked_of_our_host_and_its_token_is_not_kept(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(FEED, Reply({**json_fixture("facebook.json"), "paging": {}}))
    service.says(COMMENTS, Reply(json_fixture("facebook_comments.json")), empty())
    first = await page(session, service, lookback_hours=720).fetch(None)
    second = await page(session, service, lookback_hours=720).fetch(first.cursor)
    assert "s3cr3t" not in f"{first.cursor}{second.cursor}"
    assert "evil.example" not in f"{second.cursor}"
    assert second.more
    await page(session, service).fetch(second.cursor)
    assert ("after", "QY") in service.asked[2].query


async def test_the_following_round_brings_only_what_is_new(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(FEED, Reply(json_fixture("facebook.json")))
    known = '{"since":"2026-11-02T11:15:00+00:00"}'
    batch = await page(session, service, posts=4).fetch(known)
    assert [mention.native_id for mention in batch.mentions] == ["1_13"]
    assert not batch.more, "the comments that follow are older, and four posts were wanted"


async def test_a_post_deleted_meanwhile_does_not_hold_up_the_round(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(FEED, Reply({**json_fixture("facebook.json"), "paging": {}}))
    service.says(COMMENTS, said_no(100, error_subcode=33))
    first = await page(session, service).fetch(None)
    second = await page(session, service).fetch(first.cursor)
    assert (second.mentions, second.more) == ((), False)
    assert "does not have what was asked for" in second.set_aside[0].reason


async def test_hidden_comments_are_erased_only_where_the_owner_wants_it(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(FEED, Reply(json_fixture("facebook.json")))
    kept: Batch = await page(session, service).fetch(None)
    erased: Batch = await page(session, service, erase_hidden=True).fetch(None)
    assert (kept.deleted, erased.deleted) == ((), ("1_11",))
    assert [mention.native_id for mention in erased.mentions] == ["1_13", "100_2"]


async def test_posts_of_others_that_tag_us_have_their_own_list(
    service: Service, session: aiohttp.ClientSession
) -> None:
    post = {"id": "700_1", "message": "hey", "created_time": "2026-11-02T09:00:00+0000", "from": {"id": "700"}}
    service.says("/v20.0/100/tagged", Reply({"data": [post]}))
    batch = await page(session, service, watch="tagged", version="v20.0").fetch(None)
    assert [mention.author.id for mention in batch.mentions] == ["700"]
    assert "comments" not in dict(service.asked[0].query)["fields"]


@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (said_no(190, error_subcode=463), AuthError, "does not accept the access token"),
        (said_no(10, 403), AuthError, "does not let this access token"),
        (said_no(200), AuthError, "does not let this access token"),
        (said_no(4), RateLimited, "slow down"),
        (said_no(32, 403), RateLimited, "slow down"),
        (said_no(613), RateLimited, "slow down"),
        (said_no(80001), RateLimited, "slow down"),
        (said_no(2, 500), TemporaryError, "trouble of its own"),
        (said_no(77, is_transient=True), TemporaryError, "trouble of its own"),
        (said_no(803), NotFound, "does not have"),
        (said_no(100), PermanentError, "check id, version and permissions"),
        (said_no(190, 200), AuthError, "does not accept the access token"),
        (Reply("<html>busy</html>", 503), TemporaryError, "status 503"),
        (Reply({"error": "odd"}, 400), PermanentError, "status 400"),
        (Reply({}, 401), AuthError, "status 401"),
    ],
)
async def test_metas_errors_become_ours_and_never_quote_the_token(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[ServiceError], says: str
) -> None:
    service.says(FEED, reply)
    with pytest.raises(kind, match=says) as caught:
        await page(session, service).fetch(None)
    assert type(caught.value) is kind
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({}, 15),
        ({"Retry-After": "120"}, 2),
        ({"X-Business-Use-Case-Usage": '{"100":[{"type":"pages","estimated_time_to_regain_access":19}]}'}, 19),
        ({"X-Business-Use-Case-Usage": "{broken"}, 15),
    ],
)
def test_the_wait_is_the_one_meta_names(headers: dict[str, str], minutes: int) -> None:
    err = refused(Answer("graph.example", 400, headers, said_no(4).raw()), NOW)
    assert isinstance(err, RateLimited)
    assert err.retry_after == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({}, None),
        ({"X-App-Usage": '{"call_count":94,"total_time":25,"total_cputime":94.9}'}, None),
        ({"X-App-Usage": '{"call_count":1,"total_time":95,"total_cputime":2}'}, 15),
        ({"X-Page-Usage": '{"call_count":100}'}, 15),
        (
            {"X-Business-Use-Case-Usage": '{"1":[{"call_count":97,"estimated_time_to_regain_access":0}],"2":[]}'},
            15,
        ),
        ({"X-Business-Use-Case-Usage": '{"1":[{"call_count":"99","estimated_time_to_regain_access":5}]}'}, 5),
        ({"X-App-Usage": "[1]", "X-Business-Use-Case-Usage": '{"1":{"call_count":99}}'}, None),
        ({"X-App-Usage": '{"call_count":NaN}', "X-Page-Usage": '{"call_count":' + "9" * 400 + "}"}, None),
        ({"X-App-Usage": '{"call_count":true,"total_time":"many"}'}, None),
    ],
)
def test_asking_rests_when_the_allowance_is_nearly_used_up(headers: dict[str, str], minutes: int | None) -> None:
    assert rest_until(headers, NOW) == (NOW + timedelta(minutes=minutes) if minutes else None)


async def test_the_rest_is_passed_on(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(FEED, Reply({"data": []}, headers={"X-App-Usage": '{"call_count":96}'}))
    assert (await page(session, service).fetch(None)).not_before == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("paging", "params"),
    [
        ({}, ()),
        ({"cursors": {"after": "Z"}}, ()),
        ({"cursors": {"after": "Z"}, "next": "https://g.example/x?access_token=t&after=Z"}, (("after", "Z"),)),
        ({"cursors": {"after": "Z"}, "next": "https://g.example/x"}, (("after", "Z"),)),
        (
            {"next": "https://g.example/x?access_token=t&until=16&since&__paging_token=p&fields=id"},
            (("until", "16"), ("__paging_token", "p")),
        ),
        ({"next": "http://[broken"}, ()),
    ],
)
def test_only_known_params_lead_to_the_next_page(paging: object, params: object) -> None:
    assert next_page({"paging": paging}) == params


@pytest.mark.parametrize("cursor", ["", "{}", "[]", '{"todo":[7,{"of":1,"page":[["after"]]}]}', '{"since":"never"}'])
async def test_any_cursor_leads_on(service: Service, session: aiohttp.ClientSession, cursor: str) -> None:
    service.says(FEED, empty())
    service.says("/v21.0/1/comments", empty())
    assert (await page(session, service).fetch(cursor)).mentions == ()


def test_hostile_text_comes_out_as_plain_text_with_strangers_masked() -> None:
    item = {
        "id": "1",
        "message": "<b onload=x>@stranger</b> \u2066\x07 @acme",
        "created_time": "2100-01-01T00:00:00+0000",
        "permalink_url": "javascript:alert(1)",
    }
    (mention,) = parse_comments({"data": [item]}, ORIGIN, OPTIONS, "100_1").mentions
    assert (mention.text, mention.url, mention.created_at) == ("<b onload=x>@…</b>  @acme", None, NOW)


async def test_an_id_cannot_leave_its_path(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/v21.0/../../x/comments", empty())
    cursor = json.dumps({"todo": [{"of": "../../x", "page": [["after", "Z"]]}]})
    await page(session, service).fetch(cursor)
    assert service.asked[0].path == "/v21.0/../../x/comments"
