"""What a stand-in remembers: one small SQLite file that survives kill -9, as the outside world does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import ConfigError


def open_ledger(path: Path | None, *ddl: str) -> sqlite3.Connection:
    """Open or create the file (None: memory only); ConfigError in one sentence when that cannot be."""
    try:
        # isolation_level=None: every statement is committed before its call is answered
        db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=5)
        # WAL hands each commit to the operating system at once (about 30 µs, so it may run on the event loop);
        # only a power cut could lose the last ones.
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        for statement in ddl:
            db.execute(statement)
    except sqlite3.Error as err:
        raise ConfigError(f"The stand-in's file {path} cannot be opened: {err}.") from err
    db.row_factory = sqlite3.Row
    return db


@contextmanager
def one_write(db: sqlite3.Connection) -> Iterator[None]:
    """Keep several statements together: all of them, or none."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise
