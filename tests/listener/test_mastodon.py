"""Mastodon: statuses, notifications, paging forward, quota."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, PermanentError, RateLimited
from domain.heard.mention import Author, MentionKind
from listener.sources.mastodon import newest_id, parse_notifications, parse_statuses
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

TAG = "/api/v1/timelines/tag/acme"


def test_statuses_become_mentions() -> None:
    parsed = parse_statuses(json_fixture("mastodon_tag.json"), ORIGIN)
    first, second = parsed.mentions
    assert first.text == "Ödeme sayfası açılmıyor!\nKart çekildi, sipariş yok. @… sende de mi?\n\n#acme"
    assert first.author == Author(
        "https://m.example/users/zeynep", "Zeynep 🌷", "zeynep", 41, "https://m.example/@zeynep"
    )
    assert (first.native_id, first.language, first.kind) == ("112", "tr", MentionKind.POST)
    assert first.edited_at == datetime(2026, 11, 2, 10, 6, tzinfo=UTC)
    assert not first.addressed
    assert second.text == "پرداخت\n\n@acme پرداخت انجام نمی‌شود"
    assert (second.kind, second.in_reply_to, second.addressed) == (MentionKind.REPLY, "99", True)
    assert second.url == "https://far.example/users/sara/statuses/9", "`uri` stands in for a missing `url`"


def test_boosts_and_bare_pictures_are_left_out_and_broken_statuses_set_aside() -> None:
    parsed = parse_statuses(json_fixture("mastodon_tag.json"), ORIGIN)
    assert [aside.reason for aside in parsed.set_aside] == ["`created_at` is no readable date"]


def test_only_notifications_that_mention_us_count() -> None:
    (mention,) = parse_notifications(json_fixture("mastodon_mentions.json"), ORIGIN).mentions
    assert (mention.text, mention.addressed, mention.kind) == ("@acme refund please", True, MentionKind.MESSAGE)
    assert mention.native_id == "113"


def test_the_same_post_under_two_ids_counts_once() -> None:
    status = json_fixture("mastodon_tag.json")[0]
    assert len(parse_statuses([status, {**status, "id": "113"}], ORIGIN).mentions) == 1


@pytest.mark.parametrize(
    ("ids", "newest"),
    [(["9", "10"], "10"), (["99999999999999999999", "100000000000000000000"], "100000000000000000000"), ([], None),
     ([None, "x", {}], None), ([7, "5"], "7")],
)  # fmt: skip
def test_the_newest_id_is_the_highest_number(ids: list[Any], newest: str | None) -> None:
    assert newest_id([{"id": known} for known in ids]) == newest


async def test_polls_go_forward_without_gaps(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(TAG, Reply(json_fixture("mastodon_tag.json")), Reply(json_fixture("mastodon_tag.json")[:1]), Reply([]))
    tag = source("mastodon", session, service.url, tags=["#acme", "acmehelp"], limit=40)
    first = await tag.fetch(None)
    assert (json.loads(first.cursor or ""), first.more) == ({"min_id": "112"}, False)
    assert service.asked[0].query == [("any[]", "acmehelp"), ("limit", "40")]
    again = await tag.fetch('{"min_id":"111"}')
    assert again.more, "a page that is not empty may be followed by another"
    assert ("min_id", "111") in service.asked[1].query
    last = await tag.fetch(again.cursor)
    assert (last.more, last.cursor) == (False, again.cursor)


async def test_after_an_empty_first_page_nothing_is_skipped(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(TAG, Reply([]))
    batch = await source("mastodon", session, service.url, tags=["acme"]).fetch(None)
    assert json.loads(batch.cursor or "") == {"min_id": "0"}


async def test_mentions_are_asked_with_the_token(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/api/v1/notifications", Reply(json_fixture("mastodon_mentions.json")))
    mentions = source("mastodon", session, service.url, timeline="mentions", secrets={"access_token": "t0k"})
    batch = await mentions.fetch(None)
    assert json.loads(batch.cursor or "") == {"min_id": "22"}, "the notification's id, not the post's"
    assert service.asked[0].headers["Authorization"] == "Bearer t0k"
    assert service.asked[0].query == [("types[]", "mention")]


async def test_the_public_timeline_needs_no_token(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/api/v1/timelines/public", Reply(json_fixture("mastodon_tag.json")))
    batch = await source("mastodon", session, service.url, timeline="public", local=True).fetch(None)
    assert len(batch.mentions) == 2
    assert "Authorization" not in service.asked[0].headers
    assert service.asked[0].query == [("local", "true")]


async def test_a_used_up_quota_is_passed_on(service: Service, session: aiohttp.ClientSession) -> None:
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-02T12:05:00.180257Z"}
    service.says(TAG, Reply([], headers=spent), Reply({"error": "Çok fazla istek"}, 429, headers=spent))
    tag = source("mastodon", session, service.url, tags=["acme"])
    batch = await tag.fetch(None)
    assert batch.not_before is not None
    assert batch.not_before > NOW
    with pytest.raises(RateLimited) as caught:
        await tag.fetch(None)
    assert caught.value.retry_after == batch.not_before - NOW


@pytest.mark.parametrize(
    ("reply", "kind"), [(Reply({"error": "x"}, 401), AuthError), (Reply({"error": "x"}), PermanentError)]
)
async def test_refusals_are_errors(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[Exception]
) -> None:
    service.says(TAG, reply)
    with pytest.raises(kind):
        await source("mastodon", session, service.url, tags=["acme"]).fetch(None)


async def test_a_tag_cannot_leave_its_path(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/api/v1/timelines/tag/a/../b", Reply([]))
    await source("mastodon", session, service.url, tags=["a/../b"]).fetch(None)
    assert service.asked[0].path == "/api/v1/timelines/tag/a/../b"
