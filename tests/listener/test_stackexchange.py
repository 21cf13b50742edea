"""Stack Exchange: questions, rounds of pages, back-off and quota in the body, errors with numbers of their own."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.mention import Author, MentionKind, Quota
from listener.source import Source
from listener.sources.stackexchange import MAX_PAGES, Round, next_round, parse_questions, pause_in
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

QUESTIONS, SEARCH = "/2.3/questions", "/2.3/search/advanced"
MIDNIGHT = datetime(2026, 11, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def exchange(session: aiohttp.ClientSession, service: Service, key: str = "", **options: Any) -> Source:
    return source("stackexchange", session, service.url, secrets={"key": key} if key else {}, **options)


def page(*minutes_ago: int, more: bool = False, **rest: object) -> dict[str, Any]:
    stamps = [int((NOW - minutes * MINUTE).timestamp()) for minutes in minutes_ago]
    return {"items": [{"last_activity_date": stamp} for stamp in stamps], "has_more": more, **rest}


def ago(minutes: int) -> datetime:
    return NOW - minutes * MINUTE


def error(number: int, name: str, message: str, status: int = 400) -> Reply:
    return Reply({"error_id": number, "error_name": name, "error_message": message}, status)


def test_questions_become_mentions() -> None:
    parsed = parse_questions(json_fixture("stackexchange.json"), ORIGIN, "stackoverflow")
    first, second = parsed.mentions
    assert first.text == 'Acme "refund" fails with 500 & no mail\n\nSince today:\n\nPOST /refund -> 500'
    assert first.author == Author(
        "stackoverflow:5", "O'Neil", "O'Neil", None, "https://stackoverflow.com/users/5/oneil"
    )
    assert (first.native_id, first.kind) == ("71", MentionKind.POST)
    assert first.url == "https://stackoverflow.com/questions/71/acme-refund"
    assert first.created_at == datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
    assert first.edited_at == datetime.fromtimestamp(1793614000, UTC)
    assert (second.author.id, second.edited_at) == ("stackoverflow:user9", None)
    assert [aside.reason for aside in parsed.set_aside] == ["it has no author"]


@pytest.mark.parametrize(
    ("at", "answer", "then", "more"),
    [
        (Round(ago(60)), page(5, 9, more=True), Round(ago(60), 2, ago(5)), True),
        (Round(ago(60), 2, ago(5)), page(20, 30), Round(ago(15)), False),
        (Round(ago(60)), page(5, 90, more=True), Round(ago(15)), False),
        (Round(ago(60), MAX_PAGES, ago(5)), page(20, more=True), Round(ago(15)), False),
        (Round(ago(60)), page(more=True), Round(ago(60)), False),
        (Round(ago(60)), page(65), Round(ago(60)), False),
    ],
    ids=["next page", "round complete", "known reached", "pages run out", "nothing", "never goes back"],
)
def test_the_bound_moves_only_when_a_round_is_complete(
    at: Round, answer: dict[str, Any], then: Round, more: bool
) -> None:
    assert next_round(at, answer, "last_activity_date") == (then, more)


@pytest.mark.parametrize(
    ("body", "until"),
    [
        ({}, None), ({"quota_remaining": 5}, None), ({"backoff": 10}, NOW + timedelta(seconds=10)),
        ({"backoff": 0.2}, NOW + timedelta(seconds=0.2)), ({"backoff": 10, "quota_remaining": 0}, MIDNIGHT),
        ({"backoff": -1}, None), ({"backoff": 1e300}, NOW + timedelta(days=1)), ({"backoff": "x"}, None),
    ],
)  # fmt: skip
def test_back_off_and_an_empty_quota_are_waited_for(body: dict[str, object], until: datetime | None) -> None:
    assert pause_in(body, NOW) == until


async def test_one_tag_is_asked_as_documented(service: Service, session: aiohttp.ClientSession) -> None:
    packed = gzip.compress(json.dumps(json_fixture("stackexchange.json")).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json; charset=utf-8"}
    service.says(QUESTIONS, Reply(packed, headers=headers))
    batch = await exchange(session, service, "k3y", tagged=["acme"]).fetch(None)
    since = str(int((NOW - timedelta(hours=24)).timestamp()))
    assert service.asked[0].query == [
        ("site", "stackoverflow"), ("order", "desc"), ("sort", "activity"), ("filter", "withbody"), ("min", since),
        ("pagesize", "100"), ("page", "1"), ("tagged", "acme"), ("key", "k3y"),
    ]  # fmt: skip
    assert (len(batch.mentions), batch.more, batch.quota) == (2, True, Quota(299, MIDNIGHT))
    await exchange(session, service, tagged=["acme"]).fetch(batch.cursor)
    assert {("page", "2"), ("min", since)} <= set(service.asked[1].query)


@pytest.mark.parametrize(
    ("options", "path", "asked"),
    [
        ({"query": '"acme pay"', "sort": "creation"}, SEARCH, {("q", '"acme pay"'), ("sort", "creation")}),
        ({"tagged": ["acme", " acme-pay "]}, SEARCH, {("tagged", "acme;acme-pay")}),
        ({"site": "acme.stackexchange.com"}, QUESTIONS, {("site", "acme.stackexchange.com")}),
    ],
)
async def test_words_and_several_tags_are_searched_for(
    service: Service, session: aiohttp.ClientSession, options: dict[str, Any], path: str, asked: set[tuple[str, str]]
) -> None:
    service.says(path, Reply(page()))
    await exchange(session, service, **options).fetch(None)
    assert asked <= set(service.asked[0].query)
    bound = "fromdate" if options.get("sort") == "creation" else "min"
    assert (bound in dict(service.asked[0].query), "key" in dict(service.asked[0].query)) == (True, False)


@pytest.mark.parametrize(
    ("reply", "kind", "wait"),
    [
        (error(502, "throttle_violation", "too many requests from this IP, more requests available in 47 seconds"),
         RateLimited, timedelta(seconds=47)),
        (error(502, "throttle_violation", "more requests available in 71234 seconds", 502), RateLimited,
         timedelta(seconds=71234)),
        (error(502, "throttle_violation", "slow down"), RateLimited, MINUTE),
        (error(500, "internal_error", "x"), TemporaryError, None),
        (error(503, "temporarily_unavailable", "x", 503), TemporaryError, None),
        (error(400, "bad_parameter", "No site found for name `x`"), PermanentError, None),
        (error(400, "bad_parameter", "`key` doesn't match a known application"), AuthError, None),
        (error(403, "access_denied", "not for k3y", 403), AuthError, None),
        (error(502, "throttle_violation", "in 5 seconds", 200), RateLimited, timedelta(seconds=5)),
        (Reply("<html>blocked</html>", 429, {"Retry-After": "30"}), RateLimited, timedelta(seconds=30)),
        (Reply(b"", 502), TemporaryError, None),
        (Reply({"hello": 1}), PermanentError, None),
    ],
)  # fmt: skip
async def test_errors_are_told_apart_by_their_number(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[ServiceError], wait: timedelta | None
) -> None:
    service.says(QUESTIONS, reply)
    with pytest.raises(kind) as caught:
        await exchange(session, service, "k3y", tagged=["acme"]).fetch(None)
    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after", None) == wait
    assert "k3y" not in str(caught.value)


async def test_the_sentence_says_what_the_service_said(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(QUESTIONS, error(400, "bad_parameter", "No site found for name `x`"))
    with pytest.raises(PermanentError, match="bad_parameter: No site found for name `x`"):
        await exchange(session, service, tagged=["acme"]).fetch(None)


async def test_an_edit_comes_again_with_its_moment(service: Service, session: aiohttp.ClientSession) -> None:
    item = json_fixture("stackexchange.json")["items"][1]
    edited = {**item, "body": "<p>Solved</p>", "last_edit_date": 1793620000, "last_activity_date": 1793620000}
    service.says(QUESTIONS, Reply({"items": [item]}), Reply({"items": [edited]}))
    asked = exchange(session, service, tagged=["acme"])
    first = await asked.fetch(None)
    (again,) = (await asked.fetch(first.cursor)).mentions
    assert again.id == first.mentions[0].id
    assert (again.text, again.edited_at) == ("Acme SDK on Android\n\nSolved", datetime.fromtimestamp(1793620000, UTC))
