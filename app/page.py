"""Keeps the published page true: renders it when what it shows has changed, leaves the old one if that fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from app import outfit
from app.store.protocol import Store
from config.settings import Settings
from domain.component import Component, Group
from domain.errors import ServiceError
from domain.incident import Incident
from domain.planned import PlannedWork
from status_page.publish import publish_site
from status_page.render import Site, render_site

log = logging.getLogger(__name__)
REFRESH = timedelta(minutes=10)  # so that "last updated" stays true while nothing happens


@dataclass(slots=True)
class PagePress:
    """Renders and publishes; `failing` is the reason why the page is old, None while all is well."""

    store: Store
    components: Sequence[Component]
    brand: str
    brand_url: str | None
    public_url: str
    languages: Sequence[str]
    out_dir: Path
    report_form: bool
    now: Callable[[], datetime]
    groups: Sequence[Group] = ()
    refresh_every: timedelta = REFRESH
    failing: str | None = None
    printed: tuple[tuple[str, int], ...] | None = None
    printed_at: datetime | None = None
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def refresh(self) -> bool:
        """Publish the page if incidents have changed since (or it is getting old); True if it was printed."""
        async with self.busy:
            incidents = await self.store.find(Incident, order="-declared_at", limit=1000)
            incidents = [incident for incident in incidents if incident.public]
            planned = await self.store.find(PlannedWork, order="-starts_at", limit=500)
            seen = (*((i.id, len(i.updates)) for i in incidents), *((w.id, w.revision) for w in planned))
            old = self.printed_at is None or self.now() - self.printed_at >= self.refresh_every
            if seen == self.printed and not old and (self.out_dir / "index.html").exists():
                return False
            return await self._print(incidents, planned, seen)

    async def _print(
        self, incidents: Sequence[Incident], planned: Sequence[PlannedWork], seen: tuple[tuple[str, int], ...]
    ) -> bool:
        at = self.now()
        try:
            await asyncio.to_thread(self.print_to, self.out_dir, incidents, planned, at)
        except Exception as err:  # the boundary of the page: whatever is wrong, the old one stays and says its age
            if self.failing is None:
                expected = isinstance(err, ServiceError | OSError)
                since = self.printed_at or "before the start"
                log.error("the page stays as it was %s: %s", since, err, exc_info=not expected)
            self.failing = str(err) or type(err).__name__
            return False
        if self.failing is not None:
            log.info("the page is up to date again")
        self.failing, self.printed, self.printed_at = None, seen, at
        return True

    def print_to(
        self, folder: Path, incidents: Sequence[Incident], planned: Sequence[PlannedWork], at: datetime
    ) -> None:
        """Render and publish into any folder."""
        site = Site(
            brand=self.brand, brand_url=self.brand_url, public_url=self.public_url, components=self.components,
            incidents=incidents, languages=self.languages, now=at, report_form=self.report_form,
            groups=self.groups, planned=planned,
        )  # fmt: skip
        publish_site(render_site(site), folder)


def press(
    settings: Settings, store: Store, components: Mapping[str, Component], now: Callable[[], datetime]
) -> PagePress:
    """Make the press that the settings describe."""
    brand = settings.brand
    return PagePress(
        store=store, components=tuple(components.values()), brand=brand.name,
        brand_url=str(brand.url) if brand.url else None, public_url=str(settings.web.public_url),
        languages=brand.languages, out_dir=Path(settings.page.out_dir), report_form=settings.page.report_form, now=now,
        groups=outfit.groups(settings),
    )  # fmt: skip
