"""GitHub: issues and comments, pages, tags of unchanged lists, and limits that look like missing rights."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, NotFound, PermanentError, RateLimited
from domain.heard.mention import Author, MentionKind, Quota
from listener.sources.github import Round, next_page, next_round, parse_comments, parse_issues, plain_text
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

ISSUES, COMMENTS = "/repos/acme/app/issues", "/repos/acme/app/issues/comments"
BEFORE = NOW - timedelta(hours=2)


def changed(*moments: str, **known: Any) -> list[dict[str, Any]]:
    user = {"login": "jo", "id": 1, "type": "User"}
    return [
        {"number": n, "id": n, "title": "t", "user": user, "created_at": at, "updated_at": at} | known
        for n, at in enumerate(moments, 1)
    ]


def state(*cursors: dict[str, Any], turn: int = 0) -> str:
    """Give the cursor of both lists."""
    return json.dumps({"turn": turn, "cursors": [json.dumps(cursor) for cursor in cursors]})


def test_issues_become_mentions() -> None:
    first, second = parse_issues(json_fixture("github_issues.json"), ORIGIN).mentions
    assert first.text == (
        "Login fails on Android 15\n\n"
        "What happened?\nSince this morning login fails.\nVersion\nPixel 9 v2.1\ncc @acme and @…"
    )
    assert first.author == Author("41", "", "jo-makes", None, "https://github.com/jo-makes")
    assert (first.native_id, first.kind, first.addressed) == ("issue:12", MentionKind.POST, True)
    assert first.edited_at == datetime(2026, 11, 2, 10, 30, tzinfo=UTC)
    assert (second.text, second.author.id, second.edited_at) == ("Ödeme ekranı boş", "ghost", None)


def test_pull_requests_and_bots_are_left_out_and_broken_issues_set_aside() -> None:
    issues = json_fixture("github_issues.json")
    assert [aside.reason for aside in parse_issues(issues, ORIGIN).set_aside] == ["`number` is missing or no text"]
    assert [m.native_id for m in parse_issues(issues, ORIGIN, pulls=True).mentions] == [
        "issue:12", "issue:13", "issue:14",
    ]  # fmt: skip


def test_comments_hang_below_their_issue() -> None:
    parsed = parse_comments(json_fixture("github_comments.json"), ORIGIN)
    (comment,) = parsed.mentions
    assert comment.text == "Same here, @ACME. پرداخت هم کار نمی‌کند", "quoted words are somebody else's"
    assert (comment.native_id, comment.kind, comment.addressed) == ("comment:501", MentionKind.REPLY, True)
    assert (comment.in_reply_to, comment.root, comment.reply_ref) == ("issue:12", "issue:12", "issue:12")
    assert comment.edited_at == datetime(2026, 11, 2, 11, 5, tzinfo=UTC)
    assert len(parsed.set_aside) == 1
    assert len(parse_comments(json_fixture("github_comments.json"), ORIGIN, pulls=True).mentions) == 2


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**a** _b_ `c` ~~d~~", "a b c ~~d~~"), ("[text](https://x.example/a_b_c) ![alt](y.png)", "text alt"),
        ("a  \nb\nc", "a\nb\nc"), ("```\nlog\n```\nafter", "after"), ("    code\n\nafter", "after"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a\nb\n1\n2"), ("<details>\nlog\n</details>\n\nafter", "after"),
        ("> quote\n\nmine", "mine"), ("1. one\n2. two", "one\ntwo"), ("&lt;b&gt; \\*x\\*", "<b> *x*"),
        ("a <b>c</b>", "a c"), ("", ""), ("سلام\n\n## تیتر", "سلام\nتیتر"), ("_No response_", ""),
    ],
)  # fmt: skip
def test_markdown_becomes_what_was_meant(markdown: str, text: str) -> None:
    assert plain_text(markdown) == text


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ('<https://api.x/r?page=2>; rel="next", <https://api.x/r?page=9>; rel="last"', "https://api.x/r?page=2"),
        ('<https://api.x/r?page=1>; rel="prev", <https://api.x/r?page=3>; rel="next"', "https://api.x/r?page=3"),
        ("<https://api.x/r?page=2>; rel=next", "https://api.x/r?page=2"),
        ('<https://api.x/r?page=1>; rel="first"', ""), ("", ""),
        ('<https://evil.example/r?page=2>; rel="next"', ""), ('<http://api.x/r?page=2>; rel="next"', ""),
        ('<https://api.x:8443/r>; rel="next"', ""), ('<//[>; rel="next"', ""), ('</r?page=2>; rel="next"', ""),
    ],
)  # fmt: skip
def test_only_a_page_of_the_same_server_is_the_next(link: str, page: str) -> None:
    assert next_page({"Link": link}, "https://api.x/repos/acme/app/issues") == page


@pytest.mark.parametrize(
    ("now_at", "items", "page", "then", "more"),
    [
        (Round(BEFORE), changed("2026-11-02T11:00:00Z"), "p2",
         Round(BEFORE, "", "p2", NOW - timedelta(hours=1)), True),
        (Round(BEFORE, "", "p2", NOW - timedelta(hours=1)), changed("2026-11-02T10:30:00Z"), "",
         Round(NOW - timedelta(minutes=65)), False),
        (Round(BEFORE, "", "p2", NOW), [], "p2", Round(NOW - timedelta(minutes=5)), False),
        (Round(BEFORE), [], "", Round(BEFORE, "tag"), False),
        (Round(BEFORE), changed("2026-11-02T10:03:00Z"), "", Round(BEFORE, "tag"), False),
        (Round(BEFORE), changed("2026-11-02T11:00:00Z"), "", Round(NOW - timedelta(minutes=65)), False),
        (Round(BEFORE, "", "p2"), [], "", Round(BEFORE), False),
    ],
)  # fmt: skip
def test_since_moves_at_the_end_and_a_tag_is_kept_for_its_own_question(
    now_at: Round, items: Any, page: str, then: Round, more: bool
) -> None:
    assert next_round(now_at, items, page, "tag") == (then, more)


async def test_both_lists_are_read_in_turn(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(ISSUES, Reply(json_fixture("github_issues.json")))
    service.says(COMMENTS, Reply(json_fixture("github_comments.json")))
    app = source("github", session, service.url, repo="acme/app", secrets={"access_token": "t0k"})
    issues = await app.fetch(None)
    comments = await app.fetch(issues.cursor)
    assert [len(issues.mentions), len(comments.mentions)] == [2, 1]
    assert (issues.more, comments.more) == (True, False)
    assert service.asked[0].query == [
        ("state", "all"), ("since", "2026-11-01T12:00:00Z"), ("sort", "updated"), ("direction", "asc"),
        ("per_page", "100"),
    ]  # fmt: skip
    assert ("state", "all") not in service.asked[1].query
    headers = service.asked[0].headers
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert headers["Accept"] == "application/vnd.github+json"
    assert headers["Authorization"] == "Bearer t0k"
    await app.fetch(comments.cursor)
    assert ("since", "2026-11-02T10:45:00Z") in service.asked[2].query, "the last five minutes are asked for again"


async def test_issues_alone_need_no_second_list(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(ISSUES, Reply([]))
    batch = await source("github", session, service.url, repo="acme/app", comments=False).fetch(None)
    assert not batch.more
    assert "Authorization" not in service.asked[0].headers


async def test_pages_are_followed_to_the_end(service: Service, session: aiohttp.ClientSession) -> None:
    onward = {"Link": f'<{service.url}/repositories/1/issues?page=2&per_page=1>; rel="next"'}
    service.says(ISSUES, Reply(changed("2026-11-02T10:00:00Z"), headers=onward))
    service.says("/repositories/1/issues", Reply(changed("2026-11-02T11:00:00Z", number=2)))
    app = source("github", session, service.url, repo="acme/app", comments=False, per_page=1)
    first = await app.fetch(None)
    second = await app.fetch(first.cursor)
    assert (first.more, second.more) == (True, False)
    assert service.asked[1].query == [("page", "2"), ("per_page", "1")]
    assert json.loads(second.cursor or "") == {"since": "2026-11-02T10:55:00+00:00"}


async def test_a_page_on_another_server_is_never_asked_for(service: Service, session: aiohttp.ClientSession) -> None:
    away = {"Link": '<https://evil.example/issues?page=2>; rel="next"'}
    service.says(ISSUES, Reply(changed("2026-11-02T10:00:00Z"), headers=away))
    batch = await source("github", session, service.url, repo="acme/app", comments=False).fetch(None)
    assert (len(batch.mentions), batch.more) == (1, False)
    assert json.loads(batch.cursor or "") == {"since": "2026-11-02T09:55:00+00:00"}, "the next poll goes on from there"


async def test_an_unchanged_list_is_not_sent_again(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(ISSUES, Reply([], headers={"ETag": 'W/"abc"'}), Reply(b"", 304))
    app = source("github", session, service.url, repo="acme/app", comments=False)
    first = await app.fetch(None)
    second = await app.fetch(first.cursor)
    assert service.asked[1].headers["If-None-Match"] == 'W/"abc"'
    assert service.asked[1].query == service.asked[0].query
    assert (second.mentions, second.cursor, second.more) == ((), first.cursor, False)


async def test_after_an_unchanged_list_of_issues_come_the_comments(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(ISSUES, Reply(b"", 304))
    service.says(COMMENTS, Reply(json_fixture("github_comments.json")))
    app = source("github", session, service.url, repo="acme/app")
    first = await app.fetch(state({"since": BEFORE.isoformat(), "etag": "x"}, {"since": BEFORE.isoformat()}))
    assert first.more
    assert len((await app.fetch(first.cursor)).mentions) == 1


async def test_a_page_of_an_earlier_base_url_is_not_asked_for(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(ISSUES, Reply([]))
    known = {"since": BEFORE.isoformat(), "page": "https://api.github.com/repositories/1/issues?page=2"}
    await source("github", session, service.url, repo="acme/app", comments=False).fetch(json.dumps(known))
    assert [each.path for each in service.asked] == [ISSUES]


async def test_a_page_that_vanished_is_left_behind(service: Service, session: aiohttp.ClientSession) -> None:
    known = {"since": BEFORE.isoformat(), "page": f"{service.url}/gone", "newest": "2026-11-02T11:00:00Z"}
    batch = await source("github", session, service.url, repo="acme/app", comments=False).fetch(json.dumps(known))
    assert (batch.more, json.loads(batch.cursor or "")) == (True, {"since": "2026-11-02T11:00:00+00:00"})


@pytest.mark.parametrize(
    ("reply", "kind", "wait"),
    [
        (Reply({"message": "You have exceeded a secondary rate limit."}, 403, {"Retry-After": "30"}), RateLimited, 30),
        (Reply({"message": "You have exceeded a secondary rate limit."}, 403), RateLimited, 60),
        (Reply({"message": "You have triggered an abuse detection mechanism."}, 403), RateLimited, 60),
        (Reply({}, 403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 600)}),
         RateLimited, 600),
        (Reply({}, 429), RateLimited, 60),
        (Reply({"message": "Resource not accessible by personal access token"}, 403,
               {"x-ratelimit-remaining": "4999"}), AuthError, None),
        (Reply({"message": "Bad credentials"}, 401), AuthError, None),
        (Reply({"message": "Not Found"}, 404), NotFound, None),
        (Reply({"message": "Validation Failed"}, 422), PermanentError, None),
        (Reply({"message": "an object"}), PermanentError, None),
    ],
)  # fmt: skip
async def test_a_limit_is_told_from_missing_rights(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[Exception], wait: int | None
) -> None:
    service.says(ISSUES, reply)
    with pytest.raises(PermanentError if wait is None else RateLimited) as caught:
        await source("github", session, service.url, repo="acme/app").fetch(None)
    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after", None) == (None if wait is None else timedelta(seconds=wait))


async def test_what_is_left_of_the_hour_is_passed_on(service: Service, session: aiohttp.ClientSession) -> None:
    left = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 600)}
    service.says(ISSUES, Reply([], headers=left))
    batch = await source("github", session, service.url, repo="acme/app").fetch(None)
    assert batch.quota == Quota(0, NOW + timedelta(minutes=10))
    assert batch.not_before == NOW + timedelta(minutes=10)


def test_a_huge_markdown_text_is_cut_before_it_is_parsed() -> None:
    assert len(plain_text("a" * 100_000)) == 10_000
