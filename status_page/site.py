"""What the page is made from: the brand, its components, its incidents, and the moment of writing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from domain.component import Component, Group
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork
from status_page.look.theme import PLAIN, Look
from status_page.pages.reports import Reports


@dataclass(frozen=True, slots=True)
class Retold:
    """An incident whose story another one tells now; that one stands among the site's incidents."""

    incident: Incident
    into: str  # id


@dataclass(frozen=True, slots=True)
class Site:
    """Everything `render_site` needs; nothing else decides what customers see."""

    brand: str
    brand_url: str | None
    public_url: str  # where the page is served, without a slash at the end
    components: Sequence[Component]
    incidents: Sequence[Incident]  # in any order
    languages: Sequence[str]  # the first is the default
    now: datetime
    report_form: bool
    groups: Sequence[Group] = ()  # in the owner's order; components without one stand alone
    planned: Sequence[PlannedWork] = ()  # in any order, cancelled ones too
    look: Look = PLAIN
    index: bool = True  # False: search engines are asked to stay away
    reports: Reports | None = None  # what customers told us in the last 24 hours, where the owner shows it
    merged: Sequence[Retold] = ()  # in any order; their pages only say where the story is told
    subscribe: bool = False  # people can sign up for news at /{language}/subscribe

    @property
    def base(self) -> str:
        """Give the path below which the site stands, without a slash at the end."""
        return urlsplit(self.public_url).path.rstrip("/")

    def from_the_top(self, language: str) -> dict[str, str]:
        """Give what leads on from a page that answers at several depths: nothing on it may be relative."""
        return {"root": f"{self.base}/", "home": f"{self.base}/{language}/"}
