"""How well the intake holds under load: `python -m bench.listening [--sources 10 100 1000] [--speed 20]`, a table.

An hour of mentions is replayed, compressed `--speed` times, by a server in a second process: four of five sources are
Mastodon servers, one of five is a feed, each at an address of its own, and all of them show again what they showed
before. The listening side is the real one: sources, session, schedule, intake, SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import sys
import tempfile
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web

from app.pipeline.intake import Intake
from app.schedule import SPREAD_S, Round, make_schedule
from app.store import Store, open_store
from domain.heard.mention import Batch, MentionRecord
from domain.records import SourceState
from listener.http import make_session
from listener.registry import build_source
from listener.source import Source

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = 3600.0
EVERY = timedelta(minutes=2)
AGAIN = 10  # posts of every Mastodon page that were on the page before
PAGE = 40
TICK = 0.01
PATIENCE = 180  # seconds after the hour
WORDS = ("ödeme", "sayfası", "yine", "çöktü", "card", "declined", "again", "پرداخت", "انجام", "نمی‌شود", "app", "nerede")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said in the hour, and how fast it passes; both processes know it."""

    sources: int
    mentions: int
    speed: float
    begin: float  # seconds since 1970 on the wall clock, when the hour begins

    def said(self, source: int) -> list[float]:
        """Give the seconds of the hour at which one source says something."""
        count = self.mentions // self.sources + (source < self.mentions % self.sources)
        chance = random.Random(source)
        return sorted(chance.uniform(0, HOUR) for _ in range(count))

    def now(self) -> datetime:
        """Give the time in the replayed hour."""
        return NOON + timedelta(seconds=(time.time() - self.begin) * self.speed)


def text_of(source: int, number: int) -> str:
    """Write a post that no other one equals."""
    chosen = random.Random(source * 1_000_003 + number).choices(WORDS, k=18)
    return f"{' '.join(chosen)} ({source}.{number})"


# --- the second process: what is listened to


@dataclass
class Server:
    """Shows what was said until now."""

    plan: Plan
    moments: list[list[float]] = field(init=False)
    shown: dict[int, tuple[int, int]] = field(default_factory=dict)  # feed -> how far it went the last two times

    def __post_init__(self) -> None:
        """Make up the hour."""
        self.moments = [self.plan.said(source) for source in range(self.plan.sources)]

    def _heard(self, source: int) -> tuple[list[float], int]:
        moments = self.moments[source]
        return moments, bisect_right(moments, (self.plan.now() - NOON).total_seconds())

    async def timeline(self, request: web.Request) -> web.Response:
        """Answer as Mastodon does, from a little before `min_id` on; the newest page without it."""
        source = int(request.match_info["source"])
        moments, count = self._heard(source)
        known = request.query.get("min_id")
        first = max(0, int(known) - AGAIN) if known else max(0, count - PAGE)
        last = min(count, first + PAGE + AGAIN)
        page = [_status(source, number, moments[number - 1]) for number in range(last, first, -1)]
        return web.json_response(page)

    async def feed(self, request: web.Request) -> web.Response:
        """Answer with what is new since it was asked the time before last, and a page of what was there before."""
        source = int(request.match_info["source"])
        moments, count = self._heard(source)
        before, last = self.shown.get(source, (0, 0))
        self.shown[source] = last, count
        first = max(0, before - PAGE)
        entries = "".join(_entry(source, number, moments[number - 1]) for number in range(count, first, -1))
        body = f'<rss version="2.0"><channel><title>Forum {source}</title>{entries}</channel></rss>'
        return web.Response(text=body, content_type="application/rss+xml")


def _status(source: int, number: int, moment: float) -> dict[str, Any]:
    who, at = f"user{number % 997}", NOON + timedelta(seconds=moment)
    url = f"https://s{source}.example/@{who}"
    return {
        "id": str(number), "uri": f"{url}/{number}", "url": f"{url}/{number}", "created_at": at.isoformat(),
        "content": f"<p>{escape(text_of(source, number))}</p>", "visibility": "public", "language": "tr",
        "in_reply_to_id": None, "mentions": [], "reblog": None, "spoiler_text": "", "edited_at": None,
        "account": {"id": who, "acct": who, "display_name": who.title(), "url": url, "uri": url, "followers_count": 7},
    }  # fmt: skip


def _entry(source: int, number: int, moment: float) -> str:
    at = NOON + timedelta(seconds=moment)
    return (
        f"<item><guid>{source}-{number}</guid><author>user{number % 997}</author><title>Post {number}</title>"
        f"<link>https://s{source}.example/{number}</link><pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate>"
        f"<description>{escape(text_of(source, number))}</description></item>"
    )


async def serve(sources: int, mentions: int, speed: float) -> None:
    """Answer on a free port of every loopback address; says which, is told when the hour begins, ends with stdin."""
    door = socket.create_server(("0.0.0.0", 0), backlog=1000)  # noqa: S104 - each source has an address 127.x.y.z
    sys.stdout.write(f"{door.getsockname()[1]}\n")
    sys.stdout.flush()
    server = Server(Plan(sources, mentions, speed, float(sys.stdin.readline())))
    app = web.Application()
    app.router.add_get("/{source}/api/v1/timelines/public", server.timeline)
    app.router.add_get("/{source}/rss", server.feed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, door).start()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


@asynccontextmanager
async def other_process(sources: int, mentions: int, speed: float) -> AsyncIterator[tuple[Plan, int]]:
    """Run the server; gives the plan of an hour that begins soon, and the port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.listening", "--serve", json.dumps([sources, mentions, speed]),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    if process.stdout is None or process.stdin is None:
        raise RuntimeError("the server has no pipes")
    try:
        port = int(await process.stdout.readline())
        # Every source is asked once before anything is said: what was there before is no news.
        plan = Plan(sources, mentions, speed, time.time() + 3 + SPREAD_S / speed)
        process.stdin.write(f"{plan.begin}\n".encode())
        yield plan, port
    finally:
        process.stdin.close()
        await process.wait()


# --- the first process: who listens


@dataclass(slots=True)
class Stopwatch:
    """When each mention was collected and stored, and how the event loop fared."""

    collected: dict[str, float] = field(default_factory=dict)
    stored: dict[str, float] = field(default_factory=dict)
    pages: int = 0
    drifts: list[float] = field(default_factory=list)
    before: float = 0.0
    peak: float = 0.0
    cpu: float = 0.0  # seconds that this process used for the hour
    ended: dict[str, datetime] = field(default_factory=dict)  # source -> when it was last heard to the end

    async def tick(self) -> None:
        """Measure how late the event loop comes back, and what memory is in use, until cancelled."""
        self.before = self.peak = memory()
        while True:
            begun = time.monotonic()
            await asyncio.sleep(TICK)
            self.drifts.append(time.monotonic() - begun - TICK)
            if len(self.drifts) % 20 == 0:
                self.peak = max(self.peak, memory())

    def lag(self) -> str:
        """Say how late the event loop came back, in milliseconds."""
        cuts = quantiles(self.drifts, n=100)
        return f"{cuts[49] * 1000:.1f} / {cuts[98] * 1000:.1f} / {max(self.drifts) * 1000:.0f}"

    def waits(self) -> list[float]:
        """List the seconds between collected and stored."""
        return [at - self.collected[id] for id, at in self.stored.items()]


@dataclass(frozen=True, slots=True)
class Timed:
    """A source whose answers are timed."""

    source: Source
    watch: Stopwatch
    now: Callable[[], datetime]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name)

    async def fetch(self, cursor: str | None) -> Batch:
        """Pass an answer on."""
        begun = self.now()
        batch = await self.source.fetch(cursor)
        at = time.monotonic()
        self.watch.pages += 1
        for mention in batch.mentions:
            self.watch.collected.setdefault(mention.id, at)
        if not batch.more:
            self.watch.ended[self.source.name] = begun
        return batch


@dataclass(frozen=True, slots=True)
class TimedStore:
    """A store whose writes of new mentions are timed."""

    store: Store
    watch: Stopwatch

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def add(self, *records: Any) -> list[bool]:
        """Pass records on."""
        fresh = await self.store.add(*records)
        at = time.monotonic()
        for record, is_new in zip(records, fresh, strict=True):
            if is_new and isinstance(record, MentionRecord):
                self.watch.stored[record.id] = at
        return fresh


def memory() -> float:
    """Give the resident memory of this process in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def sources_of(plan: Plan, port: int, session: Any, watch: Stopwatch) -> list[Any]:
    """Build the sources, each at an address of its own: the session allows eight connections to one."""
    built = []
    for n in range(plan.sources):
        base = f"http://127.{1 + n // 62500}.{n // 250 % 250}.{1 + n % 250}:{port}/{n}"
        kind = ("rss", None, {"url": f"{base}/rss"}) if n % 5 == 4 else ("mastodon", base, {"timeline": "public"})
        source = build_source(
            kind[0], f"source-{n}", base_url=kind[1], every=EVERY, options=kind[2], secrets={}, session=session,
            now=plan.now,
        )  # fmt: skip
        built.append(Timed(source, watch, plan.now))
    return built


async def listen(store: Store, sources: int, mentions: int, speed: float) -> list[str]:
    """Listen for the hour, and until every source was heard to the end after it; gives a row of the table."""
    watch = Stopwatch()
    async with other_process(sources, mentions, speed) as (plan, port), make_session("bench", ("127.0.0.0/8",)) as web:
        intake = Intake(TimedStore(store, watch), plan.now)
        schedule = make_schedule([_round(intake, s) for s in sources_of(plan, port, web, watch)], speed=speed)
        ticking = asyncio.create_task(watch.tick())
        used = time.process_time()
        schedule.start()
        await asyncio.sleep(plan.begin + HOUR / speed - time.time())
        watch.cpu = time.process_time() - used
        ticking.cancel()
        for _ in range(PATIENCE):
            if len(watch.ended) == sources and min(watch.ended.values()) > NOON + timedelta(seconds=HOUR):
                break
            await asyncio.sleep(1)
        schedule.shutdown(wait=False)
        await asyncio.sleep(0.5)
    return await row_of(plan, store, watch)


def _round(intake: Intake, source: Source) -> Round:
    return Round(source.name, EVERY, lambda: intake.turn(source), paced=True)


async def row_of(plan: Plan, store: Store, watch: Stopwatch) -> list[str]:
    """Compare what was said with what is kept, and sum up."""
    said = {text_of(s, n) for s in range(plan.sources) for n in range(1, len(plan.said(s)) + 1)}
    found: list[str] = []
    for skip in range(0, await store.count(MentionRecord), 5000):
        page = await store.find(MentionRecord, order="created_at", limit=5000, skip=skip)
        found += [record.mention.text.partition("\n\n")[2] or record.mention.text for record in page]
    states = await store.find(SourceState)
    failing = sum(state.failing_since is not None for state in states)
    waits = quantiles(watch.waits(), n=100)
    return [
        f"{plan.sources:,}", f"{len(said):,}", f"{len(said - set(found)):,}", f"{len(found) - len(set(found)):,}",
        f"{failing}", f"{watch.pages:,}", f"{sum(s.fetched for s in states) / len(said):.1f}",
        watch.lag(),
        f"{waits[49] * 1000:.0f} / {waits[94] * 1000:.0f}", f"{watch.before:.0f} → {watch.peak:.0f}",
        f"{watch.cpu:.0f}",
    ]  # fmt: skip


HEAD = (
    "sources", "mentions", "lost", "doubled", "failing", "pages", "times shown",
    "loop lag ms p50 / p99 / most", "collected to stored ms p50 / p95", "memory MB before → peak", "CPU seconds",
)  # fmt: skip


async def run(counts: Sequence[int], mentions: int, speed: float) -> None:
    """Measure each number of sources and print the table."""
    idle = Stopwatch()
    with suppress(TimeoutError):
        await asyncio.wait_for(idle.tick(), 5)
    print(f"{mentions:,} mentions in an hour that passes in {HOUR / speed / 60:.1f} minutes; polls every 2 of its own.")
    print(f"An event loop with nothing to do on this machine, now: {idle.lag()} ms late (p50 / p99 / most).\n")
    print(f"| {' | '.join(HEAD)} |\n|{'---:|' * len(HEAD)}")
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            store = await open_store(f"sqlite:///{folder}/{count}.db")
            print(f"| {' | '.join(await listen(store, count, mentions, speed))} |", flush=True)
            await store.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--mentions", type=int, default=50_000)
    parser.add_argument("--speed", type=float, default=20.0)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(*json.loads(given.serve)))
    else:
        asyncio.run(run(given.sources, given.mentions, given.speed))


if __name__ == "__main__":
    main()
