"""How fast each store takes in and changes mentions: `python -m bench.store [records]`, a table with the ratio.

MongoDB is the server at HUBBUB_TEST_MONGO_URI, else secantusd-rs, which says little about a real mongod.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.store import Store, Where, open_store, update
from domain.heard.classification import Classification, Kind, Sentiment
from domain.heard.mention import Author, Mention, MentionRecord, Stage
from tests.mongo_server import start, stop, with_database

NOON = datetime(2026, 3, 21, 12, 0, tzinfo=UTC)
MEANING = Classification(
    "tr", Sentiment.NEGATIVE, {tone: 0.3 for tone in Sentiment}, 0.9, True, Kind.PAYMENT_BILLING,
    {kind: 0.1 for kind in Kind}, "bench", "payments", ("ödeme",),
)  # fmt: skip
BATCH, AT_ONCE = 200, 32


def mentions(name: str, count: int) -> list[MentionRecord]:
    """Make mentions of an ordinary length, as the collector would hand them over."""
    texts = ("Ödeme sayfası yine çöktü, iki kere denedim olmadı", "پرداخت انجام نمی‌شود", "Card declined!")
    return [_mention(f"{name}-{n}", texts[n % 3], NOON + timedelta(seconds=n)) for n in range(count)]


def _mention(id: str, text: str, at: datetime) -> MentionRecord:
    said = Mention(id, "mastodon-tr", "mastodon", id, Author("a", "Ayşe", "@ayse", 120), text * 2, at)
    return MentionRecord(id, said, f"person-{id[-2:]}", at)


async def batches(store: Store, count: int) -> None:
    """Add in batches, as the pipeline does."""
    known = mentions("batch", count)
    for first in range(0, count, BATCH):
        await store.add(*known[first : first + BATCH])


async def one_by_one(store: Store, count: int) -> None:
    """Add one after the other, each waiting for the one before."""
    for record in mentions("single", count):
        await store.add(record)


async def at_once(store: Store, count: int) -> None:
    """Add one by one, from 32 tasks at once."""
    waiting = mentions("many", count)

    async def worker() -> None:
        while waiting:
            await store.add(waiting.pop())

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


async def changes(store: Store, count: int) -> None:
    """Read, classify and compare-and-set, one after the other."""
    for n in range(count):
        await update(store, MentionRecord, f"batch-{n}", lambda known: replace(
            known, classification=MEANING, stage=Stage.UNDERSTOOD))  # fmt: skip


async def reads(store: Store, count: int) -> None:
    """Read pages of a person's mentions, newest first."""
    for n in range(count // 50):
        theirs = Where("person_id", "eq", f"person-{n % 90 + 10}")
        await store.find(MentionRecord, theirs, order="-created_at", limit=50)


WORK: list[tuple[str, Callable[[Store, int], Awaitable[None]], float]] = [
    (f"add, batches of {BATCH}", batches, 1), ("add, one by one", one_by_one, 0.2),
    (f"add, {AT_ONCE} tasks at once", at_once, 0.2), ("update (get + compare-and-set)", changes, 0.2),
    ("find, read in pages of 50", reads, 1),
]  # fmt: skip


async def measure(url: str, count: int) -> list[float]:
    """Give the records per second of each kind of work."""
    store, rates = await open_store(url), []
    for _, work, share in WORK:
        begun = time.perf_counter()
        await work(store, int(count * share))
        rates.append(int(count * share) / (time.perf_counter() - begun))
    await store.close()
    return rates


def main(count: int = 5_000) -> None:
    """Measure both stores and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = asyncio.run(measure(f"sqlite:///{folder}/bench.db", count))
        mongo = _mongo(Path(folder), count)
    print(f"| records per second ({count:,}) | SQLite | MongoDB | ratio |\n|---|---:|---:|---:|")
    for (name, _, _), one, two in zip(WORK, sqlite, mongo, strict=True):
        print(f"| {name} | {one:,.0f} | {two:,.0f} | {one / two:.1f} |")


def _mongo(folder: Path, count: int) -> list[float]:
    database = f"hubbub_bench_{uuid.uuid4().hex[:8]}"
    if given := os.environ.get("HUBBUB_TEST_MONGO_URI"):
        return asyncio.run(measure(with_database(given, database), count))
    process, uri = start(folder, "secantusd-rs")  # the one the tests use is written in Python: 3 changes a second
    try:
        return asyncio.run(measure(with_database(uri, database), count))
    finally:
        stop(process)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
