"""The small pages that need no file of the site: whose they are, in which words and colours, and where they lead."""

from __future__ import annotations

import base64
import hashlib

import pytest
from bs4 import BeautifulSoup

from status_page.look.theme import PLAIN, Look
from status_page.pages.lost import Imprint, imprint_of, notice_page, policy
from status_page.words.report_words import FOREIGN, LOST, TOO_LARGE, TOO_OFTEN, UNREADABLE, Notice
from tests.status_page.builders import LANGUAGES, site

NOTICES = (LOST, UNREADABLE, TOO_OFTEN, TOO_LARGE, FOREIGN)
BRAND = Look(light=(("accent", "#7a1fa2"), ("background", "#fff7ea")), dark=(("accent", "#d9a6ff"),))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.words[:20])
def test_a_notice_says_what_and_why_and_leads_on_under_the_brand(notice: Notice, language: str) -> None:
    drawn = BeautifulSoup(notice_page(notice, imprint_of(site()), language), "html.parser")
    assert drawn.html is not None and drawn.title is not None and drawn.h1 is not None
    assert (drawn.html["lang"], drawn.html["dir"]) == (language, "rtl" if language == "fa" else "ltr")
    assert drawn.title.get_text() == f"{drawn.h1.get_text()} · Kiosk"
    assert (notice.title in drawn.get_text()) is (notice.words in drawn.get_text()) is (language == "en")
    assert [link["href"] for link in drawn.select("a")] == [f"/{language}/{notice.path}"]


def test_it_stays_below_the_path_of_the_site_and_nothing_in_it_acts() -> None:
    made = imprint_of(site(brand='<b>"Kiosk"', public_url="https://kiosk.example/status/"))
    drawn = notice_page(LOST, made, "en")
    assert 'href="/status/en/"' in drawn
    assert "<b>" not in drawn


def test_languages_without_words_have_no_pages_to_lead_to() -> None:
    assert imprint_of(site(languages=("de", "fa", "en"))).languages == ("en", "fa")
    assert imprint_of(site(languages=("fa",))).languages == ("fa",)


def test_without_a_brand_no_place_is_left_for_it() -> None:
    drawn = BeautifulSoup(notice_page(LOST, Imprint(), "en"), "html.parser")
    assert (drawn.header, drawn.title and drawn.title.get_text()) == (None, "There is no such page.")


@pytest.mark.parametrize("look", [PLAIN, BRAND], ids=["plain", "of a brand"])
def test_its_style_is_the_one_that_its_policy_lets_in(look: Look) -> None:
    drawn = BeautifulSoup(notice_page(LOST, Imprint(look=look), "fa"), "html.parser")
    assert drawn.style is not None
    name = base64.b64encode(hashlib.sha256(drawn.style.get_text().encode()).digest()).decode()
    assert f"style-src 'sha256-{name}'" in policy(look)


def test_it_wears_the_colours_of_the_page() -> None:
    light, dark = notice_page(LOST, Imprint(look=BRAND), "en").split("@media", 1)
    assert "--bg:#fff7ea;" in light and "--link:#7a1fa2;" in light
    assert "--bg:#10151d;" in dark and "--link:#d9a6ff;" in dark
    assert "--link:#1552b5;" in notice_page(LOST, Imprint(), "en")
    assert ":lang(fa){font-family:Vazirmatn" in notice_page(LOST, Imprint(), "fa")
