"""Mentions gathered into batches, off the event loop, within a bounded wait."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain.heard.classification import Classification, Kind, Sentiment
from sentiment.microbatch import MicroBatcher

WINDOW = timedelta(milliseconds=20)


def classification(text: str) -> Classification:
    return Classification(
        language="en",
        sentiment=Sentiment.NEUTRAL,
        sentiment_scores={},
        complaint=0.0,
        is_complaint=False,
        kind=Kind.OTHER,
        kind_scores={},
        model=text,
    )


class Recording:
    """A classifier that notes its batches and threads; `trouble` fails a batch that holds the word."""

    model = "recording 1"

    def __init__(self, seconds: float = 0.0, trouble: str = "\0") -> None:
        self.batches: list[list[str]] = []
        self.threads: set[str] = set()
        self.seconds, self.trouble = seconds, trouble

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        self.batches.append(list(texts))
        self.threads.add(threading.current_thread().name)
        time.sleep(self.seconds)
        if self.trouble in texts:
            raise ValueError("cannot")
        return [classification(text) for text in texts]


async def test_texts_of_one_window_share_one_pass_and_get_their_own_answers() -> None:
    classifier = Recording()
    batcher = MicroBatcher(classifier, WINDOW)
    found = await asyncio.gather(*(batcher.classify(str(i)) for i in range(7)))
    assert [each.model for each in found] == [str(i) for i in range(7)]
    assert len(classifier.batches) == 1
    await batcher.close()


async def test_a_full_batch_does_not_wait_for_the_window() -> None:
    batcher = MicroBatcher(Recording(), timedelta(seconds=30), max_batch=4)
    found = await asyncio.wait_for(batcher.classify_many(["a", "b", "c", "d"]), 5)
    assert len(found) == 4
    await batcher.close()


async def test_a_single_text_waits_no_longer_than_the_window() -> None:
    batcher = MicroBatcher(Recording(), timedelta(milliseconds=50))
    await batcher.warm_up()
    start = time.perf_counter()
    await batcher.classify("alone")
    assert 0.03 < time.perf_counter() - start < 1.0
    await batcher.close()


async def test_no_window_means_no_wait() -> None:
    batcher = MicroBatcher(Recording(), timedelta(0))
    assert (await asyncio.wait_for(batcher.classify("now"), 5)).model == "now"
    await batcher.close()


async def test_more_than_a_batch_is_cut_and_keeps_its_order() -> None:
    classifier = Recording()
    batcher = MicroBatcher(classifier, WINDOW, max_batch=32)
    found = await batcher.classify_many([str(i) for i in range(70)])
    assert [each.model for each in found] == [str(i) for i in range(70)]
    assert [len(batch) for batch in classifier.batches] == [32, 32, 6]
    await batcher.close()


async def test_the_classifier_has_one_thread_to_itself_and_it_is_not_the_loop() -> None:
    classifier = Recording()
    batcher = MicroBatcher(classifier, timedelta(0), max_batch=1)
    await asyncio.gather(*(batcher.classify(str(i)) for i in range(5)))
    assert len(classifier.threads) == 1
    assert threading.current_thread().name not in classifier.threads
    await batcher.close()


async def test_the_event_loop_runs_on_while_the_model_works() -> None:
    batcher = MicroBatcher(Recording(seconds=0.2), timedelta(0))
    task = asyncio.create_task(batcher.classify("slow"))
    ticks = 0
    while not task.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert ticks >= 5
    await batcher.close()


async def test_a_failed_pass_reaches_those_who_asked_and_nobody_after_them() -> None:
    batcher = MicroBatcher(Recording(trouble="bad"), WINDOW)
    with pytest.raises(ValueError, match="cannot"):
        await batcher.classify("bad")
    assert (await batcher.classify("good")).model == "good"
    await batcher.close()


async def test_a_caller_that_gives_up_does_not_disturb_the_others() -> None:
    batcher = MicroBatcher(Recording(), timedelta(milliseconds=60))
    gone = asyncio.create_task(batcher.classify("gone"))
    stays = asyncio.create_task(batcher.classify("stays"))
    await asyncio.sleep(0.01)
    gone.cancel()
    assert (await stays).model == "stays"
    with pytest.raises(asyncio.CancelledError):
        await gone
    await batcher.close()


async def test_close_answers_what_is_waiting_and_takes_nothing_more() -> None:
    batcher = MicroBatcher(Recording(), timedelta(seconds=30))
    waiting = asyncio.create_task(batcher.classify("last"))
    await asyncio.sleep(0.01)
    await batcher.close()
    assert (await waiting).model == "last"
    with pytest.raises(RuntimeError, match="closed"):
        await batcher.classify("too late")


async def test_nothing_asked_nothing_run() -> None:
    classifier = Recording()
    batcher = MicroBatcher(classifier, WINDOW)
    assert await batcher.classify_many([]) == []
    assert classifier.batches == []
    assert batcher.model == "recording 1"
    await batcher.close()


@pytest.mark.parametrize(("window", "size"), [(timedelta(seconds=-1), 8), (timedelta(0), 0)])
def test_senseless_settings_are_refused(window: timedelta, size: int) -> None:
    with pytest.raises(ValueError, match="window cannot be negative"):
        MicroBatcher(Recording(), window, size)
