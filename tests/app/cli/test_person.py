"""`hubbub person export` and `hubbub person erase`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from app.privacy import erasing
from app.store import Store, open_store
from app.store.sqlite import SqliteStore
from domain.errors import TemporaryError
from domain.records import AuditEntry, Person
from tests.app.cli.running import Hubbub
from tests.app.privacy.life import TRACES, dump, live, traces
from tests.domain.make import NOW


def in_store(hubbub: Hubbub, work: Callable[[Store], Awaitable[Any]]) -> Any:
    """Do something in the store of the settings."""

    async def run() -> Any:
        store = await open_store(f"sqlite:///{hubbub.folder}/hubbub.db")
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


@pytest.fixture
def lived(hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch) -> str:
    """Zeynep's traces are in the store; gives her person id."""
    monkeypatch.setattr(erasing.erase_person, "__kwdefaults__", {"settle": 0, "mail": None})
    return str(in_store(hubbub, live))


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("hubbub.db*"))


@pytest.mark.parametrize("whom", ["@zeynepyildizoglu", "Zeynep Yıldızoğlu", None])
def test_export_prints_all_that_is_kept_about_a_person(hubbub: Hubbub, lived: str, whom: str | None) -> None:
    code, out, err = hubbub("person", "export", whom or lived, "-c", hubbub.config)
    assert (code, err) == (0, "")
    data = json.loads(out)
    assert data["id"] == lived
    assert [trace for trace in TRACES if trace not in out] == []
    assert "komşu" not in out


def test_erase_leaves_nothing_in_the_store_nor_in_its_file(hubbub: Hubbub, lived: str) -> None:
    assert "kırmızıbisiklet".encode() in bytes_of(hubbub.folder)
    code, out, err = hubbub("person", "erase", "@zeynepyildizoglu", "--yes", "-c", hubbub.config)
    assert code == 0
    assert out.startswith(
        "Erased: subscriptions: 1, log entries: 1, corrections: 1, quotes: 1, unreadable items: 1, follow-ups: 1, "
    )
    assert "the database is written anew" in err
    assert traces(in_store(hubbub, dump)) == []
    raw = bytes_of(hubbub.folder)
    assert [trace for trace in (*TRACES, lived, "kirmizibisiklet") if trace.encode() in raw] == []
    assert "komşunun sözü".encode() in raw


def test_the_log_names_who_erased_but_not_whom(hubbub: Hubbub, lived: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "operator")
    hubbub("person", "erase", lived, "--yes", "-c", hubbub.config)
    entries = in_store(hubbub, lambda store: store.find(AuditEntry))
    (entry,) = [entry for entry in entries if entry.action == "erase_person"]
    assert entry.actor == "operator (command line)"
    assert entry.subject.startswith("gone_") and lived not in str(entries)


def test_erase_asks_first_and_takes_no_for_an_answer(
    hubbub: Hubbub, lived: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def no(question: str, **_: Any) -> None:
        asked.append(question)
        raise typer.Abort

    monkeypatch.setattr("app.cli.person.typer.confirm", no)
    code, _, err = hubbub("person", "erase", "zeynepyildizoglu", "-c", hubbub.config)
    assert code == 130
    assert asked == ["Erase all of it? This cannot be undone"]
    assert "@zeynepyildizoglu (mastodon): 3 mentions, 1 cases, 1 follow-ups, last heard 2026-03-06." in err
    assert traces(in_store(hubbub, dump)) == list(TRACES)


@pytest.mark.parametrize("command", ["export", "erase"])
def test_a_handle_of_several_people_lists_them(hubbub: Hubbub, lived: str, command: str) -> None:
    other = Person("per_bsky", "zeynepyildizoglu", "bluesky", NOW, NOW)
    in_store(hubbub, lambda store: store.add(other))
    code, out, err = hubbub("person", command, "zeynepyildizoglu", "-c", hubbub.config)
    assert (code, out) == (2, "")
    assert "2 people go by 'zeynepyildizoglu'; say which one by its id:" in err
    assert "per_bsky  bluesky  zeynepyildizoglu  last heard 2026-03-06" in err and lived in err
    assert traces(in_store(hubbub, dump)) == list(TRACES)


@pytest.mark.parametrize("command", ["export", "erase"])
def test_nobody_is_one_sentence_and_code_2(hubbub: Hubbub, lived: str, command: str) -> None:
    code, out, err = hubbub("person", command, "nobody", "-c", hubbub.config)
    assert (code, out, err) == (2, "", "hubbub: Nothing is kept about 'nobody'.\n")


def test_without_a_database_none_is_made(hubbub: Hubbub) -> None:
    code, _, err = hubbub("person", "export", "x", "-c", hubbub.config)
    assert code == 2 and "does not exist, so nothing is kept about anybody" in err
    assert not (hubbub.folder / "hubbub.db").exists()


def test_a_file_that_could_not_be_written_anew_is_done_the_next_time(
    hubbub: Hubbub, lived: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(store: SqliteStore) -> None:
        raise TemporaryError("The database is being read by another program, so old copies are still in its log.")

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "scrub", busy)
        code, _, err = hubbub("person", "erase", lived, "--yes", "-c", hubbub.config)
    assert code == 1 and "being read by another program" in err
    assert traces(in_store(hubbub, dump)) == []
    code, out, _ = hubbub("person", "erase", lived, "--yes", "-c", hubbub.config)
    assert (code, out) == (0, "Nothing is kept any more; the rest of an earlier erasure is done.\n")
    assert [trace for trace in TRACES if trace.encode() in bytes_of(hubbub.folder)] == []
    assert hubbub("person", "erase", lived, "--yes", "-c", hubbub.config)[0] == 2
