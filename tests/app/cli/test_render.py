"""`hubbub render`: the static pages of what is stored, into any folder."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli.render import folders
from app.page.sheets import Sheet
from app.store.open import open_store
from domain.component import Component
from domain.errors import ConfigError
from domain.heard.mention import Author
from tests.app.cli.running import Hubbub
from tests.domain.make import incident, mention, record

PAGES = """
pages:
  - {name: pay, brand: Acme Pay, public_url: "https://pay.example", out_dir: site-pay, components: [payments]}
  - {name: tv, brand: Acme TV, public_url: "https://tv.example", out_dir: tv, components: [streams], languages: [tr]}
"""


def more_pages(hubbub: Hubbub) -> None:
    """Give the settings two further pages, one of them about a component of its own."""
    text = hubbub.config.read_text()
    streams = "components:\n  - {id: streams, names: {en: Streams}}\n"
    hubbub.config.write_text(text.replace("components:\n", streams, 1) + PAGES)


def remember(hubbub: Hubbub, *records: object) -> None:
    """Put records into the store of the settings."""

    async def add() -> None:
        store = await open_store(f"sqlite:///{hubbub.folder}/hubbub.db")
        await store.add(*records)  # type: ignore[arg-type]
        await store.close()

    asyncio.run(add())


def test_the_page_is_written_with_its_incidents(hubbub: Hubbub) -> None:
    remember(hubbub, incident())
    code, out, err = hubbub("render", "out", "-c", hubbub.config)
    assert (code, out, err) == (0, "out: published, with 1 incidents.\n", "")
    assert "Payments fail" in Path("out/en/index.html").read_text()
    assert Path("out/fa/index.html").exists()


def test_a_fresh_store_gives_a_quiet_page(hubbub: Hubbub) -> None:
    remember(hubbub)
    assert hubbub("render", "out", "-c", hubbub.config)[:2] == (0, "out: published, with 0 incidents.\n")
    assert Path("out/index.html").exists()


def test_before_there_is_a_database_the_page_is_quiet_and_says_so_and_no_file_is_made(hubbub: Hubbub) -> None:
    code, out, err = hubbub("render", "out", "-c", hubbub.config)
    assert (code, out) == (0, "out: published, with 0 incidents.\n")
    assert err == "The database is not there yet: this is a page without incidents.\n"
    assert not (hubbub.folder / "hubbub.db").exists()


def test_further_pages_are_written_beside_the_first_with_what_is_theirs(hubbub: Hubbub) -> None:
    more_pages(hubbub)
    remember(hubbub, incident())
    code, out, err = hubbub("render", "out", "-c", hubbub.config)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "out: published, with 1 incidents.",
        "out-pay: published, with 1 incidents.",
        "out-tv: published, with 0 incidents.",
    ]
    assert "Payments fail" in Path("out-pay/en/index.html").read_text()
    assert "Acme Pay" in Path("out-pay/en/index.html").read_text()
    assert not Path("out-tv/en").exists()
    assert "Acme TV" in Path("out-tv/tr/index.html").read_text()
    assert not Path("site").exists() and not Path("site-pay").exists(), "the folders of the settings are left alone"


@pytest.mark.parametrize(("page", "brand"), [("pay", "Acme Pay"), ("Acme", "Acme")])
def test_one_page_alone_goes_into_the_folder_itself(hubbub: Hubbub, page: str, brand: str) -> None:
    remember(hubbub)
    more_pages(hubbub)
    code, out, _ = hubbub("render", "out", "--page", page, "-c", hubbub.config)
    assert (code, out) == (0, "out: published, with 0 incidents.\n")
    assert f"· {brand}</title>" in Path("out/en/index.html").read_text()
    assert not Path("out-pay").exists()


def test_a_page_that_is_not_there_is_told_with_those_that_are(hubbub: Hubbub) -> None:
    remember(hubbub)
    more_pages(hubbub)
    code, out, err = hubbub("render", "out", "--page", "play", "-c", hubbub.config)
    assert (code, out) == (2, "")
    assert "there is no page 'play'; the settings have Acme, pay, tv." in err
    assert not Path("out").exists()


def test_the_chart_of_reports_is_written_with_what_is_usual(hubbub: Hubbub) -> None:
    hubbub.config.write_text(hubbub.config.read_text().replace("page: {", "page: {reports_chart: true, "))
    at = datetime.now(UTC)
    said = [
        record(mention(native=f"{n}", created_at=at - timedelta(hours=6 * n), author=Author(f"{n}", "A", "a")))
        for n in range(30)
    ]
    remember(hubbub, *said)
    assert hubbub("render", "out", "-c", hubbub.config)[0] == 0
    assert "Usual at this time: " in Path("out/en/customer-reports.html").read_text()


def test_a_folder_that_cannot_be_written_is_a_failure_in_words(hubbub: Hubbub) -> None:
    remember(hubbub)
    Path("out").write_text("a file is in the way")
    code, _, err = hubbub("render", "out", "-c", hubbub.config)
    assert code == 1
    assert "could not be written" in err


def test_one_page_that_fails_does_not_lose_the_others(hubbub: Hubbub) -> None:
    remember(hubbub)
    more_pages(hubbub)
    Path("out-pay").write_text("a file is in the way")
    code, out, err = hubbub("render", "out", "-c", hubbub.config)
    assert code == 1
    assert "out-pay" in err
    assert [line.partition(":")[0] for line in out.splitlines()] == ["out", "out-tv"]


def sheet(name: str, brand: str) -> Sheet:
    """Make a page of which only the names matter."""
    return Sheet(brand, None, "https://x.example", ("en",), (Component("a", {"en": "A"}),), Path("unused"), True, name)


@pytest.mark.parametrize(
    ("out", "page", "places"),
    [
        ("out", None, ["out", "out-pay"]),
        ("a/out/", None, ["a/out", "a/out-pay"]),
        ("/srv/out", None, ["/srv/out", "/srv/out-pay"]),
        (".", None, [".", "{here}-pay"]),
        ("out", "pay", ["out"]),
        ("out", "Acme", ["out"]),
        (".", "pay", ["."]),
    ],
)
def test_each_page_has_a_folder_of_its_own(out: str, page: str | None, places: list[str]) -> None:
    found = folders([sheet("", "Acme"), sheet("pay", "Acme Pay")], Path(out), page)
    assert [str(folder) for _, folder in found] == [place.format(here=Path.cwd()) for place in places]


def test_a_name_that_no_page_has_is_refused() -> None:
    with pytest.raises(ConfigError, match="'pay'; the settings have Acme"):
        folders([sheet("", "Acme")], Path("out"), "pay")
