"""Who may come in: the stand-ins answer this machine only, and no foreign web page through somebody's browser."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

TOKEN_HEADER = "X-Stand-In-Token"  # noqa: S105 - the name of a header
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# No script, style, image or frame from elsewhere, and none inline: cards carry what strangers wrote.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def page_token(secret: str) -> str:
    """Make the word that our own page sends with each press; the same after a restart, so that open pages go on."""
    return hmac.new(secret.encode(), b"stand-in page", hashlib.sha256).hexdigest()[:32]


def why_refused(
    host: str, headers: Mapping[str, str], *, scheme: str = "http", token: str = "", guarded: bool = False
) -> str | None:
    """Say why a request is refused, or None; `guarded` requests press buttons and need `token` from a browser."""
    if _hostname(host) not in _LOOPBACK:
        return "only for this machine: the Host must be 127.0.0.1, localhost or [::1]"  # DNS rebinding
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site")
    if origin is not None and origin != f"{scheme}://{host}":
        return "another web page may not use this"
    if site in {"cross-site", "same-site"} and headers.get("Sec-Fetch-Mode") != "navigate":
        return "another web page may not use this"
    by_browser = origin is not None or site is not None
    if guarded and by_browser and not hmac.compare_digest(headers.get(TOKEN_HEADER, "").encode(), token.encode()):
        return "the page is out of date, load it again"
    return None


def guard(token: str, guarded: Callable[[web.Request], bool]) -> Middleware:
    """Make the middleware of a stand-in; `guarded` tells which requests act for a person."""

    @web.middleware
    async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
        asks = guarded(request)
        why = why_refused(request.host, request.headers, scheme=request.scheme, token=token, guarded=asks)
        if why is not None:
            return web.json_response({"ok": False, "error": why}, status=403)
        return await handler(request)

    return door


async def seal(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on every answer; for `on_response_prepare`."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
