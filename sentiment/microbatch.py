"""Single mentions gathered into batches: the CPU works in bulk, nobody waits longer than the window and one pass."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Concatenate, ParamSpec, TypeVar

from domain.heard.classification import Classification
from sentiment.classifier import Classifier

P = ParamSpec("P")
T = TypeVar("T")
_WARM_UP = ("hello", "a longer warm-up text, so that the first real mention does not pay for growing buffers " * 3)


@dataclass(frozen=True, slots=True)
class _Waiting:
    text: str
    answer: asyncio.Future[Classification]


class MicroBatcher:
    """Async front of a `Classifier` for one event loop; the classifier runs in one thread that it has to itself."""

    def __init__(
        self, classifier: Classifier, window: timedelta = timedelta(milliseconds=50), max_batch: int = 32
    ) -> None:
        """A text waits at most `window` for company (0: none), and starts at once when `max_batch` are waiting."""
        if max_batch < 1 or window < timedelta(0):
            raise ValueError("the window cannot be negative and a batch holds at least one text")
        self._classifier = classifier
        self._window = window.total_seconds()
        self._max_batch = max_batch
        self._owner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="classifier")
        self._waiting: list[_Waiting] = []
        self._enough = asyncio.Event()
        self._loop_task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def model(self) -> str:
        """Name and version of the model behind it."""
        return self._classifier.model

    async def warm_up(self) -> None:
        """Runs two texts through, so that the first mention after a start is as quick as the others."""
        await self._run(_WARM_UP)

    async def classify(self, text: str) -> Classification:
        """The classification of one text; many callers at once share one pass. Raises RuntimeError after `close`."""
        return (await self.classify_many([text]))[0]

    async def classify_many(self, texts: Sequence[str]) -> list[Classification]:
        """Classifications in the order of `texts`, gathered with whatever else is waiting."""
        if self._closed:
            raise RuntimeError("the classifier has been closed")
        if not texts:
            return []
        loop = asyncio.get_running_loop()
        mine = [_Waiting(text, loop.create_future()) for text in texts]
        self._waiting += mine
        if len(self._waiting) >= self._max_batch:
            self._enough.set()
        if self._loop_task is None or self._loop_task.done():
            self._loop_task = loop.create_task(self._serve())
        return list(await asyncio.gather(*(each.answer for each in mine)))

    async def run(self, work: Callable[Concatenate[Classifier, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work(classifier, ...)` in the classifier's own thread, e.g. `words_that_decided`."""
        job = functools.partial(work, self._classifier, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._owner, job)

    async def close(self) -> None:
        """Answers what is waiting, then lets the thread go."""
        self._closed = True
        self._enough.set()
        if self._loop_task is not None:
            await self._loop_task
        self._owner.shutdown(wait=False)

    async def _serve(self) -> None:
        while self._waiting:
            await self._gather()
            batch, self._waiting = self._waiting[: self._max_batch], self._waiting[self._max_batch :]
            await self._answer([each for each in batch if not each.answer.done()])

    async def _gather(self) -> None:
        """Waits out the window unless a batch is full; while a pass ran, the next batch has waited long enough."""
        if len(self._waiting) < self._max_batch and not self._closed:
            self._enough.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), self._window)

    async def _answer(self, batch: Sequence[_Waiting]) -> None:
        if not batch:
            return
        try:
            found = await self._run([each.text for each in batch])
        except Exception as err:  # handed to those who wait; the loop must live on
            for each in batch:
                _settle(each, err)
            return
        for each, classification in zip(batch, found, strict=True):
            _settle(each, classification)

    async def _run(self, texts: Sequence[str]) -> list[Classification]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._owner, self._classifier.classify, texts)


def _settle(waiting: _Waiting, outcome: Classification | Exception) -> None:
    if waiting.answer.done():  # the caller gave up (timeout, cancelled)
        return
    if isinstance(outcome, Exception):
        waiting.answer.set_exception(outcome)
    else:
        waiting.answer.set_result(outcome)
