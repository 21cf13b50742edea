"""Hacker News: comments and stories, pages, and the window that moves only when a round is complete."""

from __future__ import annotations

import json

import aiohttp
import pytest

from domain.errors import PermanentError
from domain.heard.mention import MentionKind
from listener.sources.hackernews import Window, next_window, parse_hits
from tests.listener.service import ORIGIN, Reply, Service, json_fixture, source

TEN = 1793613600


def hits(*stamps: int, pages: int = 1) -> dict[str, object]:
    return {"hits": [{"created_at_i": stamp} for stamp in stamps], "nbPages": pages}


def test_comments_and_stories_become_mentions() -> None:
    parsed = parse_hits(json_fixture("hackernews.json"), ORIGIN)
    comment, story = parsed.mentions
    assert comment.text == "Checkout isn't working & support is silent.\n\nAnyone else? https://x.example"
    assert (comment.kind, comment.in_reply_to, comment.root) == (MentionKind.REPLY, "501", "500")
    assert comment.url == "https://news.ycombinator.com/item?id=502"
    assert (story.kind, story.text, story.author.handle) == (MentionKind.POST, "Acme is down", "kim")
    assert story.created_at.timestamp() == TEN
    assert parsed.set_aside[0].reason == "`author` is missing or no text"


@pytest.mark.parametrize(
    ("window", "answer", "then", "more"),
    [
        (Window(100), hits(300, 200, pages=2), Window(100, None, 1, 300), True),
        (Window(100, None, 1, 3000), hits(150, pages=2), Window(2400), False),
        (Window(100), hits(), Window(100), False),
        (Window(100), hits(200), Window(100), False),
        (Window(100, None, 9, 900), hits(500, 400, pages=10), Window(100, 401, 0, 900), True),
        (Window(100, 401, 9, 900), hits(400, 400, pages=10), Window(300), False),
        (Window(100), hits(-5, pages=2), Window(100), False),
    ],
    ids=["next page", "round complete", "nothing", "overlap never goes back", "beyond 1000", "stuck", "nonsense"],
)
def test_the_window_moves_only_when_a_round_is_complete(
    window: Window, answer: dict[str, object], then: Window, more: bool
) -> None:
    assert next_window(window, answer, page_size=100) == (then, more)


async def test_a_round_asks_page_after_page_with_the_same_bound(
    service: Service, session: aiohttp.ClientSession
) -> None:
    second = json_fixture("hackernews.json") | {"page": 1, "hits": [], "nbPages": 2}
    service.says("/api/v1/search_by_date", Reply(json_fixture("hackernews.json")), Reply(second))
    news = source("hackernews", session, service.url, query="acme", lookback_hours=24)
    batch = await news.fetch(None)
    assert batch.more
    assert ("page", "0") in service.asked[0].query
    assert ("numericFilters", f"created_at_i>{TEN + 7200 - 86400}") in service.asked[0].query
    assert ("typoTolerance", "false") in service.asked[0].query
    batch = await news.fetch(batch.cursor)
    assert not batch.more
    assert ("page", "1") in service.asked[1].query
    assert json.loads(batch.cursor or "")["since"] == TEN + 300 - 600


async def test_an_answer_of_another_shape_is_an_error(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/api/v1/search_by_date", Reply({"message": "hello"}))
    with pytest.raises(PermanentError, match="`hits` should be a list"):
        await source("hackernews", session, service.url, query="acme").fetch(None)
