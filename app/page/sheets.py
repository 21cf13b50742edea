"""The pages that are printed: whose each is, what it shows, how it looks, where it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app import outfit
from app.page.looks import look_of
from config.pages import BrandPage, Page
from config.parts import Url
from config.settings import Settings
from domain.component import Component, Group
from domain.incidents.incident import Incident
from domain.incidents.merging import retold
from domain.incidents.planned import PlannedWork
from status_page.look.theme import PLAIN, Look
from status_page.pages.reports import Reports
from status_page.render import Site
from status_page.site import Retold


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: whose it is, what it shows, where it goes; `name` is empty for the first one."""

    brand: str
    brand_url: str | None
    public_url: str
    languages: Sequence[str]
    components: Sequence[Component]
    out_dir: Path
    report_form: bool
    name: str = ""
    groups: Sequence[Group] = ()
    whole: bool = True  # it shows all components there are
    look: Look = PLAIN
    index: bool = True
    chart: bool = False
    publish: Sequence[str] = ()
    subscribe: bool = False  # people can sign up for news there

    def shows(self, touched: Iterable[str]) -> bool:
        """Say whether something about these components belongs on the page; what names none belongs on each."""
        touched = set(touched)
        return self.whole or not touched or bool(touched & {component.id for component in self.components})

    def site(
        self, incidents: Iterable[Incident], planned: Iterable[PlannedWork], at: datetime, reports: Reports | None
    ) -> Site:
        """Put together what is rendered; private incidents stay out, merged ones leave their address."""
        every = list(incidents)
        shown = [incident for incident in every if incident.public and self.shows(incident.components)]
        return Site(
            brand=self.brand, brand_url=self.brand_url, public_url=self.public_url, components=self.components,
            incidents=shown, merged=[Retold(i, into.id) for i, into in retold(every) if self.shows(i.components)],
            languages=self.languages, now=at,
            report_form=self.report_form, groups=self.groups,
            planned=[w for w in planned if self.shows(w.components)], look=self.look, index=self.index, reports=reports,
            subscribe=self.subscribe,
        )  # fmt: skip


def sheets(settings: Settings, components: Mapping[str, Component]) -> list[Sheet]:
    """Lay out the pages that the settings describe. Raises ConfigError when a logo or a style cannot be used."""
    brand = settings.brand
    made = [_sheet(settings, settings.page, components, brand.name, brand.url, settings.web.public_url, ())]
    for page in settings.pages:
        made.append(_sheet(settings, page, components, page.brand, page.url, page.public_url, page.languages))
    return made


def _sheet(
    settings: Settings, page: Page, components: Mapping[str, Component], brand: str, url: Url | None, public_url: Url,
    languages: Sequence[str],
) -> Sheet:  # fmt: skip
    chosen = [component for name, component in components.items() if not page.components or name in page.components]
    return Sheet(
        name=page.name if isinstance(page, BrandPage) else "", brand=brand, brand_url=str(url) if url else None,
        public_url=str(public_url), languages=languages or settings.brand.languages, components=tuple(chosen),
        groups=outfit.groups(settings), out_dir=Path(page.out_dir),
        report_form=page.report_form and bool(outfit.form_names(settings)),
        whole=len(chosen) == len(components), look=look_of(page), index=page.index, chart=page.reports_chart,
        publish=page.publish, subscribe=page is settings.page and _offers_news(settings),
    )  # fmt: skip


def _offers_news(settings: Settings) -> bool:
    ways = settings.subscribers
    return ways.mail or ways.push or ways.slack or ways.webhooks
