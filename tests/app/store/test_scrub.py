"""Scrubbing: what was deleted or replaced is in no byte of the files any more, and everything else is."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from app.store import Store, Where, open_store, sqlite_file
from domain.care.case import Case
from domain.errors import TemporaryError
from domain.heard.mention import MentionRecord
from tests.app.store.records import after, case, heard, one_of_each

MANY = 1500


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_scrubbing_changes_no_record(store: Store) -> None:
    await store.add(*one_of_each())
    await store.delete(MentionRecord, Where("id", "eq", "m1"))
    before = [await store.find(type(record)) for record in one_of_each()]
    await store.scrub()
    assert [await store.find(type(record)) for record in one_of_each()] == before


async def test_no_byte_of_what_was_replaced_or_deleted_is_left(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/hubbub.db")
    # Records of many sizes in a wild order: pages are split, and rows move, before the words go.
    order = sorted(range(MANY), key=lambda n: n * 7919 % MANY)
    for n in order:
        await store.add(heard(f"m{n}", f"secret{n}x " + "padding " * (n % 90), after(n), person_id=f"hidden{n}x"))
    gone = [n for n in order if n % 3]
    for n in gone:
        if n % 2:
            await store.delete(MentionRecord, Where("id", "eq", f"m{n}"))
        else:
            await store.replace(heard(f"m{n}", "", after(n), person_id="nobody"))
    await store.scrub()
    raw = bytes_of(tmp_path)
    assert [n for n in gone if f"secret{n}x".encode() in raw or f"hidden{n}x".encode() in raw] == []
    assert all(f"secret{n}x".encode() in raw for n in order if not n % 3)
    await store.close()


async def test_the_search_finds_what_is_left_and_only_that(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/hubbub.db")
    await store.add(*(heard(f"m{n}", f"word{n}x") for n in range(300)))
    await store.delete(MentionRecord, Where("id", "in_", [f"m{n}" for n in range(0, 300, 2)]))
    await store.scrub()
    found = [await store.search_mentions(f"word{n}x", 5) for n in range(300)]
    assert [[record.id for record in each] for each in found] == [[f"m{n}"] if n % 2 else [] for n in range(300)]
    await store.close()


async def test_rows_that_got_new_numbers_are_found_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([[(2, 1.0)], [(2, 3.0)]])
    monkeypatch.setattr(sqlite_file, "_rows", lambda db: next(answers))  # as if VACUUM had numbered them anew
    store = await open_store(f"sqlite:///{tmp_path}/hubbub.db")
    await store.add(heard("m1", "alpha"), heard("m2", "beta"))
    await store.scrub()
    assert [record.id for record in await store.search_mentions("beta", 5)] == ["m2"]
    await store.close()


async def test_another_program_may_go_on_with_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hubbub.db"
    one, two = [await open_store(url) for _ in range(2)]
    await one.add(*(heard(f"m{n}", "secretword " * 50) for n in range(200)))
    assert await two.count(MentionRecord) == 200
    await one.delete(MentionRecord)

    async def writes() -> None:
        for n in range(30):
            assert await two.add(case(f"c{n}", person_id=f"p{n}")) == [True]
            await asyncio.sleep(0)

    await asyncio.gather(one.scrub(), writes())
    await one.scrub()
    assert b"secretword" not in bytes_of(tmp_path)
    assert await one.count(Case) == await two.count(Case) == 30
    await one.close()
    await two.close()


async def test_a_reader_that_holds_old_copies_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "_BUSY", 0.05)
    store = await open_store(f"sqlite:///{tmp_path}/hubbub.db")
    await store.add(heard("m1", "secretword"))
    reader = sqlite3.connect(tmp_path / "hubbub.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM mentions").fetchone()
    await store.replace(replace(heard("m1", "")))
    with pytest.raises(TemporaryError, match="being read by another program"):
        await store.scrub()
    reader.close()
    await store.scrub()
    assert b"secretword" not in bytes_of(tmp_path)
    await store.close()


async def test_freed_space_is_overwritten_even_without_scrubbing(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/hubbub.db")
    await store.add(*(heard(f"m{n}", f"secret{n}x " * 30, after(n)) for n in range(400)))
    await store.delete(MentionRecord)
    await store.close()  # the last one out writes the log into the file
    raw = bytes_of(tmp_path)
    left = sum(f"secret{n}x secret{n}x".encode() in raw for n in range(400))
    assert left < 40, f"{left} of 400 can still be read"
