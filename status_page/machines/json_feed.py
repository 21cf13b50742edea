"""The history as a JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/, read 2026-11)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from status_page.machines.entries import Entry
from status_page.markup import clean
from status_page.site import Site
from status_page.words.dates import machine


def json_feed(site: Site, title: str, told: Sequence[Entry], language: str) -> bytes:
    """Write the feed; `told` newest first."""
    home = f"{site.public_url}/{language}"
    content = {
        "version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": f"{home}/index.html",
        "feed_url": f"{home}/feed.json", "language": language, "authors": [{"name": clean(site.brand)}],
        "items": [_item(entry) for entry in told],
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id, "url": entry.url, "title": entry.title, "content_html": str(entry.html),
        "date_published": machine(entry.published), "date_modified": machine(entry.updated),
        "tags": [entry.kind, entry.status],
    }  # fmt: skip
