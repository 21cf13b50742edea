"""The HTML pages of one language, from the facts of a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from domain.component import Component, ComponentStatus
from domain.heard.proof_of_work import BITS
from domain.incidents.incident import Incident, headline
from domain.incidents.planned import WorkStatus
from status_page.look.assets import assets, card
from status_page.look.theme import style_of
from status_page.markup import clean
from status_page.pages import reports
from status_page.pages.archive import Month, Story, months, stories
from status_page.pages.memory import Memory
from status_page.pages.rows import section_views
from status_page.pages.search import search_index
from status_page.pages.templating import HEADLINE_COLOUR, Frame, environment, headline_words
from status_page.pages.uptime import Record, first_day
from status_page.pages.view import IncidentView, Said, WorkView, incident_view, pick, slug, work_view
from status_page.site import Site
from status_page.words.dates import short_day
from status_page.words.language import catalogue
from status_page.words.report_words import REPORT_PROBLEMS, TOO_PAGES

RECENT = timedelta(days=14)
SOON = timedelta(hours=48)  # planned work that is named in the band on top
FIRST_MONTHS = 3  # months in full on history.html; the others have pages of their own
MOST_RECENT = 5  # stories that are over, on the front page
STALE_MINUTES = 30  # the script warns when the page is older
_NEUTRAL = "56617a"  # only the front page shows the state in its icon: the others must not change with it
_DOTS = {
    ComponentStatus.OPERATIONAL: "12794a", ComponentStatus.DEGRADED_PERFORMANCE: "e0a21b",
    ComponentStatus.PARTIAL_OUTAGE: "e8742c", ComponentStatus.MAJOR_OUTAGE: "d33a45",
    ComponentStatus.UNDER_MAINTENANCE: "4a8be0",
}  # fmt: skip
Files = Iterator[tuple[str, bytes]]  # path in the language's folder, content


@dataclass(frozen=True, slots=True)
class HeadlineView:
    """The band on top."""

    words: str
    colour: ComponentStatus


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody wrote into the form for reports."""

    text: str = ""
    contact: str = ""
    component: str = ""  # id


NOTHING_TYPED = Typed()


class LanguagePages:
    """Renders every page of one language; `incidents` newest first. What did not change is taken from `memory`."""

    def __init__(
        self, site: Site, language: str, incidents: Sequence[Incident], records: Mapping[str, Record],
        memory: Memory | None = None,
    ) -> None:  # fmt: skip
        self.site, self.language, self.records, self.memory = site, language, records, memory or Memory()
        by_id: Mapping[str, Component] = {c.id: c for c in site.components}
        self.open_incidents = [i for i in incidents if i.is_open]
        self.incidents = [self._incident(i, by_id) for i in incidents]
        self.works = sorted(
            (work_view(w, by_id, language) for w in site.planned), key=lambda work: (work.starts_at, work.id)
        )
        self.told = stories(self.incidents, self.works)
        self.months = months(self.told, language)
        self.machine = environment(language)
        level = headline(by_id, self.open_incidents, site.planned)
        self.head = HeadlineView(headline_words(level, language), HEADLINE_COLOUR[level])
        self.files_of_look = assets(style_of(site.look))
        self.shared = self._shared()

    def _incident(self, incident: Incident, components: Mapping[str, Component]) -> IncidentView:
        made_from = (incident, self.site.now if incident.is_open else None)
        make = partial(incident_view, incident, components, self.language, self.site.now)
        return self.memory.keep(f"{self.language}/view/{incident.id}", made_from, make)

    def _shared(self) -> dict[str, Any]:
        site, look = self.site, self.site.look
        return {
            "brand": clean(site.brand), "brand_url": _web_address(site.brand_url), "public_url": site.public_url,
            "languages": tuple(site.languages), "report_form": site.report_form, "now": site.now,
            "dot": _NEUTRAL, "head": self.head, "css": self.files_of_look.css, "js": self.files_of_look.js,
            "logo": look.logo, "logo_dark": look.logo_dark, "index": site.index, "subscribe": site.subscribe,
            "picture": card("neutral", self.language), "stale_minutes": STALE_MINUTES,
            "reports": site.reports is not None, "report_js": self.files_of_look.report[0], "bits": BITS,
            "report_action": self._action("report"), "too_action": self._action("report/too"),
        }  # fmt: skip

    def _action(self, path: str) -> str:
        """Give where a form is sent to: the page's own server, whatever folder the page lies in there."""
        return f"{self.site.base}/{path}"

    def files(self) -> Files:
        """Give (path, content) of each page, with the language's folder in the path."""
        yield from ((f"{self.language}/{path}", content) for path, content in self._pages())

    def _pages(self) -> Files:
        yield "index.html", self.index()
        yield from self._stories("incidents", self.incidents, {v.slug: self._until(v) for v in self.incidents})
        yield from self._stories("maintenance", self.works, {v.slug: None for v in self.works})
        yield from self._stubs()
        yield from self._history()
        yield from self._search()
        if self.site.reports is not None:
            yield "customer-reports.html", self._customer_reports(self.site.reports)
        if self.site.report_form:
            yield from self._report_pages()

    def pictures(self) -> Files:
        """Give the pictures that social networks show beside links to these pages, by their paths in the site."""
        found = (card(state, self.language) for state in (str(self.head.colour), "neutral"))
        yield from (picture for picture in found if picture is not None)

    def _report_pages(self) -> Files:
        """The form, the thanks, and what follows “I have this too”."""
        t = catalogue(self.language)
        yield "report.html", self.report_form()
        yield "thanks.html", self._render("thanks.html", "thanks.html")
        for name, (title, said) in TOO_PAGES.items():
            path = f"too-{name}.html"
            yield path, self._render("too_page.html", path, title=t.gettext(title), said=t.gettext(said))

    def report_form(self, problem: str = "", typed: Typed = NOTHING_TYPED, **places: Any) -> bytes:
        """Render the form; `problem`: one of `REPORT_PROBLEMS`, `places`: what leads where, if not from its folder."""
        wrong, message = REPORT_PROBLEMS[problem] if problem else ("", "")
        return self._render(
            "report.html", "report.html", problem=catalogue(self.language).gettext(message) if message else "",
            wrong=wrong, typed=typed,
            site_components=[{"id": c.id, "name": clean(c.name(self.language))} for c in self.site.components],
            **places,
        )  # fmt: skip

    def too_form(self, incident: Incident, contact: str, **places: Any) -> bytes:
        """Render “I have this too” again, with the address that we cannot send to."""
        story = {"id": incident.id, "slug": slug(incident.id), "title": pick(incident.titles, self.language)}
        path = f"incidents/{story['slug']}.html"
        return self._render("too_again.html", path, canonical=path, index=False, story=story, typed=contact, **places)

    def index(self, *, at_root: bool = False) -> bytes:
        """Render the front page; `at_root`: as the site's own index.html, with links from there."""
        now = self.site.now
        planned = [work for work in self.works if work.status is WorkStatus.SCHEDULED]
        sections = section_views(self.site, self.language, self.records, self.open_incidents)
        rows = [row for section in sections for row in section.components]
        return self._render(
            "index.html", "index.html", at_root=at_root, open=[i for i in self.incidents if i.is_open],
            active=[work for work in self.works if work.is_active], planned=planned,
            soon=[work for work in planned if work.starts_at - now <= SOON],
            recent=self._recent(), sections=sections, states=sorted({row.status for row in rows}),
            dot=_DOTS[self.head.colour], picture=card(str(self.head.colour), self.language),
            chart=self._chart(reports.EVERYTHING), high=self._high(),
            first_day=short_day(first_day(now), self.language),
        )  # fmt: skip

    def _recent(self) -> list[Story]:
        since = self.site.now - RECENT
        ended = [story for story in self.told if story.ended_at is not None and story.ended_at >= since]
        return ended[:MOST_RECENT]

    def _render(self, template: str, path: str, *, at_root: bool = False, twins: bool = True, **values: Any) -> bytes:
        """Fill a template; `twins`: the same path exists in the other languages."""
        depth = path.count("/")
        home = f"{self.language}/" if at_root else "../" * depth
        root = "" if at_root else "../" * (depth + 1)
        where = {"path": path, "canonical": path, "home": home, "root": root, "twins": twins}
        return self.machine.get_template(template).render({**self.shared, **where, **values}).encode("utf-8")

    def _until(self, view: IncidentView) -> object:
        # A closed incident says when it changed last, so that its page stays the same byte for byte.
        return self.site.now if view.is_open else None

    def _stories(
        self, folder: str, views: Sequence[IncidentView] | Sequence[WorkView], until: Mapping[str, object]
    ) -> Files:
        if not views:
            return
        marks: dict[str, Any] = {name: Frame.mark(name) for name in ("title", "status", "body", "shown_at")}
        path = Markup(f"{folder}/{Frame.mark('slug')}.html")  # noqa: S704 (our own mark)
        frame = Frame(self._render("story.html", path, **marks).decode("utf-8"))
        for view in views:
            name, made_from = f"{folder}/{view.slug}.html", (view, until[view.slug])
            yield name, self.memory.keep(f"{self.language}/{name}", made_from, partial(self._story, frame, view))

    def _story(self, frame: Frame, view: IncidentView | WorkView) -> bytes:
        is_incident = isinstance(view, IncidentView)
        body = self.machine.get_template("incident_body.html" if is_incident else "work_body.html")
        filters = self.machine.filters
        shown_at = self.site.now if isinstance(view, IncidentView) and view.is_open else view.changed_at
        word = filters["phase"](view.status)
        values = {
            "slug": escape(view.slug), "title": escape(view.title.text), "status": escape(word),
            "body": Markup(body.render({**self.shared, "root": "../../", "story": view})),  # noqa: S704 (escaped by Jinja)
            "shown_at": filters["moment"](shown_at),
        }  # fmt: skip
        return frame.fill(values).encode("utf-8")

    def _stubs(self) -> Files:
        """Keep the address of each merged incident: it says which one tells the story."""
        told = {view.id: view for view in self.incidents}
        for merged in self.site.merged:
            if (into := told.get(merged.into)) is not None:
                title, name = pick(merged.incident.titles, self.language), f"incidents/{slug(merged.incident.id)}.html"
                made_from = (title, into.slug, into.title, into.status)
                make = partial(self._stub, name, title, into)
                yield name, self.memory.keep(f"{self.language}/{name}", made_from, make)

    def _stub(self, name: str, title: Said, into: IncidentView) -> bytes:
        canonical = f"incidents/{into.slug}.html"
        return self._render("stub.html", name, canonical=canonical, index=False, title=title, into=into)

    def _history(self) -> Files:
        first, others = self.months[:FIRST_MONTHS], self.months[FIRST_MONTHS:]
        yield "history.html", self._render("history.html", "history.html", shown=first, others=others)
        for place, month in enumerate(self.months):
            newer = self.months[place - 1] if place else None
            older = self.months[place + 1] if place + 1 < len(self.months) else None
            # What is still open is told as of now: "since 13:57" today, with its day tomorrow.
            as_of = self.site.now if any(story.ended_at is None for story in month.stories) else None
            made_from = (month, newer and newer.key, older and older.key, as_of)
            make = partial(self._month, month, newer, older)
            yield month.path, self.memory.keep(f"{self.language}/{month.path}", made_from, make)

    def _month(self, month: Month, newer: Month | None, older: Month | None) -> bytes:
        changed_at = max(story.view.changed_at for story in month.stories)
        return self._render(
            "month.html", month.path, twins=False, month=month, newer=newer, older=older, changed_at=changed_at
        )

    def _search(self) -> Files:
        script = self.files_of_look.search
        yield "search.html", self._render("search.html", "search.html", search_js=script, months=self.months)
        make = partial(search_index, self.told, self.language)
        yield "search.json", self.memory.keep(f"{self.language}/search.json", self.told, make)

    def _high(self) -> list[str]:
        """Name the components that clearly more people report than usual."""
        if self.site.reports is None:
            return []
        lines = self.site.reports.lines
        return [clean(c.name(self.language)) for c in self.site.components if c.id in lines and lines[c.id].is_high]

    def _chart(self, component: str, top: int | None = None) -> dict[str, Any] | None:
        told = self.site.reports
        line = told.lines.get(component) if told is not None else None
        if told is None or line is None:
            return None
        usual = line.usual_hour
        return {
            "drawing": reports.draw(line, top or reports.scale_of([line])), "rows": reports.rows(told, line),
            "hour": reports.shown(line.last_hour), "since": told.since, "has_usual": usual is not None,
            "usual_hour": reports.shown(usual or 0), "is_high": line.is_high,
        }  # fmt: skip

    def _customer_reports(self, told: reports.Reports) -> bytes:
        known = [(c, told.lines[c.id]) for c in self.site.components if c.id in told.lines]
        busy = [(c, line) for c, line in known if reports.rows(told, line)]
        top = reports.scale_of([line for _, line in busy])
        charts = [(c.id, clean(c.name(self.language)), self._chart(c.id, top)) for c, _ in busy]
        quiet = [clean(c.name(self.language)) for c, line in known if (c, line) not in busy]
        return self._render(
            "customer_reports.html", "customer-reports.html", chart=self._chart(reports.EVERYTHING), charts=charts,
            quiet=quiet, high=self._high(),
        )  # fmt: skip


def _web_address(url: str | None) -> str | None:
    """Keep only addresses a browser may follow."""
    return url if url and urlsplit(url).scheme in {"http", "https"} else None
