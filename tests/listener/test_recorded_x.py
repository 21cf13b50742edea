"""X against recorded answers; the recorded questions are given the parameters that ours have."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, PermanentError, RateLimited
from domain.heard.mention import MentionKind
from tests.listener.service import Reply, Service, source
from tests.listener.test_recorded import RECORDED, pytestmark, replayed

__all__ = ["pytestmark"]
THEN = datetime(2022, 10, 8, tzinfo=UTC)
SEARCH = "/2/tweets/search/recent"
OURS = [["max_results", "100"], ["start_time", "2022-10-07T00:00:00Z"]]


def adapted(folder: Path, name: str) -> str:
    """Write a recording whose questions are those of our source."""
    recording = json.loads((RECORDED / "x" / name).read_text())
    for one in recording["interactions"]:
        one["request"]["query"] += OURS
    path = folder / name
    path.write_text(json.dumps(recording))
    return str(path)


def x(session: aiohttp.ClientSession, url: str, **options: Any) -> Any:
    return source("x", session, url, THEN, secrets={"access_token": "t"}, **options)


async def test_a_search_is_read(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with replayed(adapted(tmp_path, "test_asyncclient_search_recent_tweets.replay.json")) as url:
        batch = await x(session, url, query="Tweepy").fetch(None)
    assert (len(batch.mentions), batch.set_aside, batch.more) == (7, (), True), "three of ten are reposts"
    assert batch.cost == pytest.approx(0.05)
    assert all(THEN - timedelta(hours=2) < mention.created_at < THEN for mention in batch.mentions), "by their ids"
    assert batch.quota is not None
    assert batch.quota.remaining == 449
    assert json.loads(batch.cursor or "")["token"].startswith("b26v89")


async def test_mentions_of_an_account_are_read(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with replayed(adapted(tmp_path, "test_asyncclient_get_users_mentions.replay.json")) as url:
        batch = await x(session, url, timeline="mentions", user_id="783214").fetch(None)
    assert [mention.addressed for mention in batch.mentions] == [True, True]
    assert batch.mentions[0].text == "@… @… @… What why?"


@pytest.mark.parametrize(
    ("name", "read"), [("search_recent_expanded_1.json", 1), ("search_recent_expanded_retweet.json", 5)]
)
async def test_posts_with_all_their_parts_are_read(
    service: Service, session: aiohttp.ClientSession, name: str, read: int
) -> None:
    service.says(SEARCH, Reply(json.loads((RECORDED / "x" / name).read_text())["data"]))
    batch = await x(session, service.url, query="a").fetch(None)
    assert (len(batch.mentions), batch.set_aside) == (read, ())
    assert all(mention.author.handle and mention.author.followers is not None for mention in batch.mentions)
    assert all(mention.url and mention.url.startswith("https://x.com/") for mention in batch.mentions)
    assert any(mention.kind is MentionKind.REPLY and mention.in_reply_to for mention in batch.mentions)


@pytest.mark.parametrize(
    ("case", "kind", "wait"),
    [
        ("window", RateLimited, None), ("cap", RateLimited, timedelta(days=24)), ("401", AuthError, None),
        ("403", AuthError, None), ("bad", PermanentError, None),
    ],
)  # fmt: skip
async def test_errors_mean_what_they_say(
    service: Service, session: aiohttp.ClientSession, case: str, kind: type[Exception], wait: timedelta | None
) -> None:
    found = json.loads((RECORDED / "x/errors.replay.json").read_text())["interactions"]
    said = next(one["response"] for one in found if ["case", case] in one["request"]["query"])
    service.says(SEARCH, Reply(said["json"], said["status"], said["headers"]))
    with pytest.raises(kind) as caught:
        await x(session, service.url, query="x").fetch(None)
    assert type(caught.value) is kind
    if wait is not None:
        assert getattr(caught.value, "retry_after", None) == wait
    assert len(service.asked) == 1
