"""What only the embedded store must do: survive kill -9, share its file, say what is wrong with it, use its indexes."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from app.store import Where, open_store, sqlite_file, update
from app.store.protocol import Record
from app.store.schema import SCHEMA_VERSION, table_of
from app.store.sql import conditions, insert, ordering
from app.store.sqlite_file import path_of
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.errors import ConfigError, PermanentError, TemporaryError
from domain.heard.mention import MentionRecord
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal
from tests.app.store.records import NOON, after, case, heard, one_of_each

ROOT = Path(__file__).parents[3]
PATHS = [
    ("sqlite://", ":memory:"), ("sqlite:///:memory:", ":memory:"), ("sqlite:///hubbub.db", "hubbub.db"),
    ("sqlite:///data/hub%20bub.db", "data/hub bub.db"), ("sqlite:////var/lib/hubbub.db", "/var/lib/hubbub.db"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "path"), PATHS)
def test_the_path_is_read_as_in_other_tools(url: str, path: str) -> None:
    assert path_of(url) == path


def test_two_slashes_and_a_name_are_a_clear_mistake() -> None:
    with pytest.raises(ConfigError, match="three slashes before a relative path"):
        path_of("sqlite://hubbub.db")


WRITER = """
import asyncio, sys
from app.store import open_store
from tests.app.store.records import heard

async def main():
    store = await open_store(sys.argv[1])
    for n in range(100_000):
        assert await store.add(heard(f"m{n}")) == [True]
        print(f"m{n}", flush=True)

asyncio.run(main())
"""


async def test_kill_9_of_a_writer_loses_nothing_it_has_confirmed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hubbub.db"
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, url, cwd=ROOT, stdout=PIPE)
    assert writer.stdout is not None
    confirmed = [await writer.stdout.readline() for _ in range(200)]
    writer.send_signal(signal.SIGKILL)
    confirmed += (await writer.stdout.read()).splitlines(keepends=True)
    assert await writer.wait() == -signal.SIGKILL
    store = await open_store(url)
    kept = {record.id for record in await store.find(MentionRecord)}
    assert len(await store.search_mentions("payment", 10**6)) == len(kept)
    await store.close()
    assert {line.decode().strip() for line in confirmed if line.endswith(b"\n")} <= kept


async def test_a_memory_store_works_and_is_gone_afterwards() -> None:
    for _ in range(2):
        store = await open_store("sqlite://")
        assert await store.add(*one_of_each()) == [True] * len(one_of_each())
        await store.close()


async def test_two_programs_share_one_file(tmp_path: Path) -> None:
    one, two = [await open_store(f"sqlite:///{tmp_path}/hubbub.db") for _ in range(2)]
    await asyncio.gather(*(store.add(heard(f"m{n}")) for n, store in enumerate([one, two] * 20)))
    assert await one.count(MentionRecord) == await two.count(MentionRecord) == 40
    await one.close()
    await two.close()


def test_a_transaction_that_fails_leaves_nothing_behind() -> None:
    db = sqlite_file.open_file(":memory:")

    def half(db: sqlite3.Connection) -> None:
        db.execute(insert(table_of(MentionRecord)), sqlite_file.row_of(heard("m1")))
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        sqlite_file.transaction(db, half)
    assert db.execute("SELECT count(*) FROM mentions").fetchone() == (0,)
    assert sqlite_file.transaction(db, lambda db: 5) == 5
    db.close()


@pytest.mark.parametrize("content", [b"name,text\n" * 500, b"\0" * 4096, os.urandom(8192)])
async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"mentions.csv is not a SQLite database"):
        await open_store(f"sqlite:///{file}")
    assert file.read_bytes() == content


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"The folder of the database .*nowhere/hubbub.db does not exist"):
        await open_store(f"sqlite:///{tmp_path}/nowhere/hubbub.db")


async def test_a_folder_instead_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be opened for writing: unable to open database file"):
        await open_store(f"sqlite:///{tmp_path}")


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):  # root may write everywhere but here
        folder = Path("/proc")
    if not folder.is_dir():
        pytest.skip("no folder that even root cannot write")
    with pytest.raises(ConfigError, match="cannot be opened for writing"):
        await open_store(f"sqlite:///{folder}/hubbub.db")


async def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE mentions (x)")
    with pytest.raises(ConfigError, match="belongs to another program"):
        await open_store(f"sqlite:///{tmp_path}/other.db")


async def test_a_database_of_a_newer_hubbub_is_left_alone(tmp_path: Path) -> None:
    await (await open_store(f"sqlite:///{tmp_path}/hubbub.db")).close()
    with sqlite3.connect(tmp_path / "hubbub.db") as db:
        db.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    with pytest.raises(ConfigError, match=rf"written by a newer hubbub \(schema {SCHEMA_VERSION + 1}\)"):
        await open_store(f"sqlite:///{tmp_path}/hubbub.db")


@pytest.mark.parametrize(
    "damage",
    ["PRAGMA user_version=0", "DROP INDEX cases_open_key", "ALTER TABLE cases DROP COLUMN language",
     "DROP TABLE mentions_search", "DROP TABLE cases"],
)  # fmt: skip
async def test_a_changed_schema_is_rebuilt_from_the_records(tmp_path: Path, damage: str) -> None:
    url = f"sqlite:///{tmp_path}/hubbub.db"
    store = await open_store(url)
    await store.add(*one_of_each())
    await store.replace(heard("m1", "ödeme yok"))
    await store.close()
    with sqlite3.connect(tmp_path / "hubbub.db") as db:
        db.execute(damage)
        if damage == "PRAGMA user_version=0":
            db.execute("UPDATE cases SET language = 'stale'")
    store = await open_store(url)
    found = await store.find(Case, Where("language", "eq", "tr"))
    assert len(found) == (0 if damage == "DROP TABLE cases" else 1)
    assert [known.version for known in await store.search_mentions("odeme", 5)] == [1]
    assert await store.add(case("c1"), case("c2")) == [not found, False]
    await store.close()


async def test_opening_again_rebuilds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/hubbub.db"
    await (await open_store(url)).close()
    monkeypatch.setattr(sqlite_file, "_rebuild", lambda db, table: pytest.fail(f"{table.name} was rebuilt"))
    await (await open_store(url)).close()


async def test_a_database_that_another_program_holds_is_a_temporary_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "_BUSY", 0.05)
    store = await open_store(f"sqlite:///{tmp_path}/hubbub.db")
    holder = sqlite3.connect(tmp_path / "hubbub.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(TemporaryError, match="cannot be used at the moment: database is locked"):
        await store.add(heard())
    with pytest.raises(TemporaryError, match="in use by another program"):
        await open_store(f"sqlite:///{tmp_path}/hubbub.db")
    assert await store.count(MentionRecord) == 0  # readers do not wait for the writer
    holder.execute("ROLLBACK")
    assert await store.add(heard()) == [True]
    holder.close()
    await store.close()


async def test_a_damaged_record_never_hides_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/hubbub.db")
    await store.add(heard("m1"), heard("m2"), case())
    with sqlite3.connect(tmp_path / "hubbub.db") as db:
        db.execute("UPDATE mentions SET body = '{\"id\": \"m1\"' WHERE id = 'm1'")
    assert [known.id for known in await store.find(MentionRecord)] == ["m2"]
    assert "A stored MentionRecord cannot be read" in caplog.text
    with pytest.raises(PermanentError, match="cannot be read"):
        await update(store, MentionRecord, "m1", lambda record: record)
    await store.close()


HOT: list[tuple[type[Record], list[Where], str | None, str]] = [
    (MentionRecord, [Where("stage", "eq", "new")], "received_at", "mentions_stage_received_at"),
    (MentionRecord, [Where("person_id", "eq", "p1")], None, "mentions_person_id_created_at"),
    (MentionRecord, [], "-created_at", "mentions_created_at"),
    (MentionRecord, [Where("deleted_at", "eq", None), Where("created_at", "lt", NOON)], "created_at",
     "mentions_deleted_at_created_at"),
    (Case, [Where("work_at", "le", NOON)], "work_at", "cases_work_at"),
    (Case, [Where("open_key", "eq", "p1|payments")], None, "cases_open_key"),
    (Case, [Where("status", "in_", ["open"]), Where("due_at", "le", after(5))], None, "cases_status_due_at"),
    (Case, [Where("incident_id", "eq", "i1")], None, "cases_incident_id"),
    (Signal, [Where("active_key", "eq", "payments")], None, "signals_active_key"),
    (Incident, [Where("work_at", "le", NOON)], "work_at", "incidents_work_at"),
    (FollowUp, [Where("incident_id", "eq", "i1"), Where("state", "eq", "draft")], None,
     "follow_ups_incident_id_state"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "where", "order", "index"), HOT)
async def test_the_questions_of_every_minute_are_answered_from_an_index(
    tmp_path: Path, kind: type[Record], where: list[Where], order: str | None, index: str
) -> None:
    await (await open_store(f"sqlite:///{tmp_path}/hubbub.db")).close()
    table = table_of(kind)
    clause, values = conditions(table, where)
    tail, more = ordering(table, order, 50, 0)
    with sqlite3.connect(tmp_path / "hubbub.db") as db:
        query = f"EXPLAIN QUERY PLAN SELECT body FROM {table.name}{clause}{tail}"  # noqa: S608
        plan = " / ".join(row[3] for row in db.execute(query, values + more))
    assert f"USING INDEX {index}" in plan
    assert "TEMP B-TREE" not in plan
