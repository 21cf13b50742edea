"""Small platforms on loopback that take posts as the real ones do, and can fail at every moment of it."""

from __future__ import annotations

import asyncio
import html
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from status_page.publishers.registry import Account
from tests.app.desk.office import Clock

CHANNEL, LINE = "acme_status", "\n"


class Mood(StrEnum):
    """What a platform does with one post."""

    FINE = "fine"
    DROP_BEFORE = "drop_before"  # hangs up without taking it
    DROP_AFTER = "drop_after"  # takes it and hangs up
    ERROR_BEFORE = "error_before"  # answers 500 without taking it
    ERROR_AFTER = "error_after"  # takes it and answers 500
    BUSY = "busy"  # answers 429
    NONSENSE = "nonsense"  # takes it and answers with a proxy's page
    KILL_BEFORE = "kill_before"  # the sender dies before it is taken
    KILL_AFTER = "kill_after"  # ... after it was taken, while it waits for the answer


TAKES = frozenset({Mood.FINE, Mood.DROP_AFTER, Mood.ERROR_AFTER, Mood.NONSENSE, Mood.KILL_AFTER})


@dataclass(frozen=True, slots=True)
class Post:
    """What stands at a platform."""

    id: str
    text: str
    at: datetime
    key: str = ""


@dataclass
class Platform:
    """One platform of a type; `moods` are used up one for each post that arrives, then it is fine."""

    type: str
    clock: Clock
    moods: list[Mood] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    public: bool = True  # Telegram: the channel has a preview
    victim: int = 0  # the process that posts
    asked: int = 0  # how often somebody looked for what was posted
    arrived: int = 0
    url: str = ""

    @property
    def account(self) -> Account:
        """The settings of a publisher that posts here."""
        options: dict[str, object] = {}
        if self.type == "telegram":
            options = {"chat": -100123, "preview_url": self.url} | ({"channel_name": CHANNEL} if self.public else {})
        if self.type == "bluesky":
            options = {"identifier": "brand.example"}
        return Account(self.type, "outlet", self.url, options, "secret")

    def application(self) -> web.Application:
        """Give the server."""
        app = web.Application()
        add = app.router.add_route
        add("POST", "/api/v1/statuses", self._mastodon)
        add("GET", "/api/v1/accounts/verify_credentials", self._whoami)
        add("GET", "/api/v1/accounts/7/statuses", self._statuses)
        add("POST", "/xrpc/com.atproto.server.createSession", self._session)
        add("POST", "/xrpc/com.atproto.repo.putRecord", self._bluesky)
        add("POST", "/2/tweets", self._x)
        add("GET", "/2/users/me", self._me)
        add("GET", "/2/users/7/tweets", self._tweets)
        add("POST", "/botsecret/sendMessage", self._telegram)
        add("GET", f"/s/{CHANNEL}", self._preview)
        add("POST", "/", self._webhook)
        return app

    async def _take(self, request: web.Request, text: str, key: str, answer: Any) -> web.StreamResponse:
        """Take a post as the mood of the moment is; a key that is known gives the post it is known for."""
        self.arrived += 1
        mood = self.moods.pop(0) if self.moods else Mood.FINE
        known = next((post for post in self.posts if key and post.key == key), None)
        if mood is Mood.KILL_BEFORE:
            return await self._kill()
        if known is None and mood in TAKES:
            known = Post(str(len(self.posts) + 1), text, self.clock(), key)
            self.posts.append(known)
        if mood is Mood.KILL_AFTER:
            return await self._kill()
        if mood in (Mood.DROP_BEFORE, Mood.DROP_AFTER):
            assert request.transport is not None
            request.transport.abort()
            raise asyncio.CancelledError
        if mood in (Mood.ERROR_BEFORE, Mood.ERROR_AFTER):
            return web.json_response({"title": "oops"}, status=500)
        if mood is Mood.BUSY:
            return web.json_response({"parameters": {"retry_after": 5}}, status=429, headers={"Retry-After": "5"})
        if mood is Mood.NONSENSE:
            return web.Response(text="<html>a proxy</html>", content_type="text/html")
        assert known is not None
        return web.json_response(answer(known))

    async def _kill(self) -> web.StreamResponse:
        os.kill(self.victim, signal.SIGKILL)
        await asyncio.sleep(0.05)
        return web.Response()

    async def _mastodon(self, request: web.Request) -> web.StreamResponse:
        # As the real one: a key is good for an hour.
        self.posts = [
            post if self.clock() - post.at < timedelta(hours=1) else Post(post.id, post.text, post.at)
            for post in self.posts
        ]
        text = str((await request.post())["status"])
        return await self._take(request, text, request.headers["Idempotency-Key"], _status)

    async def _whoami(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"id": "7"})

    async def _statuses(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        return web.json_response([_status(post) for post in reversed(self.posts)])

    async def _session(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"did": "did:plc:brand", "accessJwt": "jwt"})

    async def _bluesky(self, request: web.Request) -> web.StreamResponse:
        sent = await request.json()
        return await self._take(
            request, sent["record"]["text"], sent["rkey"], lambda post: {"uri": f"at://us/p/{post.key}", "cid": post.id}
        )

    async def _x(self, request: web.Request) -> web.StreamResponse:
        text = (await request.json())["text"]
        recent = [post for post in self.posts if self.clock() - post.at < timedelta(hours=12)]
        if any(post.text == text for post in recent):
            detail = "You are not allowed to create a Tweet with duplicate content."
            return web.json_response({"title": "Forbidden", "detail": detail}, status=403)
        return await self._take(request, text, "", lambda post: {"data": {"id": post.id, "text": text}})

    async def _me(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"data": {"id": "7"}})

    async def _tweets(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        start = datetime.fromisoformat(request.query["start_time"])
        found = [post for post in self.posts if post.at >= start and self.clock() - post.at > timedelta(seconds=10)]
        data = [
            {"id": post.id, "text": html.escape(post.text, quote=False), "created_at": post.at.isoformat()}
            for post in found
        ]
        return web.json_response({"meta": {"result_count": len(data)}} | ({"data": data} if data else {}))

    async def _telegram(self, request: web.Request) -> web.StreamResponse:
        text = (await request.json())["text"]
        return await self._take(request, text, "", lambda post: {"ok": True, "result": {"message_id": int(post.id)}})

    async def _preview(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        if not self.public:
            raise web.HTTPFound(f"/{CHANNEL}")
        return web.Response(text=preview(self.posts), content_type="text/html")

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        text = (await request.json())["text"]
        return await self._take(request, text, request.headers["Idempotency-Key"], lambda post: {"ok": True})


def _status(post: Post) -> dict[str, Any]:
    words = html.escape(post.text).replace("\n", "<br />")
    return {"id": post.id, "url": f"https://town.example/{post.id}", "created_at": post.at.isoformat(),
            "content": f"<p>{words}</p>"}  # fmt: skip


def preview(posts: list[Post]) -> str:
    """Write the preview page of a channel in the shape of t.me/s/NAME, as seen in November 2026."""
    shown = "".join(
        f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message js-widget_message" data-post="{CHANNEL}/{post.id}">
<div class="tgme_widget_message_bubble">
<a class="tgme_widget_message_reply" href="https://t.me/{CHANNEL}/1">
<div class="tgme_widget_message_text js-message_reply_text" dir="auto">an earlier one</div></a>
<div class="tgme_widget_message_text js-message_text" dir="auto">{html.escape(post.text).replace(LINE, "<br/>")}</div>
<a class="tgme_widget_message_date" href="#"><time datetime="{post.at.isoformat()}" class="time">16:45</time></a>
</div></div></div>"""
        for post in posts
    )
    return f"""<!DOCTYPE html><html><body><main><div class="tgme_channel_info"><i class="emoji">x</i></div>
<section class="tgme_channel_history js-message_history">{shown}</section></main></body></html>"""


@asynccontextmanager
async def running(type: str, clock: Clock, *moods: Mood, public: bool = True) -> AsyncIterator[Platform]:
    """Run a platform."""
    platform = Platform(type, clock, list(moods), public=public)
    server = TestServer(platform.application())
    await server.start_server()
    platform.url = str(server.make_url("/")).rstrip("/")
    yield platform
    await server.close()
