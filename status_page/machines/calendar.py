"""Planned work as a calendar to subscribe to (RFC 5545, RFC 7986): one event each, which moves when the plan moves."""

from __future__ import annotations

from datetime import timedelta

from icalendar import Calendar, Event

from domain.incidents.planned import PlannedWork, WorkStatus
from status_page.machines.entries import host
from status_page.markup import clean, plain
from status_page.pages.view import pick, slug
from status_page.site import Site
from status_page.words.language import catalogue, listed
from status_page.words.work_words import work_page_of, work_status_word

RECENT = 100
FETCH_AGAIN = timedelta(minutes=15)


def calendar_file(site: Site, language: str) -> bytes:
    """Write `maintenance.ics` in one language; what was called off stays in it, so that calendars take it out."""
    calendar = Calendar()
    calendar.add("prodid", f"-//hubbub//status page//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name = catalogue(language).gettext("%(brand)s: planned maintenance") % {"brand": clean(site.brand)}
    for key in ("name", "x-wr-calname"):
        calendar.add(key, name)
    calendar.add("url", f"{site.public_url}/{language}/index.html")
    calendar.add("source", f"{site.public_url}/{language}/maintenance.ics", parameters={"VALUE": "URI"})
    calendar.add("refresh-interval", FETCH_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    newest = sorted(site.planned, key=lambda work: (work.starts_at, work.id), reverse=True)[:RECENT]
    for work in newest:
        calendar.add_component(_event(site, work, language))
    return bytes(calendar.to_ical())


def _event(site: Site, work: PlannedWork, language: str) -> Event:
    event = Event()
    url = work_page_of(site.public_url, language, slug(work.id))
    status, said = work_status_word(work.status, language), plain(pick(work.updates[-1].texts, language).text)
    event.add("uid", f"{work.id}@{host(site)}")
    event.add("sequence", work.sequence)
    # When this form of the event was made: with the moment of writing in it every file would differ from the last.
    for key in ("dtstamp", "last-modified"):
        event.add(key, work.changed_at)
    event.add("created", work.announced_at)
    event.add("dtstart", work.starts_at)
    event.add("dtend", work.ends_at)
    event.add("summary", pick(work.titles, language).text or work.id, parameters={"LANGUAGE": language})
    event.add("description", f"{status}: {said}\n{_components(site, work, language)}\n{url}")
    event.add("url", url)
    event.add("status", "CANCELLED" if work.status is WorkStatus.CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # nobody's time is taken by it
    event.add("class", "PUBLIC")
    return event


def _components(site: Site, work: PlannedWork, language: str) -> str:
    names = [clean(c.name(language)) for c in site.components if c.id in work.components]
    return f"{catalogue(language).gettext('Components')}: {listed(names, language)}"
