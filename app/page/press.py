"""Keeps the published pages true: renders them when what they show has changed, leaves the old one if that fails."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from app.page.courier import Courier
from app.page.reports import ReportCount
from app.page.sheets import Sheet, sheets
from app.store.protocol import Store, Where
from config.settings import Settings
from domain.component import Component
from domain.errors import ServiceError
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork
from status_page.pages.memory import Memory
from status_page.pages.reports import Reports
from status_page.publish import publish_site
from status_page.render import Site, render_site

log = logging.getLogger(__name__)
REFRESH = timedelta(minutes=10)  # so that "last updated" stays true while nothing happens
_NEWEST = 5  # closed records that each glance looks at; the others are seen with the next refresh
Seen = tuple[object, ...]  # what customers can tell apart; compared only


@dataclass(slots=True)
class Plate:
    """What is remembered of one page between two prints."""

    sheet: Sheet
    courier: Courier | None = None
    memory: Memory = field(default_factory=Memory)
    printed: Seen | None = None
    printed_at: datetime | None = None
    failing: str | None = None

    @property
    def label(self) -> str:
        """What the page is called in the log."""
        return f"the page {self.sheet.name}".rstrip()

    def print(self, site: Site) -> None:
        """Render and publish; raises whatever goes wrong."""
        carried = self.courier.carrying if self.courier is not None else None
        version = publish_site(render_site(site, self.memory), self.sheet.out_dir, carried)
        if self.courier is not None:
            self.courier.newest = version

    def failed(self, err: Exception) -> None:
        """Note why the page is old, and say it once."""
        if self.failing is None:
            expected, since = isinstance(err, ServiceError | OSError), self.printed_at or "before the start"
            log.error("%s stays as it was %s: %s", self.label, since, err, exc_info=not expected)
        self.failing = str(err) or type(err).__name__

    def done(self, seen: Seen, at: datetime) -> None:
        """Note that the page is up to date."""
        if self.failing is not None:
            log.info("%s is up to date again", self.label)
        self.failing, self.printed, self.printed_at = None, seen, at


@dataclass(slots=True)
class PagePress:
    """Renders and publishes every page."""

    store: Store
    sheets: Sequence[Sheet]  # at least one; the first is the one that hubbub itself serves
    now: Callable[[], datetime]
    refresh_every: timedelta = REFRESH
    plates: list[Plate] = field(init=False)
    count: ReportCount | None = field(init=False)
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        """Prepare each page."""
        self.plates = [
            Plate(sheet, Courier(sheet.name, sheet.publish) if sheet.publish else None) for sheet in self.sheets
        ]
        circles = {s.name: None if s.whole else frozenset(c.id for c in s.components) for s in self.sheets if s.chart}
        self.count = ReportCount(self.store, self.now, circles) if circles else None

    @property
    def out_dir(self) -> Path:
        """The folder of the first page."""
        return self.sheets[0].out_dir

    @property
    def hosts(self) -> dict[str, Path]:
        """The folders of the further pages by the names under which people ask for them."""
        own, *others = ((urlsplit(sheet.public_url).hostname or "", sheet.out_dir) for sheet in self.sheets)
        return {host: folder for host, folder in others if host != own[0]}

    def bare_sites(self) -> list[Site]:
        """Give each site without what happens on it: for the pages that are drawn when somebody asks."""
        at = self.now()
        return [sheet.site((), (), at, Reports(at) if sheet.chart else None) for sheet in self.sheets]

    @property
    def printed(self) -> Seen | None:
        """What the first page shows, None before its first print."""
        return self.plates[0].printed

    @property
    def printed_at(self) -> datetime | None:
        """When the first page was printed."""
        return self.plates[0].printed_at

    @property
    def failing(self) -> str | None:
        """Why a page is old, here or where it is carried to; None while all is well."""
        couriers = (plate.courier.failing for plate in self.plates if plate.courier is not None)
        return next((why for why in (*(plate.failing for plate in self.plates), *couriers) if why), None)

    async def refresh(self) -> bool:
        """Publish the pages that show something else by now (or are getting old); True if one was printed."""
        async with self.busy:
            seen = await self._glance()
            due = [plate for plate in self.plates if self._is_due(plate, seen)]
            if not due:
                return False
            incidents = await self.store.find(Incident)
            planned = await self.store.find(PlannedWork)
            if self.count is not None:
                await self.count.measure()
            printed = [await self._print(plate, incidents, planned, seen) for plate in due]
            return any(printed)

    async def _glance(self) -> Seen:
        """Look at what can have changed, without reading years of history every second."""
        store = self.store
        incidents = [
            *await store.find(Incident, Where("is_open", "eq", True)),
            *await store.find(Incident, order="-resolved_at", limit=_NEWEST),
        ]
        works = [
            *await store.find(PlannedWork, Where("finished_at", "eq", None)),
            *await store.find(PlannedWork, order="-finished_at", limit=_NEWEST),
        ]
        counts = await store.count(Incident), await store.count(PlannedWork)
        told = (_told(incident) for incident in incidents if incident.public)
        return (counts, *told, *((w.id, len(w.updates), w.starts_at, w.ends_at) for w in works))

    def _is_due(self, plate: Plate, seen: Seen) -> bool:
        old = plate.printed_at is None or self.now() - plate.printed_at >= self.refresh_every
        return old or seen != plate.printed or not (plate.sheet.out_dir / "index.html").exists()

    async def _print(
        self, plate: Plate, incidents: Sequence[Incident], planned: Sequence[PlannedWork], seen: Seen
    ) -> bool:
        at, sheet = self.now(), plate.sheet
        count = self.count if sheet.chart else None
        reports = count.reports(sheet.name, [c.id for c in sheet.components]) if count is not None else None
        try:
            await asyncio.to_thread(plate.print, sheet.site(incidents, planned, at, reports))
        except Exception as err:  # the boundary of the page: whatever is wrong, the old one stays and says its age
            plate.failed(err)
            return False
        plate.done(seen, at)
        if plate.courier is not None:
            plate.courier.go()
        return True

    def check(self) -> str:
        """Say where the pages go. Raises ServiceError when a folder cannot be written or a command is not there."""
        for sheet in self.sheets:
            parent = next(folder for folder in (sheet.out_dir, *sheet.out_dir.absolute().parents) if folder.exists())
            if not os.access(parent, os.W_OK):
                raise ServiceError(f"{sheet.out_dir} cannot be written")
            if sheet.publish and shutil.which(sheet.publish[0]) is None:
                raise ServiceError(f"{sheet.publish[0]}, which carries {sheet.out_dir} elsewhere, is not installed")
        if self.failing is not None:
            raise ServiceError(self.failing)
        return ", ".join(f"{s.out_dir}{f' and on with {s.publish[0]}' if s.publish else ''}" for s in self.sheets)


def _told(incident: Incident) -> tuple[object, ...]:
    titles, touched = sorted(incident.titles.items()), sorted(incident.components.items())
    return (incident.id, len(incident.updates), incident.impact, incident.started_at, *titles, *touched)


def press(
    settings: Settings, store: Store, components: Mapping[str, Component], now: Callable[[], datetime]
) -> PagePress:
    """Make the press that the settings describe. Raises ConfigError when a logo or a style cannot be used."""
    return PagePress(store, sheets(settings, components), now)
