"""Every page is valid HTML and CSS by the checker of the W3C."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.care.satisfaction import Answer
from status_page.look.logo import read_logo
from status_page.look.theme import Look
from status_page.pages.feedback_pages import FeedbackPages
from status_page.pages.lost import notice_page
from status_page.pages.pages import Typed
from status_page.pages.report_pages import ReportPages
from status_page.pages.reports import EVERYTHING, SLOTS, Line, Reports
from status_page.pages.subscribe_pages import STATIC, SubscribePages, Way
from status_page.render import Site, render_site
from status_page.site import Retold
from status_page.words.report_words import LOST, REPORT_PROBLEMS, TOO_LARGE, TOO_OFTEN
from tests.status_page.builders import NOW, incident, minutes, resolved, site
from tests.status_page.look.test_look import SVG
from tests.status_page.works import called_off, done, going_on, work
from tests.vnu import complaints

LANGUAGES = ("en", "tr", "fa")
_PROBLEM = {"webhook": "url"}
_TYPED = {"mail": "a&b@c", "slack": "https://hooks.example/?a=1&b=2", "webhook": "http://[::1]/", "push": ""}


def full() -> list[Site]:
    """Make sites that show everything there is; the words of one story have the ids of another's in these tests."""
    busy = Line((2,) * 46 + (20, 27), (4.0,) * SLOTS, 47)
    old = [resolved(f"inc_{n}", NOW - minutes(60 * 24 * 30 * n)) for n in range(1, 6)]
    look = Look(logo=read_logo("logo.svg", SVG), logo_dark=read_logo("logo.svg", SVG))
    reports = Reports(NOW - minutes(47 * 30), {EVERYTHING: busy, "payments": busy})
    return [
        site(incident(id="inc_open"), *old, look=look, index=False, subscribe=True, reports=reports,
             planned=(work(), done(id="mnt_3"), called_off(id="mnt_4"))),
        site(planned=(going_on(),)),
        site(incident(), merged=(Retold(incident(id="inc_2"), "inc_1"),)),
        site(components=(), languages=("tr",), report_form=False),
    ]  # fmt: skip


@pytest.mark.slow
def test_the_checker_finds_no_error(tmp_path: Path) -> None:
    files = {
        f"{place}/{path}": content
        for place, made in enumerate(full())
        for path, content in render_site(made).items()
        if path.endswith((".html", ".css"))
    }
    assert {path.split("/")[1] for path in files} >= set(LANGUAGES)
    assert complaints(files, tmp_path) == []


def signing_up(language: str) -> Iterator[tuple[str, bytes]]:
    """Draw every page that a subscriber can see."""
    ways = ("mail", "slack", "webhook", "push")
    pages = SubscribePages(site(subscribe=True), ways, timedelta(hours=48), push_key="BKey")
    yield "form", pages.form(language, NOW)
    for way in ways:
        yield (
            f"wrong-{way}",
            pages.form(language, NOW, problem=_PROBLEM.get(way, way), way=Way(way, True, _TYPED[way], ("payments",))),
        )
        yield f"asked-{way}", pages.asked(language, NOW, way)
    yield "confirm", pages.confirm(language, NOW, "w0rd", "a…@b.example", ["payments"])
    yield "confirmed", pages.confirm(language, NOW, "w0rd", "a…@b.example", [], manage="/manage/w0rd")
    for state in ("pending", "active", "stopped", "bounced"):
        yield state, pages.manage(language, NOW, "w0rd", channel="mail", address="a…@b.example", state=state,
                                  said="saved", chosen=("payments",), chosen_language=language)  # fmt: skip
    yield "stop", pages.stop(language, NOW, "w0rd", "a…@b.example", done=False)
    yield "stopped-now", pages.stop(language, NOW, "w0rd", "a…@b.example", done=True)
    yield "gone", pages.gone(language, NOW, "manage", "w0rd")
    yield "not-begun", pages.gone(language, NOW, "subscribe/confirm", "w0rd")
    yield "closed", SubscribePages(site(), (), timedelta(hours=48)).closed(language, NOW)


@pytest.mark.slow
def test_the_checker_finds_no_error_in_the_pages_of_subscribers(tmp_path: Path) -> None:
    files = {f"{lang}/{name}.html": drawn for lang in LANGUAGES for name, drawn in signing_up(lang)}
    styles = {path.name: path.read_bytes() for path in STATIC.glob("*.css")}
    assert complaints(files | styles, tmp_path) == []


def asked_afterwards(language: str) -> Iterator[tuple[str, bytes]]:
    """Draw the page behind the link of a follow-up in every state."""
    pages = FeedbackPages(site(), timedelta(days=30))
    yield "asked", pages.ask(language, NOW, "w0rd", incident())
    yield "wrong", pages.ask(language, NOW, "w0rd", None, problem=True)
    yield "said", pages.ask(language, NOW, "w0rd", incident(), answer=Answer.FIXED, rating=5, said=True)
    yield "still", pages.ask(language, NOW, "w0rd", incident(), answer=Answer.STILL_BROKEN, said=True)
    yield "over", pages.over(language, NOW, "w0rd")
    yield "gone", pages.gone(language, NOW, "w0rd")


@pytest.mark.slow
def test_the_checker_finds_no_error_in_the_question_afterwards(tmp_path: Path) -> None:
    files = {f"{lang}/{name}.html": drawn for lang in LANGUAGES for name, drawn in asked_afterwards(lang)}
    assert complaints(files, tmp_path) == []


def refused(language: str) -> Iterator[tuple[str, bytes]]:
    """Draw what stands there when a form of customers is not taken, or there is no page."""
    pages, typed = ReportPages(site()), Typed('</textarea>"&', 'a"&@b', "payments")
    for problem in REPORT_PROBLEMS:
        yield f"again-{problem}", pages.report(language, problem, typed)
    yield "too", pages.too(language, incident(), 'a"&@b')
    for name, notice in {"lost": LOST, "large": TOO_LARGE, "wait": TOO_OFTEN}.items():
        yield name, notice_page(notice, pages.imprint, language).encode()


@pytest.mark.slow
def test_the_checker_finds_no_error_in_what_is_refused(tmp_path: Path) -> None:
    files = {f"{lang}/{name}.html": drawn for lang in LANGUAGES for name, drawn in refused(lang)}
    assert complaints(files, tmp_path) == []


def test_the_checker_would_find_an_error(tmp_path: Path) -> None:
    page = b"<!doctype html><html lang=en><title>x</title><p><div></p>"
    [found] = [line for line in complaints({"a.html": page}, tmp_path) if "No “p” element in scope" in line]
    assert found.startswith("a.html:")
