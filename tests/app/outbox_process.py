"""One round of the real outbox in a process of its own, which can be killed without warning at any of its writes."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp

from app.delivery import Outbox
from app.store.open import open_store
from app.store.protocol import Store
from status_page.publishers.registry import Account, build_publisher

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["app.delivery", "app.store.open", "status_page.publishers.registry"])


@dataclass(frozen=True)
class Round:
    """What a process is to do: a round at `now`, killed before or after its `write`-th write (0: never)."""

    store: str
    account: Account
    now: datetime
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


def do(round: Round) -> None:
    """Do one round; the process ends with it."""
    asyncio.run(_do(round))


async def _do(round: Round) -> None:
    store = await open_store(round.store)
    kept: Any = Killed(store, round.write, written=round.written) if round.write else store
    async with aiohttp.ClientSession() as session:
        publisher = build_publisher(round.account, session, lambda: round.now)
        await Outbox(kept, {publisher.name: publisher}, None, lambda: round.now).run()
    await store.close()


def start(round: Round) -> Any:
    """Start the process."""
    process = FORKS.Process(target=do, args=(round,))
    process.start()
    return process
