"""The file of the embedded store: opened, checked, created, and brought up to date with the schema."""

# ruff: noqa: S608 - names come from schema.py alone, every value is a parameter

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from app.store import sql
from app.store.codec import packed, plain, unpacked, words_of
from app.store.protocol import Record
from app.store.schema import SCHEMA_VERSION, TABLES, Table, table_of
from domain.errors import ConfigError, TemporaryError

T = TypeVar("T")
_OURS = 0x48554242  # "HUBB", SQLite's application_id
MEMORY = ":memory:"
_BUSY = 5.0  # seconds to wait for another process that writes


def path_of(url: str) -> str:
    """Read the path out of `sqlite:///relative.db` or `sqlite:////absolute.db`; `sqlite://` is in memory."""
    rest = url.removeprefix("sqlite://")
    if rest in ("", "/", "/:memory:"):
        return MEMORY
    if not rest.startswith("/"):
        raise ConfigError("A SQLite URL needs three slashes before a relative path: sqlite:///hubbub.db.")
    return unquote(rest[1:])


def check_folder(path: str) -> None:
    """Raise ConfigError when a database cannot be made at `path`, because its folder is not there."""
    if path != MEMORY and not Path(path).absolute().parent.is_dir():
        raise ConfigError(f"The folder of the database {path} does not exist.")


def is_there(path: str) -> bool:
    """Say whether opening `path` finds a file; a missing one would be made."""
    return path == MEMORY or Path(path).exists()


def open_file(path: str) -> sqlite3.Connection:
    """Open or create a database; ConfigError says in one sentence what is wrong with the path or the file."""
    check_folder(path)
    try:
        return _opened(path)
    except sqlite3.OperationalError as err:
        if "locked" in str(err):
            raise TemporaryError(f"The database {path} is in use by another program.") from err
        raise ConfigError(f"The database {path} cannot be opened for writing: {err}.") from err
    except sqlite3.DatabaseError as err:
        raise ConfigError(f"The file {path} is not a SQLite database: {err}.") from err


def _opened(path: str) -> sqlite3.Connection:
    # isolation_level=None: transactions begin and end where we say so
    db = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
    try:
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def transaction(db: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Run `work` in one transaction: all of it is kept, or nothing."""
    # IMMEDIATE takes the write lock at once: a lock taken half way fails without waiting for its turn.
    db.execute("BEGIN IMMEDIATE")
    try:
        result = work(db)
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise
    return result


def row_of(record: Record) -> tuple[Any, ...]:
    """Give the columns of a record in the order of `sql.columns`; PermanentError when it is too large to keep."""
    table, body = table_of(type(record)), plain(record)
    data = packed(body)
    words = (" ".join(words_of(table.words(record))),) if table.words else ()
    fields = (sql.column(field.read(record)) for field in table.fields)
    return (body["id"], record.version, *fields, *words, data)


def scrub(db: sqlite3.Connection) -> None:
    """Leave no byte of what was deleted or replaced in the file or its log. TemporaryError while others read in it."""
    for table in TABLES:
        if table.words:  # the search keeps the words of deleted rows until its parts are merged
            db.execute(f"INSERT INTO {table.name}_search({table.name}_search) VALUES ('optimize')")
    # secure_delete is not enough: where a page was split, copies of its rows stay in the gaps (29 of 2,000 erased
    # rows were still readable in a file of 12 MB, SQLite 3.40). VACUUM copies only what is there.
    before = _rows(db)
    db.execute("VACUUM")
    if _rows(db) != before:  # it may number the rows anew, and the search refers to them by number
        for table in TABLES:
            if table.words:
                db.execute(f"INSERT INTO {table.name}_search({table.name}_search) VALUES ('rebuild')")
    busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise TemporaryError("The database is being read by another program, so old copies are still in its log.")


def _rows(db: sqlite3.Connection) -> list[tuple[int, int]]:
    searched = [table.name for table in TABLES if table.words]
    return [db.execute(f"SELECT count(*), total(rowid) FROM {name}").fetchone() for name in searched]


def _prepare(db: sqlite3.Connection, path: str) -> None:
    db.execute("PRAGMA journal_mode=WAL")
    # In WAL mode a commit is handed to the operating system at once, so kill -9 of hubbub loses nothing. NORMAL
    # leaves the fsync to checkpoints: only a power cut can cost the last commits, and never the file.
    db.execute("PRAGMA synchronous=NORMAL")
    # Freed space is overwritten with zeros, so that a copy of the file does not show what was deleted. It costs nothing
    # that could be measured; what it misses (rows that moved between pages before) is left to `scrub`.
    db.execute("PRAGMA secure_delete=ON")
    transaction(db, lambda db: _bring_up_to_date(db, path))


def _bring_up_to_date(db: sqlite3.Connection, path: str) -> None:
    version = _pragma(db, "user_version")
    if version > SCHEMA_VERSION:
        raise ConfigError(f"The database {path} was written by a newer hubbub (schema {version}).")
    known = dict(db.execute("SELECT name, sql FROM sqlite_master"))
    if known and _pragma(db, "application_id") != _OURS:
        raise ConfigError(f"The database {path} belongs to another program.")
    for table in TABLES:
        if table.name not in known:
            _create(db, table)
        elif version < SCHEMA_VERSION or not set(sql.ddl(table)) <= set(known.values()):
            _rebuild(db, table)
    db.execute(f"PRAGMA application_id={_OURS}")
    db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _create(db: sqlite3.Connection, table: Table) -> None:
    for statement in sql.ddl(table):
        db.execute(statement)


def _rebuild(db: sqlite3.Connection, table: Table) -> None:
    # The columns all follow from the body, so a changed schema needs no migration of its own.
    db.execute(f"CREATE TEMP TABLE moving AS SELECT body FROM {table.name}")
    db.execute(f"DROP TABLE IF EXISTS {table.name}_search")
    db.execute(f"DROP TABLE {table.name}")  # its indexes and triggers go with it
    _create(db, table)
    for (body,) in db.execute("SELECT body FROM moving"):
        db.execute(sql.insert(table), row_of(unpacked(table.kind, body)))
    db.execute("DROP TABLE moving")
