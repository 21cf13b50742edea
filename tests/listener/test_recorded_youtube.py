"""YouTube against recorded answers of the API, served by the replay server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, PermanentError, ServiceError
from domain.heard.mention import Mention
from listener.sources.youtube import parse_threads
from tests.listener.service import ORIGIN, Reply, Service, source
from tests.listener.test_recorded import RECORDED, pytestmark, replayed

__all__ = ["pytestmark"]
FILE = "youtube/commentThreads_search_errors.replay.json"
PATH = "/youtube/v3/commentThreads"


def recorded(status: int) -> list[Any]:
    found = json.loads((RECORDED / FILE).read_text())["interactions"]
    return [
        one["response"]["json"]
        for one in found
        if one["request"]["path"] == PATH and one["response"]["status"] == status
    ]


async def test_a_video_is_read_to_the_end(session: aiohttp.ClientSession) -> None:
    seen: list[Mention] = []
    cursor, more = None, True
    async with replayed(FILE) as url:
        video = source(
            "youtube", session, url, datetime(2019, 11, 27, tzinfo=UTC), {"api_key": "k"}, videos=["F1UP7wRCPH8"],
            page_size=5, lookback_hours=720,
        )  # fmt: skip
        while more:
            batch = await video.fetch(cursor)
            assert batch.set_aside == ()
            seen, cursor, more = [*seen, *batch.mentions], batch.cursor, batch.more
    assert len(seen) == 10, "the recording has the same five comments on both pages"
    assert len({mention.id for mention in seen}) == 5
    assert seen[0].text == "Google.com", "as it was written, not as a link"


def test_every_recorded_thread_is_read() -> None:
    answers = recorded(200)
    assert len(answers) >= 5
    for answer in answers:
        parsed = parse_threads(answer, ORIGIN)
        assert parsed.set_aside == ()
        assert len(parsed.mentions) >= len(answer["items"])
        assert all(mention.author.id and mention.edited_at is None for mention in parsed.mentions)


@pytest.mark.parametrize(("status", "kinds"), [(403, {AuthError}), (400, {AuthError, PermanentError})])
async def test_recorded_errors_are_told_apart(
    service: Service, session: aiohttp.ClientSession, status: int, kinds: set[type[ServiceError]]
) -> None:
    raised = set()
    for answer in recorded(status):
        service.says(PATH, Reply(answer, status))
        with pytest.raises(ServiceError) as caught:
            await source("youtube", session, service.url, secrets={"api_key": "k"}, videos=["v"]).fetch(None)
        raised.add(type(caught.value))
    assert raised == kinds
