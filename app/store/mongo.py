"""The store of a team: MongoDB through pymongo's asyncio client, one document per record."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, IndexModel, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    InvalidURI,
    OperationFailure,
    PyMongoError,
)

from app.store.codec import comparable, packed, plain, readable, record_of, safe, words_of, written
from app.store.protocol import R, Record, Where
from app.store.schema import SCHEMA_VERSION, TABLES, Table, table_of
from domain.errors import AuthError, ConfigError, PermanentError, ServiceError, TemporaryError
from domain.heard.mention import MentionRecord

Document = dict[str, Any]
_TAKEN = 11000  # duplicate key
_NOT_ALLOWED = frozenset({13, 18, 8000})  # unauthorized, authentication failed, Atlas's own
_OPS = {"lt": "$lt", "le": "$lte", "gt": "$gt", "ge": "$gte"}


async def open_mongo(url: str, wait: float = 5.0) -> MongoStore:
    """Connect and create the indexes; the database is the one in the URL, else "hubbub".

    `wait` is in seconds. Raises ConfigError for a URL that cannot be read, AuthError for a refused login and
    TemporaryError when nobody answers in time; none of them shows the password.
    """
    try:
        client: AsyncMongoClient[Document] = AsyncMongoClient(
            url, tz_aware=True, serverSelectionTimeoutMS=int(wait * 1000), appname="hubbub"
        )
        database = client.get_default_database("hubbub").with_options(write_concern=WriteConcern(w="majority"))
    except (InvalidURI, ConfigurationError, ValueError):
        # Not a word of the original: a password with an unescaped @ or : is quoted in it.
        raise ConfigError("The MongoDB URL cannot be read; a password in it must be percent-encoded.") from None
    store = MongoStore(client, database, host_of(url))
    try:
        await store.prepare()
    except BaseException:
        await store.close()
        raise
    return store


def host_of(url: str) -> str:
    """Give the part of a MongoDB URL that may be shown: the hosts, without user, password and options."""
    return re.split(r"[/?]", url.partition("://")[2].rpartition("@")[2])[0]


class MongoStore:
    """The Store protocol over a database: `_id`, version, the declared fields, and the whole record in `record`."""

    def __init__(self, client: AsyncMongoClient[Document], database: AsyncDatabase[Document], host: str) -> None:
        """Take over a client, which belongs to the running event loop, and one of its databases."""
        self._client = client
        self._db = database
        self._host = host

    async def prepare(self) -> None:
        """Create what is missing of the indexes; ConfigError if a newer hubbub wrote the database."""
        async with self._boundary():
            known = {meta["_id"]: meta async for meta in self._db["meta"].find()}
            version = max((meta["version"] for meta in known.values()), default=0)
            if version > SCHEMA_VERSION:
                raise ConfigError(f"The database was written by a newer hubbub (schema {version}).")
            for table in TABLES:
                if known.get(table.name) != _meta(table):
                    await self._bring_up_to_date(table)

    async def _bring_up_to_date(self, table: Table) -> None:
        collection = self._db[table.name]
        if models := _indexes(table):
            await collection.create_indexes(models)
        # The fields all follow from the record, so a changed schema needs no migration of its own.
        async for old in collection.find():
            new = _document(record_of(table.kind, old["record"]))
            await collection.replace_one({"_id": old["_id"], "version": old["version"]}, new)
        await self._db["meta"].replace_one({"_id": table.name}, _meta(table), upsert=True)

    async def add(self, *records: Record) -> list[bool]:
        """Store new records, one batch per kind; see Store."""
        stored = [False] * len(records)
        batches: dict[str, list[tuple[int, Document]]] = {}
        for place, record in enumerate(records):
            name = table_of(type(record)).name
            if (document := written(_document, record)) is not None:
                batches.setdefault(name, []).append((place, document))
        for name, batch in batches.items():
            refused = await self._insert(name, [document for _, document in batch])
            for index, (place, _) in enumerate(batch):
                stored[place] = index not in refused
        return stored

    async def _insert(self, name: str, documents: list[Document]) -> set[int]:
        async with self._boundary():
            try:
                await self._db[name].insert_many(documents, ordered=False)
            except BulkWriteError as err:
                errors: list[Document] = (err.details or {}).get("writeErrors", [])
                if not errors or any(each["code"] != _TAKEN for each in errors):
                    raise
                return {each["index"] for each in errors}
        return set()

    async def get(self, kind: type[R], id: str) -> R | None:
        """Give one record, or None."""
        async with self._boundary():
            found = await self._db[table_of(kind).name].find_one({"_id": safe(id)}, {"record": 1})
        return record_of(kind, found["record"]) if found else None

    async def replace(self, record: R) -> bool:
        """Compare-and-set on the version; see Store."""
        document = _document(replace(record, version=record.version + 1))
        known = {"_id": document["_id"], "version": record.version}
        async with self._boundary():
            try:
                done = await self._db[table_of(type(record)).name].replace_one(known, document)
            except DuplicateKeyError:
                return False
        return done.matched_count == 1

    async def find(self, kind: type[R], *where: Where, order: str | None = None, limit: int | None = None,
                   skip: int = 0) -> list[R]:  # fmt: skip
        """Give the records that match; see Store."""
        table = table_of(kind)
        query = conditions(table, where)
        return [] if limit == 0 else await self._find(table, query, _sorting(table, order), limit or 0, skip)

    async def _find(self, table: Table, query: Document, sort: list[tuple[str, int]], limit: int,
                    skip: int = 0) -> list[Any]:  # fmt: skip
        async with self._boundary():
            cursor = self._db[table.name].find(query, {"record": 1}, sort=sort or None, limit=limit, skip=skip)
            documents = await cursor.to_list()
        return readable(partial(record_of, table.kind), [document["record"] for document in documents])

    async def count(self, kind: type[R], *where: Where) -> int:
        """Count the records that match."""
        table = table_of(kind)
        async with self._boundary():
            return await self._db[table.name].count_documents(conditions(table, where))

    async def group_count(self, kind: type[R], field: str, *where: Where) -> dict[str, int]:
        """Count the records that match per value of a text field; see Store."""
        table = table_of(kind)
        name = _key(table.text_field(field).name)
        steps: list[Document] = [
            {"$match": conditions(table, where)},
            {"$group": {"_id": {"$ifNull": [f"${name}", ""]}, "count": {"$sum": 1}}},
        ]
        async with self._boundary():
            groups = await (await self._db[table.name].aggregate(steps)).to_list()
        return {group["_id"]: group["count"] for group in groups}

    async def delete(self, kind: type[R], *where: Where) -> int:
        """Forget the records that match; see Store."""
        table = table_of(kind)
        async with self._boundary():
            return (await self._db[table.name].delete_many(conditions(table, where))).deleted_count

    async def search_mentions(self, words: str, limit: int) -> list[MentionRecord]:
        """Find mentions by the beginnings of their words; reads the folded text of all, newest first; see Store."""
        terms = words_of(words)
        if not terms or limit <= 0:
            return []
        query: Document = {"$and": [{"words": {"$regex": re.escape(f" {term}")}} for term in terms]}
        table = table_of(MentionRecord)
        return await self._find(table, query, _sorting(table, "-created_at"), limit)

    async def scrub(self) -> None:
        """Do nothing: the server reuses its blocks by itself; its oplog and backups are the operator's."""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    @asynccontextmanager
    async def _boundary(self) -> AsyncIterator[None]:
        try:
            yield
        except PyMongoError as err:
            raise _told(err, self._host) from err


def _told(err: PyMongoError, host: str) -> ServiceError:
    if isinstance(err, OperationFailure) and err.code in _NOT_ALLOWED:
        return AuthError(f"MongoDB at {host} refuses this user.")
    if isinstance(err, ConnectionFailure) or err.has_error_label("RetryableWriteError"):
        return TemporaryError(f"MongoDB at {host} cannot be reached.")
    return PermanentError(f"MongoDB at {host} refused: {type(err).__name__} {getattr(err, 'code', None) or ''}".strip())


def conditions(table: Table, where: Iterable[Where]) -> Document:
    """Write the query document; ValueError for undeclared fields."""
    clauses = []
    for each in where:
        table.check(each)
        clauses.append(_condition(each))
    return {"$and": clauses} if clauses else {}


def _condition(where: Where) -> Document:
    key = _key(where.field)
    if where.op == "in_":
        options: Sequence[Any] = list(where.value)  # type: ignore[arg-type]
        return {key: {"$in": [comparable(option) for option in options]}}
    if where.op in ("eq", "ne"):
        return {key: {f"${where.op}": comparable(where.value)}}
    if where.value is None:  # MongoDB would let null <= null match
        return {key: {"$in": []}}
    return {key: {_OPS[where.op]: comparable(where.value)}}


def _key(field: str) -> str:
    return "_id" if field == "id" else field


def _sorting(table: Table, order: str | None) -> list[tuple[str, int]]:
    if order is None:
        return []
    way = DESCENDING if order.startswith("-") else ASCENDING
    key = _key(table.field(order.removeprefix("-")).name)
    return [(key, way)] if key == "_id" else [(key, way), ("_id", way)]


def _indexes(table: Table) -> list[IndexModel]:
    plain_ones = [IndexModel([*((name, 1) for name in index), ("_id", 1)]) for index in table.indexes]
    # A plain unique index would let only one record be without the key.
    unique = [
        IndexModel([(key, 1)], unique=True, partialFilterExpression={key: {"$type": "string"}}) for key in table.unique
    ]
    return plain_ones + unique


def _meta(table: Table) -> Document:
    return {"_id": table.name, "version": SCHEMA_VERSION, "fields": [field.name for field in table.fields],
            "indexes": [" ".join(index) for index in (*table.indexes, *zip(table.unique))]}  # fmt: skip


def _document(record: Record) -> Document:
    table, body = table_of(type(record)), plain(record)
    packed(body)  # for its limit: MongoDB would refuse the whole batch
    fields = {field.name: comparable(field.read(record)) for field in table.fields}
    # Each word has a blank before it, so that " term" finds the beginnings of words.
    words = {"words": "".join(f" {word}" for word in words_of(table.words(record)))} if table.words else {}
    return {"_id": body["id"], "version": record.version, **fields, **words, "record": body}
