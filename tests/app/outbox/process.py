"""Rounds of the real outbox, each in a process of its own that can be killed without warning at any of its writes.

Run as a program it is the nursery: it imports everything once and forks a process for each round it is told of, so that
a hundred of them take seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from app.outbox.delivery import Outbox
from app.store.codec import plain, record_of
from app.store.open import open_store
from app.store.protocol import Store
from domain.incidents.incident import Incident
from status_page.publishers.registry import Account, build_publisher
from tests.domain.make import incident


@dataclass(frozen=True)
class Round:
    """What a process is to do: a round at `now`, killed before or after its `write`-th write (0: never)."""

    store: str
    account: dict[str, Any]
    now: str
    write: int = 0
    written: bool = False


class Killed:
    """A store whose process dies by SIGKILL at one of its writes."""

    def __init__(self, store: Store, left: int, *, written: bool) -> None:
        self._store, self._left, self._written = store, left, written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def replace(self, record: Any) -> bool:
        """Replace a record, perhaps for the last time."""
        self._left -= 1
        if self._left == 0 and not self._written:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await self._store.replace(record)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


async def do(round: Round) -> None:
    """Do one round."""
    store, at = await open_store(round.store), datetime.fromisoformat(round.now)
    kept: Any = Killed(store, round.write, written=round.written) if round.write else store
    async with aiohttp.ClientSession() as session:
        publisher = build_publisher(Account(**round.account), session, lambda: at)
        await Outbox(kept, {publisher.name: publisher}, None, lambda: at).run()
    await store.close()


class Nursery:
    """Starts a process for each round."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self._program = program

    async def start(self, round: Round) -> int:
        """Start one and give its process id."""
        return int(await self._ask(json.dumps(asdict(round))))

    async def end(self) -> int:
        """Wait for the end of the one that was started; gives its exit code, negative for a signal."""
        return int(await self._ask("end"))

    async def _ask(self, line: str) -> str:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(line + "\n")
        self._program.stdin.flush()
        return await asyncio.to_thread(self._program.stdout.readline)


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Open the nursery."""
    command = [sys.executable, "-m", "tests.app.outbox.process"]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        yield Nursery(program)
        assert program.stdin is not None
        program.stdin.close()


def main() -> None:
    """Fork for each line; nothing here starts a thread or a loop, which would not survive a fork."""
    record_of(Incident, plain(incident()))  # the way in and out of the store is prepared once
    child = 0
    for line in sys.stdin:
        if line.strip() == "end":
            answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        elif (child := os.fork()) == 0:
            asyncio.run(do(Round(**json.loads(line))))
            os._exit(0)
        else:
            answer = child
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
