"""YouTube: threads and replies, one target after another, refusals told apart, units that last the day."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.mention import Author, MentionKind, Quota
from listener.source import Source
from listener.sources.google import Allowance
from listener.sources.youtube import Round, next_page, next_target, parse_threads
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

PATH = "/youtube/v3/commentThreads"
MIDNIGHT = datetime(2026, 11, 3, 8, tzinfo=UTC)  # in California, winter time
HOUR = timedelta(hours=1)


def threads(*hours_ago: float, token: str | None = None, video: str = "vid-1") -> dict[str, Any]:
    """A page of threads that began so many hours before NOW."""
    items = []
    for hours in hours_ago:
        at = (NOW - timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
        said = {"authorDisplayName": "@kim", "textDisplay": f"{hours} hours ago", "publishedAt": at, "videoId": video}
        items.append({"snippet": {"topLevelComment": {"id": f"{video}.{hours}".replace(".", "_"), "snippet": said}}})
    return {"items": items, **({"nextPageToken": token} if token else {})}


def error(reason: str, status: int = 403) -> Reply:
    return Reply({"error": {"code": status, "errors": [{"reason": reason, "domain": "youtube.x"}]}}, status)


def youtube(session: aiohttp.ClientSession, service: Service, now: datetime = NOW, **options: Any) -> Source:
    return source("youtube", session, service.url, now, {"api_key": "s3cret"}, **options)


def test_comments_and_replies_become_mentions() -> None:
    parsed = parse_threads(json_fixture("youtube.json"), ORIGIN)
    first, reply, persian = parsed.mentions
    assert first.text == "Uygulama açılmıyor 3<5 @acme", "plain text: nothing in it is markup"
    assert first.author == Author("UCzey", "@zeynep", "zeynep", None, "https://www.youtube.com/channel/UCzey")
    assert (first.kind, first.in_reply_to, first.root, first.addressed) == (MentionKind.POST, None, None, True)
    assert first.edited_at == datetime(2026, 11, 2, 11, 20, tzinfo=UTC)
    assert first.url == "https://www.youtube.com/watch?v=vid-1&lc=UgA"
    assert (reply.kind, reply.in_reply_to, reply.root) == (MentionKind.REPLY, "UgA", "UgA")
    assert (reply.text, reply.author.handle, reply.edited_at) == ("same here @…", "", None)
    assert persian.text == "برنامه باز نمی‌شود"
    assert [aside.reason for aside in parsed.set_aside] == ["`publishedAt` is no readable date"]


def test_ids_that_are_no_ids_make_no_address() -> None:
    answer = json_fixture("youtube.json")
    answer["items"][1]["snippet"]["videoId"] = "x&y"
    answer["items"][1]["snippet"]["topLevelComment"]["snippet"]["videoId"] = "x&y"
    assert parse_threads(answer, ORIGIN).mentions[-1].url is None


@pytest.mark.parametrize(
    ("page", "answer", "then"),
    [
        (None, threads(1, 2, token="B"), "B"), (None, threads(1, 2), None), (None, threads(1, 9, token="B"), None),
        (None, threads(9, 1, token="B"), "B"), ("B", threads(1, token="B"), None), (None, threads(token="B"), "B"),
    ],
    ids=["newer than known", "last page", "known reached", "pinned first", "same page again", "all of it filtered"],
)  # fmt: skip
def test_pages_are_read_down_to_what_is_known(page: str | None, answer: dict[str, Any], then: str | None) -> None:
    at = Round(Allowance(9, 0, MIDNIGHT), "vid-1", page)
    assert next_page(at, answer, NOW - 5 * HOUR) == then


@pytest.mark.parametrize(
    ("target", "off", "then"), [("a", (), "b"), ("a", ("b",), "c"), ("c", (), None), (None, (), None), ("x", (), None)]
)
def test_targets_take_turns(target: str | None, off: tuple[str, ...], then: str | None) -> None:
    assert next_target(Round(Allowance(9, 0, MIDNIGHT), target, off=off), ("a", "b", "c")) == then


async def test_a_video_is_asked_as_documented_and_paged(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply(threads(1, 2, token="B")), Reply(threads(3)), Reply(threads(0.5, 2.5, token="B")))
    tube = youtube(session, service, videos=["vid-1"], page_size=50)
    first = await tube.fetch(None)
    assert (first.more, first.quota) == (True, Quota(9_999, MIDNIGHT))
    asked = [("part", "snippet,replies"), ("videoId", "vid-1"), ("maxResults", "50"), ("order", "time"),
             ("textFormat", "plainText"), ("key", "s3cret")]  # fmt: skip
    assert service.asked[0].query == asked
    second = await tube.fetch(first.cursor)
    assert service.asked[1].query == [*asked, ("pageToken", "B")]
    assert (second.more, second.not_before) == (False, None)
    third = await tube.fetch(second.cursor)
    assert not third.more, "2.5 hours ago is further back than the newest known less an hour"
    assert third.quota == Quota(9_997, MIDNIGHT)


async def test_the_first_poll_pages_no_further_than_its_reach(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply(threads(1, 30, token="B")))
    batch = await youtube(session, service, channel="UCacme").fetch(None)
    assert (len(batch.mentions), batch.more) == (2, False), "what came is kept, what is older is not asked for"
    assert ("allThreadsRelatedToChannelId", "UCacme") in service.asked[0].query


async def test_each_video_has_its_own_place(service: Service, session: aiohttp.ClientSession) -> None:
    tube = youtube(session, service, videos=["a", "b"])
    service.says(PATH, Reply(threads(2, video="a")), Reply(threads(9, video="b")), Reply(threads(1, 5, token="T")),
                 Reply(threads(3, 9, token="T")))  # fmt: skip
    cursor: str | None = None
    mores: list[bool] = []
    for _ in range(4):
        batch = await tube.fetch(cursor)
        cursor, mores = batch.cursor, [*mores, batch.more]
    assert mores == [True, False, True, True], "5 hours is known of a; 9 hours is within the overlap of b"
    assert [dict(asked.query)["videoId"] for asked in service.asked] == ["a", "b", "a", "b"]
    assert "pageToken" not in dict(service.asked[3].query)


async def test_a_video_without_comments_is_left_out_for_the_day(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(PATH, error("commentsDisabled"), Reply(threads(1)))
    tube = youtube(session, service, videos=["off", "on"])
    closed = await tube.fetch(None)
    assert (closed.more, closed.set_aside, closed.mentions) == (True, (), ())
    batch = await tube.fetch(closed.cursor)
    await tube.fetch(batch.cursor)
    assert [dict(asked.query)["videoId"] for asked in service.asked] == ["off", "on", "on"]
    await youtube(session, service, MIDNIGHT, videos=["off", "on"]).fetch(batch.cursor)
    assert dict(service.asked[-1].query)["videoId"] == "off", "the next day it is asked again"


async def test_when_all_are_left_out_nothing_is_asked(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, error("commentsDisabled"))
    tube = youtube(session, service, videos=["off"])
    batch = await tube.fetch((await tube.fetch(None)).cursor)
    assert (batch.mentions, batch.more, len(service.asked)) == ((), False, 1)


@pytest.mark.parametrize(("reason", "status"), [("videoNotFound", 404), ("forbidden", 403)])
async def test_one_of_several_that_is_gone_is_said_once(
    service: Service, session: aiohttp.ClientSession, reason: str, status: int
) -> None:
    service.says(PATH, error(reason, status), Reply(threads(1)))
    tube = youtube(session, service, videos=["gone", "on"])
    batch = await tube.fetch(None)
    assert [(aside.raw, reason in aside.reason) for aside in batch.set_aside] == [("gone", True)]
    assert (await tube.fetch(batch.cursor)).set_aside == ()


NEWER = {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}
DAILY = {"code": 429, "details": [{"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_unit": "1/d/{project}"}}]}


@pytest.mark.parametrize(
    ("reply", "kind", "wait"),
    [
        (error("quotaExceeded"), RateLimited, MIDNIGHT - NOW),
        (error("dailyLimitExceeded"), RateLimited, MIDNIGHT - NOW),
        (Reply({"error": DAILY}, 429), RateLimited, MIDNIGHT - NOW),
        (error("rateLimitExceeded"), RateLimited, timedelta(minutes=1)),
        (Reply("", 429, {"Retry-After": "9"}), RateLimited, timedelta(seconds=9)),
        (error("keyInvalid", 400), AuthError, None),
        (Reply({"error": NEWER}, 400), AuthError, None),
        (Reply({"error": {"code": 403, "status": "PERMISSION_DENIED"}}, 403), AuthError, None),
        (error("videoNotFound", 404), NotFound, None),
        (Reply({"error": "error message"}, 400), PermanentError, None),
        (Reply("<html>oops</html>", 503), TemporaryError, None),
        (Reply({"items": 7}), PermanentError, None),
    ],
)  # fmt: skip
async def test_refusals_are_told_apart_and_never_show_the_key(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[ServiceError], wait: timedelta | None
) -> None:
    service.says(PATH, reply)
    with pytest.raises(kind) as caught:
        await youtube(session, service, videos=["vid-1"]).fetch(None)
    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after", None) == wait
    assert "s3cret" not in str(caught.value)


async def test_an_expired_page_token_starts_the_video_again(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply(threads(1, token="B")), error("invalidPageToken", 400), Reply(threads(1)))
    tube = youtube(session, service, videos=["vid-1"])
    batch = await tube.fetch((await tube.fetch(None)).cursor)
    assert (batch.mentions, batch.more) == ((), False)
    assert len((await tube.fetch(batch.cursor)).mentions) == 1
    assert "pageToken" not in dict(service.asked[2].query)


async def test_used_up_units_wait_for_midnight_without_asking(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply(threads(1, token="B")))
    last = await youtube(session, service, videos=["vid-1"], daily_units=1).fetch(None)
    assert (last.not_before, last.quota) == (MIDNIGHT, Quota(0, MIDNIGHT))
    again = await youtube(session, service, videos=["vid-1"], daily_units=1).fetch(last.cursor)
    assert (again.not_before, again.cursor, len(service.asked)) == (MIDNIGHT, last.cursor, 1)
    await youtube(session, service, MIDNIGHT, videos=["vid-1"], daily_units=1).fetch(last.cursor)
    assert ("pageToken", "B") in service.asked[-1].query, "it goes on where it stopped"


async def test_a_round_of_many_videos_takes_as_long_as_the_units_must_last(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(PATH, Reply(threads(1)))
    tube, cursor, more = youtube(session, service, videos=["a", "b", "c"], daily_units=103), None, True
    while more:
        batch = await tube.fetch(cursor)
        cursor, more = batch.cursor, batch.more
    assert batch.not_before == NOW + (MIDNIGHT - NOW) * 3 / 100


@pytest.mark.parametrize("cursor", ["x", "[]", '{"known":[1],"off":7,"target":{},"page":3,"newest":true}'])
async def test_a_strange_cursor_starts_afresh(service: Service, session: aiohttp.ClientSession, cursor: str) -> None:
    service.says(PATH, Reply(threads(1)))
    batch = await youtube(session, service, videos=["vid-1"]).fetch(cursor)
    assert len(batch.mentions) == 1
    assert set(json.loads(batch.cursor or "")) == {"known", "resets", "used"}
