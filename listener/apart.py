"""Hostile input is read in a process of its own, because that can be stopped.

A thread cannot, and one long regular expression holds up all threads: 100 kB of letters as the author of a feed keep
feedparser 6.0.14 busy for two minutes (measured 2026-11).
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import ParamSpec, TypeVar, cast

from domain.errors import PermanentError, TemporaryError

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Answer:
    result: object = None
    failure: Exception | None = None


class Apart:
    """One process, started on first use, that does one piece of work after the other."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._turn = threading.Lock()
        self._child: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    async def run(
        self, limit: timedelta, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """Do `work` (a function at the top of its module; what it takes, gives and raises must be picklable).

        Raises what `work` raises, `PermanentError` when it takes longer than `limit`, `TemporaryError` when the
        process dies.
        """
        try:
            answer = await asyncio.to_thread(self._ask, limit, (work, args, kwargs))
        except asyncio.CancelledError:
            self.stop()  # or the interpreter waits for its thread before it ends
            raise
        if answer.failure is not None:
            raise answer.failure
        return cast(Result, answer.result)

    def stop(self) -> None:
        """End the process, also in the middle of its work; the next work starts another one."""
        if self._child is not None:
            self._child.kill()

    def _ask(self, limit: timedelta, task: object) -> _Answer:
        with self._turn:
            pipe = self._open()
            try:
                pipe.send(task)
                if pipe.poll(limit.total_seconds()):
                    answer: _Answer = pipe.recv()
                    return answer
            except (EOFError, OSError) as err:
                self._close()
                raise TemporaryError("The process that reads feeds ended before it was done.") from err
            self._close()
            raise PermanentError(f"The answer takes longer than {limit.total_seconds():g} seconds to read.")

    def _open(self) -> Connection:
        if self._pipe is None or self._child is None or not self._child.is_alive():
            # Not a fork: that would copy locks that other threads hold at this moment.
            spawn = multiprocessing.get_context("spawn")
            self._pipe, theirs = spawn.Pipe()
            self._child = spawn.Process(target=_serve, args=(theirs,), name="hubbub-reader", daemon=True)
            self._child.start()
            theirs.close()
        return self._pipe

    def _close(self) -> None:
        self.stop()
        if self._child is not None and self._pipe is not None:
            self._child.join()
            self._pipe.close()
        self._child = self._pipe = None


def _serve(pipe: Connection) -> None:
    """Work until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    while True:
        try:
            work, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = _Answer(work(*args, **kwargs))
        except Exception as err:
            answer = _Answer(failure=err)
        pipe.send(answer)
