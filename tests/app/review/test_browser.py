"""The HTML files in a real browser: nothing blocked or asked for, no wider than a phone, dark, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.review.test_html import FILES
from tests.status_page.surf import Surfer, served

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN = "document.querySelectorAll('details').forEach(found => { found.open = true })"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The files of the other tests, as they would lie on a disk."""
    folder: Path = tmp_path_factory.mktemp("reviews")
    for name, text in FILES.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    with served(folder) as found:
        yield found


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("width", [320, 390, 700, 1280])
def test_nothing_is_wider_than_the_screen(visit: Surfer, name: str, width: int) -> None:
    opened = visit(f"{name}.html", viewport={"width": width, "height": 800})
    opened.evaluate(OPEN)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "shown", "hidden"), [(390, "narrow", "wide"), (1280, "wide", "narrow")])
def test_the_picture_fits_the_screen_so_that_its_letters_stay_readable(
    visit: Surfer, width: int, shown: str, hidden: str
) -> None:
    opened = visit("story.html", viewport={"width": width, "height": 800})
    assert opened.locator(f"svg.rv-{shown}").is_visible()
    assert not opened.locator(f"svg.rv-{hidden}").is_visible()
    letters = opened.evaluate(
        f"document.querySelector('svg.rv-{shown} .rv-hour').getBoundingClientRect().height"
    )  # fmt: skip
    assert letters >= 10


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(244, 245, 248)"), ("dark", "rgb(15, 20, 28)")])
def test_light_and_dark_are_styled_under_the_strict_policy(visit: Surfer, scheme: str, ground: str) -> None:
    opened = visit("story.html", color_scheme=scheme)
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == ground


def test_on_paper_it_is_white_and_the_table_is_open(visit: Surfer) -> None:
    opened = visit("story.html", color_scheme="dark", viewport={"width": 700, "height": 900})
    opened.emulate_media(media="print")
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert opened.locator(".rv-minutes tbody tr").first.bounding_box()["height"] > 5


def test_persian_runs_from_right_to_left_and_english_around_it_does_not(visit: Surfer) -> None:
    opened = visit("story.html")
    direction = "found => getComputedStyle(found).direction"
    assert opened.locator('blockquote[lang="fa"]').evaluate(direction) == "rtl"
    assert opened.locator('blockquote[lang="tr"]').evaluate(direction) == "ltr"


def test_the_keyboard_opens_the_table(visit: Surfer) -> None:
    opened = visit("story.html")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    assert opened.locator(".rv-minutes").evaluate("found => found.open")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["story", "scorecard", "nobody"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
def test_axe_finds_nothing(chromium: Any, address: str, name: str, scheme: str, width: int) -> None:
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    axe = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    opened = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    opened.goto(f"{address}/{name}.html")
    opened.evaluate(OPEN)
    opened.add_script_tag(content=axe)
    found = opened.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    opened.close()
    assert [(broken["id"], broken["nodes"][0]["html"][:120]) for broken in found["violations"]] == []
