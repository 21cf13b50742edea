"""Of several hubbubs on one store, one does the rounds; the others keep their doors open and take over."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.store.protocol import Store, update
from domain.errors import NotFound, ServiceError, TemporaryError
from domain.lease import LASTS, LEASE_ID, Holder, Lease, given_up, granted

log = logging.getLogger(__name__)
RENEW = LASTS / 4
_ASK_EVERY = timedelta(seconds=5)


@dataclass(slots=True)
class Leading:
    """The lease as this process sees it."""

    store: Store
    now: Callable[[], datetime]
    me: Holder
    leads: bool = False

    async def take(self) -> Lease:
        """Ask for the lease, or renew it; gives it as it stands, whoever holds it. Raises TemporaryError."""
        at = self.now()
        await self.store.add(Lease(self.me, at, at + LASTS))  # nothing happens where there is one
        lease = await update(self.store, Lease, LEASE_ID, lambda known: granted(known, self.me, at, self._gone(known)))
        self.leads = lease.holder == self.me
        return lease

    async def wait(self, say: Callable[[str], None], every: timedelta = _ASK_EVERY) -> None:
        """Come back as soon as the lease is ours; `say` once whom we wait for."""
        waits_for: Holder | None = None
        while True:
            try:
                lease = await self.take()
            except TemporaryError:
                lease = None  # the store is away: nobody can lead
            if self.leads:
                return
            if lease is not None and lease.holder != waits_for:
                waits_for = lease.holder
                say(f"{waits_for.name} does the rounds since {lease.since:%Y-%m-%d %H:%M} UTC; this one waits")
            await asyncio.sleep(every.total_seconds())

    async def keep(self, every: timedelta = RENEW) -> None:
        """Renew the lease for ever. Raises ServiceError when another process took it, for we were not heard of."""
        while self.leads:
            await asyncio.sleep(every.total_seconds())
            try:
                lease = await self.take()
            except TemporaryError as err:  # without the store no round does anything; nobody else gets it either
                log.warning("the lease could not be renewed: %s", err)
        raise ServiceError(f"{lease.holder.name} does the rounds now, for this process was not heard of.")

    async def give_up(self) -> None:
        """Let the next one begin at once."""
        if self.leads:
            self.leads = False
            with suppress(NotFound, TemporaryError):  # then it ends by itself
                await update(self.store, Lease, LEASE_ID, lambda lease: given_up(lease, self.me, self.now()))

    def _gone(self, lease: Lease) -> bool:
        """Whether the holder ran on this machine and runs no more: after a kill nobody needs to wait."""
        other = lease.holder
        return other.place == self.me.place and (other.pid == self.me.pid or not _runs(other.pid))


def this_process() -> Holder:
    """Name this process; machines and containers are told apart by their start and their name space where known."""
    host = socket.gethostname()
    marks = [host, _read(Path("/proc/sys/kernel/random/boot_id")), _link(Path("/proc/self/ns/pid"))]
    return Holder(" ".join(mark for mark in marks if mark), os.getpid(), f"{host} (process {os.getpid()})")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's process
        return True
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:  # not Linux
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
