"""What the feeds tell: one entry per incident and per planned work, newest first, in one language.

The text is laid out as in the feeds of Statuspage pages ("<strong>Resolved</strong> - ..."), which readers look for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from domain.incidents.incident import Incident, IncidentStatus, Update
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from status_page.markup import to_html
from status_page.pages.view import pick, slug
from status_page.site import Site
from status_page.words.dates import moment_words, span_words
from status_page.words.incident_words import page_of, status_word
from status_page.words.language import catalogue, direction
from status_page.words.work_words import work_page_of, work_status_word

RECENT = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; its id holds nothing that can be edited, so that a reader shows it once."""

    id: str
    url: str
    title: str
    published: datetime
    updated: datetime  # the newest word, not the last correction
    html: Markup
    kind: str  # incident | maintenance
    status: str
    begins: datetime | None = None  # of planned work: the time it takes, as known now
    ends: datetime | None = None


def entries(site: Site, incidents: Sequence[Incident], language: str) -> list[Entry]:
    """Give the newest entries; `incidents` in any order."""
    stories: list[Incident | PlannedWork] = [*incidents, *site.planned]
    stories.sort(key=lambda story: (_published(story), story.id), reverse=True)
    return [
        _of_work(site, story, language) if isinstance(story, PlannedWork) else _of_incident(site, story, language)
        for story in stories[:RECENT]
    ]


def host(site: Site) -> str:
    """Give the name under which the page is reached, part of every id."""
    return str(escape(urlsplit(site.public_url).hostname or "localhost"))


def _published(story: Incident | PlannedWork) -> datetime:
    return story.announced_at if isinstance(story, PlannedWork) else story.declared_at


def _of_incident(site: Site, incident: Incident, language: str) -> Entry:
    return Entry(
        id=f"tag:{host(site)},2026:incident/{incident.id}/{language}",
        url=page_of(site.public_url, language, slug(incident.id)),
        title=pick(incident.titles, language).text or incident.id, published=incident.declared_at,
        updated=incident.updates[-1].at, html=_content(incident.updates, language), kind="incident",
        status=str(incident.status),
    )  # fmt: skip


def _of_work(site: Site, work: PlannedWork, language: str) -> Entry:
    begins, ends = taken_time(work)
    is_to_come = work.status is WorkStatus.SCHEDULED
    plan = Markup("<p><strong>{}</strong></p>").format(_plan(work, language)) if is_to_come else ""
    return Entry(
        id=f"tag:{host(site)},2026:maintenance/{work.id}/{language}",
        url=work_page_of(site.public_url, language, slug(work.id)),
        title=pick(work.titles, language).text or work.id, published=work.announced_at, updated=work.changed_at,
        html=_content(work.updates, language, plan), kind="maintenance", status=str(work.status),
        begins=begins, ends=ends,
    )  # fmt: skip


def taken_time(work: PlannedWork) -> tuple[datetime, datetime]:
    """Give from when to when the work goes as known now; one that was called off is over since then."""
    if work.status is WorkStatus.CANCELLED and work.finished_at is not None:
        return work.announced_at, work.finished_at
    begins = min(work.begun_at or work.starts_at, work.starts_at)
    return begins, work.ends_at if work.finished_at is None else min(work.finished_at, work.ends_at)


def _plan(work: PlannedWork, language: str) -> Markup:
    """Say when it is; the words by which readers of such feeds know planned work stay in English."""
    if language != "en":
        head = catalogue(language).gettext("Planned maintenance")
        return escape(f"{head}: {span_words(work.starts_at, work.ends_at, language)}")
    start, end = (moment.astimezone(UTC) for moment in (work.starts_at, work.ends_at))
    until = _clock(end) if start.date() == end.date() else _stamp(end)
    return Markup("THIS IS A SCHEDULED EVENT {} - {} UTC").format(_stamp(start), until)


def _content(updates: Sequence[Update | WorkUpdate], language: str, first: str = "") -> Markup:
    told = Markup().join([first, *(_said(update, language) for update in reversed(updates))])
    if direction(language) == "ltr":
        return told
    return Markup('<div dir="rtl" lang="{}">{}</div>').format(language, told)


def _said(update: Update | WorkUpdate, language: str) -> Markup:
    at = _stamp(update.at.astimezone(UTC)) + " UTC" if language == "en" else moment_words(update.at, language)
    head = Markup("<p><small>{}</small><br><strong>{}</strong> - ").format(at, _word(update.status, language))
    text = to_html(pick(update.texts, language).text)
    # The words begin in the same paragraph; a text that begins with a list gets one of its own.
    return head + (text[3:] if text.startswith("<p>") else Markup("</p>") + text)


def _word(status: IncidentStatus | WorkStatus, language: str) -> str:
    if isinstance(status, WorkStatus):
        return work_status_word(status, language)
    # Our English page says "Cause found" and "Watching the fix"; readers of these feeds know the format's own words.
    return status.value.capitalize() if language == "en" else status_word(status, language)


def _stamp(utc: datetime) -> Markup:
    return Markup("{} <var data-var='date'>{}</var>, {}").format(f"{utc:%b}", f"{utc.day:2d}", _clock(utc))


def _clock(utc: datetime) -> Markup:
    return Markup("<var data-var='time'>{}</var>").format(f"{utc:%H:%M}")
