"""Jetstream: what is picked out of the stream, and visits that lose nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.mention import Author, MentionKind
from listener.sources.jetstream import POSTS, Visit, is_about_us
from tests.listener.service import NOW, ORIGIN, fixture, source

NOW_US = int(NOW.timestamp() * 1e6)
US = replace(ORIGIN, own_handles=frozenset({"acme", "acme.bsky.social", "did:plc:us"}))
GOLDEN = Path(__file__).parents[3] / "shared/fixtures/bluesky/jetstream_golden_v1.jsonl"


def event(at: int, text: str = "acme", operation: str = "create", rkey: str = "", **record: Any) -> str:
    commit = {"operation": operation, "collection": POSTS, "rkey": rkey or f"r{at}", "record": {"text": text, **record}}
    return json.dumps({"did": "did:plc:aaa", "time_us": at, "kind": "commit", "commit": commit})


def heard(*frames: object, known: int = 0, words: tuple[str, ...] = ("acme",)) -> Visit:
    visit = Visit(US, words, known)
    for frame in frames:
        visit.take(frame)
    return visit


@dataclass
class Stream:
    """A stream on loopback: each visit gets the next list of frames, then silence, or the end."""

    visits: list[list[object]] = field(default_factory=list)
    ends: bool = False
    status: int = 0  # refuse with it instead
    asked: list[dict[str, str]] = field(default_factory=list)
    collections: list[list[str]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.query))
        if self.status:
            return web.Response(status=self.status, headers={"Retry-After": "7"})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for frame in self.visits.pop(0) if self.visits else []:
            await (socket.send_bytes(frame) if isinstance(frame, bytes) else socket.send_str(str(frame)))
        if not self.ends:
            await socket.receive()  # until the visitor leaves
        await socket.close()
        return socket


@pytest.fixture
async def stream() -> AsyncIterator[Stream]:
    made = Stream()
    app = web.Application()
    app.router.add_get("/subscribe", made.handle)
    async with TestServer(app) as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made


@pytest.fixture
def visit(stream: Stream, session: aiohttp.ClientSession) -> Callable[..., Any]:
    def build(**options: Any) -> Any:
        return source("jetstream", session, stream.url, **{"words": ["acme"], "seconds": 0.4, **options})

    return build


def test_posts_about_us_become_bluesky_mentions() -> None:
    found = heard(*fixture("jetstream.jsonl").splitlines()).parsed()
    first, reply, edited = found.mentions
    assert first.native_id == "at://did:plc:aaa/app.bsky.feed.post/3k1"
    assert first.url == "https://bsky.app/profile/did:plc:aaa/post/3k1"
    assert first.author == Author("did:plc:aaa", url="https://bsky.app/profile/did:plc:aaa")
    assert first.text == "Acme'den kargom hâlâ gelmedi, @… sende de mi?"
    assert (first.language, first.kind, first.addressed) == ("tr", MentionKind.POST, False)
    assert first.created_at == datetime(2026, 11, 2, 9, 58, 59, 500000, UTC)
    assert (reply.kind, reply.in_reply_to) == (MentionKind.REPLY, "at://did:plc:us/app.bsky.feed.post/3k00")
    assert reply.root == "at://did:plc:us/app.bsky.feed.post/3k0"
    assert reply.addressed, "an answer to us counts without any of the words"
    assert reply.created_at == datetime(2026, 11, 2, 9, 59, 2, tzinfo=UTC), "a claimed future time is not believed"
    assert edited.edited_at == datetime(2026, 11, 2, 9, 59, 4, tzinfo=UTC)
    assert found.set_aside == ()


def test_deletions_are_passed_on_and_other_events_only_move_the_cursor() -> None:
    visit = heard(*fixture("jetstream.jsonl").splitlines(), known=1793613541000000)
    assert tuple(visit.deleted) == ("at://did:plc:eee/app.bsky.feed.post/3j9",)
    assert visit.newest == 1793613546000000
    assert visit.fresh == 6


@pytest.mark.parametrize(
    ("words", "text", "about"),
    [
        (("acme",), "ACME is down", True),
        (("acme",), "acmeology is a science", False),
        (("acme",), "why, #Acme, why", True),
        (("#acme",), "acme", False),
        (("İyi Kargo",), "IYI KARGO rezalet", True),
        (("ışık",), "IŞIK'ta kesinti", True),
        (("دیجی کالا",), "دیجي‌كالا جواب نمی‌دهد", True),
        (("acme pay", "acmepay"), "AcmePay declines my card", True),
        (("acme pay",), "acme will pay", False),
        (("acme",), "", False),
        (("x",), "hey @acme.bsky.social!", True),
    ],
)
def test_a_post_is_about_us_by_its_words_in_any_spelling(words: tuple[str, ...], text: str, about: bool) -> None:
    assert is_about_us(json.loads(event(1, text)), US, words) is about


def test_a_mention_of_our_account_by_its_permanent_id_addresses_us() -> None:
    facets = [{"features": [{"tag": "x"}, {"did": "did:plc:us"}]}, {"features": 7}, None]
    (mention,) = heard(event(1, "hello there", facets=facets)).parsed().mentions
    assert mention.addressed


def test_our_own_posts_are_recognised_by_the_permanent_id() -> None:
    ours = event(1).replace("did:plc:aaa", "did:plc:us")
    assert heard(ours).parsed().mentions[0].author.handle == "did:plc:us"


def test_of_several_events_about_one_post_the_last_one_counts() -> None:
    written, changed = event(1, "acme down", rkey="p"), event(2, "it works again", "update", rkey="p")
    taken_back, again = event(3, operation="delete", rkey="p"), event(4, "acme up", rkey="p")
    assert [m.text for m in heard(written, changed).parsed().mentions] == ["it works again"]
    gone = heard(written, changed, taken_back)
    assert (gone.parsed().mentions, len(gone.deleted)) == ((), 1)
    assert not heard(written, taken_back, again).deleted


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("{", "the frame is not valid JSON"),
        (b"\x28\xb5\x2f\xfd", "the frame is not valid JSON"),
        ("[]", "the frame is no JSON object"),
        (None, "the frame is no JSON object"),
        ("[" * 100_000, "the frame is not valid JSON"),
        (event(0), "`time_us` is missing or no time"),
        (event(NOW_US + 4_000_000_000), "`time_us` is missing or no time"),
        (event(1).replace('"rkey": "r1"', '"rkey": null'), "`commit.rkey` is missing or no text"),
    ],
)
def test_a_bad_frame_is_set_aside_and_the_stream_goes_on(frame: object, reason: str) -> None:
    visit = heard(event(1), frame, event(2))
    assert len(visit.parsed().mentions) == 2
    assert [aside.reason for aside in visit.parsed().set_aside] == [reason]
    assert visit.newest == 2


def test_a_stream_of_rubbish_is_not_kept_whole() -> None:
    assert len(heard(*["rubbish"] * 1000).parsed().set_aside) == 100


@pytest.mark.skipif(not GOLDEN.exists(), reason="the recorded events are not here (../shared)")
def test_recorded_events_are_read() -> None:
    visit = heard(*GOLDEN.read_text().splitlines(), words=("rsv",))
    (mention,) = visit.parsed().mentions
    assert (mention.text, mention.kind) == ("Try RSV for a good time !!", MentionKind.REPLY)
    assert visit.parsed().set_aside == ()
    assert visit.newest == 1779719010689411


async def test_the_first_visit_reaches_back_and_later_ones_overlap(stream: Stream, visit: Callable[..., Any]) -> None:
    stream.visits = [[event(NOW_US - 60_000_000), event(NOW_US)], []]
    first = await visit().fetch(None)
    assert (len(first.mentions), first.more) == (2, False)
    assert json.loads(first.cursor) == {"time_us": NOW_US}
    again = await visit(lookback_minutes=0).fetch(first.cursor)
    assert (again.mentions, again.cursor, again.more) == ((), first.cursor, False), "silence: nothing waits"
    assert [int(asked["cursor"]) for asked in stream.asked] == [NOW_US - 305_000_000, NOW_US - 5_000_000]
    assert stream.asked[0]["wantedCollections"] == POSTS
    assert first.mentions[0].source == "jetstream-test"
    assert first.mentions[0].source_type == "bluesky"


async def test_a_visit_that_is_too_short_goes_on_where_it_ended(stream: Stream, visit: Callable[..., Any]) -> None:
    start = NOW_US - 100_000_000
    stream.visits = [[event(start - 1), event(start), *(event(start + n) for n in range(1, 6))]]
    batch = await visit(max_events=3).fetch(json.dumps({"time_us": start}))
    assert (batch.more, json.loads(batch.cursor)) == (True, {"time_us": start + 3}), "what was known does not count"


async def test_events_from_before_the_cursor_never_move_it_back(stream: Stream, visit: Callable[..., Any]) -> None:
    stream.visits = [[event(NOW_US - 9_000_000, operation="delete")]]
    batch = await visit().fetch(json.dumps({"time_us": NOW_US - 5_000_000}))
    assert json.loads(batch.cursor) == {"time_us": NOW_US - 5_000_000}
    assert len(batch.deleted) == 1


async def test_a_server_that_closes_costs_nothing_that_was_heard(stream: Stream, visit: Callable[..., Any]) -> None:
    stream.visits, stream.ends = [[event(NOW_US - 60_000_000)], []], True
    first = await visit().fetch(None)
    assert (len(first.mentions), first.more) == (1, True)
    with pytest.raises(TemporaryError, match="ended the stream"):
        await visit().fetch(first.cursor)


async def test_a_stream_that_only_repeats_what_is_known_is_trouble(stream: Stream, visit: Callable[..., Any]) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for number in range(100):
            await socket.send_str(event(NOW_US - 9_000_000 + number))
            await asyncio.sleep(0.05)
        return socket

    app = web.Application()
    app.router.add_get("/subscribe", drip)
    async with TestServer(app) as server:
        stream.url = str(server.make_url("")).rstrip("/")
        with pytest.raises(TemporaryError, match=r"nothing new for 0\.4 s"):
            await visit().fetch(json.dumps({"time_us": NOW_US - 5_000_000}))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, AuthError), (404, NotFound), (429, RateLimited), (503, TemporaryError), (400, PermanentError),
     (200, PermanentError)],
)  # fmt: skip
async def test_a_refused_handshake_is_the_right_error(
    stream: Stream, visit: Callable[..., Any], status: int, kind: type[ServiceError]
) -> None:
    stream.status = status
    with pytest.raises(kind, match=f"status {status}"):
        await visit().fetch(None)


async def test_an_unreachable_server_is_temporary(
    stream: Stream, visit: Callable[..., Any], unused_tcp_port: int
) -> None:
    stream.url = f"http://127.0.0.1:{unused_tcp_port}"
    with pytest.raises(TemporaryError, match="cannot be reached"):
        await visit().fetch(None)


async def test_an_oversized_frame_ends_the_visit_not_the_source(stream: Stream, visit: Callable[..., Any]) -> None:
    stream.visits = [[event(NOW_US - 60_000_000), "x" * 3_000_000, event(NOW_US)]]
    batch = await visit().fetch(None)
    assert (len(batch.mentions), batch.more) == (1, True)
    assert stream.asked[0]["maxMessageSizeBytes"] == "1000000"
