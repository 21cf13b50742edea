"""History feeds for readers: one entry per incident, ids that never change, so that an edit does not ring again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from feedgen.feed import FeedGenerator
from markupsafe import Markup, escape

from domain.incident import Incident
from status_page.dates import moment_words
from status_page.language import catalogue, direction
from status_page.markup import clean, to_html
from status_page.site import Site
from status_page.view import pick, slug
from status_page.words import page_of, status_word

RECENT = 50


def feed_files(site: Site, incidents: Sequence[Incident], language: str) -> dict[str, bytes]:
    """Write `history.atom` and `history.rss` of the newest incidents in one language; `incidents` newest first."""
    feed = _feed(site, incidents, language)
    feed.link(href=f"{site.public_url}/{language}/history.atom", rel="self", type="application/atom+xml")
    atom = feed.atom_str(pretty=True)
    feed = _feed(site, incidents, language)
    feed.link(href=f"{site.public_url}/{language}/index.html", rel="alternate")
    return {"history.atom": atom, "history.rss": feed.rss_str(pretty=True)}


def _feed(site: Site, incidents: Sequence[Incident], language: str) -> FeedGenerator:
    recent = incidents[:RECENT]
    feed = FeedGenerator()
    title = catalogue(language).gettext("%(brand)s: incident history") % {"brand": clean(site.brand)}
    feed.id(f"tag:{_host(site)},2026:history/{language}")
    feed.title(title)
    feed.description(title)
    feed.language(language)
    feed.author({"name": clean(site.brand)})
    feed.link(href=f"{site.public_url}/{language}/index.html", rel="alternate", type="text/html")
    feed.generator("hubbub")
    changed = max((i.updates[-1].at for i in recent), default=datetime.fromtimestamp(0, tz=site.now.tzinfo))
    feed.updated(changed)
    feed.lastBuildDate(changed)
    for incident in recent:
        _entry(feed, site, incident, language)
    return feed


def _entry(feed: FeedGenerator, site: Site, incident: Incident, language: str) -> None:
    entry = feed.add_entry(order="append")
    # The id holds nothing that can be edited; `updated` follows the newest word, not the last correction.
    entry.id(f"tag:{_host(site)},2026:incident/{incident.id}/{language}")
    entry.guid(f"tag:{_host(site)},2026:incident/{incident.id}/{language}", permalink=False)
    entry.title(pick(incident.titles, language).text or incident.id)
    entry.link(href=page_of(site.public_url, language, slug(incident.id)), rel="alternate")
    entry.published(incident.declared_at)
    entry.updated(incident.updates[-1].at)
    entry.content(str(_content(incident, language)), type="html")


def _content(incident: Incident, language: str) -> Markup:
    parts = [Markup('<div dir="{}" lang="{}">').format(direction(language), language)]
    for update in reversed(incident.updates):
        head = Markup("<p><small>{}</small> <strong>{}</strong></p>").format(
            moment_words(update.at, language), status_word(update.status, language)
        )
        parts += [head, to_html(pick(update.texts, language).text)]
    return Markup("").join([*parts, Markup("</div>")])


def _host(site: Site) -> str:
    return str(escape(urlsplit(site.public_url).hostname or "localhost"))
