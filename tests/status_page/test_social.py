"""What search engines and social networks read: addresses, languages, a picture; and how they are kept away."""

from __future__ import annotations

import struct

import pytest

from domain.component import ComponentStatus
from status_page.look.assets import CARDS, card
from status_page.render import render_site
from tests.status_page.builders import LANGUAGES, incident, page, resolved, site

URL = "https://status.kiosk.example"


@pytest.mark.parametrize("path", ["index.html", "history.html", "search.html", "incidents/inc_1.html"])
def test_every_page_names_its_twins_in_the_other_languages_and_itself(path: str) -> None:
    head = page(site(incident()), f"tr/{path}").head
    assert head is not None
    canonical = head.select_one("link[rel=canonical]")
    assert canonical is not None
    assert canonical["href"] == f"{URL}/tr/{path}"
    twins = {link["hreflang"]: link["href"] for link in head.select("link[hreflang]")}
    front = f"{URL}/" if path == "index.html" else f"{URL}/en/{path}"
    assert twins == {**{language: f"{URL}/{language}/{path}" for language in LANGUAGES}, "x-default": front}


def test_a_shared_link_carries_title_state_and_a_picture_of_its_language() -> None:
    made = site(incident())
    files, head = render_site(made), page(made, "fa/index.html").head
    assert head is not None
    told = {str(tag["property"]): str(tag["content"]) for tag in head.select("meta[property]")}
    assert told["og:title"] == "بخشی از خدمات ما کار نمی‌کند · Kiosk"
    assert told["og:locale"] == "fa"
    picture = told["og:image"].removeprefix(f"{URL}/")
    assert picture.startswith("assets/card-partial-outage-fa.")
    assert struct.unpack(">II", files[picture][16:24]) == (1200, 630)
    assert (told["og:image:width"], told["og:image:height"]) == ("1200", "630")


def test_pages_that_never_change_have_a_picture_that_never_does() -> None:
    head = page(site(incident(), resolved()), "en/incidents/inc_old.html").head
    assert head is not None
    image = head.select_one('meta[property="og:image"]')
    assert image is not None
    assert "/assets/card-neutral-en." in str(image["content"])


def test_every_state_has_a_light_picture_in_every_language_and_one_without_words() -> None:
    for state in ("neutral", *ComponentStatus):
        for language in (*LANGUAGES, "de"):
            found = card(str(state), language)
            assert found is not None, (state, language)
            assert len(found[1]) < 15_000
    assert len(list(CARDS.glob("*.png"))) == 6 * 4


def test_search_engines_are_welcome_unless_the_owner_says_no() -> None:
    files = render_site(site())
    assert "robots.txt" not in files
    assert b'name="robots"' not in files["en/index.html"]


def test_a_page_that_is_not_to_be_found_says_so_where_robots_can_read_it() -> None:
    files = render_site(site(incident(), index=False))
    pages = [content for path, content in files.items() if path.endswith(".html") and "embed/" not in path]
    assert all(b'<meta name="robots" content="noindex">' in content for content in pages)
    rules = files["robots.txt"].decode()
    assert "Disallow: /api/" in rules
    assert "Disallow: /\n" not in rules, "a page that robots may not read cannot tell them to leave it out"
