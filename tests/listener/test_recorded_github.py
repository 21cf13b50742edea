"""GitHub against recorded answers; the recorded questions are given the parameters that ours have."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from domain.errors import RateLimited
from listener.sources.github import parse_comments, parse_issues
from tests.listener.service import ORIGIN, Reply, Service, source
from tests.listener.test_recorded import RECORDED, pytestmark, replayed

__all__ = ["pytestmark"]
NOW = datetime(2016, 6, 1, tzinfo=UTC)
FILE = RECORDED / "github/issues.replay.json"


def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


async def test_issues_are_read_to_the_end_without_pull_requests(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    recording = recorded()
    first, second = (one["request"] for one in recording["interactions"][:2])
    first["query"] = [
        ["state", "all"], ["since", "2016-03-01T00:00:00Z"], ["sort", "updated"], ["direction", "asc"],
        ["per_page", "100"],
    ]  # fmt: skip
    second |= {"path": "/repositories/1/issues", "query": [["page", "2"]]}  # as the first answer links to it
    path = tmp_path / "issues.replay.json"
    path.write_text(json.dumps(recording))
    seen, cursor, more = [], None, True
    async with replayed(str(path)) as url:
        app = source("github", session, url, NOW, repo="o/r", comments=False, lookback_hours=92 * 24)
        while more:
            batch = await app.fetch(cursor)
            assert batch.set_aside == ()
            seen, cursor, more = [*seen, *batch.mentions], batch.cursor, batch.more
    (issue,) = seen
    assert (issue.native_id, issue.text) == ("issue:2", "title 2\n\nbody")
    assert json.loads(cursor or "") == {"since": "2016-05-15T15:04:29+00:00"}


def test_comments_are_read() -> None:
    (comment,) = parse_comments(recorded()["interactions"][2]["response"]["json"], ORIGIN).mentions
    assert (comment.native_id, comment.root, comment.text) == ("comment:1", "issue:1", "My first comment")


async def test_too_many_requests_are_no_missing_right(service: Service, session: aiohttp.ClientSession) -> None:
    said = next(one["response"] for one in recorded()["interactions"] if one["response"]["status"] == 403)
    service.says("/repos/o/r/issues", Reply(said["json"], 403, said["headers"]))
    with pytest.raises(RateLimited) as caught:
        await source("github", session, service.url, NOW, repo="o/r").fetch(None)
    assert caught.value.retry_after == timedelta(seconds=1)


def test_an_issue_and_a_comment_with_all_their_parts_are_read() -> None:
    said = json.loads((RECORDED / "github/webhook_issue_comment_created.payload.json").read_text())["data"]
    (issue,) = parse_issues([said["issue"]], ORIGIN).mentions
    (comment,) = parse_comments([said["comment"]], ORIGIN).mentions
    assert comment.root == issue.native_id
    assert (issue.author.handle, comment.author.handle) == (
        said["issue"]["user"]["login"], said["comment"]["user"]["login"],
    )  # fmt: skip
    assert comment.url == said["comment"]["html_url"]
