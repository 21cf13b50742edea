"""`hubbub backtest`: alarms of the past from stored mentions; the store stays as it was."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from app.store.open import open_store
from domain.heard.mention import MentionRecord
from tests.app.cli.running import Hubbub
from tests.domain.make import meaning, mention, record

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
OUTAGE = MONDAY + timedelta(days=9, hours=12)


def past() -> list[MentionRecord]:
    """Nine days of ordinary talk, then half an hour in which two people a minute report that payments fail."""
    fine = meaning(is_complaint=False)
    quiet = [(f"q{n}", MONDAY + timedelta(minutes=10 * n), fine) for n in range(10 * 144)]
    loud = [(f"x{n}", OUTAGE + timedelta(seconds=30 * n), meaning()) for n in range(60)]
    author = mention().author
    return [
        record(mention(native=n, created_at=at, author=type(author)(n, n, n)), understood)
        for n, at, understood in (*quiet, *loud)
    ]


@pytest.fixture
def town(hubbub: Hubbub) -> Hubbub:
    """A hubbub that has heard all that."""

    async def fill() -> None:
        store = await open_store(f"sqlite:///{hubbub.folder}/hubbub.db")
        await store.add(*past())
        await store.close()

    asyncio.run(fill())
    return hubbub


def kept(hubbub: Hubbub) -> list[str]:
    with closing(sqlite3.connect(hubbub.folder / "hubbub.db")) as db:
        return list(db.iterdump())


def test_the_outage_is_listed_with_its_delay_and_nothing_is_written(town: Hubbub) -> None:
    before = kept(town)
    code, out, err = town("backtest", "-c", town.config, "--from", "2026-03-10", "--to", "2026-03-12T00:00+00:00")
    assert (code, err) == (0, "")
    assert "2026-03-10 00:00 to 2026-03-12 00:00 UTC, sensitivity normal, at least 5 people" in out
    (row,) = [line for line in out.splitlines() if line.startswith("payments")]
    assert "2026-03-11 12:0" in row
    assert "2026-03: 1 alarms, 1 pages, median delay" in out
    assert kept(town) == before


def test_the_same_as_json_with_other_settings(town: Hubbub) -> None:
    asked = ("--from", "2026-03-10", "--to", "2026-03-12", "--sensitivity", "low", "--min-people", "20", "--json")
    code, out, _ = town("backtest", "-c", town.config, *asked)
    found = json.loads(out)
    (alarm,) = found["alarms"]
    assert code == 0
    assert (found["sensitivity"], found["min_people"]) == ("low", 20)
    assert alarm["first_report"] == "2026-03-11T12:00:00+00:00"
    assert 8 <= alarm["delay_min"] <= 20
    assert alarm["people"] == 60
    assert alarm["closed"] is not None
    assert found["months"][0]["pages"] == 1


def test_a_time_in_which_nothing_was_said_or_learned_says_so(town: Hubbub) -> None:
    _, out, _ = town("backtest", "-c", town.config, "--from", "2020-01-01", "--to", "2020-02-01")
    assert "Nothing was said in this time" in out
    _, out, _ = town("backtest", "-c", town.config, "--from", "2026-03-03", "--to", "2026-03-04")
    assert "No alarm." in out
    assert "not enough data yet: " in out


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ((), "--from is needed, for example --from 2026-03-01."),
        (("--from", "yesterday"), "--from must look like 2026-03-01 or 2026-03-01T12:00, not 'yesterday'."),
        (("--from", "2026-03-02", "--to", "2026-03-01"), "--to must be later than --from."),
        (("--from", "2026-03-02", "--sensitivity", "max"), "--sensitivity must be low, normal or high, not 'max'."),
        (("--from", "2026-03-02", "--min-people", "1"), "--min-people must be from 2 to 1000, not 1."),
    ],
)
def test_a_wrong_option_is_one_sentence(town: Hubbub, asked: tuple[str, ...], says: str) -> None:
    code, out, err = town("backtest", "-c", town.config, *asked)
    assert (code, out) == (2, "")
    assert says in err


def test_a_missing_database_is_not_made(hubbub: Hubbub) -> None:
    code, _, err = hubbub("backtest", "-c", hubbub.config, "--from", "2026-03-02")
    assert code == 2
    assert "does not exist, so there is nothing to replay" in err
    assert not (hubbub.folder / "hubbub.db").exists()
