"""So that a form that is sent twice acts once: the second sending gets the first one's answer."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

KEPT = 5000


@dataclass(frozen=True, slots=True)
class Once:
    """Remembers the answers to the newest forms. Records guard themselves by the same key after a restart."""

    answers: OrderedDict[str, tuple[str, asyncio.Task[str]]] = field(default_factory=OrderedDict, repr=False)

    async def run(self, key: str, owner: str, work: Callable[[], Awaitable[str]]) -> str:
        """Do `work` for `key`, or wait for the answer of whoever does it; what fails may be tried again."""
        if key not in self.answers:
            task = asyncio.ensure_future(_done(work))
            self.answers[key] = (owner, task)
            while len(self.answers) > KEPT:
                self.answers.popitem(last=False)
        # A browser that goes away must not stop an action half way.
        task = self.answers[key][1]
        try:
            return await asyncio.shield(task)
        except Exception:
            self.answers.pop(key, None)
            raise

    def word(self, key: str, owner: str) -> str:
        """Give the answer to a form, to the session that sent it; empty when there is none (any more)."""
        known, task = self.answers.get(key, ("", None))
        if known != owner or task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return ""
        return task.result()


async def _done(work: Callable[[], Awaitable[str]]) -> str:
    return await work()
