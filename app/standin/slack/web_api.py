"""The Web API under `api/`: checks the token, calls the method, answers as Slack does; can be told to fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from app.standin.slack import directory, messages, views
from app.standin.slack.arguments import Arguments, read_arguments
from app.standin.slack.errors import SlackRefusal
from app.standin.slack.sockets import Sockets
from app.standin.slack.triggers import Triggers
from app.standin.slack.workspace import Workspace

# Words of the stand-in, known to everyone: they open nothing but a toy on this machine.
BOT_TOKEN, APP_TOKEN = "xoxb-stand-in", "xapp-stand-in"
_READY = messages.METHODS | directory.METHODS


@dataclass(slots=True)
class Trouble:
    """A failure that is to come: for `left` calls of `method` (empty: of any)."""

    status: int
    left: int
    retry_after: int | None = None
    method: str = ""
    after_work: bool = False  # the call does its work, only the answer is lost


@dataclass(slots=True)
class WebApi:
    """Answers hubbub's calls."""

    workspace: Workspace
    triggers: Triggers
    sockets: Sockets
    bot_token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    troubles: list[Trouble] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)  # how often each method was called, for tests

    def fail_next(
        self, status: int, n: int = 1, retry_after: int | None = None, *, method: str = "", after_work: bool = False
    ) -> None:
        """Let the next `n` calls fail with `status` (0: the connection drops); 429 with `retry_after` seconds."""
        self.troubles.append(Trouble(status, n, retry_after, method, after_work))

    async def serve(self, request: web.Request) -> web.Response:
        """Answer one call."""
        method = request.match_info["method"]
        self.calls[method] = self.calls.get(method, 0) + 1
        trouble = self._next_trouble(method)
        if trouble is not None and not trouble.after_work:
            return _failed(request, trouble)
        try:
            args = await read_arguments(request, _home(request))
            body: dict[str, Any] = {"ok": True, **self._call(method, args)}
        except SlackRefusal as refusal:
            body = refusal.body()
        if trouble is not None:
            return _failed(request, trouble)
        return web.json_response(body)

    def _call(self, method: str, args: Arguments) -> dict[str, Any]:
        self._check_token(method, args.token)
        if method in _READY:
            return _READY[method](self.workspace, args)
        if method == "views.open":
            return views.open_view(self.workspace, self.triggers, args)
        if method == "views.update":
            return views.update_view(self.workspace, args)
        if method == "apps.connections.open":
            return {"url": f"ws{args.home.removeprefix('http')}link/?ticket={self.sockets.ticket()}"}
        raise SlackRefusal("unknown_method")

    def _check_token(self, method: str, token: str) -> None:
        if not token:
            raise SlackRefusal("not_authed")
        if token not in {self.bot_token, self.app_token}:
            raise SlackRefusal("invalid_auth")
        # Slack wants the app-level token for Socket Mode and the bot token for everything else.
        wanted = self.app_token if method == "apps.connections.open" else self.bot_token
        if token != wanted:
            raise SlackRefusal("not_allowed_token_type")

    def _next_trouble(self, method: str) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.left > 0 and trouble.method in {"", method}:
                trouble.left -= 1
                return trouble
        return None


def _failed(request: web.Request, trouble: Trouble) -> web.Response:
    if trouble.status == 0:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    if trouble.status == 429:
        headers = {"Retry-After": str(trouble.retry_after or 1)}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
    # Slack's real 5xx answers are no JSON either.
    return web.Response(status=trouble.status, text="Something went wrong on our side.")


def _home(request: web.Request) -> str:
    return str(request.url.origin().join(request.app.router["page"].url_for()))
