"""The embedded store: one SQLite file, one thread that owns it, one closure per transaction."""

# ruff: noqa: S608 - names come from schema.py alone, every value is a parameter

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from app.store import sql
from app.store.codec import readable, safe, unpacked, words_of, written
from app.store.protocol import R, Record, Where
from app.store.schema import table_of
from app.store.sqlite_file import open_file, path_of, row_of, scrub, transaction
from domain.errors import PermanentError, TemporaryError
from domain.heard.mention import MentionRecord

T = TypeVar("T")


async def open_sqlite(url: str) -> SqliteStore:
    """Open or create the file that `url` names; ConfigError says in one sentence what is wrong with it."""
    path = path_of(url)
    thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
    try:
        db = await asyncio.get_running_loop().run_in_executor(thread, open_file, path)
    except BaseException:
        thread.shutdown(wait=False)
        raise
    return SqliteStore(db, thread)


class SqliteStore:
    """The Store protocol over one connection, which lives in its own thread."""

    def __init__(self, db: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        """Take over a prepared connection and the one thread it was made for."""
        self._db = db
        self._thread = thread
        self._closed = False

    async def add(self, *records: Record) -> list[bool]:
        """Store new records in one transaction; see Store."""
        inserts = [sql.insert(table_of(type(record))) for record in records]

        def work() -> list[bool]:
            rows = [written(row_of, record) for record in records]
            return transaction(self._db, lambda db: [
                row is not None and db.execute(insert, row).rowcount == 1
                for insert, row in zip(inserts, rows, strict=True)
            ])  # fmt: skip

        return await self._run(work)

    async def get(self, kind: type[R], id: str) -> R | None:
        """Give one record, or None."""
        query = f"SELECT body FROM {table_of(kind).name} WHERE id = ?"
        found = await self._read(query, [safe(id)], lambda rows: [unpacked(kind, body) for (body,) in rows])
        return found[0] if found else None

    async def replace(self, record: R) -> bool:
        """Compare-and-set on the version; see Store."""
        row = row_of(replace(record, version=record.version + 1))
        return await self._write(sql.swap(table_of(type(record))), (*row, row[0], record.version)) == 1

    async def find(self, kind: type[R], *where: Where, order: str | None = None, limit: int | None = None,
                   skip: int = 0) -> list[R]:  # fmt: skip
        """Give the records that match; see Store."""
        table = table_of(kind)
        clause, values = sql.conditions(table, where)
        tail, more = sql.ordering(table, order, limit, skip)
        query = f"SELECT body FROM {table.name}{clause}{tail}"
        return await self._read(query, values + more, partial(_records, kind))

    async def count(self, kind: type[R], *where: Where) -> int:
        """Count the records that match."""
        table = table_of(kind)
        clause, values = sql.conditions(table, where)
        return await self._read(f"SELECT count(*) FROM {table.name}{clause}", values, lambda rows: int(rows[0][0]))

    async def group_count(self, kind: type[R], field: str, *where: Where) -> dict[str, int]:
        """Count the records that match per value of a text field; see Store."""
        table = table_of(kind)
        name = table.text_field(field).name
        clause, values = sql.conditions(table, where)
        query = f"SELECT coalesce({name}, ''), count(*) FROM {table.name}{clause} GROUP BY 1"
        return await self._read(query, values, lambda rows: dict(rows))

    async def delete(self, kind: type[R], *where: Where) -> int:
        """Forget the records that match; see Store."""
        table = table_of(kind)
        clause, values = sql.conditions(table, where)
        return await self._write(f"DELETE FROM {table.name}{clause or ' WHERE true'}", values)

    async def search_mentions(self, words: str, limit: int) -> list[MentionRecord]:
        """Find mentions by the beginnings of their words; see Store."""
        terms = words_of(words)
        if not terms:
            return []
        query = (
            "SELECT body FROM mentions WHERE rowid IN (SELECT rowid FROM mentions_search WHERE mentions_search "
            "MATCH ?) ORDER BY created_at DESC, id DESC LIMIT ?"
        )
        match = " ".join(f'"{term}"*' for term in terms)
        return await self._read(query, [match, max(limit, 0)], partial(_records, MentionRecord))

    async def scrub(self) -> None:
        """Write the whole file anew, without a trace of what was deleted; see Store."""
        await self._run(lambda: scrub(self._db))

    async def close(self) -> None:
        """Close the file; what was asked before is finished first."""
        if not self._closed:
            self._closed = True
            await self._run(self._db.close)
            self._thread.shutdown(wait=False)

    async def _read(self, query: str, values: Sequence[Any], make: Callable[[list[Any]], T]) -> T:
        # Records are made in the thread too: a long list would hold up the event loop.
        return await self._run(lambda: make(self._db.execute(query, values).fetchall()))

    async def _write(self, statement: str, values: Sequence[Any]) -> int:
        return await self._run(lambda: transaction(self._db, lambda db: db.execute(statement, values).rowcount))

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.OperationalError as err:  # locked, disk full, disk gone
            raise TemporaryError(f"The database cannot be used at the moment: {err}.") from err
        except sqlite3.DatabaseError as err:
            raise PermanentError(f"The database is damaged: {err}.") from err


def _records(kind: type[R], rows: list[Any]) -> list[R]:
    return readable(partial(unpacked, kind), [body for (body,) in rows])
