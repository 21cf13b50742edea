"""Bluesky: posts, pages, signing in rarely."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, PermanentError
from domain.heard.mention import Author, MentionKind
from listener.sources.bluesky import Round, next_round, parse_posts
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

SEARCH = "/xrpc/app.bsky.feed.searchPosts"
CREATE, REFRESH = "/xrpc/com.atproto.server.createSession", "/xrpc/com.atproto.server.refreshSession"
TOKENS = {"accessJwt": "acc-1", "refreshJwt": "ref-1", "did": "did:plc:us", "handle": "acme.bsky.social"}
TEN = datetime(2026, 11, 2, 10, tzinfo=UTC)


def bluesky(session: aiohttp.ClientSession, service: Service, **more: Any) -> Any:
    return source(
        "bluesky", session, service.url, query="acme", handle="acme.bsky.social",
        secrets={"app_password": "pa-ss-wo-rd"}, **more,
    )  # fmt: skip


def posts(*moments: datetime, cursor: str | None = None) -> dict[str, object]:
    return {"posts": [{"indexedAt": moment.isoformat()} for moment in moments], "cursor": cursor}


def test_posts_become_mentions() -> None:
    first, second = parse_posts(json_fixture("bluesky.json"), ORIGIN, "did:plc:us").mentions
    assert first.text == "@acme.bsky.social kargom nerede? @… da bekliyor"
    assert first.author == Author(
        "did:plc:aaa", "Deniz", "deniz.bsky.social", url="https://bsky.app/profile/did:plc:aaa"
    )
    assert first.url == "https://bsky.app/profile/did:plc:aaa/post/3k1"
    assert (first.language, first.addressed, first.kind) == ("tr", True, MentionKind.REPLY)
    assert first.in_reply_to == "at://did:plc:zzz/app.bsky.feed.post/3k00"
    assert first.root == "at://did:plc:us/app.bsky.feed.post/3k0"
    assert second.created_at == datetime(2026, 11, 2, 10, 4, tzinfo=UTC), "a claimed future time is not believed"
    assert (second.language, second.addressed) == (None, False)


def test_pictures_are_left_out_and_broken_posts_set_aside() -> None:
    assert [aside.reason for aside in parse_posts(json_fixture("bluesky.json"), ORIGIN).set_aside] == [
        "`did` is missing or no text"
    ]


@pytest.mark.parametrize(
    ("at", "answer", "then", "more"),
    [
        (Round(TEN), posts(NOW, cursor="2"), Round(TEN, False, "2", 1, NOW), True),
        (Round(TEN, True, "2", 1, NOW), posts(TEN), Round(NOW - timedelta(minutes=10)), False),
        (Round(TEN), posts(NOW, TEN - timedelta(hours=1), cursor="2"), Round(NOW - timedelta(minutes=10)), False),
        (Round(TEN, page="2"), posts(NOW, cursor="2"), Round(NOW - timedelta(minutes=10)), False),
        (Round(TEN, pages=19), posts(NOW, cursor="9"), Round(NOW - timedelta(minutes=10)), False),
        (Round(TEN), posts(cursor="2"), Round(TEN), False),
        (Round(TEN), posts(TEN), Round(TEN), False),
    ],
    ids=["next page", "end", "reached the known", "cursor repeats", "cap", "empty page", "overlap never goes back"],
)
def test_a_round_goes_down_to_what_is_known(at: Round, answer: dict[str, object], then: Round, more: bool) -> None:
    assert next_round(at, answer) == (then, more)


async def test_signs_in_once_and_searches_page_by_page(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(CREATE, Reply(TOKENS))
    service.says(SEARCH, Reply(json_fixture("bluesky.json")), Reply({"posts": []}))
    found = bluesky(session, service)
    first = await found.fetch(None)
    assert (first.more, len(first.mentions)) == (True, 2)
    second = await found.fetch(first.cursor)
    assert not second.more
    assert json.loads(second.cursor or "") == {"since": "2026-11-02T09:55:00+00:00"}
    assert [asked.path for asked in service.asked] == [CREATE, SEARCH, SEARCH]
    assert json.loads(service.asked[0].body) == {"identifier": "acme.bsky.social", "password": "pa-ss-wo-rd"}
    assert service.asked[1].headers["Authorization"] == "Bearer acc-1"
    assert service.asked[2].query == [("q", "acme"), ("limit", "100"), ("sort", "latest"), ("cursor", "4")]


async def test_later_rounds_ask_only_for_what_is_new(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(CREATE, Reply(TOKENS))
    service.says(SEARCH, Reply({"posts": []}))
    await bluesky(session, service, lang="tr").fetch('{"since":"2026-11-02T09:55:00+00:00"}')
    assert ("since", "2026-11-02T09:55:00Z") in service.asked[1].query
    assert ("lang", "tr") in service.asked[1].query


async def test_an_expired_session_is_refreshed_not_opened_anew(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(CREATE, Reply(TOKENS))
    service.says(REFRESH, Reply({**TOKENS, "accessJwt": "acc-2"}))
    service.says(SEARCH, Reply({"error": "ExpiredToken", "message": "expired"}, 400), Reply({"posts": []}))
    await bluesky(session, service).fetch(None)
    assert [asked.path for asked in service.asked] == [CREATE, SEARCH, REFRESH, SEARCH]
    assert service.asked[2].headers["Authorization"] == "Bearer ref-1"
    assert service.asked[3].headers["Authorization"] == "Bearer acc-2"


async def test_a_refused_password_is_not_tried_on_every_poll(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(CREATE, Reply({"error": "AuthenticationRequired"}, 401))
    found = bluesky(session, service)
    with pytest.raises(AuthError, match="credentials"):
        await found.fetch(None)
    with pytest.raises(AuthError, match="the next try is at 12:15 UTC"):
        await found.fetch(None)
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "reply", [Reply({"accessJwt": None}), Reply([]), Reply({"accessJwt": "a\nb"}), Reply({"error": "x"}, 400)]
)
async def test_an_odd_answer_to_signing_in_is_an_error(
    service: Service, session: aiohttp.ClientSession, reply: Reply
) -> None:
    service.says(CREATE, reply)
    with pytest.raises(AuthError, match="did not sign us in"):
        await bluesky(session, service).fetch(None)


async def test_a_bad_query_is_not_taken_for_an_expired_session(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(CREATE, Reply(TOKENS))
    service.says(SEARCH, Reply({"error": "BadQueryString"}, 400))
    with pytest.raises(PermanentError, match="status 400"):
        await bluesky(session, service).fetch(None)
    assert [asked.path for asked in service.asked] == [CREATE, SEARCH]


def test_secrets_are_not_shown_by_repr(service: Service, session: aiohttp.ClientSession) -> None:
    found = bluesky(session, service)
    found.sign_in.access = "acc-1"
    assert "pa-ss-wo-rd" not in repr(found)
    assert "acc-1" not in repr(found)
