"""History feeds for readers: ids that never change, so that an edit or a new word does not ring again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from feedgen.ext.base import BaseEntryExtension
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from domain.incidents.incident import Incident
from status_page.machines.entries import Entry, entries, host
from status_page.machines.json_feed import json_feed
from status_page.markup import clean
from status_page.site import Site
from status_page.words.language import catalogue


def feed_files(site: Site, incidents: Sequence[Incident], language: str) -> dict[str, bytes]:
    """Write the newest incidents and planned work in one language: `history.atom`, `history.rss`, `feed.json`."""
    told = entries(site, incidents, language)
    title = catalogue(language).gettext("%(brand)s: incident history") % {"brand": clean(site.brand)}
    feed = _feed(site, title, told, language)
    feed.link(href=f"{site.public_url}/{language}/history.atom", rel="self", type="application/atom+xml")
    for entry in told:
        _atom_entry(feed, entry)
    atom = feed.atom_str(pretty=True)
    feed = _feed(site, title, told, language)
    feed.link(href=f"{site.public_url}/{language}/index.html", rel="alternate")
    for entry in told:
        _rss_entry(feed, entry)
    rss = feed.rss_str(pretty=True)
    return {"history.atom": atom, "history.rss": rss, "feed.json": json_feed(site, title, told, language)}


def _feed(site: Site, title: str, told: Sequence[Entry], language: str) -> FeedGenerator:
    feed = FeedGenerator()
    feed.id(f"tag:{host(site)},2026:history/{language}")
    feed.title(title)
    feed.description(title)
    feed.language(language)
    feed.author({"name": clean(site.brand)})
    feed.link(href=f"{site.public_url}/{language}/index.html", rel="alternate", type="text/html")
    feed.generator("hubbub")
    changed = max((entry.updated for entry in told), default=datetime.fromtimestamp(0, tz=site.now.tzinfo))
    feed.updated(changed)
    feed.lastBuildDate(changed)
    return feed


def _atom_entry(feed: FeedGenerator, entry: Entry) -> None:
    made = _entry(feed, entry)
    made.published(entry.published)
    made.updated(entry.updated)


def _rss_entry(feed: FeedGenerator, entry: Entry) -> None:
    made = _entry(feed, entry)
    # As at Statuspage: planned work is dated by its begin and carries its end, by which widgets tell what is going on.
    made.published(entry.begins or entry.published)
    if entry.ends is not None:
        made.register_extension("planned", _End, atom=False, rss=True)
        made.planned.at = entry.ends


def _entry(feed: FeedGenerator, entry: Entry) -> Any:
    made = feed.add_entry(order="append")
    made.id(entry.id)
    made.guid(entry.id, permalink=False)
    made.title(entry.title)
    made.link(href=entry.url, rel="alternate")
    made.content(str(entry.html), type="html")
    return made


class _End(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """The end of planned work in an item, `maintenanceEndDate`."""

    at: datetime

    def extend_rss(self, entry: Any) -> Any:
        """Add the element."""
        xml_elem("maintenanceEndDate", entry).text = format_datetime(self.at)
        return entry
