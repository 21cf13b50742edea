"""The Slack stand-in as an aiohttp application, to be mounted under `/stand-in/slack/`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from app.standin.door import guard, page_token, seal
from app.standin.slack.acts import Acts
from app.standin.slack.errors import SlackRefusal
from app.standin.slack.postman import PATIENCE_S, Postman
from app.standin.slack.render import SHOWN_CARDS, Painter
from app.standin.slack.sockets import Sockets
from app.standin.slack.triggers import LIFE_S, Triggers
from app.standin.slack.web_api import APP_TOKEN, BOT_TOKEN, WebApi
from app.standin.slack.workspace import Channel, Workspace

_HERE = Path(__file__).parent
_Act = Callable[[dict[str, Any], str], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class SlackStandIn:
    """The parts of a running stand-in, for the demo and for tests."""

    workspace: Workspace
    api: WebApi
    acts: Acts
    sockets: Sockets
    token: str


STAND_IN = web.AppKey("slack_stand_in", SlackStandIn)


def slack_app(
    path: Path | None, *, signing_secret: str, hubbub_url: Callable[[], str], now: Callable[[], datetime],
    channels: Sequence[str], users: Sequence[tuple[str, str]], bot_token: str = BOT_TOKEN,
    app_token: str = APP_TOKEN, patience_s: float = PATIENCE_S, trigger_life_s: float = LIFE_S,
    guests: Sequence[tuple[str, str]] = (),
) -> web.Application:  # fmt: skip
    """Make the stand-in; its state is in the file at `path` (None: memory), `hubbub_url` is where presses go.

    `guests` are people of another workspace.
    `now` dates the messages; the two waits are in real seconds. Mount it with `add_subapp` on a loopback server.
    """
    workspace = Workspace(path, channels, users, now, guests)
    triggers, sockets = Triggers(trigger_life_s), Sockets()
    postman = Postman(hubbub_url, signing_secret, sockets, patience_s)
    api = WebApi(workspace, triggers, sockets, bot_token, app_token)
    stand_in = SlackStandIn(workspace, api, Acts(workspace, triggers, postman), sockets, page_token(signing_secret))
    app = web.Application(middlewares=[guard(stand_in.token, _is_guarded)], client_max_size=4 * 2**20)
    app[STAND_IN] = stand_in
    app.on_response_prepare.append(seal)
    app.on_shutdown.append(_disconnect)
    app.cleanup_ctx.append(_session)
    _add_routes(app, stand_in)
    return app


def _add_routes(app: web.Application, stand_in: SlackStandIn) -> None:
    acts = stand_in.acts
    app.router.add_get("/", _page, name="page")
    for name in ("page.js", "page.css"):
        app.router.add_get(f"/{name}", _file)
    app.router.add_route("*", "/api/{method}", stand_in.api.serve)
    app.router.add_get("/link/", stand_in.sockets.connect)
    app.router.add_post("/hooks/{word}", _hook)
    app.router.add_get("/ui/messages", _messages)
    app.router.add_get("/ui/ephemerals", _ephemerals)
    app.router.add_get("/ui/state", _state)
    app.router.add_post("/ui/press", _act(acts.press))
    app.router.add_post("/ui/command", _act(acts.command))
    app.router.add_post("/ui/submit", _act(lambda asked, home: acts.submit(asked)))
    app.router.add_post("/ui/close", _act(lambda asked, home: acts.close(asked)))
    app.router.add_post("/ui/say", _act(lambda asked, home: _done(acts.say(asked))))


def _is_guarded(request: web.Request) -> bool:
    return request.method != "GET" and "/ui/" in request.path


async def _done(answer: dict[str, Any]) -> dict[str, Any]:
    return answer


async def _disconnect(app: web.Application) -> None:
    await app[STAND_IN].sockets.disconnect("too_many_websockets")


async def _session(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as session:
        app[STAND_IN].acts.postman.session = session
        yield
    app[STAND_IN].workspace.close()


def _home(request: web.Request) -> str:
    return str(request.url.origin().join(request.app.router["page"].url_for()))


def _act(do: _Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        try:
            answer = await do(await _asked(request), _home(request))
        except SlackRefusal as refusal:
            return web.json_response(refusal.body())
        view = answer.get("view")
        if view is not None:
            view["html"] = Painter(request.app[STAND_IN].workspace, _home(request)).modal(view["view"])
        return web.json_response(answer)

    return handler


async def _asked(request: web.Request) -> dict[str, Any]:
    try:
        asked = json.loads(await request.read())
    except (ValueError, RecursionError) as err:
        raise SlackRefusal("invalid_json") from err
    if not isinstance(asked, dict):
        raise SlackRefusal("json_not_object")
    return asked


async def _page(request: web.Request) -> web.Response:
    stand_in = request.app[STAND_IN]
    channel, user = _place(request)
    html = Painter(stand_in.workspace, _home(request)).page(channel, user, stand_in.token)
    return web.Response(text=html, content_type="text/html")


def _place(request: web.Request) -> tuple[Channel, str]:
    """Give the channel and the person of a request; the first ones where it names none that is known."""
    workspace = request.app[STAND_IN].workspace
    user = request.query.get("as", "")
    user = user if user in workspace.people else next(iter(workspace.people))
    try:
        channel = workspace.channel(request.query.get("channel", ""))
    except SlackRefusal:
        channel = workspace.channels()[0]
    return (channel, user) if channel.reader in {"", user} else (workspace.channels()[0], user)


async def _file(request: web.Request) -> web.FileResponse:
    return web.FileResponse(_HERE / request.path.rsplit("/", 1)[-1])


async def _state(request: web.Request) -> web.Response:
    """Tell the page what has changed since the revision it has seen; 204 when nothing has."""
    workspace = request.app[STAND_IN].workspace
    seen = request.query.get("seen", "0")
    if not seen.isdecimal() or int(seen) > workspace.revision:
        seen = "0"
    if int(seen) == workspace.revision:
        return web.Response(status=204)
    channel, user = _place(request)
    painter, changed = Painter(workspace, _home(request)), []
    for ts, reader, message in workspace.changed_since(channel.id, int(seen), SHOWN_CARDS):
        html = painter.card(channel, message, reader, user) if message else None
        changed.append({"ts": ts, "html": html})
    counts = {room.id: workspace.count(room.id) for room in workspace.channels()}
    return web.json_response({"revision": workspace.revision, "changed": changed, "counts": counts})


async def _messages(request: web.Request) -> web.Response:
    workspace = request.app[STAND_IN].workspace
    try:
        channel = workspace.channel(request.query.get("channel", "")).id
    except SlackRefusal as refusal:
        return web.json_response(refusal.body())
    found = workspace.history(channel, limit=100_000)[::-1]
    messages = [{**message, "replies": workspace.thread(channel, message["ts"])} for message in found]
    return web.json_response({"ok": True, "channel": channel, "messages": messages})


async def _ephemerals(request: web.Request) -> web.Response:
    workspace, query = request.app[STAND_IN].workspace, request.query
    try:
        channel = workspace.channel(query["channel"]).id if "channel" in query else ""
    except SlackRefusal as refusal:
        return web.json_response(refusal.body())
    return web.json_response({"ok": True, "messages": workspace.ephemerals(channel, query.get("user", ""))})


async def _hook(request: web.Request) -> web.Response:
    try:
        request.app[STAND_IN].acts.respond(request.match_info["word"], await _asked(request))
    except SlackRefusal as refusal:
        return web.json_response(refusal.body(), status=404 if refusal.code == "used_url" else 400)
    return web.Response(text="ok")
