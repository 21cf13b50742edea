"""The page in a real browser: no script needed, nothing blocked, nothing wider than a phone, own time zone with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from status_page.publish import publish_site
from status_page.render import render_site
from tests.status_page.builders import LANGUAGES, NOW, incident, minutes, resolved, site, update

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish a site with an open incident as plain files."""
    out = tmp_path_factory.mktemp("site")
    publish_site(render_site(site(incident(update(due=NOW + minutes(25))), resolved())), out)
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Debian's Chromium, or skip with the reason."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("HUBBUB_REQUIRE_REAL_PARTS") == "1":
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        started = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture
def visit(browser: Any, folder: Path) -> Iterator[Open]:
    """Open a page of the site; whatever the browser complains about fails the test."""
    contexts, complaints = [], []

    def go(path: str, **settings: Any) -> Any:
        context = browser.new_context(timezone_id="Europe/Istanbul", **settings)
        contexts.append(context)
        opened = context.new_page()
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto((folder / path).as_uri())
        return opened

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["index", "history", "report", "incidents/inc_1"])
def test_nothing_is_wider_than_a_small_phone(visit: Open, language: str, name: str) -> None:
    opened = visit(f"{language}/{name}.html", viewport={"width": 320, "height": 640})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 320


def test_persian_runs_from_right_to_left(visit: Open) -> None:
    opened = visit("fa/index.html", viewport={"width": 390, "height": 800}, java_script_enabled=False)
    icon, head = (opened.locator(f".headline {part}").bounding_box() for part in ("> .icon", "h1"))
    assert icon["x"] > head["x"] + head["width"] / 2


def test_without_a_script_the_page_is_whole_and_in_utc(visit: Open) -> None:
    opened = visit("en/index.html", java_script_enabled=False)
    assert "Next update by 14:35 UTC" in opened.inner_text("main")
    assert not opened.locator("#stale").is_visible()


def test_with_the_script_times_are_the_visitors_own_and_age_is_told(visit: Open) -> None:
    opened = visit("tr/index.html", locale="tr-TR")
    assert "17:35" in opened.inner_text(".promise")
    assert opened.locator("#age").is_visible()
    old = opened.evaluate("Date.now() / 1000") > (NOW + minutes(30)).timestamp()
    assert opened.locator("#stale").is_visible() == old


def test_persian_times_keep_their_calendar_with_the_script(visit: Open) -> None:
    text = visit("fa/index.html", locale="fa-IR").inner_text(".updates")
    assert "۱۴۰۵" in text
    assert "آبان" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_schemes_have_their_own_ground(visit: Open, scheme: str) -> None:
    opened = visit("en/index.html", color_scheme=scheme)
    ground = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(246, 247, 249)", "dark": "rgb(16, 21, 29)"}[scheme]


def test_the_keyboard_reaches_the_content_first(visit: Open) -> None:
    opened = visit("en/index.html")
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert opened.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
