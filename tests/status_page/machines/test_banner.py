"""What stands on other people's pages, tried in a real browser: silent while all is well, said aloud when it is not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.web.site import SiteDoor, safe_headers
from domain.component import ComponentStatus
from domain.incidents.incident import Impact
from status_page.publish import publish_site
from status_page.render import Site, render_site
from tests.status_page.builders import incident, page, site, update
from tests.status_page.works import going_on

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
TROUBLE = incident(update(components={"payments": ComponentStatus.PARTIAL_OUTAGE}), impact=Impact.MAJOR)
HOST = """<!doctype html><html lang="{lang}"><title>Shop</title><body><h1>Shop</h1><div id="top"></div>
<script src="{status}/embed/banner.js"{extra} async></script>
<iframe src="{status}/fa/embed/status.html" title="State" width="600" height="90"></iframe></body></html>"""


def script(of: Site) -> str:
    """Give the banner's script."""
    return render_site(of)["embed/banner.js"].decode()


def test_the_script_is_small_plain_ascii_and_has_the_words_of_every_language_of_the_page() -> None:
    made = script(site())
    assert made.isascii()
    assert len(made) < 4000
    words = json.loads(re.search(r"const all = (\{.*\});", made)[1])  # type: ignore[index]
    assert list(words) == ["en", "tr", "fa"]
    assert (words["fa"]["dir"], words["tr"]["more"]) == ("rtl", "Ayrıntılar")
    assert {*words["en"]} == {"dir", "more", "maintenance", "minor", "major", "critical"}
    assert "innerHTML" not in made


def test_the_script_stays_the_same_whatever_happens() -> None:
    assert script(site()) == script(site(TROUBLE, planned=[going_on()]))


def test_the_frame_says_the_state_and_how_old_it_is_without_a_script() -> None:
    for path, home, style in (
        ("embed/status.html", "../en/index.html", "../embed/status.css"),
        ("fa/embed/status.html", "../../fa/index.html", "../../embed/status.css"),
    ):
        soup = page(site(TROUBLE), path)
        assert soup.select("script") == []
        assert soup.select_one("a[target=_blank]")["href"] == home  # type: ignore[index]
        assert soup.select_one("link[rel=stylesheet]")["href"] == style  # type: ignore[index]
        assert soup.body is not None
        assert soup.body["class"] == ["partial_outage"]
    assert "Part of our service is not working" in page(site(TROUBLE), "embed/status.html").get_text()
    assert "As of 21 November 2026, 14:10 UTC" in page(site(), "embed/status.html").get_text()
    assert page(site(), "fa/embed/status.html").html["dir"] == "rtl"  # type: ignore[index]


def test_hostile_names_stay_text_in_the_frame() -> None:
    soup = page(site(brand="<script>alert(1)</script>"), "embed/status.html")
    assert soup.select("script") == []
    assert "<script>alert(1)</script>" in soup.get_text()


# --- in a browser


@pytest.fixture(scope="module")
def chromium() -> Path:
    """Debian's Chromium, or skip with the reason."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("HUBBUB_REQUIRE_REAL_PARTS") == "1":
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed")
    return Path(CHROMIUM)


@pytest.fixture
async def browser(chromium: Path) -> AsyncIterator[Any]:
    """A running browser."""
    async_api = pytest.importorskip("playwright.async_api")
    async with async_api.async_playwright() as play:
        started = await play.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        await started.close()


class Town:
    """A status page behind its own door, and a shop on another origin that embeds it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers: list[TestServer] = []
        self.extra, self.lang = "", "en"

    async def open(self) -> None:
        """Start both."""

        async def ready() -> None:
            """Have the page already."""

        application = web.Application(middlewares=[safe_headers])
        application.router.add_get("/{path:.*}", SiteDoor(self.folder, ready).page)
        shop = web.Application()
        shop.router.add_get("/", self._shop)
        self.servers = [TestServer(application), TestServer(shop)]
        for server in self.servers:
            await server.start_server()

    async def _shop(self, request: web.Request) -> web.Response:
        status = str(self.servers[0].make_url("")).rstrip("/")
        return web.Response(text=HOST.format(status=status, extra=self.extra, lang=self.lang), content_type="text/html")

    def show(self, of: Site) -> None:
        """Publish another state."""
        publish_site(render_site(of), self.folder)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Both servers, with nothing wrong."""
    made = Town(tmp_path / "site")
    made.show(site())
    await made.open()
    yield made
    for server in made.servers:
        await server.close()


async def visit(browser: Any, town: Town) -> Any:
    """Open the shop and wait for the banner's first answer."""
    opened = await browser.new_page(viewport={"width": 390, "height": 600})
    opened.complaints = []
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    async with opened.expect_response(re.compile("status.json")):
        await opened.goto(str(town.servers[1].make_url("/")))
    await opened.wait_for_timeout(100)
    return opened


def complaints(opened: Any) -> list[str]:
    """Give what the browser complained about; a shop without an icon is nobody's fault."""
    return [text for text in opened.complaints if "404" not in text]


@pytest.mark.browser
async def test_nothing_shows_while_all_is_well_and_the_frame_is_allowed(browser: Any, town: Town) -> None:
    opened = await visit(browser, town)
    box = opened.locator("[role=status]")
    assert (await box.get_attribute("aria-live"), await box.inner_text()) == ("polite", "")
    assert (await box.bounding_box() or {"height": 0})["height"] == 0
    frame = opened.frame_locator("iframe")
    assert "همهٔ بخش‌ها برقرارند" in await frame.locator("h1").inner_text()
    assert complaints(opened) == []


@pytest.mark.browser
async def test_trouble_is_said_in_the_language_of_the_page(browser: Any, town: Town) -> None:
    town.show(site(TROUBLE))
    for lang, extra, words, link, direction in (
        ("en", "", "Part of our service is not working See details", "/en/index.html", "ltr"),
        ("tr-TR", "", "Hizmetimizin bir bölümü çalışmıyor Ayrıntılar", "/tr/index.html", "ltr"),
        ("de", "", "Part of our service is not working See details", "/en/index.html", "ltr"),
        ("en", ' data-lang="fa"', "بخشی از خدمات ما کار نمی‌کند جزئیات", "/fa/index.html", "rtl"),
    ):
        town.lang, town.extra = lang, extra
        opened = await visit(browser, town)
        box = opened.locator("[role=status]")
        assert (await box.inner_text()).strip() == words
        assert await box.get_attribute("dir") == direction
        assert (await box.locator("a").get_attribute("href")).endswith(link)
        assert complaints(opened) == []


@pytest.mark.browser
async def test_the_banner_follows_the_state_and_stays_when_the_page_cannot_be_reached(browser: Any, town: Town) -> None:
    town.extra = ' data-into="#top"'
    town.show(site(planned=[going_on()]))
    opened = await visit(browser, town)
    top = opened.locator("#top [role=status]")
    assert "Maintenance is under way" in await top.inner_text()
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    town.show(site(TROUBLE))
    async with opened.expect_response(re.compile("status.json")):
        await opened.evaluate(look)
    await opened.wait_for_timeout(100)
    assert "Part of our service" in await top.inner_text()
    (town.folder / "api").unlink()
    async with opened.expect_event("requestfailed"):
        await opened.evaluate(look)
    await opened.wait_for_timeout(100)
    assert "Part of our service" in await top.inner_text()
    town.show(site())
    async with opened.expect_response(re.compile("status.json")):
        await opened.evaluate(look)
    await opened.wait_for_timeout(100)
    assert await top.inner_text() == ""


def test_the_script_is_valid_for_older_engines_too(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    (tmp_path / "banner.js").write_text(script(site()))
    done = subprocess.run([node, "--check", str(tmp_path / "banner.js")], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
