"""Takes the published page elsewhere (rsync, object storage) with the owner's command, again and again until it works.

It runs beside everything else: while a far host does not answer, the page here is printed as ever.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from domain.errors import TemporaryError

log = logging.getLogger(__name__)
PLACE = "{dir}"  # in the command: where the folder with the page stands
TIMEOUT = timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
_SAID = 300  # characters of what the command complained about


@dataclass(slots=True)
class Courier:
    """Carries the newest version; versions that were overtaken while it was busy are skipped."""

    name: str  # of the page, for the log
    command: Sequence[str]  # program and arguments, no shell
    timeout: timedelta = TIMEOUT
    first_wait: timedelta = FIRST_WAIT
    failing: str | None = None  # why the page elsewhere is old, None while all is well
    newest: Path | None = None  # the version that is to be carried next
    carrying: Path | None = None  # the version that must not be removed now
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def go(self) -> None:
        """Carry the newest version as soon as the one before is through; returns at once."""
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._work())

    async def idle(self) -> None:
        """Wait until nothing is left to carry."""
        if self.task is not None:
            await self.task

    async def close(self) -> None:
        """Stop, also a command that runs."""
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task

    async def _work(self) -> None:
        wait = self.first_wait
        while self.newest is not None:
            self.carrying, self.newest = self.newest, None
            try:
                await self._carry(self.carrying)
            except TemporaryError as err:
                self._failed(str(err))
                self.newest = self.newest or self.carrying
                await asyncio.sleep(wait.total_seconds())
                wait = min(2 * wait, LONGEST_WAIT)
                continue
            wait = self.first_wait
            self._done()
        self.carrying = None

    async def _carry(self, version: Path) -> None:
        arguments = [part.replace(PLACE, str(version)) for part in self.command]
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE, env=without_secrets(os.environ), start_new_session=True,
            )  # fmt: skip
        except OSError as err:
            raise TemporaryError(f"{arguments[0]} cannot be started: {err.strerror or err}") from err
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                _, complaints = await process.communicate()
        except TimeoutError as err:
            raise TemporaryError(f"{arguments[0]} did not end within {self.timeout.total_seconds():.0f} s") from err
        finally:
            if process.returncode is None:  # its children, too: rsync has an ssh
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode:
            raise TemporaryError(f"{arguments[0]} ended with {process.returncode}{_last_words(complaints)}")

    @property
    def _label(self) -> str:
        return f"the page {self.name}".rstrip()

    def _failed(self, why: str) -> None:
        if self.failing is None:
            log.error("%s is not carried on: %s; it is tried again", self._label, why)
        self.failing = why

    def _done(self) -> None:
        if self.failing is not None:
            log.info("%s is carried on again", self._label)
        self.failing = None


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of the command: everything but what is ours."""
    return {name: value for name, value in environment.items() if not name.startswith("HUBBUB_")}


def _last_words(complaints: bytes) -> str:
    said = " ".join(complaints.decode("utf-8", "replace").split())[-_SAID:]
    return f" ({said})" if said else ""
