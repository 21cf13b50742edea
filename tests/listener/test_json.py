"""Any JSON API: fields by path, pages of every kind, nothing asked twice, no other host."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from yarl import URL

from domain.errors import AuthError, PermanentError, RateLimited, TemporaryError
from domain.heard.mention import Author, MentionKind, Quota
from listener.registry import check_source
from listener.sources.json_api import address_of, parse_items
from listener.sources.json_rounds import JsonOptions, Paging, Round, Since, next_round, onward, params_of
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

FIELDS = {
    "id": "key", "title": "head", "text": "body", "created_at": "when", "url": "link", "language": "lang",
    "rating": "stars", "in_reply_to": "re.post", "root": "re.thread", "region": "where",
    "author.id": "by.uid", "author.name": "by.shown", "author_handle": "by.nick",
}  # fmt: skip
PATH = "/comments"
PAGED = JsonOptions("/comments", page=Paging("number"))


def items(*ids: int) -> list[dict[str, Any]]:
    return [{"id": number, "text": f"no {number}", "created_at": "2026-11-02T10:00:00Z"} for number in ids]


def api(session: aiohttp.ClientSession, service: Service, secrets: Any = None, **options: Any) -> Any:
    return source("json", session, service.url, secrets=secrets, **{"url": PATH, **options})


async def rounds(found: Any, cursor: str | None = None) -> tuple[list[list[str]], str]:
    """Read page after page until the round is complete."""
    pages: list[list[str]] = []
    while True:
        batch = await found.fetch(cursor)
        cursor = batch.cursor
        pages.append([mention.native_id for mention in batch.mentions])
        if not batch.more:
            return pages, cursor or ""


def test_fields_are_found_where_the_settings_say() -> None:
    options = JsonOptions("/x", "data.comments", FIELDS, is_html=True)
    parsed = parse_items(json_fixture("json_paged.json"), ORIGIN, options)
    first, second = parsed.mentions
    assert first.text == "Uygulama\n\nUygulama açılmıyor"
    assert first.author == Author("7", "Ayşe", "ayse")
    assert first.created_at == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert (first.native_id, first.language, first.rating, first.region) == ("902", "tr", 1, "İzmir")
    assert (first.in_reply_to, first.root, first.url) == ("900", "800", "https://forum.example/c/902")
    assert (second.author.id, second.url, second.kind) == ("sara", None, MentionKind.POST)
    assert [aside.reason for aside in parsed.set_aside] == ["`when` is no readable date"]


def test_a_list_that_is_not_where_it_should_be_is_an_error() -> None:
    with pytest.raises(PermanentError, match=r"`data\.list` should be a list"):
        parse_items({"data": {}}, ORIGIN, JsonOptions("/x", "data.list"))


@pytest.mark.parametrize(
    ("paging", "answer", "first", "second"),
    [
        (Paging(), {}, [], None),
        (Paging("next_url", "next"), {"next": "?page=2"}, [], "?page=2"),
        (Paging("cursor", "meta.after"), {"meta": {"after": 17}}, [], "17"),
        (Paging("cursor", "meta.after"), {"meta": {"after": None}}, [], None),
        (Paging("number"), {}, [], "2"),
        (Paging("number", param="p", start=0), {}, [("p", "0")], "1"),
        (Paging("offset"), {}, [], "2"),
        (Paging("offset", start=10), {}, [("offset", "10")], "12"),
    ],
)
def test_the_next_page_is_named_as_the_api_pages(
    paging: Paging, answer: dict[str, Any], first: list[tuple[str, str]], second: str | None
) -> None:
    options = JsonOptions("/x", "list", page=paging)
    assert params_of(Round(), options) == first
    then, more = next_round(Round(), {"list": items(2, 1), **answer}, options, NOW)
    assert (then.page or None, more) == (second, second is not None)


def known(*ids: int) -> tuple[str, ...]:
    return next_round(Round(), items(*ids), JsonOptions("/x"), NOW)[0].known


@pytest.mark.parametrize(
    ("at", "ids", "more"),
    [
        (Round(), [], False),
        (Round(known=known(5, 4)), [5, 4], False),
        (Round(known=known(5, 4)), [6, 5], True),
        (Round(page="2", pages=1, seen=known(5, 4)), [5, 4], False),
        (Round(page="20", pages=18), [9], True),
        (Round(page="20", pages=19), [9], False),
    ],
    ids=["empty", "all known", "one new", "the last page again", "nineteenth", "twentieth"],
)
def test_a_round_ends_where_nothing_new_comes(at: Round, ids: list[int], more: bool) -> None:
    then, goes_on = next_round(at, items(*ids), PAGED, NOW)
    assert goes_on is more
    assert more or (then.page, then.pages, then.seen) == ("", 0, ())


def test_a_first_page_of_known_items_is_not_the_end_of_what_is_asked_for_by_time() -> None:
    options = replace(PAGED, since=Since("since"))
    assert next_round(Round("2026-11-02T09:00:00+00:00", known=known(5, 4)), items(5, 4), options, NOW)[1]


@pytest.mark.parametrize(
    ("since", "position", "asked"),
    [
        (Since("after"), "2026-11-02T10:00:00+00:00", ("after", "2026-11-02T09:59:00Z")),
        (Since("after", "epoch"), "2026-11-02T10:00:00+00:00", ("after", "1793613540")),
        (Since("after", "epoch_ms"), "2026-11-02T10:00:00+00:00", ("after", "1793613540000")),
        (Since("after", "id"), "10", ("after", "10")),
        (Since("after", "id", "meta.rank"), "7", ("after", "7")),
    ],
)
def test_only_what_is_newer_is_asked_for(since: Since, position: str, asked: tuple[str, str]) -> None:
    answer = [{**item, "meta": {"rank": 7}} for item in items(9, 10, 8)]
    then, _ = next_round(Round(), answer, JsonOptions("/x", since=since), NOW)
    assert then.since == position
    assert params_of(then, JsonOptions("/x", since=since)) == [asked]


def test_an_item_from_the_future_does_not_hide_what_comes_before_it() -> None:
    answer = [{**items(1)[0], "created_at": (NOW + timedelta(days=900)).isoformat()}, {"created_at": 7}, None]
    then, _ = next_round(Round(), answer, JsonOptions("/x", since=Since("after")), NOW)
    assert then.since == "2026-11-02T12:00:00+00:00"


@pytest.mark.parametrize(
    ("found", "followed"),
    [
        ("?page=2", "https://a.example:8443/v1/comments?page=2"),
        ("/v2/x", "https://a.example:8443/v2/x"),
        ("http://a.example/v1?p=2", "https://a.example:8443/v1?p=2"),
        ("https://u:p@a.example:8443/v1", "https://a.example:8443/v1"),
        ("https://b.example/v1", None),
        ("//b.example/v1", None),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("http://[", None),
    ],
)
def test_the_next_page_stays_with_our_host(found: str, followed: str | None) -> None:
    url = onward(URL("https://a.example:8443/v1/comments?page=1"), found)
    assert (str(url) if url else None) == followed


@pytest.mark.parametrize(
    ("url", "base_url", "asked"),
    [
        ("https://a.example/v1?x=1", None, "https://a.example/v1?x=1"),
        ("https://a.example/v1?x=1", "http://127.0.0.1:8/p/", "http://127.0.0.1:8/p/v1?x=1"),
        ("/v1", "https://a.example", "https://a.example/v1"),
        ("v1?x=a b", "https://a.example/", "https://a.example/v1?x=a+b"),
        ("/v1", None, None),
        ("ftp://a.example/v1", None, None),
        ("http://[", None, None),
    ],
)
def test_the_address_is_a_whole_one_or_a_path_of_the_base(url: str, base_url: str | None, asked: str | None) -> None:
    found = address_of(JsonOptions(url), base_url)
    assert (str(found) if found else None) == asked


async def test_pages_are_read_until_the_known_ones(service: Service, session: aiohttp.ClientSession) -> None:
    pages = [Reply({"list": items(*ids), "next": f"{PATH}?p={ids[0]}"}) for ids in ((6, 5), (4, 3))]
    service.says(PATH, *pages, Reply({"list": []}), Reply({"list": items(7, 6), "next": "?p=x"}), pages[0])
    found = api(session, service, items="list", page={"kind": "next_url", "path": "next"}, params={"size": 2})
    first, cursor = await rounds(found)
    assert first == [["6", "5"], ["4", "3"], []]
    second, _ = await rounds(found, cursor)
    assert second == [["7", "6"], ["6", "5"]]
    assert [asked.query for asked in service.asked[:3]] == [[("size", "2")], [("p", "6")], [("p", "4")]]


async def test_a_round_by_time_moves_its_bound_only_at_the_end(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(PATH, Reply(items(2)), Reply(items(3)), Reply([]), Reply([]))
    found = api(session, service, page={"kind": "number"}, since={"param": "since", "lookback_hours": 2})
    _, cursor = await rounds(found)
    await found.fetch(cursor)
    assert [dict(asked.query)["since"] for asked in service.asked] == [
        "2026-11-02T09:59:00Z", "2026-11-02T09:59:00Z", "2026-11-02T09:59:00Z", "2026-11-02T09:59:00Z",
    ]  # fmt: skip
    assert [dict(asked.query).get("page") for asked in service.asked] == [None, "2", "3", None]


async def test_another_host_is_never_asked(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply({"list": items(1), "next": "https://evil.example/x"}))
    found = api(session, service, {"token": "t0k"}, items="list", page={"kind": "next_url", "path": "next"})
    first = await found.fetch(None)
    last = await found.fetch(first.cursor)
    assert (last.mentions, last.more) == ((), False)
    assert [aside.reason for aside in last.set_aside] == ["the next page is on another host"]
    assert len(service.asked) == 1


async def test_the_token_travels_as_the_api_wants_it(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply([]))
    await api(session, service, {"token": "t0k"}, headers={"X-Version": "2"}).fetch(None)
    await api(session, service, {"token": "t0k"}, token_header="X-Api-Key").fetch(None)
    await api(session, service).fetch(None)
    bearer, named, none = (asked.headers for asked in service.asked)
    assert (bearer["Authorization"], bearer["X-Version"]) == ("Bearer t0k", "2")
    assert named["X-Api-Key"] == "t0k"
    assert "Authorization" not in named
    assert "Authorization" not in none


async def test_a_page_that_is_refused_restarts_the_round_and_skips_nothing(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(PATH, Reply({"list": items(2), "next": "old"}), Reply({}, 400), Reply({"list": items(2)}))
    found = api(session, service, items="list", page={"kind": "cursor", "path": "next"}, since={"param": "since"})
    first = await found.fetch(None)
    refused = await found.fetch(first.cursor)
    assert (refused.more, refused.mentions) == (False, ())
    assert "status 400" in refused.set_aside[0].reason
    await found.fetch(refused.cursor)
    assert service.asked[2].query == service.asked[0].query


async def test_quotas_are_passed_on(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply([], headers={"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "60"}))
    batch = await api(session, service).fetch(None)
    assert batch.quota == Quota(3, NOW + timedelta(seconds=60))
    assert batch.not_before is None


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(Reply({}, 401), AuthError), (Reply({}, 429), RateLimited), (Reply({}, 503), TemporaryError),
     (Reply({}, 400), PermanentError), (Reply({"list": []}), PermanentError), (Reply(b"{"), PermanentError),
     (Reply(b"<html>"), TemporaryError)],
)  # fmt: skip
async def test_refusals_are_errors(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[Exception]
) -> None:
    service.says(PATH, reply)
    with pytest.raises(kind):
        await api(session, service, {"token": "t0k"}).fetch(None)


@pytest.mark.parametrize(
    "cursor", ["", "[]", '{"page":{},"known":7,"since":[1],"pages":"x"}', '{"page":"x","known":[1,"a"]}']
)
async def test_a_strange_cursor_starts_afresh(service: Service, session: aiohttp.ClientSession, cursor: str) -> None:
    service.says(PATH, Reply(items(1)))
    batch = await api(session, service, page={"kind": "offset"}).fetch(cursor)
    assert len(batch.mentions) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"url": "/x"}, "option `url` is wrong"),
        ({"url": "https://x.example", "page": {"kind": "cursor"}}, "option `page.path` is missing"),
        ({"url": "https://x.example", "page": {"knid": "cursor"}}, "option `page.knid` is wrong"),
        ({"url": "https://x.example", "since": {}}, "option `since.param` is missing"),
        ({"url": "https://x.example", "headers": {"cookie": "x"}}, "`cookie` is a secret"),
        ({"url": "https://x.example", "token_header": "X-Key"}, "secret `token` is missing"),
        ({"url": "https://x.example", "fields": {"author.nick": "x"}}, "`author.nick` is not known"),
    ],
)
def test_each_mistake_gets_its_sentence(options: dict[str, Any], says: str) -> None:
    assert says in "".join(check_source("json", "one", options=options))


async def test_a_long_cursor_stays_small(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, *(Reply(items(*range(page * 150, page * 150 + 150))) for page in range(30)))
    pages, cursor = await rounds(api(session, service, page={"kind": "number"}))
    assert len(pages) == 20
    assert len(cursor) < 3000
    assert len(json.loads(cursor)["known"]) == 200
