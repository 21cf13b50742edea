"""The forms in Debian's Chromium against the real doors: with the script and without, on a phone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.pipeline.intake import Intake
from app.web.report import ReportDoor
from app.web.site import SiteDoor
from domain.heard.mention import MentionRecord, Submission
from status_page.pages.report_pages import ReportPages
from status_page.publish import publish_site
from status_page.render import render_site
from tests.app.desk.office import COMPONENTS, Office, open_office
from tests.app.web.test_report import form_source
from tests.status_page.builders import incident, site
from tests.status_page.surf import ARGUMENTS, CHROMIUM

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 780}
FRAMES = """() => {
  let last = performance.now();
  window.worst = 0;
  const frame = () => {
    const now = performance.now();
    window.worst = Math.max(window.worst, now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


def need_chromium() -> None:
    """Skip with the reason where there is none."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("HUBBUB_REQUIRE_REAL_PARTS") == "1":
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed")


@dataclass
class Town:
    """The page with its doors, and a browser in front of it."""

    office: Office
    browser: Any
    base: str
    complaints: list[str] = field(default_factory=list)

    async def visit(self, path: str, **settings: Any) -> Any:
        """Open a page on a phone; what the browser complains about is remembered."""
        context = await self.browser.new_context(viewport=PHONE, **settings)
        opened = await context.new_page()
        opened.on("console", lambda message: self.complaints.append(message.text))
        opened.on("pageerror", lambda error: self.complaints.append(str(error)))
        await opened.goto(f"{self.base}/{path}")
        return opened

    async def submissions(self) -> list[Submission]:
        """List how what is stored came, oldest first."""
        records = await self.office.store.find(MentionRecord, order="received_at")
        return [sent for record in records if (sent := record.mention.submission) is not None]


@asynccontextmanager
async def open_town(folder: Path) -> AsyncIterator[Town]:
    need_chromium()
    async_api = pytest.importorskip("playwright.async_api")
    publish_site(render_site(site(incident())), folder)

    async def ready() -> None:
        return None

    async with open_office() as office, form_source(office) as form, async_api.async_playwright() as play:
        intake = Intake(office.store, office.clock)
        door = ReportDoor(intake, [form], COMPONENTS, [ReportPages(site())], lambda: datetime.now(UTC))
        application = web.Application()
        application.add_routes(door.routes())
        application.router.add_get("/{path:.*}", SiteDoor(folder, ready).page)
        server = TestServer(application)
        await server.start_server()
        await office.store.add(incident())
        started = await play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        town = Town(office, started, str(server.make_url("/")).rstrip("/"))
        yield town
        await started.close()
        await server.close()
        assert town.complaints == []


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_a_report_arrives_and_its_work_is_done_where_scripts_run(
    town: Town, language: str, scripts: bool
) -> None:
    page = await town.visit(f"{language}/report.html", java_script_enabled=scripts)
    await page.fill("#text", "پرداخت انجام نمی‌شود" if language == "fa" else "cards are declined")
    await page.click("form button")
    await page.wait_for_url(f"**/{language}/thanks.html")
    assert [sent.proven for sent in await town.submissions()] == [scripts]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_a_report_with_a_wrong_address_comes_back_whole_and_arrives_once_it_is_right(
    town: Town, scripts: bool
) -> None:
    page = await town.visit("tr/report.html", java_script_enabled=scripts)
    await page.fill("#text", "Kart geçmiyor")
    await page.select_option("#component", "payments")
    await page.fill("#contact", "ayse@gmail")
    await page.click("form button")
    assert page.url.endswith("/tr/report.html"), "the browser itself asks for more"
    await page.fill("#contact", f"{'ayse' * 17}@mail.example")  # longer than any name may be, which browsers let pass
    await page.click("form button")
    await page.wait_for_url("**/report")
    town.complaints.clear()  # of the status 400
    assert "henüz gönderilmedi" in await page.inner_text("[role=alert]")
    assert await page.input_value("#component") == "payments"
    await page.fill("#contact", "ayse@mail.example")
    await page.click("form button")
    await page.wait_for_url("**/tr/thanks.html")
    (record,) = await town.office.all(MentionRecord)
    said, sent = record.mention, record.mention.submission
    assert (said.text, said.about, said.contact) == ("Kart geçmiyor", "payments", "ayse@mail.example")
    assert (sent is not None and sent.proven) == scripts


async def test_i_have_this_too_needs_no_address_but_the_button_beside_one_checks_it(town: Town) -> None:
    page = await town.visit("en/index.html")
    await page.click("form.too summary")
    await page.fill("form.too [name=contact]", "ayse@gmail")
    await page.click("form.too details button")
    assert page.url.endswith("/en/index.html")
    assert await page.locator("form.too [name=contact]:invalid").count() == 1
    await page.click("form.too > button")
    await page.wait_for_url("**/report/too")
    town.complaints.clear()  # of the status 400
    await page.fill("form.too [name=contact]", "")
    await page.click("form.too > button")
    await page.wait_for_url("**/en/too-thanks.html")
    assert [sent.incident for sent in await town.submissions()] == ["inc_1"]


@pytest.mark.parametrize("place", ["en/index.html", "index.html", "fa/incidents/inc_1.html"])
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_one_press_says_i_have_this_too(town: Town, place: str, scripts: bool) -> None:
    page = await town.visit(place, java_script_enabled=scripts)
    await page.click("form.too > button")
    await page.wait_for_url("**/too-thanks.html")
    assert [(sent.incident, sent.proven) for sent in await town.submissions()] == [("inc_1", scripts)]


async def test_an_address_for_the_end_is_left_with_the_keyboard_alone(town: Town) -> None:
    page = await town.visit("en/index.html")
    await page.focus("form.too > button")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("ada@mail.example")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/en/too-thanks.html")
    (record,) = await town.office.all(MentionRecord)
    assert record.mention.contact == "ada@mail.example"


async def test_an_address_is_sent_with_the_button_beside_it(town: Town) -> None:
    page = await town.visit("fa/incidents/inc_1.html")
    await page.click("form.too summary")
    await page.fill("form.too [name=contact]", "ada@mail.example")
    await page.click("form.too details button")
    await page.wait_for_url("**/fa/too-thanks.html")
    (record,) = await town.office.all(MentionRecord)
    sent = record.mention.submission
    assert (record.mention.contact, sent is not None and sent.proven) == ("ada@mail.example", True)


async def test_a_press_while_the_work_is_done_says_so_and_sends_once(town: Town) -> None:
    page = await town.visit("en/index.html")
    await page.evaluate("() => { document.querySelector('form.too').dataset.bits = '32' }")  # more than anybody does
    button = page.locator("form.too > button")
    await button.click()
    assert await button.inner_text() == "One moment …"
    assert await button.is_disabled()
    await page.wait_for_url("**/en/too-thanks.html", timeout=30_000)
    assert len(await town.submissions()) == 1


async def test_work_that_takes_too_long_or_fails_never_keeps_a_report_back(town: Town) -> None:
    page = await town.visit("en/report.html")
    await page.evaluate("() => { crypto.subtle.digest = () => Promise.reject(new Error('no')) }")
    await page.fill("#text", "cards are declined")
    await page.click("form button")
    await page.wait_for_url("**/en/thanks.html")
    slow = await town.visit("en/report.html")
    await slow.evaluate("() => { crypto.subtle.digest = () => new Promise(() => {}) }")
    await slow.fill("#text", "cards are declined, still")
    await slow.click("form button")
    await slow.wait_for_url("**/en/thanks.html", timeout=20_000)
    assert [sent.proven for sent in await town.submissions()] == [False, False]


async def test_two_reports_in_a_row_each_do_their_own_work(town: Town) -> None:
    page = await town.visit("en/report.html")
    for text in ("cards are declined", "and the app is slow"):
        await page.fill("#text", text)
        await page.click("form button")
        await page.wait_for_url("**/en/thanks.html")
        await page.go_back()
        await page.wait_for_url("**/en/report.html")
        assert await page.locator("form button").is_enabled()
    assert [sent.proven for sent in await town.submissions()] == [True, True]


async def test_the_page_stays_awake_while_it_works(town: Town) -> None:
    page = await town.visit("en/report.html")
    throttle = await page.context.new_cdp_session(page)
    await throttle.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    await page.evaluate(FRAMES)
    await page.evaluate("() => { document.querySelector('form[data-work]').dataset.bits = '12' }")
    await page.focus("#text")
    await page.wait_for_timeout(1500)
    # Hashes without a pause leave no frame at all; a busy machine of tests draws slowly, too.
    assert await page.evaluate("window.worst") < 1000, "milliseconds between two frames"


async def test_a_form_on_a_page_of_somebody_else_does_not_get_through(town: Town) -> None:
    async def evil(request: web.Request) -> web.Response:
        fields = "<input name=incident value=inc_1><input name=text value=broken>"
        form = f'<form method=post action="{town.base}/report/too">{fields}<button>Win a prize</button></form>'
        return web.Response(text=f"<!doctype html>{form}", content_type="text/html")

    application = web.Application()
    application.router.add_get("/", evil)
    server = TestServer(application, host="localhost")
    await server.start_server()
    context = await town.browser.new_context()
    page = await context.new_page()
    await page.goto(f"http://localhost:{server.port}/")
    async with page.expect_navigation() as leads:
        await page.click("button")
    assert (await leads.value).status == 403
    await server.close()
    assert await town.submissions() == []
