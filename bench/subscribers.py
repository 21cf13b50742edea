"""A mailing to very many subscribers: `python -m bench.subscribers [subscribers]` prints a table.

A mail server (aiosmtpd, or `--quick` for one that only counts) runs in a process of its own on loopback, hubbub's
sender in another. The first run is measured, also over time; in the second the sender is killed (-9) three times and
started again.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import Envelope

from app.store import Store, Where, open_store
from app.subscribers.room import open_room
from config.secrets import Secrets
from config.settings import Settings
from domain.component import ComponentStatus
from domain.incidents.incident import Impact, Incident, IncidentStatus, Update
from domain.told.mailing import Mailing, MailingState
from domain.told.subscriber import Channel, Standing, Subscriber, subscriber_id
from domain.work import Actor

LANGUAGES = ("en", "tr", "fa")
KILLS = 3
TEXTS = {
    "en": "Cards are declined at checkout. We have found the cause and are working on the fix. " * 3,
    "tr": "Ödeme sırasında kartlar reddediliyor. Nedenini bulduk, gidermek için çalışıyoruz. " * 3,
    "fa": "پرداخت با کارت انجام نمی‌شود. علت پیدا شده است و در حال رفع آن هستیم. " * 3,
}


# --- the mail server


@dataclass
class Sink:
    """Writes down who got which mail, one line each."""

    path: Path
    lines: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        """Take one mail."""
        content = bytes(envelope.content or b"")
        key = content.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
        self.lines.append(f"{envelope.rcpt_tos[0]} {key} {len(content)}\n")
        return "250 OK"

    def write(self) -> None:
        """Write the lines that wait."""
        with self.path.open("a") as file:
            file.writelines(self.lines)
        self.lines.clear()


class Quick(asyncio.Protocol):
    """The least a mail server can do, so that it is the sender that is measured."""

    def __init__(self, sink: Sink) -> None:
        self.sink, self.buffer, self.data = sink, b"", False
        self.to = b""

    def connection_made(self, transport: Any) -> None:
        """Greet."""
        self.transport = transport
        transport.write(b"220 quick\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer each command."""
        self.buffer += data
        while True:
            end = b"\r\n.\r\n" if self.data else b"\r\n"
            part, found, rest = self.buffer.partition(end)
            if not found:
                return
            self.buffer = rest
            self.transport.write(self._answer(part))

    def _answer(self, part: bytes) -> bytes:
        if self.data:
            self.data = False
            key = part.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
            self.sink.lines.append(f"{self.to.decode()} {key} {len(part)}\n")
            return b"250 taken\r\n"
        verb = part[:4].upper()
        if verb == b"RCPT":
            self.to = part.partition(b"<")[2].partition(b">")[0]
        self.data = verb == b"DATA"
        return {b"DATA": b"354 go on\r\n", b"EHLO": b"250 quick\r\n"}.get(verb, b"250 OK\r\n")


async def serve(path: Path, port_file: Path, quick: bool) -> None:
    """Run the mail server until the process is told to stop."""
    sink, loop, told = Sink(path), asyncio.get_running_loop(), asyncio.Event()
    make = (lambda: Quick(sink)) if quick else (lambda: Server(sink, hostname="sink", enable_SMTPUTF8=True))  # type: ignore[no-untyped-call]
    server = await loop.create_server(make, "127.0.0.1", 0)
    port_file.write_text(str(server.sockets[0].getsockname()[1]))  # noqa: ASYNC240 - nobody waits yet
    loop.add_signal_handler(signal.SIGTERM, told.set)
    while not told.is_set():
        await asyncio.sleep(0.1)
        sink.write()


# --- the sender


def settings(folder: Path, port: int) -> Settings:
    """Give the settings of the sender."""
    return Settings.model_validate({
        "brand": {"name": "Kiosk", "languages": LANGUAGES}, "store": f"sqlite:///{folder}/bench.db",
        "components": [{"id": "payments", "names": {"en": "Payments", "tr": "Ödemeler", "fa": "پرداخت"}}],
        "mail": {"url": f"smtp://127.0.0.1:{port}", "sender": "news@kiosk.example"},
        "subscribers": {"mail": True, "bounces": "bounce@kiosk.example"},
        "web": {"public_url": "https://status.kiosk.example"},
    })  # fmt: skip


async def send(folder: Path, port: int) -> None:
    """Send what is due, as a running hubbub does, and say how much memory that took."""
    tree = settings(folder, port)
    async with AsyncExitStack() as stack:
        store = await open_store(tree.store)
        stack.push_async_callback(store.close)
        room = await open_room(tree, Secrets(), store, stack, lambda: datetime.now(UTC))
        print(f"before {memory()}", flush=True)
        await room.planner.run()
        begun = time.perf_counter()
        while await store.count(Mailing, Where("lane", "eq", f"{Channel.MAIL} {MailingState.RUNNING}")):
            await room.lanes[Channel.MAIL].run()
            await asyncio.sleep(0.05)
        print(f"seconds {time.perf_counter() - begun:.2f}", flush=True)
        print(f"after {memory()}", flush=True)


def memory(process: int | str = "self", name: str = "VmHWM") -> int:
    """Give the most memory a process has had (or `VmRSS`, has now), in kB; 0 when it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(name)), 0)


async def fill(store: Store, count: int, number: int) -> None:
    """Store the subscribers (once) and an incident with one public word."""
    long_ago = datetime.now(UTC) - timedelta(days=30)
    if not await store.count(Subscriber):
        for first in range(0, count, 2000):
            await store.add(*(_subscriber(n, long_ago) for n in range(first, min(first + 2000, count))))
    said = datetime.now(UTC)
    update = Update(f"upd_{number}", said, IncidentStatus.IDENTIFIED, TEXTS, "bench",
                    {"payments": ComponentStatus.PARTIAL_OUTAGE}, said + timedelta(minutes=30))  # fmt: skip
    titles = {"en": "Cards are declined", "tr": "Kartlar reddediliyor", "fa": "پرداخت با کارت انجام نمی‌شود"}
    await store.add(Incident(f"inc_{number}", titles, Impact.MAJOR, said, said, Actor("bench", "bench"), (update,)))


def _subscriber(number: int, at: datetime) -> Subscriber:
    address = f"reader{number}@mail{number % 40}.example"
    return Subscriber(
        subscriber_id(Channel.MAIL, address), Channel.MAIL, address, LANGUAGES[number % 3], at, state=Standing.ACTIVE,
        confirmed_at=at,
    )  # fmt: skip


# --- what is measured


@dataclass(frozen=True)
class Run:
    """One mailing as the mail server saw it."""

    seconds: float
    memory: tuple[int, int]  # kB, before and after
    mails: Counter[str]
    ids: int
    size: int  # bytes of one mail on average
    tenths: list[tuple[float, int]]  # when each tenth was through: seconds since the start, kB held by the sender
    kills: int = 0


@dataclass
class Watch:
    """Looks at what the mail server has written down, each line once."""

    path: Path
    count: int = 0
    place: int = 0
    begun: float = field(default_factory=time.perf_counter)
    tenths: list[tuple[float, int]] = field(default_factory=list)

    def look(self, total: int, process: int) -> int:
        """Count the mails so far, and note each tenth of `total`."""
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self.place)
                fresh = file.read()
            self.place, self.count = self.place + len(fresh), self.count + fresh.count(b"\n")
        while self.count >= total * (len(self.tenths) + 1) / 10:
            self.tenths.append((time.perf_counter() - self.begun, memory(process, "VmRSS")))
        return self.count


def sender(folder: Path, port: int) -> subprocess.Popen[str]:
    """Start the sender in a process of its own."""
    command = [sys.executable, "-m", "bench.subscribers", "send", str(folder), str(port)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603


def received(log: Path) -> tuple[Counter[str], set[str], int]:
    """Read what the server wrote down: mails per address, ids, mean size."""
    rows = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
    return Counter(row[0] for row in rows), {row[1] for row in rows}, sum(int(r[2]) for r in rows) // max(1, len(rows))


def run(folder: Path, port: int, log: Path, count: int, number: int, kills: int) -> Run:
    """Send one mailing to its end, killing the sender on the way."""
    asyncio.run(_fill(folder, port, count, number))
    log.unlink(missing_ok=True)
    watch, process, done = Watch(log), sender(folder, port), 0
    while process.poll() is None:
        time.sleep(0.05)
        if watch.look(count, process.pid) >= count * (done + 1) // (kills + 1) and done < kills:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process, done = sender(folder, port), done + 1
    said = dict(line.split() for line in (process.communicate()[0] or "").splitlines())
    seconds = float(said["seconds"]) if not kills else time.perf_counter() - watch.begun
    time.sleep(0.5)
    watch.look(count, process.pid)
    mails, ids, size = received(log)
    return Run(seconds, (int(said["before"]), int(said["after"])), mails, len(ids), size, watch.tenths, done)


async def _fill(folder: Path, port: int, count: int, number: int) -> None:
    store = await open_store(settings(folder, port).store)
    await fill(store, count, number)
    await store.close()


def table(runs: list[tuple[str, Run]], count: int) -> None:
    """Print what was found."""
    print(f"\n| {count:,} subscribers | mails/s | minutes | MB before | MB at most | kB a mail | lost | doubled |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, found in runs:
        doubled = sum(found.mails.values()) - len(found.mails)
        before, after = (kilobytes / 1024 for kilobytes in found.memory)
        print(
            f"| {name} | {count / found.seconds:,.0f} | {found.seconds / 60:.1f} | {before:.0f} | {after:.0f} "
            f"| {found.size / 1024:.1f} | {count - len(found.mails)} | {doubled} |"
        )
        assert found.ids is not None


def over_time(found: Run, count: int) -> None:
    """Print how fast each tenth was, and what the sender held then."""
    print("\n| Tenth of the subscribers | mails/s | MB held |")
    print("|---|---:|---:|")
    for place, ((before, _), (after, kilobytes)) in enumerate(pairwise([(0.0, 0), *found.tenths]), start=1):
        rate = count / 10 / max(after - before, 0.001)
        print(f"| {place} | {rate:,.0f} | {f'{kilobytes / 1024:.0f}' if kilobytes else 'gone'} |")


def main(count: int, quick: bool) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log, port_file = folder / "mails", folder / "port"
        command = [sys.executable, "-m", "bench.subscribers", "serve", str(log), str(port_file), "1" if quick else ""]
        server = subprocess.Popen(command)  # noqa: S603
        try:
            while not port_file.exists() or not port_file.read_text():
                time.sleep(0.05)
            port = int(port_file.read_text())
            straight = run(folder, port, log, count, 1, 0)
            killed = run(folder, port, log, count, 2, KILLS)
        finally:
            server.terminate()
            server.wait()
    table([("straight through", straight), (f"killed {killed.kills} times", killed)], count)
    over_time(straight, count)


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["serve"]:
        asyncio.run(serve(Path(words[1]), Path(words[2]), bool(words[3])))
    elif words[:1] == ["send"]:
        asyncio.run(send(Path(words[1]), int(words[2])))
    else:
        numbers = [int(word) for word in words if word.isdigit()]
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        main(numbers[0] if numbers else 100_000, "--quick" in words)
