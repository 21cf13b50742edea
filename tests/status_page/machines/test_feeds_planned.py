"""Planned work in the feeds, and the JSON feed: one entry each that rings once, whatever is said later."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from jsonschema import Draft202012Validator

from domain.incidents.incident import IncidentStatus
from domain.incidents.planned import PlannedWork, WorkStatus
from status_page.render import Site, render_site
from tests.status_page.builders import LANGUAGES, NOW, SECRET, incident, minutes, resolved, site, update
from tests.status_page.machines.test_feeds import feed
from tests.status_page.works import DAY, END, HOUR, START, called_off, done, going_on, news, work

# https://www.jsonfeed.org/version/1.1/: what it requires, and the types of what we use.
JSON_FEED: dict[str, Any] = {
    "type": "object", "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"}, "title": {"type": "string", "minLength": 1},
        "home_page_url": {"type": "string", "pattern": "^https://"},
        "feed_url": {"type": "string", "pattern": "^https://.*/feed.json$"}, "language": {"enum": list(LANGUAGES)},
        "authors": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        "items": {"type": "array", "items": {
            "type": "object", "required": ["id", "content_html"],
            "properties": {
                "id": {"type": "string"}, "url": {"type": "string", "pattern": "^https://"},
                "title": {"type": "string"}, "content_html": {"type": "string", "minLength": 1},
                "date_published": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
                "date_modified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "additionalProperties": False,
        }},
    },
    "additionalProperties": False,
}  # fmt: skip


def json_feed(of: Site, path: str = "feed.json") -> Any:
    """Render a site and read its JSON feed."""
    return json.loads(render_site(of)[path])


def rss_item(known: PlannedWork, path: str = "history.rss") -> dict[str, str]:
    """Give the elements of the item of a work."""
    (item,) = BeautifulSoup(render_site(site(planned=[known]))[path], "xml").select("item")
    return {element.name: element.text for element in item.find_all(recursive=False)}


def test_incidents_and_planned_work_stand_together_newest_first() -> None:
    made = site(incident(), resolved(), planned=[work(), done(id="mnt_old", announced_at=NOW - 9 * DAY)])
    for found in (feed(made), feed(made, "history.rss"), feed(made, "fa/history.atom")):
        ends = [entry.link.rsplit("/", 2)[1:] for entry in found.entries]
        assert ends == [
            ["incidents", "inc_1.html"], ["maintenance", "mnt_1.html"], ["incidents", "inc_old.html"],
            ["maintenance", "mnt_old.html"],
        ]  # fmt: skip


@pytest.mark.parametrize("name", ["history.atom", "history.rss"])
def test_a_new_word_keeps_the_entry_and_moves_only_its_time(name: str) -> None:
    known = incident(update(1))
    more = replace(known, updates=(*known.updates, update(2, IncidentStatus.IDENTIFIED, at=NOW)))
    for before, after in (
        (site(known), site(more)),
        (site(planned=[work()]), site(planned=[work(news(), news(2, WorkStatus.IN_PROGRESS, START))])),
    ):
        old, new = feed(before, name).entries[0], feed(after, name).entries[0]
        assert (old.id, old.link, old.published) == (new.id, new.link, new.published)
        assert name.endswith("rss") or old.updated < new.updated


def test_every_way_of_changing_a_plan_keeps_its_id() -> None:
    forms = [work(), work(starts_at=START + DAY, ends_at=END + DAY, titles={"en": "Other"}), going_on(), done(),
             called_off()]  # fmt: skip
    for name in ("history.atom", "history.rss"):
        assert len({feed(site(planned=[form]), name).entries[0].id for form in forms}) == 1
    assert len({json_feed(site(planned=[form]))["items"][0]["id"] for form in forms}) == 1


def test_ids_of_works_and_incidents_never_meet() -> None:
    made = site(incident(id="same"), planned=[work(id="same")])
    assert len({entry.id for entry in feed(made).entries}) == 2
    assert feed(site(planned=[work()])).entries[0].id == "tag:status.kiosk.example,2026:maintenance/mnt_1/en"


def test_the_text_is_laid_out_as_readers_of_such_feeds_expect() -> None:
    known = incident(
        update(1), update(2, IncidentStatus.IDENTIFIED, at=NOW, texts={"en": "Found it.\n\n- a\n- b"}),
        update(3, IncidentStatus.MONITORING, at=NOW, texts={"en": "- only a list"}),
    )  # fmt: skip
    (item,) = json_feed(site(known))["items"]
    stamp = "<small>Nov <var data-var='date'>21</var>, <var data-var='time'>{}</var> UTC</small><br>"
    assert item["content_html"].replace("\n", "") == (
        f"<p>{stamp.format('14:10')}<strong>Monitoring</strong> - </p><ul><li>only a list</li></ul>"
        f"<p>{stamp.format('14:10')}<strong>Identified</strong> - Found it.</p><ul><li>a</li><li>b</li></ul>"
        f"<p>{stamp.format('13:10')}<strong>Investigating</strong> - We look for the cause.</p>"
    )


@pytest.mark.parametrize(
    ("known", "label"),
    [(work(), "Scheduled"), (going_on(), "In progress"), (done(), "Completed"), (called_off(), "Cancelled")],
)
def test_the_newest_label_says_how_far_the_work_is(known: PlannedWork, label: str) -> None:
    html = json_feed(site(planned=[known]))["items"][0]["content_html"]
    assert re.findall(r"<strong>([^<]*)</strong> - ", html)[0] == label
    is_to_come = html.startswith(
        "<p><strong>THIS IS A SCHEDULED EVENT Nov <var data-var='date'>21</var>, <var data-var='time'>22:10</var> - "
        "<var data-var='time'>23:10</var> UTC</strong></p><p><small>Nov <var data-var='date'>20</var>, "
    )
    assert is_to_come == (label == "Scheduled")


def test_other_languages_have_their_own_words_dates_and_direction() -> None:
    made = site(planned=[work()])
    turkish = json_feed(made, "tr/feed.json")["items"][0]
    persian = json_feed(made, "fa/feed.json")["items"][0]
    assert turkish["content_html"].startswith("<p><strong>Planlı bakım: 21 Kasım 2026, 22:10–23:10 UTC</strong></p>")
    assert "<strong>Planlandı</strong> - Kart ödemeleri aksayabilir." in turkish["content_html"]
    begins = '<div dir="rtl" lang="fa"><p><strong>تعمیر و نگهداری برنامه‌ریزی‌شده: ۳۰ آبان'
    assert persian["content_html"].startswith(begins)
    assert persian["title"] == "پایگاه دادهٔ جدید پرداخت"


@pytest.mark.parametrize(
    ("known", "begins", "ends"),
    [
        (work(), START, END), (going_on(), NOW - HOUR / 2, NOW + HOUR), (done(), NOW - 3 * HOUR, NOW - HOUR),
        (done(ends_at=NOW + DAY), NOW - 3 * HOUR, NOW - HOUR),  # done before its time
        (called_off(), NOW - DAY, NOW - HOUR),
    ],
)  # fmt: skip
def test_widgets_can_tell_from_the_rss_whether_the_work_is_to_come_going_on_or_over(
    known: PlannedWork, begins: Any, ends: Any
) -> None:
    item = rss_item(known)
    assert parsedate_to_datetime(item["pubDate"]) == begins
    assert parsedate_to_datetime(item["maintenanceEndDate"]) == ends
    assert "maintenanceEndDate" not in render_site(site(incident()))["history.rss"].decode()


def test_the_json_feed_keeps_to_version_1_1() -> None:
    made = site(incident(), resolved(), planned=[work(), called_off(id="mnt_2")])
    for path in ("feed.json", "en/feed.json", "tr/feed.json", "fa/feed.json"):
        found = json_feed(made, path)
        Draft202012Validator(JSON_FEED).validate(found)
        assert len(found["items"]) == 4
        assert len({item["id"] for item in found["items"]}) == 4
    assert json_feed(made)["feed_url"] == "https://status.kiosk.example/en/feed.json"
    assert {tuple(item["tags"]) for item in json_feed(made)["items"]} == {
        ("incident", "investigating"), ("maintenance", "cancelled"), ("maintenance", "scheduled"),
        ("incident", "resolved"),
    }  # fmt: skip


def test_the_json_feed_says_the_same_as_the_others() -> None:
    made = site(incident(), planned=[going_on()])
    for item, entry in zip(json_feed(made)["items"], feed(made).entries, strict=True):
        assert (item["id"], item["url"], item["title"]) == (entry.id, entry.link, entry.title)


def test_a_feed_is_the_same_byte_for_byte_until_something_changes() -> None:
    early, late = (
        render_site(site(resolved(), planned=[work()], now=NOW + minutes(wait))) for wait in (0, 30)
    )  # fmt: skip
    for name in ("history.atom", "history.rss", "feed.json", "maintenance.ics"):
        assert early[name] == late[name], name


def test_an_empty_json_feed_is_one() -> None:
    found = json_feed(site())
    Draft202012Validator(JSON_FEED).validate(found)
    assert found["items"] == []


def test_hostile_words_and_our_own_people_stay_out() -> None:
    nasty = "<script>alert(1)</script> ]]> & \x0b\x00 \ud800 ok"
    made = site(planned=[work(news(texts={"en": nasty}), titles={"en": nasty})])
    files = render_site(made)
    for name in ("history.atom", "history.rss"):
        assert "<script>" not in feed(made, name).entries[0].get("summary", "")
        assert SECRET not in files[name].decode()
    item = json_feed(made)["items"][0]
    assert "<script" not in item["content_html"]
    assert "&lt;script&gt;" in item["content_html"]


def test_a_feed_holds_the_newest_fifty_of_both() -> None:
    old = [resolved(f"inc_{n}", NOW - (n + 1) * DAY) for n in range(40)]
    works = [done(id=f"mnt_{n}", announced_at=NOW - (n + 1) * DAY) for n in range(40)]
    found = feed(site(*old, planned=works))
    assert len(found.entries) == len(json_feed(site(*old, planned=works))["items"]) == 50
    assert len([e for e in found.entries if "/maintenance/" in e.link]) == 25
