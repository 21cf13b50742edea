"""What every page of the desk stands in: the running hubbub, who is signed in, how a page is drawn."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from alerts.cards import figure, language_name, ordinal, people, source_name, span, thing_name
from alerts.text import clean
from app.privacy.masking import hide_all, hide_secrets
from app.review.html import TEMPLATES as REVIEW_TEMPLATES
from app.store.protocol import Store
from app.web.desk import safe, words
from app.web.desk.links import Links
from app.web.desk.live import Pulse
from app.web.desk.once import Once
from app.web.desk.passwords import Passwords
from app.web.desk.sessions import Session, Sessions
from domain.care.case import ACTIVE
from domain.errors import ServiceError
from domain.work import Actor

if TYPE_CHECKING:
    from app.wiring import Hubbub

HERE = Path(__file__).parent
STATIC = HERE / "static"
MASKED = "masked"  # the setting, as the templates' filters see it


@dataclass(frozen=True, slots=True)
class Room:
    """The desk of one hubbub."""

    hubbub: Hubbub
    sessions: Sessions
    links: Links
    passwords: Passwords
    once: Once
    pulse: Pulse
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def store(self) -> Store:
        """The memory of hubbub."""
        return self.hubbub.store

    @property
    def now(self) -> datetime:
        """Now by hubbub's clock, which runs fast in the demo."""
        return self.hubbub.now()

    @property
    def public_url(self) -> str:
        """Where customers and the team reach us."""
        return str(self.hubbub.settings.web.public_url)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages we write in, the first is the default."""
        return self.hubbub.settings.brand.languages

    async def watch(self, what: str) -> str:
        """Name what a page shows and how it is now, to be asked for by live.py; taken before the page's records are."""
        try:
            return f"{what}~{await self.pulse.mark(what)}"
        except ServiceError:
            return f"{what}~"

    def component(self, id: str | None) -> str:
        """Name a component for the team; what has none says so."""
        known = self.hubbub.components.get(id) if id else None
        return known.name("en") if known else thing_name(id) if id else "no component"


ROOM = web.AppKey("desk_room", Room)
PAGES: web.AppKey[jinja2.Environment] = web.AppKey("desk_pages", jinja2.Environment)
SESSION = web.RequestKey("desk_session", Session)
FORM: web.RequestKey[dict[str, str]] = web.RequestKey("desk_form", dict)


def room_of(request: web.Request) -> Room:
    """Give the desk that a request came to."""
    return request.app[ROOM]


def actor_of(request: web.Request) -> Actor:
    """Give the person behind a request."""
    return request[SESSION].actor


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Set up the templates: everything escaped, a misspelt name is an error."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader([HERE / "templates", REVIEW_TEMPLATES]), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    env.filters.update(
        editable=clean, line=_line, near=_near, told=safe.line, link=safe.link, words=_words, language=language_name,
        source=source_name, figure=figure, span=span, ordinal=ordinal, people=people, thing=thing_name,
    )  # fmt: skip
    env.globals.update(
        nonce=lambda: secrets.token_urlsafe(12), asset=asset, ACTIVE=ACTIVE, say=words, clock_of=words.clock,
        holder=words.holder, signal_words=words.signal_words, delivery_words=words.delivery_words,
    )  # fmt: skip
    return env


@jinja2.pass_context
def _line(context: jinja2.runtime.Context, text: str, limit: int = 160) -> str:
    """Show a line of words from anywhere, masked."""
    return safe.line(hide_all(text) if context.get(MASKED, True) else text, limit)


@jinja2.pass_context
def _near(context: jinja2.runtime.Context, text: str, limit: int = 160) -> str:
    """Show a line that whoever answers the customer needs: telephone and mail stay readable."""
    return safe.line(hide_secrets(text) if context.get(MASKED, True) else text, limit)


@jinja2.pass_context
def _words(context: jinja2.runtime.Context, text: str, marks: Sequence[str] = ()) -> safe.Words:
    """Show a whole text of the conversation; like `near`."""
    return safe.words(hide_secrets(text) if context.get(MASKED, True) else text, marks)


def page(request: web.Request, template: str, *, status: int = 200, watch: str = "", **values: Any) -> web.Response:
    """Draw a page; `watch` (of Room) is what it is drawn anew for, `kept` and `problem` come from a refusal."""
    room = room_of(request)
    session = request.get(SESSION)
    now = room.now
    shared: dict[str, Any] = {
        "session": session, "csrf": session.csrf if session else "", "brand": room.hubbub.settings.brand.name,
        "now": now, "component": room.component, "watch": watch, "here": _here(request), "path": request.path,
        "said": room.once.word(request.query.get("done", ""), session.id) if session else "",
        "me": session.actor.id if session else "", "moment": _moments(now), "kept": {}, "problem": "", "problem_at": "",
        "languages": room.languages, MASKED: room.hubbub.settings.privacy.mask,
    }  # fmt: skip
    return aiohttp_jinja2.render_template(template, request, {**shared, **values}, app_key=PAGES, status=status)


def _moments(now: datetime) -> Callable[[datetime | None], str]:
    return lambda at: words.moment(at, now)


def _here(request: web.Request) -> str:
    """Where a page is fetched anew: the page a form stands on, without the word about what was done."""
    path = request.path if request.method in ("GET", "HEAD") else request.path.rsplit("/", 1)[0]
    query = {name: value for name, value in request.query.items() if name != "done"}
    return str(request.rel_url.with_path(path).with_query(query))


@lru_cache(maxsize=32)
def asset(name: str) -> str:
    """Give the address of a static file, with its content's hash so that it can be cached for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/desk/static/{name}?v={digest}"
