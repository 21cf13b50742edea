"""The whole site as files in memory: same input, same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from domain.incidents.incident import Incident
from status_page.look.assets import assets
from status_page.look.theme import Look, style_of
from status_page.machines.api import api_files, to_json
from status_page.machines.badges import badge_files
from status_page.machines.banner import banner_files, frame_file
from status_page.machines.calendar import calendar_file
from status_page.machines.feeds import feed_files
from status_page.pages.memory import Memory
from status_page.pages.pages import LanguagePages
from status_page.pages.reports import Reports
from status_page.pages.uptime import records
from status_page.site import Site
from status_page.words.language import speakable

__all__ = ["Site", "render_site"]


def render_site(site: Site, memory: Memory | None = None) -> dict[str, bytes]:
    """Write every file of the site: path (with slashes, relative) -> content. The first language is the default.

    With the `memory` of an earlier print only what changed since is made anew; the bytes are the same either way.
    """
    memory = memory if memory is not None else Memory()
    memory.begin(_surroundings(site))
    files = dict(_files(site, memory))
    memory.end()
    return files


def _surroundings(site: Site) -> Site:
    """Give what every page depends on: the site without what happens on it."""
    epoch = datetime.fromtimestamp(0, UTC)
    told = Reports(epoch) if site.reports else None
    return replace(site, incidents=(), merged=(), planned=(), now=epoch, reports=told)


def _files(site: Site, memory: Memory) -> Iterator[tuple[str, bytes]]:
    incidents = sorted(site.incidents, key=lambda i: (i.started_at, i.id), reverse=True)
    bars = records((c.id for c in site.components), incidents, site.now)
    languages = list(dict.fromkeys(speakable(language) for language in site.languages))
    for language in languages:
        pages = LanguagePages(site, language, incidents, bars, memory)
        yield from pages.files()
        data = _data(site, incidents, language)
        yield from ((f"{language}/{name}", content) for name, content in data.items())
        yield f"{language}/embed/status.html", frame_file(site, incidents, language)
        if language == languages[0]:
            yield "index.html", pages.index(at_root=True)
            yield from data.items()
            yield "embed/status.html", frame_file(site, incidents, language, at_root=True)
        yield from pages.pictures()
    yield from banner_files(languages).items()
    yield from _looks(site.look)
    if site.report_form:
        yield assets().report
    yield from ((f"api/v2/{name}", to_json(content)) for name, content in api_files(site, incidents).items())
    if not site.index:
        yield "robots.txt", _NO_ROBOTS


def _looks(look: Look) -> Iterator[tuple[str, bytes]]:
    yield from assets(style_of(look)).files.items()
    yield from ((logo.path, logo.content) for logo in (look.logo, look.logo_dark) if logo is not None)


# Pages say "noindex" themselves, which robots must be able to read; feeds and data cannot say it.
_DATA = ("/api/", "/*.json", "/*.atom", "/*.rss", "/*.ics")
_NO_ROBOTS = "".join(["User-agent: *\n", *(f"Disallow: {path}\n" for path in _DATA)]).encode()


def _data(site: Site, incidents: Sequence[Incident], language: str) -> dict[str, bytes]:
    """Write what stands both in the folder of a language and, for the default one, at the root."""
    return {
        **feed_files(site, incidents, language), "maintenance.ics": calendar_file(site, language),
        **badge_files(site, incidents, language),
    }  # fmt: skip
