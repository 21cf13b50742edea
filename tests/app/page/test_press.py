"""The page is printed when what it shows has changed, and the old one stays when that fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.page.press import REFRESH, PagePress
from app.page.sheets import Sheet
from app.store.protocol import Store, update
from domain.action import Verb
from domain.component import Component
from domain.errors import ServiceError
from domain.incidents.incident import Incident, IncidentStatus
from tests.app.desk.office import COMPONENTS, LANGUAGES, PAGE, Office, open_office
from tests.domain.make import NOW, incident, meaning, mention, record, word


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


def sheet(folder: Path, **changes: Any) -> Sheet:
    parts: dict[str, Any] = {
        "brand": "Acme", "brand_url": None, "public_url": PAGE, "languages": LANGUAGES,
        "components": tuple(COMPONENTS.values()), "out_dir": folder, "report_form": True,
    }  # fmt: skip
    return Sheet(**parts | changes)


def press(office: Office, folder: Path, *further: Sheet, **changes: Any) -> PagePress:
    return PagePress(office.store, [sheet(folder, **changes), *further], office.clock)


async def test_the_first_page_is_printed_and_then_only_what_changed(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path / "site")
    assert [await page.refresh() for _ in range(3)] == [True, False, False]
    going = await office.declare()
    assert [await page.refresh() for _ in range(2)] == [True, False]
    shown = (tmp_path / "site" / "en" / "incidents" / f"{going.id}.html").read_text()
    assert "We are looking." in shown
    await office.do(Verb.APPROVE_POST, going.id, {"delivery": going.deliveries[0].id})
    assert await page.refresh() is False  # nothing that customers see
    await office.resolve(going)
    assert await page.refresh() is True
    assert "It is fixed." in (tmp_path / "site" / "en" / "incidents" / f"{going.id}.html").read_text()


async def test_all_languages_and_feeds_are_printed(office: Office, tmp_path: Path) -> None:
    await office.declare()
    await press(office, tmp_path).refresh()
    assert "Ödemeler çalışmıyor" in (tmp_path / "tr" / "index.html").read_text()
    assert 'dir="rtl"' in (tmp_path / "fa" / "index.html").read_text()
    assert "Payments fail" in (tmp_path / "history.atom").read_text()
    assert "Payments fail" in (tmp_path / "api" / "v2" / "summary.json").read_text()


async def test_a_quiet_page_is_printed_anew_so_that_it_says_its_age(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path)
    await page.refresh()
    office.clock.at += REFRESH - timedelta(seconds=1)
    assert await page.refresh() is False
    office.clock.passes(seconds=1)
    assert await page.refresh() is True
    assert page.printed_at == NOW + REFRESH


async def test_a_page_that_somebody_removed_comes_back(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path)
    await page.refresh()
    (tmp_path / "index.html").unlink()
    assert await page.refresh() is True
    assert (tmp_path / "index.html").exists()


async def test_when_the_disk_refuses_the_old_page_stays_and_it_is_said_once(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    site = tmp_path / "site"
    page = press(office, site)
    await page.refresh()
    before = (site / "index.html").read_text()
    versions = site / ".versions"
    versions.rename(tmp_path / "aside")
    versions.write_text("a file is in the way")  # the tests may run as root, whom rights do not stop
    (tmp_path / "aside").rename(site / "aside")
    (site / ".current").unlink()
    (site / ".current").symlink_to(next((site / "aside").iterdir()))
    await office.declare()
    assert [await page.refresh() for _ in range(3)] == [False] * 3
    assert page.failing is not None
    assert "old page stays" in page.failing
    assert (site / "index.html").read_text() == before
    versions.unlink()
    assert await page.refresh() is True
    assert page.failing is None
    assert "Payments fail" in (site / "en" / "index.html").read_text()
    said = [(line.levelname, line.getMessage()[:21]) for line in caplog.records if line.name == "app.page.press"]
    assert said == [("ERROR", "the page stays as it "), ("INFO", "the page is up to dat")]


async def test_a_bug_in_the_rendering_leaves_the_old_page_too(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path)
    await page.refresh()
    before = (tmp_path / "index.html").read_text()
    good, plate = page.sheets[0], page.plates[0]
    plate.sheet = replace(good, components=(Component("x", {"en": 5}),))  # type: ignore[dict-item]
    await office.declare(components="delivery")
    assert await page.refresh() is False
    assert page.failing is not None
    assert (tmp_path / "index.html").read_text() == before
    plate.sheet = good
    assert await page.refresh() is True


async def test_a_second_brand_has_its_own_page_with_its_own_incidents(office: Office, tmp_path: Path) -> None:
    other = sheet(
        tmp_path / "pay", name="pay", brand="Acme Pay", components=(COMPONENTS["payments"],), whole=False,
        public_url="https://status.pay.example", languages=("tr",),
    )  # fmt: skip
    page = press(office, tmp_path / "main", other)
    both = await office.declare()
    office.clock.passes(seconds=1)
    only_main = await office.declare(key="k2", components="delivery")
    assert await page.refresh() is True
    assert (tmp_path / "pay" / "tr" / "incidents" / f"{both.id}.html").exists()
    assert not (tmp_path / "pay" / "tr" / "incidents" / f"{only_main.id}.html").exists()
    assert (tmp_path / "main" / "en" / "incidents" / f"{only_main.id}.html").exists()
    assert "Acme Pay" in (tmp_path / "pay" / "index.html").read_text()
    assert not (tmp_path / "pay" / "en").exists()
    assert page.hosts == {"status.pay.example": tmp_path / "pay"}


async def test_each_page_is_known_without_what_happens_on_it(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path / "main", sheet(tmp_path / "pay", brand="Acme Pay", chart=True))
    await office.declare()
    main, pay = page.bare_sites()
    assert [(site.brand, site.incidents, site.reports is not None) for site in (main, pay)] == [
        ("Acme", [], False), ("Acme Pay", [], True),
    ]  # fmt: skip


async def test_what_touches_no_component_stands_on_every_page(office: Office, tmp_path: Path) -> None:
    other = sheet(tmp_path / "pay", components=(COMPONENTS["payments"],), whole=False)
    going = await office.declare()
    nameless = replace(going, updates=(replace(going.updates[0], components={}),))
    assert other.shows(nameless.components)
    assert not other.shows(["delivery"])


async def test_one_page_that_fails_does_not_keep_the_others_back(office: Office, tmp_path: Path) -> None:
    (tmp_path / "pay").write_text("a file is in the way")
    page = press(office, tmp_path / "main", sheet(tmp_path / "pay", name="pay"))
    assert await page.refresh() is True
    assert page.failing is not None
    assert "pay" in page.failing
    printed = page.printed_at
    office.clock.passes(seconds=1)
    assert await page.refresh() is False
    assert page.printed_at == printed, "the one that works is not printed again because of the other"
    (tmp_path / "pay").unlink()
    assert await page.refresh() is True
    assert page.failing is None


async def test_every_old_incident_keeps_its_page(office: Office, tmp_path: Path) -> None:
    known = [
        replace(incident(id=f"inc_{n:04}"), declared_at=NOW - timedelta(days=n), started_at=NOW - timedelta(days=n))
        for n in range(1050)
    ]
    await office.store.add(*known)
    await press(office, tmp_path, languages=("en",)).refresh()
    assert (tmp_path / "en" / "incidents" / "inc_1049.html").exists()


async def test_a_glance_does_not_read_years_of_history(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path, languages=("en",))
    over = word(IncidentStatus.RESOLVED, "upd_2")
    known = (incident(word(), over, id=f"inc_{n:04}", resolved_at=NOW - timedelta(days=n)) for n in range(200))
    await office.store.add(*known)
    assert await page.refresh() is True
    asked = []
    find = office.store.find

    async def watched(kind: type[Any], *where: Any, **more: Any) -> list[Any]:
        found = await find(kind, *where, **more)
        asked.append(len(found))
        return found

    page.store = Watched(office.store, watched)  # type: ignore[assignment]
    assert await page.refresh() is False
    assert sum(asked) <= 20


class Watched:
    """A store whose questions go through `find`."""

    def __init__(self, store: Store, find: Any) -> None:
        """Stand before `store`."""
        self.find, self.count = find, store.count


async def test_an_edited_title_and_a_hidden_incident_reach_the_page_at_once(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path)
    going = await office.declare()
    await page.refresh()
    place = tmp_path / "en" / "incidents" / f"{going.id}.html"
    await update(office.store, Incident, going.id, lambda i: replace(i, titles={"en": "Cards are declined"}))
    assert await page.refresh() is True
    assert "Cards are declined" in place.read_text()
    await update(office.store, Incident, going.id, lambda i: replace(i, private=True))
    assert await page.refresh() is True
    assert not place.exists()


async def test_the_chart_shows_what_customers_said_once_the_owner_wants_it(office: Office, tmp_path: Path) -> None:
    for person in range(7):
        said = mention(native=str(person), created_at=NOW - timedelta(minutes=5))
        await office.store.add(record(said, meaning(), person_id=f"per_{person}"))
    await press(office, tmp_path / "off").refresh()
    assert "customer-reports" not in (tmp_path / "off" / "en" / "index.html").read_text()
    await press(office, tmp_path / "on", chart=True).refresh()
    assert "7 people told us about a problem in the last hour." in (tmp_path / "on" / "en" / "index.html").read_text()


async def test_after_each_print_the_page_is_carried_on(office: Office, tmp_path: Path) -> None:
    command = ("cp", "-a", "{dir}/.", str(tmp_path / "far"))
    page = press(office, tmp_path / "near", publish=command)
    going = await office.declare()
    await page.refresh()
    courier = page.plates[0].courier
    assert courier is not None
    await courier.idle()
    name = f"en/incidents/{going.id}.html"
    assert (tmp_path / "far" / name).read_bytes() == (tmp_path / "near" / name).read_bytes()
    assert not (tmp_path / "far" / "index.html").is_symlink()


async def test_a_far_place_that_refuses_is_said_but_holds_nothing_up(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path, publish=("false", "{dir}"))
    assert await page.refresh() is True
    courier = page.plates[0].courier
    assert courier is not None
    async with asyncio.timeout(10):
        while courier.failing is None:  # noqa: ASYNC110 - it looks at another process
            await asyncio.sleep(0.01)
    assert page.failing == "false ended with 1"
    await office.declare()
    assert await page.refresh() is True
    with pytest.raises(ServiceError, match="false ended with 1"):
        page.check()
    await courier.close()


def test_the_check_says_where_pages_go_and_what_is_missing(office: Office, tmp_path: Path) -> None:
    assert press(office, tmp_path / "a" / "b").check() == str(tmp_path / "a" / "b")
    assert press(office, tmp_path, publish=("cp", "{dir}")).check() == f"{tmp_path} and on with cp"
    with pytest.raises(ServiceError, match=r"no-such-program, which carries .* elsewhere, is not installed"):
        press(office, tmp_path, publish=("no-such-program", "{dir}")).check()
