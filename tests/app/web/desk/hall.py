"""A desk over a real SQLite store and the real desks, and a browser without script to use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from bs4 import BeautifulSoup, Tag

from app import outfit
from app.desk.care import CareDesk
from app.desk.follow_ups import FollowUps
from app.desk.front import FrontDesk
from app.desk.incidents import IncidentDesk
from app.desk.planned import PlannedDesk
from app.store import Store
from app.web.desk import add_desk, one_time_link
from app.web.site import safe_headers
from config.secrets import Secrets
from config.settings import Settings
from domain.incidents.incident import Incident, Update
from domain.incidents.planned import PlannedWork, WorkUpdate
from domain.work import Delivery
from status_page.words.incident_words import follow_up_text
from status_page.words.posts import Outlet, draft_posts
from status_page.words.work_posts import draft_work_posts
from status_page.words.work_words import Occasion
from tests.domain.make import NOW

URL = "http://desk.example"
SETTINGS: Mapping[str, Any] = {
    "brand": {"name": "Nar", "languages": ["en", "tr", "fa"]},
    "components": [
        {"id": "payments", "names": {"en": "Payments", "tr": "Ödemeler", "fa": "پرداخت"}},
        {"id": "delivery", "names": {"en": "Delivery", "tr": "Teslimat", "fa": "ارسال"}},
    ],
    "web": {"public_url": URL},
}
OUTLETS = [Outlet("mastodon", ("en", "tr"), 500)]


@dataclass
class Clock:
    """A clock that the test winds."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        """Give the moment."""
        return self.at

    def wind(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)


def make_hubbub(store: Store, now: Clock, **settings: Any) -> Any:
    """Make what the desk needs of a running hubbub: real settings, real desks, a real store; no sources polled."""
    tree = Settings.model_validate({**SETTINGS, **settings})
    components, url = outfit.components(tree), str(tree.web.public_url)

    def drafts(incident: Incident, update: Update) -> tuple[Delivery, ...]:
        return tuple(draft_posts(incident, update, OUTLETS, url))

    def work_drafts(work: PlannedWork, occasion: Occasion, news: WorkUpdate) -> tuple[Delivery, ...]:
        return draft_work_posts(work, occasion, news, OUTLETS, url)

    care = CareDesk(store, outfit.care_policy(tree), "#care", now, {"mastodon", "mail"}.__contains__)
    incidents = IncidentDesk(store, "#on-call", now, drafts, components, tree.brand.languages, timedelta(minutes=5))
    follow_ups = FollowUps(store, care, lambda i, c: follow_up_text(i, c, url), now)
    planned = PlannedDesk(store, "#on-call", now, work_drafts, components, tree.brand.languages)
    sources = tuple(
        SimpleNamespace(name=name, type=kind, every=timedelta(minutes=2))
        for name, kind in (("mastodon", "mastodon"), ("app-store-tr", "appstore"), ("form", "form"))
    )
    return SimpleNamespace(
        settings=tree, secrets=Secrets(), now=now, store=store, components=components, sources=sources,
        front=FrontDesk(store, care, incidents, follow_ups, now, planned=planned, templates=outfit.templates(tree)),
        classifier_note=None,
        listening=SimpleNamespace(flows={}),
    )  # fmt: skip


def make_application(hubbub: Any, wall: Clock, clock: Any) -> web.Application:
    """Mount the desk as the server does."""
    application = web.Application(middlewares=[safe_headers])
    add_desk(application, hubbub, wall=wall, clock=clock)
    return application


@dataclass
class Page:
    """One answer, read like a browser reads it."""

    response: ClientResponse
    text: str
    soup: BeautifulSoup = field(init=False)

    def __post_init__(self) -> None:
        """Read the markup."""
        self.soup = BeautifulSoup(self.text, "html.parser")

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def word(self) -> str:
        """What the desk says after an action."""
        found = self.soup.select_one("#word")
        return found.get_text(" ", strip=True) if found else ""

    def part(self, selector: str) -> str:
        """Give the words of a part of the page, in one line."""
        found = self.soup.select_one(selector)
        return " ".join(found.get_text(" ").split()) if found else ""

    def form(self, ending: str) -> Tag | None:
        """Find the form whose action ends so."""
        return next((form for form in self.soup.find_all("form") if str(form.get("action", "")).endswith(ending)), None)


@dataclass
class Browser:
    """Follows links and submits forms as they are written in the page, without any script."""

    client: TestClient[Any, Any]
    application: web.Application
    hubbub: Any
    wall: Clock

    @property
    def origin(self) -> str:
        """The address the browser believes in."""
        return str(self.client.make_url("/")).rstrip("/")

    async def get(self, path: str, **options: Any) -> Page:
        """Open a page."""
        response = await self.client.get(path, **options)
        return Page(response, await response.text())

    async def post(self, path: str, data: Any, **headers: str) -> Page:
        """Send a form from a page of our own."""
        sent = {"Origin": self.origin, **headers}
        response = await self.client.post(path, data=data, headers={k: v for k, v in sent.items() if v})
        return Page(response, await response.text())

    async def press(self, page: Page, ending: str, **changes: str | list[str]) -> Page:
        """Press the button of the form whose action ends so, with some fields changed (dots as double underscores)."""
        form = page.form(ending)
        assert form is not None, f"no form {ending!r} in {page.response.url}"
        return await self.post(str(form["action"]), filled(form, changes))

    async def sign_in(self) -> Page:
        """Come in by a one-time link."""
        link = one_time_link(self.application, self.origin)
        page = await self.get(link.removeprefix(self.origin))
        return await self.press(page, link.rsplit("/", 1)[1])


def filled(form: Tag, changes: Mapping[str, str | list[str]]) -> list[tuple[str, str]]:
    """Read the fields of a form as a browser would send them, with `changes`."""
    found: list[tuple[str, str]] = []
    for field_ in form.select("input, textarea, select"):
        name = str(field_.get("name", ""))
        if not name or (field_.get("type") == "checkbox" and not field_.has_attr("checked")):
            continue
        found.append((name, _value(field_)))
    for key, value in changes.items():
        name = key.replace("__", ".")
        found = [(known, old) for known, old in found if known != name]
        found += [(name, each) for each in (value if isinstance(value, list) else [value])]
    return found


def _value(field_: Tag) -> str:
    if field_.name == "textarea":
        return field_.get_text().removeprefix("\n")
    if field_.name == "select":
        chosen = field_.select_one("option[selected]") or field_.select_one("option")
        return str(chosen.get("value", "")) if chosen else ""
    return str(field_.get("value", ""))
