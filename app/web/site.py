"""Serves the published page from its folder, as any web server could."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from aiohttp import web
from aiohttp.typedefs import Handler

from app.web.notices import said, spoken_language
from app.web.shelf import Copy, Shelf
from status_page.pages.lost import Imprint
from status_page.words.report_words import LOST

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
# What is asked about seldom is answered by aiohttp from the disk.
_SELDOM = ("Range", "If-Match", "If-Unmodified-Since")
_NO_GZIP = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)", re.IGNORECASE)
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
    imprints: Mapping[Path, Imprint] = field(default_factory=dict)  # of the sites, by folder
    shelf: Shelf = field(default_factory=lambda: Shelf(_headers, _is_text))

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Answer with the file of the path; a folder means its index.html."""
        await self.ready()
        key = self._folder(request), request.match_info["path"]
        copy = self.shelf.take(key)
        file = copy.file if copy is not None else _find(*key)
        if file is None:
            raise self._lost(request)
        seldom = _is_seldom(request)
        if not seldom:
            try:
                copy = copy or self.shelf.put(key, file)
            except OSError:  # it went away meanwhile, or may not be read: aiohttp says which
                copy = None
            if copy is not None:
                return _answer(request, copy)
        return _from_disk(request, file, seldom)

    async def preflight(self, request: web.Request) -> web.StreamResponse:
        """Answer a browser that asks whether another page's script may read a file."""
        path = _find(self._folder(request), request.match_info["path"])
        if path is None or not _is_open(path):
            raise web.HTTPMethodNotAllowed("OPTIONS", ["GET", "HEAD"])
        return web.Response(status=204, headers=_CORS | _PREFLIGHT)

    def _folder(self, request: web.Request) -> Path:
        return self.hosts.get(request.host.partition(":")[0].lower(), self.folder) if self.hosts else self.folder

    def _lost(self, request: web.Request) -> web.HTTPNotFound:
        imprint = self.imprints.get(self._folder(request), Imprint())
        return web.HTTPNotFound(**said(LOST, imprint, spoken_language(request, imprint)))


def _find(folder: Path, asked: str) -> Path | None:
    parts = PurePosixPath(asked).parts
    if any(part in ("..", "/") or part.startswith(".") for part in parts):
        return None
    path = folder.joinpath(*parts)
    try:
        return next((file for file in (path, path / "index.html") if file.is_file()), None)
    except OSError:  # a name longer than the disk takes
        return None


def _is_seldom(request: web.Request) -> bool:
    headers = request.headers
    if "If-Modified-Since" in headers and "If-None-Match" not in headers:
        return True
    return any(name in headers for name in _SELDOM)


def _answer(request: web.Request, copy: Copy) -> web.Response:
    body = copy.packed if copy.packed is not None and _takes_gzip(request) else copy.plain
    if any(known.value in (copy.tag, "*") for known in request.if_none_match or ()):
        return web.Response(status=304, headers=body.headers.copy())
    return web.Response(body=body.content, headers=body.headers.copy())


def _from_disk(request: web.Request, file: Path, seldom: bool) -> web.FileResponse:
    response = web.FileResponse(file, headers=_headers(file))
    # aiohttp 3.14 ends a compressed answer with bytes even where it has no body (HEAD, 304); that breaks connections.
    bare = seldom or request.method != "GET" or "If-None-Match" in request.headers
    if not bare and _is_text(file) and _takes_gzip(request):
        response.enable_compression(web.ContentCoding.gzip)
    return response


def _takes_gzip(request: web.Request) -> bool:
    said = request.headers.get("Accept-Encoding", "")
    return "gzip" in said.lower() and _NO_GZIP.search(said) is None


def _headers(path: Path) -> dict[str, str]:
    age = "max-age=31536000, immutable" if path.parent.name == "assets" else "max-age=10"  # assets: named by content
    headers = {"Content-Type": _type(path), "X-Content-Type-Options": "nosniff", "Cache-Control": f"public, {age}"}
    if _is_text(path):
        headers |= {"Content-Type": f"{_type(path)}; charset=utf-8", "Vary": "Accept-Encoding"}
    if _is_open(path):
        headers |= _CORS
    if path.suffix not in _DATA:
        headers["Content-Security-Policy"] = _FRAMED_CSP if path.as_posix().endswith(f"/{FRAMED}") else CSP
    return headers


def _is_open(path: Path) -> bool:
    return path.suffix in _OPEN or path.as_posix().endswith("/embed/banner.js")


def _is_text(path: Path) -> bool:
    return path.suffix in TYPES and _type(path).startswith(("text/", "application/"))


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
