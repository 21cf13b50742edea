"""The whole site as files in memory: same input, same bytes."""

from __future__ import annotations

from collections.abc import Iterator

from status_page.api import api_files, to_json
from status_page.assets import assets
from status_page.feeds import feed_files
from status_page.language import speakable
from status_page.pages import LanguagePages
from status_page.site import Site
from status_page.uptime import records

__all__ = ["Site", "render_site"]


def render_site(site: Site) -> dict[str, bytes]:
    """Write every file of the site: path (with slashes, relative) -> content. The first language is the default."""
    return dict(_files(site))


def _files(site: Site) -> Iterator[tuple[str, bytes]]:
    incidents = sorted(site.incidents, key=lambda i: (i.started_at, i.id), reverse=True)
    bars = records((c.id for c in site.components), incidents, site.now)
    languages = list(dict.fromkeys(speakable(language) for language in site.languages))
    for language in languages:
        pages = LanguagePages(site, language, incidents, bars)
        feeds = feed_files(site, incidents, language)
        yield from pages.files()
        yield from ((f"{language}/{name}", content) for name, content in feeds.items())
        if language == languages[0]:
            yield "index.html", pages.index(at_root=True)
            yield from feeds.items()
    yield from assets().files.items()
    yield from ((f"api/v2/{name}", to_json(content)) for name, content in api_files(site, incidents).items())
