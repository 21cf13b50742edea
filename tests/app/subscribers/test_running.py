"""`hubbub run` as a process: sign up, confirm, hear of an incident, stop by one click; and `hubbub bounces`."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller

from app.store.open import open_store
from domain.told.subscriber import Channel, Standing, Subscriber, subscriber_id
from tests.app.subscribers.test_bounces import report
from tests.app.subscribers.town import Sink, incident, link_in, said
from tests.ports import quiet_port

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
ADDRESS = "zeynep@mail.example"
SETTINGS = """
brand: {{name: Nar, languages: [en, tr, fa]}}
store: sqlite:///{folder}/hubbub.db
components:
  - {{id: payments, names: {{en: Payments, tr: Ödemeler, fa: پرداخت}}}}
mail: {{url: "smtp://127.0.0.1:{mail}", sender: news@nar.example}}
subscribers: {{mail: true, slack: true, webhooks: true, push: true, bounces: bounce@nar.example}}
web: {{host: 127.0.0.1, port: {port}, public_url: "http://127.0.0.1:{port}"}}
page: {{out_dir: {folder}/site}}
"""


class Running:
    """A hubbub with a mail server beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.sink, mail, port = folder, Sink(), quiet_port(), quiet_port()
        self.url, self.config = f"http://127.0.0.1:{port}", folder / "hubbub.yaml"
        self.config.write_text(SETTINGS.format(folder=folder, mail=mail, port=port), encoding="utf-8")
        self.smtp = Controller(self.sink, hostname="127.0.0.1", port=mail)
        self.smtp.start()
        command = [sys.executable, "-m", "app.cli.main", "run", "-c", str(self.config)]
        self.process = subprocess.Popen(command, cwd=ROOT)

    def ask(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        """Open a page, or post a form, and follow where it leads."""
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        url = path if path.startswith("http") else self.url + path
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body), timeout=30) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as err:
            return err.code, err.read().decode()
        except OSError:
            return 0, ""

    def wait(self, count: int, seconds: float = 90) -> list[EmailMessage]:
        """Wait for so many mails."""
        end = time.monotonic() + seconds
        while len(self.sink.got) < count and time.monotonic() < end:
            time.sleep(0.1)
        kept = [cast(bytes, envelope.content) for envelope in self.sink.got]
        assert len(kept) >= count
        return [cast(EmailMessage, message_from_bytes(content, policy=default)) for content in kept]

    def store(self, work: str = "") -> Subscriber | None:
        """Put an incident into the store of the running process, or read the subscriber."""

        async def run() -> Subscriber | None:
            store = await open_store(f"sqlite:///{self.folder}/hubbub.db")
            now = datetime.now(UTC)
            if work:
                made = incident(said(at=now), id=work)
                await store.add(replace(made, started_at=now, declared_at=now))
            found = await store.get(Subscriber, subscriber_id(Channel.MAIL, ADDRESS))
            await store.close()
            return found

        return asyncio.run(run())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("running"))
    end = time.monotonic() + 120
    while made.ask("/healthz")[0] != 200 and time.monotonic() < end:
        assert made.process.poll() is None
        time.sleep(0.2)
    yield made
    made.process.terminate()
    made.process.wait(30)
    made.smtp.stop()


def test_from_the_form_to_one_click(running: Running) -> None:
    status, page = running.ask("/tr/subscribe")
    assert status == 200
    assert re.search(r'href="/assets/page\.[0-9a-f]{12}\.css"', page)
    assert running.ask(re.findall(r'href="(/subscribe/[^"]+)"', page)[0])[0] == 200
    status, page = running.ask("/subscribe", {"language": "tr", "channel": "mail", "address": ADDRESS})
    assert (status, "Bir adım kaldı" in page) == (200, True)
    (mail,) = running.wait(1)
    link = link_in(mail)
    assert running.ask(link)[0] == 200
    assert running.ask(link, {})[0] == 200
    running.store("inc_1")
    told = running.wait(2)[1]
    assert told["Subject"] == "[Nar] Kartlar reddediliyor"
    assert running.ask(link_in(told, "/unsubscribe/"), {"List-Unsubscribe": "One-Click"})[0] == 200
    known = running.store()
    assert known is not None
    assert known.state is Standing.STOPPED
    assert running.ask(link_in(told, "/manage/"), {"do": "resume"})[0] == 200


def test_a_bounce_that_is_piped_in_stops_the_address(running: Running) -> None:
    known = running.store()
    assert known is not None
    assert known.state is Standing.ACTIVE
    message_id = str(running.wait(2)[1]["Message-ID"])
    command = [sys.executable, "-m", "app.cli.main", "bounces", "-c", str(running.config)]
    raw = report(returned=f"Message-ID: {message_id}")
    done = subprocess.run(command, cwd=ROOT, input=raw, capture_output=True, timeout=120)
    assert done.stdout.decode().strip() == f"{known.id}: stopped (5.1.1)"
    after = running.store()
    assert after is not None
    assert after.state is Standing.BOUNCED


# --- in a browser


CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="module")
def browser(running: Running) -> Iterator[Any]:
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


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "tr", "fa"])
def test_nothing_is_wider_than_a_small_phone_and_nothing_is_blocked(
    running: Running, browser: Any, language: str
) -> None:
    context, complaints = browser.new_context(viewport={"width": 320, "height": 640}), []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in (f"/{language}/subscribe", f"/{language}/subscribe/asked/mail"):
        page.goto(running.url + path)
        for fold in page.locator("summary:visible").all():
            fold.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()
    assert complaints == []


@pytest.mark.browser
def test_without_a_script_one_signs_up_confirms_changes_and_stops(running: Running, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page, before = context.new_page(), len(running.sink.got)
    page.goto(f"{running.url}/fa/subscribe")
    assert not page.locator("#push").is_visible(), "only the script knows whether the browser can do that"
    page.fill("#mail-address", "no-script@mail.example")
    page.locator("form:visible button").click()
    page.goto(link_in(running.wait(before + 1)[-1]))
    page.locator("main form button").click()
    page.goto(page.locator("main a.button").get_attribute("href"))
    page.check("#own-c-payments")
    page.locator("main form button").first.click()
    assert "ذخیره شد" in page.inner_text("[role=status]")
    page.locator("main form button").last.click()
    assert page.locator("main form button").count() == 1
    context.close()


@pytest.mark.browser
def test_with_the_script_browser_notifications_are_offered(running: Running, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{running.url}/en/subscribe")
    assert page.locator("#push").is_visible()
    context.close()


@pytest.mark.browser
def test_the_service_worker_shows_what_is_pushed(running: Running, browser: Any) -> None:
    """The push service's part is played by the browser's debugger: no push service can be reached from a test."""
    context = browser.new_context()
    context.grant_permissions(["notifications"], origin=running.url)
    page, found = context.new_page(), []
    page.goto(f"{running.url}/fa/subscribe")
    debugger = context.new_cdp_session(page)
    debugger.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    debugger.send("ServiceWorker.enable")
    page.evaluate(
        "async () => { const { worker } = document.querySelector('#push form').dataset;"
        " await navigator.serviceWorker.register(worker);"
        " const one = (await navigator.serviceWorker.getRegistrations())[0];"
        " while (!one.active) await new Promise((done) => setTimeout(done, 50)); }"
    )
    told = {"title": "Nar: پرداخت", "body": "برطرف شد.", "tag": "inc_1", "dir": "rtl", "url": f"{running.url}/fa/"}
    where = {"origin": f"{running.url}/", "registrationId": found[-1]["registrationId"], "data": json.dumps(told)}
    debugger.send("ServiceWorker.deliverPushMessage", where)
    page.wait_for_timeout(500)
    shown = page.evaluate(
        "async () => { const one = (await navigator.serviceWorker.getRegistrations())[0];"
        " return (await one.getNotifications()).map((n) => [n.title, n.body, n.tag, n.dir, n.data.url]); }"
    )
    assert shown == [["Nar: پرداخت", "برطرف شد.", "inc_1", "rtl", f"{running.url}/fa/"]]
    context.close()
