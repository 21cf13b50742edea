"""Feeds ring once per incident, whatever is edited later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser
import pytest

from domain.incidents.incident import IncidentStatus
from status_page.render import Site, render_site
from tests.status_page.builders import LANGUAGES, NOW, incident, minutes, resolved, site, update


def feed(of: Site, name: str = "history.atom") -> Any:
    """Render a site and read one of its feeds as a reader does."""
    found = feedparser.parse(render_site(of)[name])
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.mark.parametrize("name", ["history.atom", "history.rss", "fa/history.atom", "tr/history.rss"])
def test_a_feed_reader_can_read_it(name: str) -> None:
    found = feed(site(incident(), resolved()), name)
    assert len(found.entries) == 2
    assert found.entries[0].link.endswith("/incidents/inc_1.html")


def test_entries_are_newest_first_with_every_update_in_them() -> None:
    known = incident(update(1), update(2, IncidentStatus.MONITORING, at=NOW, texts={"en": "It looks better."}))
    entry = feed(site(resolved(), known)).entries[0]
    assert entry.title == "Cards are declined"
    content = entry.content[0].value
    assert content.index("It looks better.") < content.index("We look for the cause.")


def test_an_edit_changes_neither_id_nor_time() -> None:
    known = incident(update(1))
    edited = replace(known, titles={"en": "Another title"}, updates=(update(1, texts={"en": "Better words."}),))
    before, after = feed(site(known)).entries[0], feed(site(edited, now=NOW + minutes(30))).entries[0]
    assert after.title == "Another title"
    for key in ("id", "updated", "published", "link"):
        assert before[key] == after[key]


def test_the_feed_says_when_it_last_changed_not_when_it_was_written() -> None:
    early, late = (render_site(site(resolved(), now=NOW + minutes(wait))) for wait in (0, 90))
    assert early["history.atom"] == late["history.atom"]
    assert early["history.rss"] == late["history.rss"]


def test_ids_differ_between_languages_and_are_stable() -> None:
    ids = {language: feed(site(incident()), f"{language}/history.atom").entries[0].id for language in LANGUAGES}
    assert len(set(ids.values())) == 3
    assert ids["en"] == "tag:status.kiosk.example,2026:incident/inc_1/en"


def test_hostile_text_neither_breaks_the_feed_nor_acts_in_it() -> None:
    nasty = "<script>alert(1)</script> ]]> & \x0b\x00 \ud800 ok"
    entry = feed(site(incident(update(texts={"en": nasty}), titles={"en": nasty}))).entries[0]
    assert "<script>" not in entry.content[0].value
    assert "ok" in entry.content[0].value


def test_an_empty_history_is_a_feed_without_entries() -> None:
    assert feed(site()).entries == []


def test_a_feed_holds_the_newest_fifty() -> None:
    many = [resolved(f"inc_{n}", NOW - timedelta(days=n + 1)) for n in range(60)]
    assert len(feed(site(*many)).entries) == 50
