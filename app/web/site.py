"""Serves the published page from its folder, as any web server could."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from aiohttp import web
from aiohttp.typedefs import Handler

TYPES = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
    ".svg": "image/svg+xml", ".atom": "application/atom+xml", ".rss": "application/rss+xml", ".png": "image/png",
    ".ics": "text/calendar", ".txt": "text/plain",
}  # fmt: skip
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class SiteDoor:
    """Serves files below `folder`; `ready` makes sure that there is a page at the first request."""

    folder: Path
    ready: Callable[[], Awaitable[None]]

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Answer with the file of the path; a folder means its index.html."""
        await self.ready()
        path = self._find(request.match_info["path"])
        if path is None:
            raise web.HTTPNotFound(text="There is no such page.\n")
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=10"}
        if path.suffix in {".json", ".atom", ".rss"}:
            headers["Access-Control-Allow-Origin"] = "*"
        else:
            headers["Content-Security-Policy"] = CSP
        response = web.FileResponse(path, headers=headers)
        response.content_type = TYPES.get(path.suffix, "application/octet-stream")
        return response

    def _find(self, asked: str) -> Path | None:
        parts = PurePosixPath(asked).parts
        if any(part in ("..", "/") or part.startswith(".") for part in parts):
            return None
        path = self.folder.joinpath(*parts)
        try:
            return next((file for file in (path, path / "index.html") if file.is_file()), None)
        except OSError:  # a name longer than the disk takes
            return None


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


def _harden(headers: object) -> None:
    for name, value in (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
                        ("X-Frame-Options", "DENY")):  # fmt: skip
        headers.setdefault(name, value)  # type: ignore[attr-defined]
