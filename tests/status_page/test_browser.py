"""The page in a real browser: no script needed, nothing blocked, nothing wider than a phone, own time zone with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.component import Component, Group
from status_page.pages.reports import EVERYTHING, SLOTS, Line, Reports
from status_page.pages.subscribe_pages import SubscribePages, static_file
from status_page.publish import publish_site
from status_page.render import Site, render_site
from tests.status_page.builders import LANGUAGES, NOW, PAYMENTS, incident, minutes, resolved, site, update
from tests.status_page.surf import Surfer, served
from tests.status_page.works import going_on, work

pytestmark = pytest.mark.browser
NAMES = ("index", "history", "search", "report", "incidents/inc_1", "maintenance/mnt_1", "customer-reports")
MONEY = Group("money", {"en": "Money", "tr": "Para", "fa": "پول"})
SHOP = Group("shop", {"en": "Shop", "tr": "Mağaza", "fa": "فروشگاه"})
COMPONENTS = (
    Component("payments", PAYMENTS.names, group="money", help={"en": "https://help.example/en"}),
    *(Component(f"c{n}", {"en": f"Part {n} with a long name of its own"}, group="shop") for n in range(9)),
)
UNNAMED = """
const known = Intl.DateTimeFormat;
Intl.DateTimeFormat = function (locale, shape) {
  if (shape && shape.timeZoneName === "shortGeneric") throw new RangeError("not known");
  return new known(locale, shape);
};
"""
BUSY = Line((2,) * 46 + (20, 27), (4.0,) * SLOTS, 47)


def subscriber_files(of: Site) -> dict[str, bytes]:
    """Draw pages that hubbub shows to subscribers as plain files: no sign-up, a change that is saved, a mistake."""
    pages = SubscribePages(of, ("mail",), timedelta(days=1))
    saved = pages.manage("en", NOW, "w", channel="mail", address="a@b.example", state="active", said="Saved.")
    return {
        "subscribe/subscribe.css": static_file("subscribe.css")[0], "en/closed.html": pages.closed("en", NOW),
        "en/saved.html": saved, "en/mistaken.html": pages.form("en", NOW, problem="mail"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Publish a site with everything on it as plain files."""
    out: Path = tmp_path_factory.mktemp("site")
    made = site(
        incident(update(due=NOW + minutes(25))), resolved(), components=COMPONENTS, groups=(MONEY, SHOP),
        planned=(work(), going_on(id="mnt_2")),
        reports=Reports(NOW - minutes(47 * 30), {EVERYTHING: BUSY, "payments": BUSY}),
    )  # fmt: skip
    publish_site(render_site(made), out)
    for path, content in subscriber_files(made).items():
        (out / path).parent.mkdir(exist_ok=True)
        (out / path).write_bytes(content)
    with served(out) as found:
        yield found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wider_than_a_small_phone(visit: Surfer, language: str, name: str) -> None:
    opened = visit(f"{language}/{name}.html", viewport={"width": 320, "height": 640})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 320


def test_persian_runs_from_right_to_left(visit: Surfer) -> None:
    opened = visit("fa/index.html", viewport={"width": 390, "height": 800}, java_script_enabled=False)
    icon, head = (opened.locator(f".headline {part}").bounding_box() for part in ("> .icon", "h1"))
    assert icon["x"] > head["x"] + head["width"] / 2


def test_without_a_script_the_page_is_whole_and_in_utc(visit: Surfer) -> None:
    opened = visit("en/index.html", java_script_enabled=False)
    assert "Next update by 14:35 UTC" in opened.inner_text("main")
    assert not opened.locator("#stale").is_visible()


def test_with_the_script_times_are_the_visitors_own_and_age_is_told(visit: Surfer) -> None:
    opened = visit("tr/index.html", locale="tr-TR")
    assert "17:35" in opened.inner_text(".promise")
    assert opened.locator("#age").is_visible()
    old = opened.evaluate("Date.now() / 1000") > (NOW + minutes(30)).timestamp()
    assert opened.locator("#stale").is_visible() == old


def test_persian_times_keep_their_calendar_with_the_script(visit: Surfer) -> None:
    text = visit("fa/index.html", locale="fa-IR").inner_text(".updates")
    assert "۱۴۰۵" in text
    assert "آبان" in text


@pytest.mark.parametrize(
    ("language", "zone", "wanted"),
    [
        ("tr", "Europe/Istanbul", "17:35 TSİ"),
        ("tr", "Asia/Tehran", "18:05 İran\u00a0Saati"),
        ("fa", "Asia/Tehran", "۱۸:۰۵ (وقت\u00a0ایران)"),
        ("fa", "Asia/Kabul", "۱۹:۰۵ (وقت\u00a0افغانستان)"),
        ("en", "Europe/Istanbul", "PM GMT+3"),
        ("tr", "Europe/Berlin", "15:35 GMT+1"),
        ("fa", "America/New_York", "۹:۳۵ (\u200e−۵\u00a0گرینویچ)"),
        ("tr", "UTC", "14:35 UTC"),
    ],
)
def test_a_zone_is_named_where_its_readers_name_it_and_no_line_breaks_in_it(
    visit: Surfer, language: str, zone: str, wanted: str
) -> None:
    opened = visit(f"{language}/incidents/inc_1.html", locale=language, timezone_id=zone)
    assert opened.locator(".promise time").text_content().endswith(wanted)


def test_a_browser_without_names_of_zones_shows_the_offset(visit: Surfer) -> None:
    opened = visit("tr/incidents/inc_1.html", locale="tr")
    opened.add_init_script(UNNAMED)
    opened.reload()
    assert opened.locator(".promise time").text_content().endswith("17:35 GMT+3")


def test_paragraphs_hints_and_buttons_keep_their_distance(visit: Surfer) -> None:
    def gap(path: str, upper: str, lower: str) -> float:
        above, below = (visit(path).locator(place).first.bounding_box() for place in (upper, lower))
        return float(below["y"] - above["y"] - above["height"])

    assert gap("en/closed.html", "h1 + p", "p + p") == 12
    assert gap("en/report.html", "#contact", "#use") == 6
    assert gap("en/incidents/inc_old.html", "h1", "header > p") < 10


def test_good_news_is_not_shown_in_the_colour_of_a_mistake(visit: Surfer) -> None:
    def edge(path: str) -> str:
        return str(visit(path).locator(".note").evaluate("found => getComputedStyle(found).borderTopColor"))

    assert edge("en/saved.html") == "rgb(58, 168, 115)"
    assert edge("en/mistaken.html") == "rgb(224, 162, 27)"


def test_links_at_the_foot_are_large_enough_for_a_thumb(visit: Surfer) -> None:
    opened = visit("en/index.html", viewport={"width": 390, "height": 800})
    heights = [link.bounding_box()["height"] for link in opened.locator("footer a").all()]
    assert min(heights) >= 32


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_schemes_have_their_own_ground(visit: Surfer, scheme: str) -> None:
    opened = visit("en/index.html", color_scheme=scheme)
    ground = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(246, 247, 249)", "dark": "rgb(16, 21, 29)"}[scheme]


def test_the_keyboard_reaches_the_content_first(visit: Surfer) -> None:
    opened = visit("en/index.html")
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert opened.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_span_of_planned_work_is_shown_in_the_visitors_zone_and_names_its_day_once(visit: Surfer) -> None:
    text = visit("en/maintenance/mnt_1.html", locale="en-GB").inner_text("article header")
    assert "22 November 2026 at 01:10 GMT+3 to 02:10 GMT+3" in text


def test_groups_and_tables_open_with_the_keyboard_alone(visit: Surfer) -> None:
    opened = visit("en/index.html", java_script_enabled=False)
    for place, key in (("details.group:not([open]) > summary", "Enter"), ("details.more > summary", "Space")):
        summary = opened.locator(place).first
        details = summary.locator("..").element_handle()
        summary.focus()
        assert summary.evaluate("found => getComputedStyle(found).outlineStyle") == "solid"
        opened.keyboard.press(key)
        assert details.evaluate("found => found.open")


def test_the_keyboard_reaches_everything_and_leaves_it_again(visit: Surfer) -> None:
    opened = visit("fa/index.html")
    reached = []
    for _ in range(80):
        opened.keyboard.press("Tab")
        reached.append(
            opened.evaluate("document.activeElement === document.body ? '' : document.activeElement.outerHTML")
        )
    assert "" in reached, "after the last link the keyboard leaves the page"
    fields = "button:visible, input:not([tabindex='-1']):visible"
    everything = opened.locator(f"a[href]:visible, summary:visible, {fields}").count()
    assert len(set(reached[: reached.index("")])) >= everything - 2  # links that say the same count once


def test_an_old_page_loses_its_green(visit: Surfer) -> None:
    opened = visit("en/index.html")
    opened.locator("body.old").wait_for(state="attached")
    ground = opened.locator(".headline").evaluate("found => getComputedStyle(found).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
