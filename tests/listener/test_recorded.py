"""Sources against recorded answers of the real services, served strictly on loopback by the replay server."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
import sys
import tarfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import feedparser
import pytest

from domain.errors import AuthError, RateLimited, ServiceError, TemporaryError
from domain.heard.mention import MentionKind
from listener.sources.appstore import parse_reviews
from listener.sources.rss import RssOptions, parse_feed
from listener.text import html_to_text
from tests.listener.service import NOW, ORIGIN, Reply, Service, source

SHARED = Path(__file__).parents[3] / "shared"
RECORDED = SHARED / "fixtures"
pytestmark = pytest.mark.skipif(
    not (SHARED / "tools/replay_server.py").exists() or not RECORDED.exists(),
    reason="the recorded answers are not here (../shared); the hand-written fixtures cover the same shapes",
)


@contextlib.asynccontextmanager
async def replayed(*files: str, options: tuple[str, ...] = ()) -> AsyncIterator[str]:
    """Run the replay server on a free port; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SHARED / "tools/replay_server.py"), str(port), *(str(RECORDED / file) for file in files),
        *options, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _up(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _up(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.05)
    pytest.fail("the replay server did not start")


async def test_mastodon_tag_timeline(session: aiohttp.ClientSession) -> None:
    async with replayed("mastodon/test_hashtag_tl.replay.json") as url:
        batch = await source("mastodon", session, url, tags=["hoot"]).fetch(None)
    (mention,) = batch.mentions
    assert mention.native_id == "117020593741189701"
    assert batch.cursor == '{"min_id":"117020593741189701"}'
    assert batch.set_aside == ()


async def test_mastodon_mentions(session: aiohttp.ClientSession) -> None:
    async with replayed("mastodon/test_notifications_mentions_only.replay.json") as url:
        batch = await source(
            "mastodon", session, url, timeline="mentions", own_handles=["mastodonpy_test"],
            secrets={"access_token": "t"},
        ).fetch(None)  # fmt: skip
    (mention,) = batch.mentions
    assert (mention.text, mention.addressed, mention.author.handle) == ("@mastodonpy_test hello!", True, "admin")


async def test_mastodon_public_timeline(session: aiohttp.ClientSession) -> None:
    async with replayed("mastodon/test_public_tl_anonymous.replay.json") as url:
        batch = await source("mastodon", session, url, timeline="public").fetch(None)
    assert (len(batch.mentions), batch.set_aside) == (8, ())


async def test_mastodon_refuses_a_stranger(session: aiohttp.ClientSession) -> None:
    async with replayed("mastodon/test_unauthed_home_tl_throws.replay.json") as url:
        home: Any = source("mastodon", session, url, timeline="public")
        with pytest.raises(AuthError):
            await home.setup.web().get(home.setup.url("", "/api/v1/timelines/home"))


async def test_hackernews_pages_to_the_end(session: aiohttp.ClientSession) -> None:
    now = datetime.fromtimestamp(1300000000 + 3600, UTC)
    seen, cursor, more = [], None, True
    async with replayed("hackernews/search_by_date.replay.json") as url:
        news = source(
            "hackernews", session, url, now=now, query="slack", page_size=5, exact=False, lookback_hours=1
        )  # fmt: skip
        while more:
            batch = await news.fetch(cursor)
            assert batch.set_aside == ()
            seen, cursor, more = [*seen, *batch.mentions], batch.cursor, batch.more
    assert len(seen) == len({mention.id for mention in seen}) == 8
    assert {mention.kind for mention in seen} == {MentionKind.POST, MentionKind.REPLY}


async def test_bluesky_pages_to_the_end(service: Service, session: aiohttp.ClientSession) -> None:
    seen, cursor, more = [], None, True
    async with replayed("bluesky/searchPosts_paged.replay.json") as url:
        found: Any = source(
            "bluesky", session, url, now=datetime(2025, 4, 1, tzinfo=UTC), query="test", handle="a.b", limit=25,
            lookback_hours=720, secrets={"app_password": "x"},
        )  # fmt: skip
        found.sign_in.access = "recorded"
        while more:
            batch = await found.fetch(cursor)
            assert batch.set_aside == ()
            seen, cursor, more = [*seen, *batch.mentions], batch.cursor, batch.more
    assert len(seen) >= 25
    assert all(mention.text and mention.author.id.startswith("did:") for mention in seen)


@pytest.mark.parametrize(
    ("options", "kind"),
    [(("--rate-limit-after", "0", "--fail", "1"), TemporaryError), (("--rate-limit-after", "1"), RateLimited)],
)
async def test_injected_trouble_comes_out_as_our_errors_and_passes(
    session: aiohttp.ClientSession, options: tuple[str, ...], kind: type[TemporaryError]
) -> None:
    async with replayed("mastodon/test_hashtag_tl.replay.json", options=options) as url:
        tag = source("mastodon", session, url, tags=["hoot"])
        if kind is RateLimited:
            await tag.fetch(None)
        with pytest.raises(kind) as caught:
            await tag.fetch(None)
        assert type(caught.value) is kind
        assert (caught.value.retry_after is not None) == (kind is RateLimited)
        assert len((await tag.fetch(None)).mentions) == 1


async def test_an_app_store_page_of_fifty(service: Service, session: aiohttp.ClientSession) -> None:
    body = (RECORDED / "appstore/customerreviews_jp_page1.xml").read_bytes()
    page = parse_reviews(body, ORIGIN, "jp")
    assert (len(page.parsed.mentions), page.parsed.set_aside, page.last) == (50, (), 8)
    path = "/jp/rss/customerreviews/page={}/id=1404176564/sortby=mostrecent/xml"
    service.says(path.format(1), Reply(body))
    batch = await source("appstore", session, service.url, app_id="1404176564", country="jp").fetch(None)
    assert (len(batch.mentions), batch.more) == (50, True)
    assert all(mention.rating for mention in batch.mentions)


@pytest.mark.parametrize("path", sorted(RECORDED.glob("rss/huginn_*")) + sorted(RECORDED.glob("rss/perceval*")))
def test_feeds_from_the_wild_are_read_whole(path: Path) -> None:
    parsed = parse_feed(path.read_bytes(), ORIGIN, RssOptions("https://x.example/f"))
    assert parsed.mentions
    assert parsed.set_aside == ()
    assert all(mention.created_at <= NOW for mention in parsed.mentions)


@pytest.mark.slow
def test_the_feed_corpus_loses_no_entry_that_has_an_id_a_link_or_a_title() -> None:
    files, lost = 0, []
    with tarfile.open(RECORDED / "rss/feedparser_wellformed.tar.gz") as corpus:
        for member in corpus:
            content = corpus.extractfile(member) if member.name.endswith(".xml") else None
            if content is not None:
                files += 1
                body = content.read()
                lost += [member.name] if _read(body) < _told(body) else []
    assert files > 1000
    assert lost == []


def _read(body: bytes) -> int:
    """Count what we read; a document without entries may be refused, with one of our own errors."""
    try:
        return len(parse_feed(body, ORIGIN, RssOptions("https://x.example/f")).mentions)
    except ServiceError:
        return 0


def _told(body: bytes) -> int:
    """Count the different entries with an id, a link or a title of more than a picture, as feedparser finds them."""
    found = feedparser.parse(io.BytesIO(body)).entries
    told = {
        (entry.get("id") or None, entry.get("link") or None, html_to_text(entry.get("title", ""))) for entry in found
    }
    return len(told - {(None, None, "")})
