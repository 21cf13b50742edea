"""The Mastodon API of the town: timelines, notifications, statuses; answers and refuses as the real one does."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web
from multidict import MultiDict

from app.standin.faces import iso
from app.standin.town import statuses, words
from app.standin.town.square import MASTODON, Post, Town

Handler = Callable[[web.Request], Awaitable[web.Response]]
_SEEN_BY_ALL = "place = 'mastodon' AND visibility IN ('public', 'unlisted')"
# A reply to somebody else is not on the public timeline; one's own threads are.
_OWN_THREAD = "(parent IS NULL OR author = (SELECT p.author FROM posts p WHERE p.id = posts.parent))"


class Refusal(Exception):
    """An error answer: its status and its words."""

    def __init__(self, status: int, words: str) -> None:
        """Keep both for the answer."""
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Window:
    """Which ids of a timeline are wanted, and how many."""

    limit: int
    max_id: int | None
    since_id: int | None
    min_id: int | None

    @property
    def condition(self) -> str:
        """Write the bounds as a condition; all are exclusive."""
        above = max(self.since_id or 0, self.min_id or 0)
        return f"id > {above}" + (f" AND id < {self.max_id}" if self.max_id is not None else "")


def read_window(query: Mapping[str, str], default: int = 20, most: int = 40) -> Window:
    """Read the paging of a request; what is no number counts as absent, as on a real server."""
    limit = _number(query.get("limit")) or default
    return Window(min(limit, most), *(_number(query.get(name)) for name in ("max_id", "since_id", "min_id")))


@dataclass(frozen=True, slots=True)
class TownApi:
    """Answers requests; `down` tells whether the network is to be out of order now."""

    town: Town
    token: str
    down: Callable[[str], bool]

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Put every method under its path."""
        add = self._answering
        router.add_get("/api/v1/timelines/public", add(self._public))
        router.add_get("/api/v1/timelines/tag/{tag}", add(self._tag))
        router.add_get("/api/v1/notifications", add(self._notifications))
        router.add_get("/api/v1/accounts/verify_credentials", add(self._who))
        router.add_get("/api/v1/accounts/{id}/statuses", add(self._own_posts))
        router.add_get("/api/v2/instance", add(self._instance))
        router.add_post("/api/v1/statuses", add(self._create))
        router.add_get("/api/v1/statuses/{id}", add(self._show))
        router.add_put("/api/v1/statuses/{id}", add(self._edit))
        router.add_delete("/api/v1/statuses/{id}", add(self._delete))
        router.add_get("/api/v1/statuses/{id}/context", add(self._context))

    def _answering(self, method: Callable[[web.Request], Awaitable[web.Response]]) -> Handler:
        async def handler(request: web.Request) -> web.Response:
            try:
                if self.down(MASTODON):
                    raise Refusal(503, "Service temporarily unavailable")
                self._check_token(request)
                answer = await method(request)
            except Refusal as refusal:
                answer = web.json_response({"error": str(refusal)}, status=refusal.status)
            answer.headers.update(self._quota())
            return answer

        return handler

    def _check_token(self, request: web.Request, needed: bool = False) -> None:
        given = request.headers.get("Authorization")
        if (needed or given is not None) and given != f"Bearer {self.token}":
            raise Refusal(401, "The access token is invalid")

    def _quota(self) -> dict[str, str]:
        # Always plenty: the demo's fast clock must not run into a limit that real time would not.
        reset = iso(self.town.now() + timedelta(minutes=5))
        return {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299", "X-RateLimit-Reset": reset}

    async def _public(self, request: web.Request) -> web.Response:
        found, window = self._page(request, f"{_SEEN_BY_ALL} AND visibility = 'public' AND {_OWN_THREAD}", ())
        return self._listed(request, found, window, statuses.status)

    async def _tag(self, request: web.Request) -> web.Response:
        wanted = [request.match_info["tag"], *request.query.getall("any[]", [])]
        marks = [f" {words.fold(tag)} " for tag in wanted]
        either = " OR ".join("instr(tags, ?)" for _ in marks)
        found, window = self._page(request, f"{_SEEN_BY_ALL} AND ({either})", marks)
        return self._listed(request, found, window, statuses.status)

    async def _notifications(self, request: web.Request) -> web.Response:
        self._check_token(request, needed=True)
        kinds = request.query.getall("types[]", [])
        if kinds and "mention" not in kinds:
            return web.json_response([])
        condition = "place = 'mastodon' AND ours = 0 AND instr(mentions, ?)"
        marks = [f" {self.town.account[0].lower()} "]
        found, window = self._page(request, condition, marks, 40, 80)
        return self._listed(request, found, window, statuses.notification)

    def _page(
        self, request: web.Request, condition: str, marks: list[str] | tuple[()], default: int = 20, most: int = 40
    ) -> tuple[list[Post], Window]:
        window = read_window(request.query, default, most)
        forward = window.min_id is not None
        condition = f"{condition} AND {window.condition}"
        found = self.town.posts(condition, marks, limit=window.limit, oldest_first=forward)
        return (found[::-1] if forward else found), window  # shown newest first in both cases

    def _listed(
        self, request: web.Request, found: list[Post], window: Window,
        show: Callable[[Town, Post, str], dict[str, Any]],
    ) -> web.Response:  # fmt: skip
        home = home_of(request)
        answer = web.json_response([show(self.town, post, home) for post in found])
        if found:
            answer.headers["Link"] = _links(request, found)
        return answer

    async def _who(self, request: web.Request) -> web.Response:
        self._check_token(request, needed=True)
        handle, name = self.town.account
        return web.json_response(statuses.account(handle, name, home_of(request)))

    async def _own_posts(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != statuses.account_id(self.town.account[0]):
            raise Refusal(404, "Record not found")  # nobody asks for what others have posted
        found, window = self._page(request, "place = 'mastodon' AND ours = 1", ())
        return self._listed(request, found, window, statuses.status)

    async def _instance(self, request: web.Request) -> web.Response:
        return web.json_response(statuses.instance(home_of(request), request.host))

    async def _show(self, request: web.Request) -> web.Response:
        return self._status(request, self._found(request))

    async def _create(self, request: web.Request) -> web.Response:
        self._check_token(request, needed=True)
        given = await _fields(request)
        text = _checked(given)
        parent = self.town.find(given["in_reply_to_id"]) if given.get("in_reply_to_id") else None
        if given.get("in_reply_to_id") and (parent is None or parent.place != MASTODON):
            raise Refusal(404, "Record not found")
        post = self.town.publish(
            text, idempotency_key=request.headers.get("Idempotency-Key", ""), parent=parent.id if parent else None,
            language=given.get("language"), visibility=given.get("visibility") or "public",
        )  # fmt: skip
        return self._status(request, post)

    async def _edit(self, request: web.Request) -> web.Response:
        post = self._own(request)
        self.town.edit(post.id, _checked(await _fields(request)))
        return self._status(request, self._found(request))

    async def _delete(self, request: web.Request) -> web.Response:
        post = self._own(request)
        shown = {**statuses.status(self.town, post, home_of(request)), "text": post.text}
        self.town.remove(post.id)
        return web.json_response(shown)

    async def _context(self, request: web.Request) -> web.Response:
        post, home = self._found(request), home_of(request)
        above: list[Post] = []
        at = post
        while at.parent is not None and (parent := self.town.find(at.parent)) is not None and len(above) < 40:
            above, at = [parent, *above], parent
        below = self._below(post)
        return web.json_response({
            "ancestors": [statuses.status(self.town, each, home) for each in above],
            "descendants": [statuses.status(self.town, each, home) for each in below],
        })  # fmt: skip

    def _below(self, post: Post) -> list[Post]:
        found: list[Post] = []
        todo = self.town.replies(post.id)
        while todo and len(found) < 60:  # the limit of a real server
            found.append(todo.pop(0))
            todo = self.town.replies(found[-1].id) + todo
        return [each for each in found if each.visibility != "direct"]

    def _found(self, request: web.Request) -> Post:
        post = self.town.find(request.match_info["id"]) if request.match_info["id"].isdecimal() else None
        if post is None or post.place != MASTODON:
            raise Refusal(404, "Record not found")
        return post

    def _own(self, request: web.Request) -> Post:
        self._check_token(request, needed=True)
        post = self._found(request)
        if not post.ours:
            raise Refusal(404, "Record not found")  # a real server does not say that it is somebody else's
        return post

    def _status(self, request: web.Request, post: Post) -> web.Response:
        return web.json_response(statuses.status(self.town, post, home_of(request)))


def home_of(request: web.Request) -> str:
    """Give the town's own address, ending in a slash."""
    return str(request.url.origin().join(request.app.router["town"].url_for()))


def _links(request: web.Request, found: list[Post]) -> str:
    kept = [(name, value) for name, value in request.query.items() if name not in {"max_id", "since_id", "min_id"}]
    older = request.url.with_query(MultiDict([*kept, ("max_id", str(found[-1].id))]))
    newer = request.url.with_query(MultiDict([*kept, ("min_id", str(found[0].id))]))
    return f'<{older}>; rel="next", <{newer}>; rel="prev"'


def _checked(given: Mapping[str, str]) -> str:
    text = given.get("status") or ""
    if not text.strip():
        raise Refusal(422, "Validation failed: Text can't be blank")
    if words.length(text) > words.MAX_CHARACTERS:
        raise Refusal(422, f"Validation failed: Text character limit of {words.MAX_CHARACTERS} exceeded")
    if given.get("visibility") not in {None, "", "public", "unlisted", "private", "direct"}:
        raise Refusal(422, "Validation failed: Visibility is not included in the list")
    return text


async def _fields(request: web.Request) -> dict[str, str]:
    if request.content_type != "application/json":
        return {name: str(value) for name, value in (await request.post()).items()}
    try:
        given = json.loads(await request.read())
    except (ValueError, RecursionError) as err:
        raise Refusal(400, "Error occurred while parsing request parameters") from err
    if not isinstance(given, dict):
        raise Refusal(400, "Error occurred while parsing request parameters")
    return {name: str(value) for name, value in given.items() if value is not None}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None
