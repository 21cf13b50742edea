"""Serves the published page from its folder, as any web server could."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from aiohttp import web
from aiohttp.typedefs import Handler

TYPES = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
    ".svg": "image/svg+xml", ".atom": "application/atom+xml", ".rss": "application/rss+xml", ".png": "image/png",
    ".ics": "text/calendar", ".txt": "text/plain",
}  # fmt: skip
_DATA = frozenset({".json", ".atom", ".rss", ".ics"})
_OPEN = _DATA | {".svg"}  # scripts on any page may read them
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FRAMED = "embed/status.html"  # the one page that others may put into a frame
_FRAMED_CSP = CSP.replace("frame-ancestors 'none'", "frame-ancestors *")
# aiohttp 3.14 ends a compressed answer with bytes even where it has no body (HEAD, 304), which breaks the connection.
_WHOLE = ("Range", "If-None-Match", "If-Modified-Since")
_CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Last-Modified"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS", "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SiteDoor:
    """Serves files below `folder`; `ready` makes sure that there is a page at the first request.

    Pages of further brands are chosen by the name under which they are asked for.
    """

    folder: Path
    ready: Callable[[], Awaitable[None]]
    hosts: Mapping[str, Path] = field(default_factory=dict)  # host name -> folder

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Answer with the file of the path; a folder means its index.html."""
        await self.ready()
        path = self._find(request)
        if path is None:
            raise web.HTTPNotFound(text="There is no such page.\n")
        response = web.FileResponse(path, headers=_headers(path))
        response.content_type = _type(path)
        if response.content_type.startswith(("text/", "application/")) and path.suffix in TYPES:
            response.charset = "utf-8"
            response.headers["Vary"] = "Accept-Encoding"
            if request.method == "GET" and not any(name in request.headers for name in _WHOLE):
                response.enable_compression()
        return response

    async def preflight(self, request: web.Request) -> web.StreamResponse:
        """Answer a browser that asks whether another page's script may read a file."""
        path = self._find(request)
        if path is None or not _is_open(path):
            raise web.HTTPMethodNotAllowed("OPTIONS", ["GET", "HEAD"])
        return web.Response(status=204, headers=_CORS | _PREFLIGHT)

    def _find(self, request: web.Request) -> Path | None:
        parts = PurePosixPath(request.match_info["path"]).parts
        if any(part in ("..", "/") or part.startswith(".") for part in parts):
            return None
        path = self.hosts.get(request.host.partition(":")[0].lower(), self.folder).joinpath(*parts)
        try:
            return next((file for file in (path, path / "index.html") if file.is_file()), None)
        except OSError:  # a name longer than the disk takes
            return None


def _headers(path: Path) -> dict[str, str]:
    age = "max-age=31536000, immutable" if path.parent.name == "assets" else "max-age=10"  # assets: named by content
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": f"public, {age}"}
    if _is_open(path):
        headers |= _CORS
    if path.suffix not in _DATA:
        headers["Content-Security-Policy"] = _FRAMED_CSP if path.as_posix().endswith(f"/{FRAMED}") else CSP
    return headers


def _is_open(path: Path) -> bool:
    return path.suffix in _OPEN or path.as_posix().endswith("/embed/banner.js")


def _type(path: Path) -> str:
    if path.name == "feed.json":
        return "application/feed+json"
    return TYPES.get(path.suffix, "application/octet-stream")


@web.middleware
async def safe_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give every answer the headers that keep browsers from guessing and framing."""
    try:
        response = await handler(request)
    except web.HTTPException as err:
        _harden(err.headers)
        raise
    _harden(response.headers)
    return response


def _harden(headers: MutableMapping[str, str]) -> None:
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    # The older header knows no "everybody"; browsers that know the newer one go by it.
    if headers.get("Content-Security-Policy") != _FRAMED_CSP:
        headers.setdefault("X-Frame-Options", "DENY")
