"""The review of an incident and the scorecard: read on the desk, taken along as a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from aiohttp import web

from app.review.data import review_json, scorecard_json
from app.review.gather import ToldElsewhere, gather_review, gather_scorecard
from app.review.html import TEMPLATES, review_html, scorecard_html
from app.review.markdown import review_markdown, scorecard_markdown
from app.review.score_sheet import score_sheet
from app.review.sheet import sheet
from app.web.desk.guard import OPEN
from app.web.desk.room import Room, page, room_of
from domain.errors import NotFound
from domain.incidents.incident import Incident
from domain.review.score import Scorecard
from domain.review.story import Review

DAYS = (7, 30, 90, 365)
USUAL_DAYS = 30
_FILES = {"html": "text/html", "md": "text/markdown", "json": "application/json"}
_STYLE = TEMPLATES / "parts.css"


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [
        web.get("/incidents/{id}/review", show), web.get(r"/incidents/{id}/review.{form:html|md|json}", take),
        web.get("/scorecard", score), web.get(r"/scorecard.{form:html|md|json}", take_score),
        web.get("/review.css", style, name=OPEN + "review-style"),
    ]  # fmt: skip


async def show(request: web.Request) -> web.StreamResponse:
    """Show what customers saw of an incident and what we said."""
    room = room_of(request)
    try:
        found = await _review(request)
    except ToldElsewhere as err:
        incident, into = await _both(room, request.match_info["id"], err.target)
        return page(request, "review.html", status=404, sheet=None, incident=incident, into=into, style=style_url())
    except NotFound:
        return page(request, "missing.html", status=404, what="incident")
    shown = sheet(found, room.component)
    return page(request, "review.html", sheet=shown, incident=found.incident, into=None, style=style_url())


async def take(request: web.Request) -> web.StreamResponse:
    """Give the review as a file."""
    room = room_of(request)
    try:
        found = await _review(request)
    except NotFound as err:
        raise web.HTTPNotFound(text=f"{err}\n") from err
    brand = room.hubbub.settings.brand.name
    write: dict[str, Callable[[], str]] = {
        "html": lambda: review_html(sheet(found, room.component), brand),
        "md": lambda: review_markdown(sheet(found, room.component), brand), "json": lambda: review_json(found),
    }  # fmt: skip
    return _file(request, f"review-{found.incident.id}", write)


async def score(request: web.Request) -> web.StreamResponse:
    """Show how fast and how honest we were, incident by incident (`?days=`)."""
    days = _days(request)
    try:
        found = await _scorecard(request, days)
    except NotFound as err:
        return page(request, "scorecard.html", score=None, word=str(err), days=days, choices=DAYS, style=style_url())
    shown = score_sheet(found, "/desk/incidents/{}/review")
    return page(request, "scorecard.html", score=shown, word="", days=days, choices=DAYS, style=style_url())


async def take_score(request: web.Request) -> web.StreamResponse:
    """Give the scorecard as a file."""
    days = _days(request)
    try:
        found = await _scorecard(request, days)
    except NotFound as err:
        raise web.HTTPNotFound(text=f"{err}\n") from err
    brand = room_of(request).hubbub.settings.brand.name
    write: dict[str, Callable[[], str]] = {
        "html": lambda: scorecard_html(score_sheet(found), brand),
        "md": lambda: scorecard_markdown(score_sheet(found), brand), "json": lambda: scorecard_json(found),
    }  # fmt: skip
    return _file(request, f"scorecard-{found.until:%Y-%m-%d}-{days}-days", write)


async def style(request: web.Request) -> web.StreamResponse:
    """Serve the styles that the file and the desk share; the address carries their hash."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return web.Response(body=_style()[0], content_type="text/css", charset="utf-8", headers=headers)


def style_url() -> str:
    """Give the address of these styles."""
    return f"/desk/review.css?v={_style()[1]}"


@lru_cache(maxsize=1)
def _style() -> tuple[bytes, str]:
    content = _STYLE.read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:12]


async def _review(request: web.Request) -> Review:
    room = room_of(request)
    return await gather_review(room.store, request.match_info["id"][:80], room.now)


async def _scorecard(request: web.Request, days: int) -> Scorecard:
    room = room_of(request)
    now: datetime = room.now
    return await gather_scorecard(room.store, now - timedelta(days=days), now)


async def _both(room: Room, id: str, target: str) -> tuple[Incident | None, Incident | None]:
    return await room.store.get(Incident, id), await room.store.get(Incident, target)


def _days(request: web.Request) -> int:
    asked = request.query.get("days", "")
    return int(asked) if asked in map(str, DAYS) else USUAL_DAYS


def _file(request: web.Request, name: str, write: dict[str, Callable[[], str]]) -> web.Response:
    form = request.match_info["form"]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return web.Response(text=write[form](), content_type=_FILES[form], charset="utf-8", headers=headers)
