"""Past incidents are found without a server behind the page, as people type in Turkish and Persian, or by month."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.incidents.incident import IncidentStatus
from status_page.pages.search import MOST
from status_page.publish import publish_site
from status_page.render import render_site
from tests.status_page.builders import NOW, incident, minutes, page, resolved, site, update, words
from tests.status_page.surf import Surfer, served
from tests.status_page.works import done, work

TITLES = (
    {"en": "Sign-in codes do not arrive", "tr": "GİRİŞ kodları IŞIK hızında değil", "fa": "کد ورود نمی‌رسد"},
    {"en": "Deliveries are late", "tr": "Siparişler gecikiyor", "fa": "ارسال مرسوله‌ها کند است"},
    {"en": "Only in English <b>so far</b>"},
)


def story(number: int, titles: dict[str, str]) -> Any:
    """Make an incident that is over."""
    start = NOW - minutes(60 * 24 * 20 * (number + 1))
    texts = {"en": "We lost mail no. 4711.", "fa": "شمارهٔ ۴۷۱۱ گم شد.", "tr": "4711 kayboldu."}
    over = update(2, IncidentStatus.RESOLVED, at=start + minutes(90), texts=texts)
    return incident(update(1, at=start), over, id=f"inc_{number}", titles=titles, started_at=start)


STORIES = [story(number, titles) for number, titles in enumerate(TITLES)]


def index(language: str, *incidents: Any, **more: Any) -> list[dict[str, str]]:
    """Read the index of a language."""
    found: list[dict[str, str]] = json.loads(render_site(site(*incidents, **more))[f"{language}/search.json"])
    return found


def test_the_index_tells_where_each_story_stands_what_it_was_and_when() -> None:
    (entry,) = index("tr", resolved())
    assert entry == {
        "u": "incidents/inc_old.html", "t": "Kartlar reddediliyor",
        "s": "başlangıç: 19 Kasım 2026; 1 saat 32 dakika sürdü",
        "x": "Ödemeler Nedenini arıyoruz. Nedenini arıyoruz.",
    }  # fmt: skip


def test_open_incidents_and_maintenance_are_found_but_not_what_is_still_to_come() -> None:
    found = index("en", incident(), planned=(done(), work(id="mnt_2")))
    assert [(entry["u"], entry["s"]) for entry in found] == [
        ("incidents/inc_1.html", "21 November 2026 · not solved yet"),
        ("maintenance/mnt_1.html", "21 November 2026 · Planned maintenance"),
    ]


def test_a_foreign_title_carries_its_language_and_long_texts_are_cut() -> None:
    long = incident(update(texts={"en": "word " * 1000}), titles={"en": "English"})
    (entry,) = index("fa", long)
    assert entry["l"] == "en"
    assert len(entry["x"]) < MOST + 50


def test_without_a_script_the_page_points_to_the_months() -> None:
    soup = page(site(*STORIES), "en/search.html")
    form = soup.select_one("form#search")
    assert form is not None
    assert form.has_attr("hidden"), "a form that does nothing is no help"
    assert "Everything is here by month, too." in words(soup)
    months = [str(a["href"]) for a in soup.select(".months a")]
    assert months == ["history/2026-11.html", "history/2026-10.html", "history/2026-09.html"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("site")
    publish_site(render_site(site(*STORIES)), folder)
    with served(folder) as found:
        yield found


def results(opened: Any) -> list[str]:
    """Give the addresses of what was found."""
    opened.locator("#answer [role=status] span:not(:empty)").wait_for()
    return [link.get_attribute("href") for link in opened.locator("#answer li a").all()]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "asked", "found"),
    [
        ("en", "sign", [0]), ("en", "DELIVER late", [1]), ("en", "payments 4711", [0, 1, 2]), ("en", "november", [0]),
        ("tr", "giriş", [0]), ("tr", "GIRIS ISIK", [0]), ("tr", "ışık", [0]), ("tr", "siparis", [1]),
        ("tr", "kasım", [0]), ("tr", "ÖDEMELER", [0, 1, 2]),
        ("fa", "نمی رسد", [0]), ("fa", "نمیرسد", [0]), ("fa", "نمي‌رسد", [0]), ("fa", "كند", [1]),
        ("fa", "4711", [0, 1, 2]), ("fa", "۴۷۱۱ ارسال", [1]), ("fa", "مرسوله ها", [1]),
        ("en", "nothing like it", []),
    ],
)  # fmt: skip
def test_people_find_what_they_type_whatever_their_keyboard_has(
    visit: Surfer, language: str, asked: str, found: list[int]
) -> None:
    opened = visit(f"{language}/search.html")
    opened.fill("#q", asked)
    opened.keyboard.press("Enter")
    assert results(opened) == [f"incidents/inc_{number}.html" for number in found]


@pytest.mark.browser
def test_the_words_come_along_from_the_form_on_the_history_page(visit: Surfer) -> None:
    opened = visit("fa/history.html")
    opened.fill("#q", "ارسال")
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/fa/search.html?q=*")
    assert results(opened) == ["incidents/inc_1.html"]
    assert "یافته‌ها: ۱" in opened.inner_text("#answer")


@pytest.mark.browser
def test_titles_are_shown_as_text(visit: Surfer) -> None:
    opened = visit("tr/search.html?q=only")
    assert results(opened) == ["incidents/inc_2.html"]
    assert opened.inner_text("#answer a") == "Only in English <b>so far</b>"
    assert opened.get_attribute("#answer a", "lang") == "en"


@pytest.mark.browser
def test_a_list_that_cannot_be_loaded_is_said_and_the_months_stay(chromium: Any, address: str) -> None:
    context = chromium.new_context()
    context.route("**/search.json", lambda route: route.abort())
    opened = context.new_page()
    opened.goto(f"{address}/en/search.html?q=late")
    opened.locator("#answer [role=status] span:not(:empty)").wait_for()
    assert "Please choose a month instead." in opened.inner_text("#answer")
    assert opened.locator(".months a").first.is_visible()
    context.close()
