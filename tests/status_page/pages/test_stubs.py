"""A merged incident keeps its address: the page there says which incident tells the story, and nothing else does."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from domain.incidents.incident import Incident
from status_page.pages.memory import Memory
from status_page.render import render_site
from status_page.site import Retold, Site
from tests.status_page.builders import LANGUAGES, SECRET, incident, joined, page, resolved, site, words

OLD_TITLES = {"en": "Parcels <b>are</b> late", "tr": "Kargolar gecikiyor", "fa": "بسته‌ها دیر می‌رسند"}
STUB = "incidents/inc_2.html"


def merged(**changes: object) -> Incident:
    return replace(incident(id="inc_2", titles=OLD_TITLES), merged_into="inc_1", **changes)  # type: ignore[arg-type]


def told(**changes: object) -> Site:
    return site(incident(), merged=(Retold(merged(), "inc_1"),), **changes)


def links(soup: BeautifulSoup, **what: str) -> list[str]:
    wanted = "".join(f'[{name}="{value}"]' for name, value in what.items())
    return [str(found["href"]) for found in soup.select(f"link{wanted}")]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "This is told under Cards are declined . Investigating · All news about it is there."),
        ("tr", "Bunu şu başlık altında anlatıyoruz: Kartlar reddediliyor İnceleniyor · Bununla ilgili"),
        ("fa", "این موضوع را زیر این عنوان شرح می‌دهیم: پرداخت با کارت انجام نمی‌شود در حال بررسی · همهٔ"),
    ],
)
def test_each_language_says_which_incident_tells_it_and_leads_there(language: str, said: str) -> None:
    soup = page(told(), f"{language}/{STUB}")
    assert soup.h1 is not None
    assert soup.h1.get_text() == OLD_TITLES[language]
    assert said in words(soup)
    link = soup.select_one("article p a")
    assert link is not None
    assert link["href"] == "inc_1.html"
    assert f"{language}/incidents/inc_1.html" in render_site(told())


def test_search_engines_are_sent_to_the_one_that_tells_it() -> None:
    soup = page(told(), f"tr/{STUB}")
    where = "https://status.kiosk.example/tr/incidents/inc_1.html"
    assert links(soup, rel="canonical") == [where]
    assert soup.find("meta", attrs={"property": "og:url", "content": where})
    assert soup.find("meta", attrs={"name": "robots", "content": "noindex"})
    assert links(soup, hreflang="en") == links(soup, hreflang="x-default") == []
    assert soup.find("meta", attrs={"http-equiv": "refresh"}) is None
    other = page(told(), "tr/incidents/inc_1.html")
    assert other.find("meta", attrs={"name": "robots"}) is None
    assert links(other, rel="canonical") == [where]
    assert len(links(other, rel="alternate", hreflang="x-default")) == 1


def test_the_languages_lead_to_the_same_address_in_other_words() -> None:
    soup = page(told(), f"en/{STUB}")
    assert [str(a["href"]) for a in soup.select(".languages a")] == [f"../../tr/{STUB}", f"../../fa/{STUB}"]


def test_nothing_but_its_own_page_knows_of_it() -> None:
    bare, full = render_site(site(incident())), render_site(told())
    stubs = {f"{language}/{STUB}" for language in LANGUAGES}
    assert full.keys() - bare.keys() == stubs
    assert {name: full[name] for name in bare} == bare, "lists, feeds, search, badges and the API stay as they were"
    assert json.loads(full["api/v2/incidents.json"])["incidents"][0]["id"] == "inc_1"
    assert SECRET not in joined(full)


def test_a_hostile_title_stays_text() -> None:
    raw = render_site(told())[f"en/{STUB}"].decode()
    assert "<b>are</b>" not in raw
    assert "&lt;b&gt;are&lt;/b&gt;" in raw


def test_a_title_without_a_translation_says_its_language() -> None:
    only = Retold(replace(merged(), titles={"tr": "Kargolar gecikiyor"}), "inc_1")
    soup = page(site(incident(), merged=(only,)), f"fa/{STUB}")
    title = soup.select_one("h1 bdi")
    assert title is not None
    assert (title["lang"], title["dir"]) == ("tr", "ltr")


def test_it_has_no_page_where_the_other_one_is_not_shown() -> None:
    assert f"en/{STUB}" not in render_site(site(merged=(Retold(merged(), "inc_1"),)))


def test_the_page_follows_the_one_it_leads_to_and_is_else_kept() -> None:
    memory = Memory()
    first = render_site(told(), memory)
    again = render_site(told(), memory)
    assert again[f"en/{STUB}"] is first[f"en/{STUB}"]
    over = replace(told(), incidents=(resolved("inc_1"),))
    assert "Resolved · All news about it is there.".encode() in render_site(over, memory)[f"en/{STUB}"]
    assert render_site(over, memory)[f"en/{STUB}"] == render_site(over)[f"en/{STUB}"]


def test_the_same_address_tells_the_story_again_once_the_merge_is_taken_back() -> None:
    memory = Memory()
    before = render_site(site(incident(), incident(id="inc_2", titles=OLD_TITLES)), memory)
    render_site(told(), memory)
    after = render_site(site(incident(), incident(id="inc_2", titles=OLD_TITLES)), memory)
    assert after == before
