"""The HTML pages of one language, from the facts of a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from domain.component import Component, ComponentStatus
from domain.incident import Incident, component_status, headline
from status_page.dates import month_of, short_day
from status_page.language import catalogue, digits
from status_page.markup import clean
from status_page.site import Site
from status_page.templating import HEADLINE_COLOUR, Frame, environment, headline_words
from status_page.uptime import DAYS, Record
from status_page.view import IncidentView, incident_view
from status_page.words import N_

RECENT = timedelta(days=14)
FIRST_MONTHS = 3  # months in full on history.html; the others have pages of their own
NAMED_DAYS = 5  # of a bar, in its tool tip
MOST_RECENT = 5  # ended incidents on the front page
STALE_MINUTES = 30  # the script warns when the page is older
_PROBLEMS = {
    "empty": N_("Please tell us in a few words what happened."),
    "too-long": N_("This report is too long. Please shorten it to 5,000 characters."),
    "bad-contact": N_("We cannot write to this mail address. Please check it, or leave it empty."),
}
_NEUTRAL = "56617a"  # only the front page shows the state in its icon: the others must not change with it
_DOTS = {
    ComponentStatus.OPERATIONAL: "12794a", ComponentStatus.DEGRADED_PERFORMANCE: "e0a21b",
    ComponentStatus.PARTIAL_OUTAGE: "e8742c", ComponentStatus.MAJOR_OUTAGE: "d33a45",
    ComponentStatus.UNDER_MAINTENANCE: "4a8be0",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeadlineView:
    """The band on top."""

    words: str
    colour: ComponentStatus


@dataclass(frozen=True, slots=True)
class ComponentView:
    """A row of the component list with its bar: `bad` holds (state, SVG path of its days, the days in words)."""

    id: str
    name: str
    status: ComponentStatus
    first: str
    uptime: str
    words: str
    bad: tuple[tuple[ComponentStatus, str, str], ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of history in the readers' calendar."""

    key: str
    words: str
    incidents: tuple[IncidentView, ...]

    @property
    def count(self) -> int:
        """How many incidents began in it."""
        return len(self.incidents)

    @property
    def path(self) -> str:
        """Its page, relative to the language's folder."""
        return f"history/{self.key}.html"


class LanguagePages:
    """Renders every page of one language; `incidents` newest first."""

    def __init__(self, site: Site, language: str, incidents: Sequence[Incident], records: Mapping[str, Record]) -> None:
        self.site, self.language, self.records = site, language, records
        by_id: Mapping[str, Component] = {c.id: c for c in site.components}
        self.open_incidents = [i for i in incidents if i.is_open]
        self.incidents = [incident_view(i, by_id, language, site.now) for i in incidents]
        self.machine = environment(language)
        level = headline(by_id, self.open_incidents)
        self.head = HeadlineView(headline_words(level, language), HEADLINE_COLOUR[level])
        self.shared = self._shared()

    def _shared(self) -> dict[str, Any]:
        site = self.site
        return {
            "brand": clean(site.brand), "brand_url": _web_address(site.brand_url), "public_url": site.public_url,
            "languages": tuple(site.languages), "report_form": site.report_form, "now": site.now,
            "dot": _NEUTRAL, "head": self.head,
        }  # fmt: skip

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Give (path, content) of each page, with the language's folder in the path."""
        folder = self.language
        yield f"{folder}/index.html", self.index()
        yield from ((f"{folder}/{path}", content) for path, content in self._incident_pages())
        yield from ((f"{folder}/{path}", content) for path, content in self._history())
        if self.site.report_form:
            yield from ((f"{folder}/{path}", content) for path, content in self._report_pages())

    def _report_pages(self) -> Iterator[tuple[str, bytes]]:
        """The form, the form with each thing that can be wrong with a report, and the thanks."""
        values: dict[str, Any] = {
            "report_action": urlsplit(self.site.public_url).path.rstrip("/") + "/report",
            "site_components": [{"id": c.id, "name": clean(c.name(self.language))} for c in self.site.components],
        }
        t = catalogue(self.language)
        yield "report.html", self._render("report.html", "report.html", problem="", **values)
        for name, message in _PROBLEMS.items():
            path = f"report-{name}.html"
            yield path, self._render("report.html", path, problem=t.gettext(message), **values)
        yield "thanks.html", self._render("thanks.html", "thanks.html")

    def index(self, *, at_root: bool = False) -> bytes:
        """Render the front page; `at_root`: as the site's own index.html, with links from there."""
        since = self.site.now - RECENT
        ended = [i for i in self.incidents if i.resolved_at is not None and i.resolved_at >= since]
        rows = [self._component(c) for c in self.site.components]
        return self._render(
            "index.html", "index.html", at_root=at_root, open=[i for i in self.incidents if i.is_open],
            recent=ended[:MOST_RECENT], components=rows, states=sorted({row.status for row in rows}),
            stale_minutes=STALE_MINUTES, dot=_DOTS[self.head.colour],
        )  # fmt: skip

    def _render(self, template: str, path: str, *, at_root: bool = False, twins: bool = True, **values: Any) -> bytes:
        """Fill a template; `twins`: the same path exists in the other languages."""
        depth = path.count("/")
        home = f"{self.language}/" if at_root else "../" * depth
        root = "" if at_root else "../" * (depth + 1)
        where = {"path": path, "home": home, "root": root, "twins": twins}
        return self.machine.get_template(template).render({**self.shared, **where, **values}).encode("utf-8")

    def _incident_pages(self) -> Iterator[tuple[str, bytes]]:
        names = ("title", "status", "body", "shown_at")
        marks: dict[str, Any] = {name: Frame.mark(name) for name in names}
        path = f"incidents/{Frame.mark('slug')}.html"
        frame = Frame(self._render("incident.html", Markup(path), **marks).decode("utf-8"))  # noqa: S704 (our own mark)
        body = self.machine.get_template("incident_body.html")
        moment, word = self.machine.filters["moment"], self.machine.filters["status_word"]
        for view in self.incidents:
            # A closed incident says when it changed last, so that its page stays the same byte for byte.
            shown_at = self.site.now if view.is_open else view.changed_at
            values = {
                "slug": escape(view.slug), "title": escape(view.title.text), "status": escape(word(view.status)),
                "body": Markup(body.render({**self.shared, "incident": view})),  # noqa: S704 (escaped by Jinja)
                "shown_at": moment(shown_at),
            }  # fmt: skip
            yield f"incidents/{view.slug}.html", frame.fill(values).encode("utf-8")

    def _history(self) -> Iterator[tuple[str, bytes]]:
        months = [Month(key, words, tuple(found)) for (key, words), found in groupby(self.incidents, self._month)]
        first, others = months[:FIRST_MONTHS], months[FIRST_MONTHS:]
        yield "history.html", self._render("history.html", "history.html", shown=first, others=others)
        for month in months:
            yield (
                month.path,
                self._render(
                    "history.html", month.path, twins=False, shown=[month], others=[m for m in months if m is not month]
                ),
            )

    def _month(self, view: IncidentView) -> tuple[str, str]:
        return month_of(view.started_at.astimezone(UTC).date(), self.language)

    def _component(self, component: Component) -> ComponentView:
        record = self.records[component.id]
        t = catalogue(self.language)
        days = t.ngettext(
            "%(num)s day with an incident in the last %(days)s days",
            "%(num)s days with an incident in the last %(days)s days",
            len(record.bad_days),
        ) % {"num": self._digits(len(record.bad_days)), "days": self._digits(DAYS)}
        percent = t.gettext("%(percent)s%% available") % {"percent": self._percent(record.uptime)}
        status = component_status(component.id, self.open_incidents)
        first = short_day(record.first_day, self.language)
        name = clean(component.name(self.language))
        return ComponentView(component.id, name, status, first, percent, days, self._bad_days(record))

    def _bad_days(self, record: Record) -> tuple[tuple[ComponentStatus, str, str], ...]:
        """Draw one path for all days of a state: a long history must not make a heavy page."""
        drawn = []
        for state in sorted(set(record.bad_days.values())):
            days = sorted(day for day, found in record.bad_days.items() if found is state)
            path = "".join(f"M{(day - record.first_day).days * 5 + 2} 0v28" for day in days)
            named = ", ".join(short_day(day, self.language) for day in days[-NAMED_DAYS:])
            drawn.append((state, path, named if len(days) <= NAMED_DAYS else f"… {named}"))
        return tuple(drawn)

    def _percent(self, share: float) -> str:
        # Rounded down: 99.996 must not read as 100.
        words = f"{int(share * 100) / 100:.2f}".rstrip("0").rstrip(".")
        return self._digits(words.replace(".", {"fa": "٫", "tr": ","}.get(self.language, ".")))

    def _digits(self, value: object) -> str:
        return digits(str(value), self.language)


def _web_address(url: str | None) -> str | None:
    """Keep only addresses a browser may follow."""
    return url if url and urlsplit(url).scheme in {"http", "https"} else None
