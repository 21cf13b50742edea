"""What customers find at the address of an incident that was merged: the way to the one that tells it, or nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from app.page.press import PagePress
from app.store.protocol import update
from domain.action import Verb
from domain.incidents.incident import Incident
from tests.app.desk.office import COMPONENTS, Office, open_office
from tests.app.page.test_press import press, sheet


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def declare(office: Office, name: str, components: str = "payments") -> Incident:
    """Declare an incident called `name`, a second after the one before."""
    office.clock.passes(seconds=1)
    return await office.declare(key=name, components=components, **{"title.en": name})


async def merge(office: Office, one: Incident, into: Incident) -> None:
    await office.do(Verb.MERGE, one.id, {"incident": into.id})


def leads_to(folder: Path, one: Incident, language: str = "en") -> str | None:
    """Give the page that the page of an incident leads to, None when it tells its own story or there is none."""
    place = folder / language / "incidents" / f"{one.id}.html"
    link = BeautifulSoup(place.read_text(), "html.parser").select_one("article p a") if place.exists() else None
    return str(link["href"]) if link is not None else None


def feed_ids(folder: Path) -> set[str]:
    """Give the ids of everything that feed readers have been shown."""
    items = json.loads((folder / "en" / "feed.json").read_text())["items"]
    return {item["id"] for item in items}


def everything(folder: Path) -> str:
    """Give all words that can be read at the addresses of the pages."""
    return "".join(found.read_text() for found in (folder / "en").resolve().rglob("*.html"))


async def printed(page: PagePress, folder: Path) -> str:
    """Print what changed and give all lists that customers and programs read, as one text."""
    assert await page.refresh() is True
    names = ("en/index.html", "en/history.html", "en/history.atom", "en/search.json", "api/v2/incidents.json",
             "api/v2/summary.json")  # fmt: skip
    return "".join((folder / name).read_text() for name in names)


async def test_the_old_address_leads_on_in_every_language_and_the_lists_forget_it(
    office: Office, tmp_path: Path
) -> None:
    page = press(office, tmp_path)
    payments, parcels = await declare(office, "Payments fail"), await declare(office, "Parcels late", "delivery")
    assert "Parcels late" in await printed(page, tmp_path)
    await merge(office, parcels, payments)
    lists = await printed(page, tmp_path)
    assert "Parcels late" not in lists
    assert parcels.id not in lists
    for language in ("en", "tr", "fa"):
        assert leads_to(tmp_path, parcels, language) == f"{payments.id}.html"
    assert await page.refresh() is False


async def test_no_feed_reader_hears_twice_of_what_it_has_read(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path)
    payments, parcels = await declare(office, "Payments fail"), await declare(office, "Parcels late", "delivery")
    await page.refresh()
    before = feed_ids(tmp_path)
    await merge(office, parcels, payments)
    await page.refresh()
    merged = feed_ids(tmp_path)
    assert merged < before, "the one that tells it keeps its ids, the other's are gone"
    await office.do(Verb.UNMERGE, parcels.id)
    await page.refresh()
    assert feed_ids(tmp_path) == before, "and they are the same when it comes back"
    assert leads_to(tmp_path, parcels) is None
    assert "Parcels late" in (tmp_path / "en" / "incidents" / f"{parcels.id}.html").read_text()


async def test_a_chain_leads_to_its_end(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path)
    one, two, three = [await declare(office, name) for name in ("One", "Two", "Three")]
    await merge(office, one, two)
    await page.refresh()
    assert leads_to(tmp_path, one) == f"{two.id}.html"
    await merge(office, two, three)
    await page.refresh()
    assert [leads_to(tmp_path, each) for each in (one, two, three)] == [f"{three.id}.html"] * 2 + [None]


async def test_nothing_hints_at_a_private_one(office: Office, tmp_path: Path) -> None:
    page = press(office, tmp_path)
    one, two = await declare(office, "One"), await declare(office, "Two")
    secret = await declare(office, "Secret")
    await update(office.store, Incident, secret.id, lambda i: replace(i, private=True))
    await merge(office, secret, one)
    await merge(office, one, two)
    await page.refresh()
    assert leads_to(tmp_path, one) == f"{two.id}.html"
    assert not (tmp_path / "en" / "incidents" / f"{secret.id}.html").exists(), "there never was such a page"
    await update(office.store, Incident, two.id, lambda i: replace(i, private=True))
    await page.refresh()
    for gone in (one, two, secret):
        assert not (tmp_path / "en" / "incidents" / f"{gone.id}.html").exists()
    assert not any(known.id in everything(tmp_path) for known in (one, two, secret))


async def test_a_page_of_few_components_leads_on_where_it_showed_the_merged_one(office: Office, tmp_path: Path) -> None:
    other = sheet(tmp_path / "pay", name="pay", components=(COMPONENTS["payments"],), whole=False)
    page = press(office, tmp_path / "main", other)
    parcels, payments = await declare(office, "Parcels late", "delivery"), await declare(office, "Payments fail")
    await merge(office, parcels, payments)
    await page.refresh()
    assert leads_to(tmp_path / "main", parcels) == f"{payments.id}.html"
    assert not (tmp_path / "pay" / "en" / "incidents" / f"{parcels.id}.html").exists(), "it never stood there"
    await office.do(Verb.UNMERGE, parcels.id)
    await merge(office, payments, parcels)
    await page.refresh()
    assert leads_to(tmp_path / "pay", payments) == f"{parcels.id}.html"


async def test_the_components_that_came_along_are_seen_at_once(office: Office, tmp_path: Path) -> None:
    """An incident that ended long ago is not looked at every second, the one that takes it in is."""
    page = press(office, tmp_path)
    payments = await declare(office, "Payments fail")
    await page.refresh()
    lent = {"payments": payments.components["payments"], "delivery": payments.components["payments"]}
    await update(
        office.store, Incident, payments.id,
        lambda i: replace(i, updates=(replace(i.updates[0], components=lent),)),
    )  # fmt: skip
    assert await page.refresh() is True
