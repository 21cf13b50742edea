"""A service in trouble: what comes out of a source is an error of ours, and once all is well again, everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
import stamina
from yarl import URL

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from listener import registry
from listener.http import Web
from listener.pacing import LONGEST
from listener.registry import SOURCES, build_source
from listener.source import Setup, Source
from listener.sources import jetstream
from tests.listener.service import NOW, json_fixture
from tests.listener.trouble import ODD_WAITS, Respond, Trouble, in_trouble
from tests.listener.valid import NOT_HTTP, asked_at

MAX_PAGES = 40  # of a round, as the intake does
POLLED = sorted(type_ for type_, kind in SOURCES.items() if not kind.pushed and type_ not in NOT_HTTP)

# What each kind of trouble may be called. A source may know better than the status, so some have more than one name.
ERRORS: dict[str, tuple[type[ServiceError], ...]] = {
    "refused": (TemporaryError,),
    "reset": (TemporaryError,),
    "drip": (TemporaryError,),
    "tls": (TemporaryError,),
    "broken off": (TemporaryError,),
    "nonsense": (TemporaryError,),
    "401": (AuthError,),
    "403": (AuthError,),
    "403 slow down": (RateLimited,),
    "404": (NotFound,),
    "500": (TemporaryError,),
    "503": (TemporaryError,),
    "200 html": (TemporaryError,),
    "truncated": (PermanentError, TemporaryError),
    "empty": (PermanentError, TemporaryError),
    **{f"429 {n}": (RateLimited,) for n in range(len(ODD_WAITS))},
}
# Where a source knows better. None: it takes what it can get, and asks for all of it again.
KNOWS_BETTER: dict[tuple[str, str], type[ServiceError] | None] = {
    ("rss", "truncated"): None,
    ("telegram", "404"): AuthError,  # its address carries the token
    **{("jetstream", mode): PermanentError for mode in ("drip", "broken off", "200 html", "truncated", "empty")},
}
SAME = [f"429 {n}" for n in range(1, 8)]  # for a source, as "429 0"
ON_THE_WAY = [mode for mode in ERRORS if mode not in ("refused", "tls", "drip") and mode not in SAME]


@dataclass
class Clock:
    """Time passes when somebody waits."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Listener:
    """Polls one source as the intake does: the cursor moves with what was delivered, and stays where it fails."""

    source: Source
    cursor: str | None = None

    def __post_init__(self) -> None:
        self.heard: set[str] = set()

    async def poll(self) -> ServiceError | None:
        for _ in range(MAX_PAGES):
            try:
                batch = await self.source.fetch(self.cursor)
            except ServiceError as err:
                return err
            self.heard |= {mention.native_id for mention in batch.mentions}
            self.cursor = batch.cursor
            if not batch.more:
                break
        return None


@pytest.fixture(autouse=True)
def quickly() -> Iterator[None]:
    stamina.set_testing(True, attempts=3, cap=True)  # as often as ever, without the waits
    yield
    stamina.set_testing(False)


class Patience:
    """How long sources wait for an answer; only what drips is left early."""

    limit = timedelta(seconds=20)


class HastySetup(Setup):
    """A source's surroundings with less patience."""

    def web(self) -> Web:
        return Web(self.session, self.now, timeout=Patience.limit)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "Setup", HastySetup)


def built(type_: str, trouble: Trouble, session: aiohttp.ClientSession, clock: Clock) -> Source:
    given = asked_at(type_, trouble.url)
    given["options"] = {**given["options"], **OPTIONS.get(type_, {})}
    return build_source(type_, "one", every=timedelta(minutes=5), session=session, now=clock.now, **given)


def post_time(n: int) -> datetime:
    return NOW - timedelta(hours=2) + timedelta(minutes=n)


def mastodon(method: str, url: URL) -> object:
    """Sixty posts, forwards from `min_id`, newest first on each page of ten."""
    one = json_fixture("mastodon_tag.json")[0]
    after, limit = int(url.query.get("min_id", "0")), 10
    ids = [n for n in range(1, 61) if n > after][:limit]
    return [{**one, "id": str(n), "uri": f"u{n}", "created_at": post_time(n).isoformat()} for n in reversed(ids)]


def hackernews(method: str, url: URL) -> object:
    """Sixty comments, newest first, ten to a page, between the bounds that are asked for."""
    bounds = dict(re.findall(r"created_at_i([<>])(\d+)", url.query["numericFilters"]))
    stamps = {n: int(post_time(n).timestamp()) for n in range(60, 0, -1)}
    found = [n for n, at in stamps.items() if int(bounds[">"]) < at < int(bounds.get("<", 1 << 40))]
    page, size = int(url.query["page"]), int(url.query["hitsPerPage"])
    hits = [
        {"objectID": str(n), "author": "pat", "created_at_i": stamps[n], "comment_text": f"down {n}"}
        for n in found[page * size : (page + 1) * size]
    ]
    return {"hits": hits, "nbPages": -(-len(found) // size), "page": page}


def appstore(method: str, url: URL) -> object:
    """Thirty reviews on three pages."""
    page = int(re.findall(r"page=(\d+)", url.path)[0])
    entries = "".join(
        f"<entry><id>{n}</id><title>t{n}</title><content type='text'>x</content><im:rating>1</im:rating>"
        f"<updated>{post_time(n).isoformat()}</updated><author><name>Bo</name></author></entry>"
        for n in range(30 - (page - 1) * 10, max(0, 20 - (page - 1) * 10), -1)
    )
    return (
        '<?xml version="1.0"?><feed xmlns:im="http://itunes.apple.com/rss" xmlns="http://www.w3.org/2005/Atom">'
        f'<link rel="last" href="https://x/page=3/id=42/sortby=mostrecent/xml"/>{entries}</feed>'
    ).encode()


def bluesky(method: str, url: URL) -> object:
    """Sixty posts behind a sign-in, ten to a page."""
    if "server." in url.path:
        return {"accessJwt": "a", "refreshJwt": "r", "did": "did:plc:us"}
    since, at = url.query.get("since", ""), int(url.query.get("cursor", "0"))
    found = [n for n in range(60, 0, -1) if f"{post_time(n):%Y-%m-%dT%H:%M:%S}Z" >= since]
    posts = [
        {
            "uri": f"at://did:plc:a/app.bsky.feed.post/{n}", "indexedAt": post_time(n).isoformat(),
            "author": {"did": "did:plc:a", "handle": "a.example"},
            "record": {"text": f"down {n}", "createdAt": post_time(n).isoformat()},
        }
        for n in found[at : at + 10]
    ]  # fmt: skip
    return {"posts": posts, **({"cursor": str(at + 10)} if at + 10 < len(found) else {})}


def rss(method: str, url: URL) -> object:
    """Sixty entries in one feed."""
    items = "".join(f"<item><guid>{n}</guid><title>down {n}</title></item>" for n in range(60))
    return f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()


def pages(**answers: Any) -> Respond:
    """Answer by the last part of the path, everything else is not there."""

    def respond(method: str, url: URL) -> object:
        said = answers.get(url.name.partition(".")[0])
        return said[min(int(url.query.get("page", "1") or 1), len(said)) - 1] if isinstance(said, tuple) else said

    return respond


TOKEN = {"access_token": "t", "expires_in": 3600, "token_type": "bearer"}
WELL: dict[str, Respond] = {
    "mastodon": mastodon,
    "hackernews": hackernews,
    "appstore": appstore,
    "bluesky": bluesky,
    "rss": rss,
    "github": pages(issues=json_fixture("github_issues.json"), comments=json_fixture("github_comments.json")),
    "reddit": pages(access_token=TOKEN, new=json_fixture("reddit.json")),
    "youtube": pages(commentThreads=json_fixture("youtube.json")),
    "trustpilot": pages(reviews=json_fixture("trustpilot.json")),
    "googleplay": pages(token=TOKEN, reviews=json_fixture("googleplay.json")),
    "stackexchange": pages(questions=json_fixture("stackexchange.json")),
    "discourse": pages(posts=json_fixture("discourse.json")),
    "telegram": pages(getUpdates=json_fixture("telegram.json")),
    "x": pages(recent=json_fixture("x_search.json")),
    "facebook": pages(feed=json_fixture("facebook.json"), comments=json_fixture("facebook_comments.json")),
    "instagram": pages(media=json_fixture("instagram.json")),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "hackernews": {"page_size": 10},
    "jetstream": {"seconds": 1},
    "telegram": {"chats": [-1001234567890]},
}


async def everything(type_: str, session: aiohttp.ClientSession) -> set[str]:
    """Tell what a source hears while all is well."""
    async with in_trouble(WELL[type_]) as trouble:
        listener = Listener(built(type_, trouble, session, Clock()), START.get(type_))
        assert await listener.poll() is None
        assert listener.heard
        return listener.heard


START = {"mastodon": '{"min_id":"0"}'}  # the first time it takes the newest page only


@pytest.mark.parametrize("type_", POLLED)
async def test_each_kind_of_trouble_has_its_name(
    type_: str, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    wrong = {}
    async with in_trouble(WELL.get(type_, pages())) as trouble:
        for mode, names in ERRORS.items():
            trouble.mode = mode
            if mode == "refused":
                await trouble.close()
            monkeypatch.setattr(Patience, "limit", timedelta(seconds=0.3 if mode == "drip" else 20))
            monkeypatch.setattr(jetstream, "TIMEOUT", Patience.limit)
            listener = Listener(built(type_, trouble, session, clock), START.get(type_))
            err = await listener.poll()
            if mode == "refused":
                await trouble.open()
            right = (KNOWS_BETTER[type_, mode],) if (type_, mode) in KNOWS_BETTER else names
            if (type(err) if err else None) not in right:
                wrong[mode] = repr(err)
            if isinstance(err, TemporaryError) and err.retry_after is not None:
                assert timedelta(0) <= err.retry_after <= LONGEST, mode
            clock.at += timedelta(minutes=20)
    assert wrong == {}


@pytest.mark.parametrize("type_", sorted(WELL))
async def test_after_each_kind_of_trouble_everything_is_heard(type_: str, session: aiohttp.ClientSession) -> None:
    expected, clock = await everything(type_, session), Clock()
    async with in_trouble(WELL[type_]) as trouble:
        source = built(type_, trouble, session, clock)
        for mode in ON_THE_WAY:
            trouble.mode = mode
            listener = Listener(source, START.get(type_))
            await listener.poll()
            trouble.mode = ""
            clock.at += timedelta(minutes=20)
            assert (await listener.poll(), mode) == (None, mode)
            assert listener.heard == expected, mode


@pytest.mark.parametrize("type_", sorted(WELL))
async def test_trouble_in_the_middle_of_a_round_loses_nothing(type_: str, session: aiohttp.ClientSession) -> None:
    expected, clock = await everything(type_, session), Clock()
    async with in_trouble(WELL[type_]) as trouble:
        trouble.turns = [turn for mode in ON_THE_WAY for turn in ("", "", mode)]
        listener = Listener(built(type_, trouble, session, clock), START.get(type_))
        while trouble.turns:
            await listener.poll()
            clock.at += timedelta(minutes=20)
        assert await listener.poll() is None
        assert listener.heard == expected


@pytest.mark.parametrize("type_", sorted(WELL))
async def test_a_wrong_clock_changes_nothing(type_: str, session: aiohttp.ClientSession) -> None:
    expected = await everything(type_, session)
    async with in_trouble(WELL[type_]) as trouble:
        trouble.mode = "wrong clock"
        listener = Listener(built(type_, trouble, session, Clock()), START.get(type_))
        assert await listener.poll() is None
        assert listener.heard == expected


def without_end(type_: str) -> Respond:
    """Answer as ever, but with another page after each."""

    def respond(method: str, url: URL) -> object:
        said = WELL[type_](method, url)
        if type_ == "hackernews" and isinstance(said, dict):
            filler = {"objectID": "0", "author": "pat", "created_at_i": int(post_time(1).timestamp()), "title": "again"}
            return {**said, "hits": [*said["hits"], filler], "nbPages": 10**6}
        if type_ == "bluesky" and isinstance(said, dict) and "posts" in said:
            return {**said, "cursor": str(int(url.query.get("cursor", "0")) + 10)}
        if type_ == "mastodon" and not said:
            after = int(url.query["min_id"])
            return [{**json_fixture("mastodon_tag.json")[0], "id": str(after + 1), "uri": f"u{after + 1}"}]
        return said

    return respond


@pytest.mark.parametrize("type_", ["bluesky", "hackernews", "mastodon"])
async def test_pages_without_end_are_left_and_lose_nothing(type_: str, session: aiohttp.ClientSession) -> None:
    expected = await everything(type_, session)
    async with in_trouble(without_end(type_)) as trouble:
        listener = Listener(built(type_, trouble, session, Clock()), START.get(type_))
        assert await listener.poll() is None
        assert trouble.asked <= MAX_PAGES + 1
        trouble.respond = WELL[type_]
        assert await listener.poll() is None
        assert listener.heard >= expected


async def test_errors_show_no_secret_and_no_address(session: aiohttp.ClientSession) -> None:
    for type_ in POLLED:
        async with in_trouble(pages()) as trouble:
            given = asked_at(type_, trouble.url)
            for mode in ("401", "500", "nonsense"):
                trouble.mode = mode
                err = await Listener(built(type_, trouble, session, Clock())).poll()
                assert isinstance(err, ServiceError)
                assert "http://" not in str(err)
                for secret in given["secrets"].values():
                    assert len(secret) < 4 or secret not in f"{err!s}{err!r}"
