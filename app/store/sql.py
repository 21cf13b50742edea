"""The SQL of the embedded store, written from the schema: tables, indexes, conditions. Pure."""

# ruff: noqa: S608 - names come from schema.py alone, every value is a parameter

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from app.store.codec import comparable
from app.store.protocol import Value, Where
from app.store.schema import Table

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_OPS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def ddl(table: Table) -> Iterator[str]:
    """Write the statements that create a table, its indexes and its search; the body comes last, for short reads."""
    words = ", words TEXT" if table.words else ""
    columns = "".join(f", {field.name}" for field in table.fields)
    yield f"CREATE TABLE {table.name} (id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL{columns}{words}, body)"
    for index in table.indexes:
        yield f"CREATE INDEX {table.name}_{'_'.join(index)} ON {table.name} ({', '.join(index)}, id)"
    for key in table.unique:
        yield f"CREATE UNIQUE INDEX {table.name}_{key} ON {table.name} ({key})"
    if table.words:
        yield from _search_ddl(table.name)


def _search_ddl(name: str) -> Iterator[str]:
    # An external-content index: the words live in the table, triggers keep the index in step within the transaction.
    yield (
        f"CREATE VIRTUAL TABLE {name}_search USING fts5"
        f"(words, content='{name}', tokenize='unicode61 remove_diacritics 2', prefix='3')"
    )
    gone = f"INSERT INTO {name}_search({name}_search, rowid, words) VALUES ('delete', old.rowid, old.words);"
    come = f"INSERT INTO {name}_search(rowid, words) VALUES (new.rowid, new.words);"
    yield f"CREATE TRIGGER {name}_come AFTER INSERT ON {name} BEGIN {come} END"
    yield f"CREATE TRIGGER {name}_gone AFTER DELETE ON {name} BEGIN {gone} END"
    yield (
        f"CREATE TRIGGER {name}_said AFTER UPDATE OF words ON {name} "
        f"WHEN old.words IS NOT new.words BEGIN {gone} {come} END"
    )


def columns(table: Table) -> list[str]:
    """Name the columns in the order in which `row` of the store fills them."""
    names = ["id", "version", *(field.name for field in table.fields)]
    return [*names, "words", "body"] if table.words else [*names, "body"]


def insert(table: Table) -> str:
    """Write a new row, or nothing where its id or a unique key is taken."""
    names = columns(table)
    return f"INSERT OR IGNORE INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


def swap(table: Table) -> str:
    """Write a row over the one of the id and version that follow the columns; ignored if a unique key is taken."""
    names = ", ".join(f"{name} = ?" for name in columns(table))
    return f"UPDATE OR IGNORE {table.name} SET {names} WHERE id = ? AND version = ?"


def column(value: Any) -> Value:
    """Bring a value into the form of its column: moments as milliseconds since 1970."""
    value = comparable(value)
    return (value - _EPOCH) // _MILLISECOND if isinstance(value, datetime) else value


def conditions(table: Table, where: Iterable[Where]) -> tuple[str, list[Value]]:
    """Write the WHERE clause (empty without conditions) and its parameters; ValueError for undeclared fields."""
    clauses, values = [], []
    for each in where:
        table.check(each)
        clause, more = _condition(each)
        clauses.append(clause)
        values += more
    return (" WHERE " + " AND ".join(clauses) if clauses else ""), values


def _condition(where: Where) -> tuple[str, list[Value]]:
    if where.op == "in_":
        return _among(where.field, list(where.value))  # type: ignore[arg-type]
    value = column(where.value)
    if where.op == "eq":
        return f"{where.field} IS ?", [value]
    if where.op == "ne":
        return f"{where.field} IS NOT ?", [value]
    return f"{where.field} {_OPS[where.op]} ?", [value]  # NULL compares as unknown: never a match


def _among(field: str, options: list[Value]) -> tuple[str, list[Value]]:
    values = [column(option) for option in options if option is not None]
    # One JSON parameter instead of one mark per option: SQLite allows only so many marks.
    listed = f"{field} IN (SELECT value FROM json_each(?))"
    return (listed if len(values) == len(options) else f"({listed} OR {field} IS NULL)"), [_json(values)]


def _json(values: list[Value]) -> str:
    return json.dumps([int(value) if isinstance(value, bool) else value for value in values])


def ordering(table: Table, order: str | None, limit: int | None, skip: int) -> tuple[str, list[Value]]:
    """Write ORDER BY, LIMIT and OFFSET; ties follow the id in the same direction, so that one index serves both."""
    clause = ""
    if order is not None:
        name = table.field(order.removeprefix("-")).name
        way = "DESC" if order.startswith("-") else "ASC"
        clause = f" ORDER BY {name} {way}, id {way}"
    if limit is None and not skip:
        return clause, []
    return f"{clause} LIMIT ? OFFSET ?", [-1 if limit is None else limit, skip]
