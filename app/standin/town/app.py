"""The town as an aiohttp application, to be mounted under `/stand-in/town/`."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from app.standin.door import guard, seal
from app.standin.faces import iso
from app.standin.town import forum, timeline
from app.standin.town.api import TownApi, home_of
from app.standin.town.square import FORUM, Post, Town
from app.standin.town.timeline import Tab

TOWN_TOKEN = "stand-in"  # noqa: S105 - known to everyone, opens a toy on this machine
TOWN = web.AppKey("town", Town)
_DOWN: web.AppKey[Callable[[str], bool]] = web.AppKey("down")
_HERE = Path(__file__).parent
_MOST_HOOK_BYTES = 2**20


def town_app(
    path: Path | None, *, now: Callable[[], datetime], down: Callable[[str], bool] = lambda place: False,
    account: tuple[str, str] = ("acme", "Acme"), token: str = TOWN_TOKEN,
    on_post: Callable[[Post], None] | None = None,
) -> web.Application:  # fmt: skip
    """Make the town; its state is in the file at `path` (None: memory), `app[TOWN]` is its `Town`.

    `down` is asked with "mastodon", "forum" or "hook" and makes that part answer 503; `account` is (handle, name) of
    hubbub's own account, whose Bearer token is `token`; `on_post` hears of each new post of hubbub.
    """
    town = Town(path, now, account, on_post)
    app = web.Application(middlewares=[guard("", lambda request: False)], client_max_size=4 * 2**20)
    app[TOWN], app[_DOWN] = town, down
    app.on_response_prepare.append(seal)
    app.cleanup_ctx.append(_closing)
    app.router.add_get("/", _page, name="town")
    app.router.add_get("/ui/timeline", _timeline)
    for name in ("town.js", "town.css"):
        app.router.add_get(f"/{name}", _file)
    TownApi(town, token, down).add_routes(app.router)
    app.router.add_get("/forum.atom", _feed)
    app.router.add_post("/hook", _hook)
    app.router.add_get("/hook", _hooks)
    app.router.add_get("/@{author}", _to_page)
    app.router.add_get("/tags/{tag}", _to_page)
    app.router.add_get("/@{author}/{id}", _post)
    app.router.add_get("/forum/{id}", _post)
    return app


async def _closing(app: web.Application) -> AsyncIterator[None]:
    yield
    app[TOWN].close()


def _tab(request: web.Request) -> Tab:
    name = request.query.get("show", "")
    return Tab(name) if name in set(Tab) else Tab.ALL


async def _page(request: web.Request) -> web.Response:
    html = timeline.page(request.app[TOWN], _tab(request), home_of(request))
    return web.Response(text=html, content_type="text/html")


async def _timeline(request: web.Request) -> web.Response:
    """Tell the page what its tab shows now; 204 when nothing has changed since the revision it has seen."""
    town = request.app[TOWN]
    if request.query.get("seen") == str(town.revision):
        return web.Response(status=204)
    cards = timeline.cards(town, _tab(request), home_of(request))
    return web.json_response({"revision": town.revision, "cards": [{"key": k, "html": h} for k, h in cards]})


async def _file(request: web.Request) -> web.FileResponse:
    return web.FileResponse(_HERE / request.path.rsplit("/", 1)[-1])


async def _to_page(request: web.Request) -> web.Response:
    raise web.HTTPFound(home_of(request))


async def _post(request: web.Request) -> web.Response:
    """Show one thread: the address that statuses and feed entries carry."""
    town, id_ = request.app[TOWN], request.match_info["id"]
    post = town.find(id_) if id_.isdecimal() else None
    if post is None:
        raise web.HTTPNotFound(text="This post is not here (any more).")
    while post.parent is not None and (parent := town.find(post.parent)) is not None:
        post = parent
    tab = Tab.FORUM if post.place == FORUM else Tab.ALL
    raise web.HTTPFound(f"{home_of(request)}?show={tab}#p-{post.id}")


async def _feed(request: web.Request) -> web.Response:
    if request.app[_DOWN](FORUM):
        return web.Response(status=503, text="The forum is being repaired.")
    body = forum.atom(request.app[TOWN], home_of(request))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers={"ETag": tag})
    return web.Response(body=body, content_type="application/atom+xml", charset="utf-8", headers={"ETag": tag})


async def _hook(request: web.Request) -> web.Response:
    """Remember a delivery by its Idempotency-Key; without one, by its content."""
    if request.app[_DOWN]("hook"):
        return web.json_response({"ok": False, "error": "out of order"}, status=503)
    body = await request.read()
    if len(body) > _MOST_HOOK_BYTES:
        return web.json_response({"ok": False, "error": "too large"}, status=413)
    key = request.headers.get("Idempotency-Key") or f"sha256:{hashlib.sha256(body).hexdigest()}"
    kept: dict[str, Any] = {"type": request.content_type, "text": body.decode("utf-8", "replace")}
    is_new = request.app[TOWN].note_hook(key, kept)
    return web.json_response({"ok": True, "id": key, "duplicate": not is_new})


async def _hooks(request: web.Request) -> web.Response:
    hooks = request.app[TOWN].hooks()
    return web.json_response([{**hook, "at": iso(hook["at"])} for hook in hooks])
