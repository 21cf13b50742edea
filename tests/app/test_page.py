"""The page is printed when what it shows has changed, and the old one stays when that fails."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.page import REFRESH, PagePress
from domain.action import Verb
from domain.component import Component
from tests.app.desk.office import COMPONENTS, LANGUAGES, PAGE, Office, open_office
from tests.domain.make import NOW


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


def press(office: Office, folder: Path, **changes: Any) -> PagePress:
    parts: dict[str, Any] = {
        "components": tuple(COMPONENTS.values()), "brand": "Acme", "brand_url": None, "public_url": PAGE,
        "languages": LANGUAGES, "out_dir": folder, "report_form": True, "now": office.clock, **changes,
    }  # fmt: skip
    return PagePress(store=office.store, **parts)


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
    said = [(line.levelname, line.getMessage()[:21]) for line in caplog.records if line.name == "app.page"]
    assert said == [("ERROR", "the page stays as it "), ("INFO", "the page is up to dat")]


async def test_a_bug_in_the_rendering_leaves_the_old_page_too(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path)
    await page.refresh()
    before = (tmp_path / "index.html").read_text()
    page.components = (Component("x", {"en": 5}),)  # type: ignore[dict-item]
    await office.declare(components="delivery")
    assert await page.refresh() is False
    assert page.failing is not None
    assert (tmp_path / "index.html").read_text() == before
    page.components = tuple(COMPONENTS.values())
    assert await page.refresh() is True
