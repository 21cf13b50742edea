"""The forms for customers as they stand on the page: plain forms first, with what the script needs beside."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Tag

from domain.heard.proof_of_work import BITS, too_subject
from status_page.render import render_site
from tests.status_page.builders import LANGUAGES, NOW, incident, joined, minutes, page, resolved, site, words

PLACES = ("index.html", "incidents/inc_1.html")
BUTTON = {"en": "I have this too", "tr": "Bu sorun bende de var", "fa": "من هم این مشکل را دارم"}


def too_form(soup: BeautifulSoup) -> Tag:
    form = soup.select_one("form.too")
    assert form is not None
    return form


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_open_incident_has_one_plain_button_and_an_address_only_for_who_wants_one(language: str, place: str) -> None:
    soup = page(site(incident(), resolved()), f"{language}/{place}")
    form = too_form(soup)
    assert len(soup.select("form.too")) == 1
    assert (form["method"], form["action"]) == ("post", "/report/too")
    fields = {str(tag["name"]): tag for tag in form.find_all("input")}
    assert list(fields) == ["language", "incident", "proof", "contact", "website"]
    assert (fields["language"]["value"], fields["incident"]["value"]) == (language, "inc_1")
    assert not fields["contact"].has_attr("required")
    assert [button.get_text() for button in form.find_all("button", recursive=False)] == [BUTTON[language]]
    assert [button.has_attr("formnovalidate") for button in form.find_all("button")] == [True, False]
    assert not form.has_attr("novalidate")
    assert form.details is not None
    assert not form.details.has_attr("open")
    assert {label["for"] for label in form.find_all("label")} == {fields[n]["id"] for n in ("contact", "website")}


def test_each_of_several_incidents_has_a_button_that_says_of_what() -> None:
    soup = page(site(incident(), incident(id="inc_2", started_at=NOW - minutes(5))))
    forms = soup.select("form.too")
    assert {form["data-work"] for form in forms} == {too_subject("inc_1"), too_subject("inc_2")}
    described = [str(form.button["aria-describedby"]) for form in forms if form.button]
    assert all(soup.find(id=known) for known in described)
    assert len(set(described)) == 2
    ids = [str(tag["id"]) for form in forms for tag in form.find_all(id=True)]
    assert len(ids) == len(set(ids)) == 6


@pytest.mark.parametrize("place", ["index.html", "incidents/inc_old.html", "history.html"])
def test_what_is_over_cannot_be_joined_and_needs_no_script(place: str) -> None:
    soup = page(site(resolved()), f"en/{place}")
    assert soup.select("form.too") == []
    assert not [tag for tag in soup.select("script[src]") if "report" in str(tag["src"])]


def test_without_the_form_there_is_no_button() -> None:
    files = render_site(site(incident(), report_form=False))
    assert "report/too" not in joined(files)
    assert not [path for path in files if "report" in path or "too-" in path]


@pytest.mark.parametrize("path", ["en/report.html", "en/index.html", "en/incidents/inc_1.html", "index.html"])
def test_the_script_knows_its_work_and_lies_beside_the_page(path: str) -> None:
    files = render_site(site(incident()))
    soup = BeautifulSoup(files[path], "html.parser")
    form = soup.select_one("form[data-work]")
    assert form is not None
    assert form["data-bits"] == str(BITS)
    assert form["data-wait"]
    (script,) = (str(tag["src"]) for tag in soup.select("script[src]") if "report" in str(tag["src"]))
    assert f"{'../' * path.count('/')}{script.replace('../', '')}" == script
    assert script.replace("../", "") in files


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_answer_to_the_button_has_a_page_that_leads_on(language: str) -> None:
    files = render_site(site(incident()))
    told = set()
    for name in ("thanks", "over"):
        soup = BeautifulSoup(files[f"{language}/too-{name}.html"], "html.parser")
        assert soup.main is not None
        told.add(words(BeautifulSoup(str(soup.main), "html.parser")))
        assert {str(a["href"]) for a in soup.main.find_all("a")} == {"index.html", "report.html"}
    assert len(told) == 2


def test_a_page_below_a_path_sends_the_button_there() -> None:
    soup = page(site(incident(), public_url="https://kiosk.example/status"), "en/index.html")
    assert too_form(soup)["action"] == "/status/report/too"


def test_a_hostile_incident_id_stays_inside_its_attributes() -> None:
    soup = page(site(incident(id='inc"><script>alert(1)</script>')))
    assert soup.find("script", string=lambda text: bool(text and "alert" in text)) is None
    assert too_form(soup)["data-work"] == too_subject('inc"><script>alert(1)</script>')
