"""No violation of WCAG 2.2 AA that axe-core can see, in every language, light and dark, from 320 px to the desktop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from status_page.look.theme import Look
from status_page.publish import publish_site
from status_page.render import Site, render_site
from tests.status_page.builders import LANGUAGES, resolved, site
from tests.status_page.surf import served
from tests.status_page.test_browser import NAMES, address  # noqa: F401 (the site with everything on it)
from tests.status_page.test_vnu import refused

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [("light", 320), ("dark", 320), ("light", 1280), ("dark", 1280)]
RUN = "rules => axe.run(document, {runOnly: rules})"
BRAND = Look(light=(("accent", "#7a1fa2"), ("background", "#fff7ea")), dark=(("accent", "#d9a6ff"),))
OPEN = "document.querySelectorAll('details').forEach(found => { found.open = true })"


@pytest.fixture(scope="module")
def axe() -> str:
    """Give axe-core, which a package on PyPI carries."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(chromium: Any, axe: str, pages: list[str], scheme: str, width: int) -> list[tuple[str, str, str]]:
    """Look at pages and give (page, rule, the first place) of what is wrong."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    opened, found = context.new_page(), []
    for page in pages:
        opened.goto(page)
        opened.evaluate(OPEN)
        opened.evaluate(axe)
        told = opened.evaluate(RUN, RULES)["violations"]
        found += [(page, one["id"], one["nodes"][0]["html"]) for one in told]
        if opened.evaluate("document.documentElement.scrollWidth") > width:
            found.append((page, "wider than the screen", ""))
    context.close()
    return found


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(
    chromium: Any, address: str, axe: str, language: str, scheme: str, width: int  # noqa: F811
) -> None:  # fmt: skip
    names = (*NAMES, "thanks", "too-over", "incidents/inc_old", "maintenance/mnt_2")
    pages = [f"{address}/{language}/{name}.html" for name in names]
    assert violations(chromium, axe, pages, scheme, width) == []


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_axe_finds_nothing_in_what_is_refused(chromium: Any, axe: str, tmp_path: Path, scheme: str, width: int) -> None:
    files = {f"{lang}/{name}.html": drawn for lang in LANGUAGES for name, drawn in refused(lang)}
    publish_site(render_site(site()) | files, tmp_path)
    with served(tmp_path) as found:
        assert violations(chromium, axe, [f"{found}/{name}" for name in files], scheme, width) == []


@pytest.mark.parametrize(
    "made",
    [
        site(), site(components=()), site(resolved(), languages=("fa",), report_form=False),
        site(resolved(), look=BRAND),
    ],
    ids=["all is well", "no components", "one language", "a brand's colours"],
)  # fmt: skip
def test_axe_finds_nothing_on_sites_with_less_or_other_things(
    chromium: Any, axe: str, tmp_path: Path, made: Site
) -> None:
    publish_site(render_site(made), tmp_path)
    with served(tmp_path) as found:
        pages = [f"{found}/{made.languages[0]}/{name}.html" for name in ("index", "history", "search")]
        for scheme in ("light", "dark"):
            assert violations(chromium, axe, pages, scheme, 390) == []
