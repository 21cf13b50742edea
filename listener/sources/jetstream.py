"""Bluesky's Jetstream: every public post as it is written, without signing in; what is about us is picked out here.

Wire format v1 (https://github.com/bluesky-social/jetstream-legacy, read 2026-11): a websocket with one JSON event a
frame, a cursor in microseconds, a backlog of about a day. The mentions are Bluesky's: same ids, authors and rules.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated

import aiohttp
from pydantic import Field
from yarl import URL

from domain.errors import PermanentError, ServiceError, TemporaryError
from domain.heard.mention import Author, Batch, Mention, MentionKind, SetAside
from listener.cursor import read_cursor, write_cursor
from listener.http import TIMEOUT, refusal, unreachable
from listener.items import BadItem, Origin, Parsed, collect, dig, moment_of, needed, number_at, raw_of, text_at
from listener.query import Variant, why_no_match
from listener.source import Configured

HOST = "https://jetstream2.us-east.bsky.network"
POSTS = "app.bsky.feed.post"
_OVERLAP_US = 5_000_000  # heard again each time: servers number the same events a little differently
_SKEW_US = 3_600_000_000  # events from further in the future than this have no believable time
_QUIET_S = 4.0  # nothing for so long: nothing waits (a search through the backlog can be silent for a while)
_MAX_FRAME = 1_000_000  # bytes
_MAX_BROKEN = 100  # frames set aside in one visit


@dataclass(frozen=True, slots=True)
class JetstreamOptions:
    """Which posts are about us, and how long one visit to the stream may last."""

    words: Annotated[tuple[str, ...], Field(min_length=1)]  # names, phrases, #hashtags, @handles: any of them counts
    seconds: Annotated[float, Field(gt=0, le=120)] = 10  # of reading in one go
    max_events: Annotated[int, Field(ge=1, le=200_000)] = 20_000  # read in one go, whether about us or not
    lookback_minutes: Annotated[int, Field(ge=0, le=1440)] = 5  # how far the first visit reaches back


@dataclass(slots=True)
class Visit:
    """What one visit to the stream has heard so far; grows frame by frame."""

    origin: Origin
    words: Sequence[str]
    known: int  # microseconds: everything up to here was heard before
    newest: int = 0  # microseconds, of the latest event
    fresh: int = 0  # events after `known`
    posts: dict[str, Mapping[str, object]] = field(default_factory=dict)  # about us, by address
    deleted: dict[str, None] = field(default_factory=dict)  # addresses, in order
    broken: list[SetAside] = field(default_factory=list)

    def take(self, frame: object) -> None:
        """Take one frame in; of several events about one post the last one counts."""
        try:
            event = read_event(frame)
            at = _microseconds(event, self.origin.now)
            uri = _uri(event)
        except BadItem as err:
            self.broken += [SetAside(raw_of(frame), str(err))] * (len(self.broken) < _MAX_BROKEN)
            return
        self.fresh += at > self.known
        self.newest = max(self.newest, at)
        if uri and text_at(event, "commit", "operation") == "delete":
            self.posts.pop(uri, None)
            self.deleted[uri] = None
        elif uri and (uri in self.posts or is_about_us(event, self.origin, self.words)):
            self.posts[uri] = event
            self.deleted.pop(uri, None)

    def parsed(self) -> Parsed:
        """Give the posts about us as mentions."""
        found = collect(self.posts.values(), lambda event: _parse_post(event, self.origin))
        return replace(found, set_aside=(*self.broken, *found.set_aside))


def read_event(frame: object) -> Mapping[str, object]:
    """Read one frame; raises `BadItem` when it is no JSON object."""
    try:
        event = json.loads(frame) if isinstance(frame, str | bytes) else None
    except (ValueError, RecursionError) as err:
        raise BadItem("the frame is not valid JSON") from err
    if not isinstance(event, dict):
        raise BadItem("the frame is no JSON object")
    return event


def is_about_us(event: object, origin: Origin, words: Sequence[str]) -> bool:
    """Say whether a post has one of our words, mentions one of our accounts or answers it."""
    text = text_at(event, "commit", "record", "text")
    return bool(text) and (_addresses_us(event, origin) or why_no_match(Variant(any=tuple(words)), text) is None)


class Jetstream(Configured[JetstreamOptions]):
    """Visits the stream at each poll and reads on from where the last visit ended."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Read until nothing newer waits, or for as long as the options allow; then `more` says that we are behind."""
        origin = self.setup.origin()
        now = int(origin.now.timestamp() * 1e6)
        known = number_at(read_cursor(cursor), "time_us") or now - self.options.lookback_minutes * 60_000_000
        visit = Visit(replace(origin, type="bluesky"), self.options.words, known)
        url = URL(self.setup.url(HOST, "/subscribe"))
        stream = await self._connect(url, known)
        try:
            caught_up = await self._listen(stream, visit, now)
        finally:
            await stream.close()
        if not caught_up and not visit.fresh:
            raise TemporaryError(f"{url.host} ended the stream, or sent nothing new for {self.options.seconds:g} s.")
        parsed, mark = visit.parsed(), write_cursor(time_us=max(known, visit.newest))
        return Batch(parsed.mentions, mark, parsed.set_aside, not caught_up, deleted=tuple(visit.deleted))

    async def _connect(self, url: URL, known: int) -> aiohttp.ClientWebSocketResponse[bool]:
        asked: dict[str, str | int] = {
            "wantedCollections": POSTS, "cursor": known - _OVERLAP_US, "maxMessageSizeBytes": _MAX_FRAME,
        }  # fmt: skip
        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                return await self.setup.session.ws_connect(
                    url, params=asked, max_msg_size=2 * _MAX_FRAME, timeout=aiohttp.ClientWSTimeout(ws_close=2)
                )
        except aiohttp.WSServerHandshakeError as err:
            raise _refused(url.host or "the server", err, self.setup.now()) from err
        except (aiohttp.ClientError, OSError, ValueError) as err:
            raise unreachable(url.host or "the server", err) from err

    async def _listen(self, stream: aiohttp.ClientWebSocketResponse[bool], visit: Visit, until: int) -> bool:
        """Read events; True when the stream has nothing that is older than `until` (microseconds)."""
        limit, quiet = asyncio.timeout(self.options.seconds), min(_QUIET_S, self.options.seconds / 2)
        try:
            async with limit:
                while visit.newest < until and visit.fresh < self.options.max_events:
                    message = await stream.receive(quiet)
                    if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                        return False
                    visit.take(message.data)
        except TimeoutError:
            return not limit.expired()
        except (aiohttp.ClientError, OSError):
            return False
        return visit.newest >= until


def _refused(host: str, err: aiohttp.WSServerHandshakeError, now: datetime) -> ServiceError:
    if err.status < 400:
        return PermanentError(f"{host} does not open a websocket (status {err.status}).")
    return refusal(host, err.status, err.headers or {}, now)


def _microseconds(event: object, now: datetime) -> int:
    """Give the time of an event; one from the future would make us skip what is said until then."""
    at = number_at(event, "time_us")
    if at is None or not 0 < at < now.timestamp() * 1e6 + _SKEW_US:
        raise BadItem("`time_us` is missing or no time")
    return at


def _uri(event: object) -> str:
    """Name the post an event is about; "" for events of another kind."""
    if text_at(event, "kind") != "commit" or text_at(event, "commit", "collection") != POSTS:
        return ""
    return f"at://{needed(event, 'did')}/{POSTS}/{needed(event, 'commit', 'rkey')}"


def _parse_post(event: Mapping[str, object], origin: Origin) -> Mention:
    did, rkey, record = needed(event, "did"), needed(event, "commit", "rkey"), dig(event, "commit", "record")
    heard = datetime.fromtimestamp(_microseconds(event, origin.now) / 1e6, UTC)
    # The earlier one: authors may claim any time, also a future one.
    said = min(moment_of(dig(record, "createdAt")) or heard, heard)
    reply_to = text_at(record, "reply", "parent", "uri")
    # The stream has no handles; one of our own accounts is known by its permanent id all the same.
    author = Author(did, handle=did if origin.is_own(did) else "", url=f"https://bsky.app/profile/{did}")
    return origin.mention(
        _uri(event), author, needed(record, "text"), said, url=f"https://bsky.app/profile/{did}/post/{rkey}",
        language=text_at(record, "langs", 0), kind=MentionKind.REPLY if reply_to else MentionKind.POST,
        in_reply_to=reply_to or None, root=text_at(record, "reply", "root", "uri") or None,
        addressed=_addresses_us(event, origin),
        edited_at=heard if text_at(event, "commit", "operation") == "update" else None,
    )  # fmt: skip


def _addresses_us(event: object, origin: Origin) -> bool:
    record = dig(event, "commit", "record")
    answered = text_at(record, "reply", "parent", "uri").removeprefix("at://").partition("/")[0]
    words = text_at(record, "text").split()
    named = (word.rstrip(".,:;!?") for word in words if word.startswith("@"))
    return any(map(origin.is_own, (answered, *_mentioned(record), *named)))


def _mentioned(record: object) -> Iterator[str]:
    """Give the permanent ids of the accounts a post mentions."""
    facets = dig(record, "facets")
    for facet in facets if isinstance(facets, list) else []:
        features = dig(facet, "features")
        yield from (text_at(feature, "did") for feature in (features if isinstance(features, list) else []))
