"""`kill -9` at each step of the outbox, and platforms that fail at each step: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import random
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from app.sending import LOOK
from app.store.open import open_store
from domain.incident import Incident
from domain.work import Delivery, DeliveryState
from tests.app.desk.office import Clock
from tests.app.outbox_process import Round, start
from tests.app.platforms import Mood, Platform, running
from tests.domain.make import delivery, incident

TEXT = "Ödemeler: bakıyoruz & yazacağız.\nپرداخت‌ها انجام نمی‌شود <b>\nhttps://status.example/1.html"
TYPES = ["mastodon", "bluesky", "webhook", "x", "telegram"]
WRITES = [(write, written) for write in (1, 2) for written in (False, True)]


class Desk:
    """An incident with one approved post, and processes that carry it out of the house."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self.platform, self.clock = platform, platform.clock
        self.store = f"sqlite:///{(folder / 'hubbub.db').absolute()}"

    async def approve(self) -> None:
        """Approve the post."""
        store = await open_store(self.store)
        post = delivery(text=TEXT, channel="outlet", state=DeliveryState.PENDING, created_at=self.clock())
        await store.add(incident(deliveries=(post,), card=None))
        await store.close()

    async def round(self, write: int = 0, *, written: bool = False) -> int | None:
        """Let a fresh process do one round; gives how it ended."""
        process = start(Round(self.store, self.platform.account, self.clock(), write, written))
        self.platform.victim = process.pid
        await asyncio.to_thread(process.join, 60)
        return process.exitcode  # type: ignore[no-any-return]

    async def post(self) -> Delivery:
        """Read the post."""
        store = await open_store(self.store)
        kept = await store.get(Incident, "inc_1")
        await store.close()
        assert kept is not None
        return kept.deliveries[0]

    async def go_on(self, pause: timedelta, rounds: int = 15) -> Delivery:
        """Let time pass and processes work until the post is no more on its way."""
        for _ in range(rounds):
            self.clock.at += pause
            assert await self.round() in (0, -signal.SIGKILL)
            if (post := await self.post()).state is not DeliveryState.PENDING:
                return post
        raise AssertionError(f"it is on its way for ever: {await self.post()}")


def once(platform: Platform, post: Delivery) -> None:
    """It stands there exactly once, and we know where."""
    assert len(platform.posts) == 1
    assert platform.posts[0].text == TEXT
    assert (post.state, post.error, post.unsure_since) == (DeliveryState.SENT, None, None)
    expected = {"webhook": "del_1", "bluesky": f"at://us/p/{platform.posts[0].key}|1"}
    assert post.remote_id == expected.get(platform.type, "1")


@pytest.mark.parametrize("pause", [timedelta(minutes=1), timedelta(hours=3)], ids=["soon", "hours later"])
@pytest.mark.parametrize(("write", "written"), WRITES)
@pytest.mark.parametrize("type", TYPES)
async def test_a_kill_at_any_write_neither_loses_nor_doubles(
    type: str, write: int, written: bool, pause: timedelta, tmp_path: Path
) -> None:
    async with running(type, Clock()) as platform:
        desk = Desk(platform, tmp_path)
        await desk.approve()
        ended = await desk.round(write, written=written)
        noted = type in ("mastodon", "x", "telegram")  # those note the try first: two writes
        assert ended == (-signal.SIGKILL if noted or write == 1 else 0)
        once(platform, await desk.go_on(pause))


@pytest.mark.parametrize("pause", [timedelta(minutes=1), timedelta(hours=3)], ids=["soon", "hours later"])
@pytest.mark.parametrize("mood", [m for m in Mood if m is not Mood.FINE])
@pytest.mark.parametrize("type", TYPES)
async def test_a_platform_that_fails_at_any_moment_has_it_once(
    type: str, mood: Mood, pause: timedelta, tmp_path: Path
) -> None:
    async with running(type, Clock(), mood) as platform:
        desk = Desk(platform, tmp_path)
        await desk.approve()
        ended = await desk.round()
        assert ended == (-signal.SIGKILL if mood in (Mood.KILL_BEFORE, Mood.KILL_AFTER) else 0)
        once(platform, await desk.go_on(pause) if (await desk.post()).is_due else await desk.post())


@pytest.mark.parametrize("mood", list(Mood))
async def test_a_private_telegram_chat_is_never_written_to_twice(mood: Mood, tmp_path: Path) -> None:
    async with running("telegram", Clock(), mood, public=False) as platform:
        desk = Desk(platform, tmp_path)
        await desk.approve()
        await desk.round()
        post = await desk.go_on(timedelta(minutes=1)) if (await desk.post()).is_due else await desk.post()
        if mood in (Mood.FINE, Mood.BUSY):  # nothing is in doubt after a clear no
            return once(platform, post)
        assert len(platform.posts) == (mood in (Mood.DROP_AFTER, Mood.ERROR_AFTER, Mood.NONSENSE, Mood.KILL_AFTER))
        assert post.state is DeliveryState.FAILED
        assert post.error is not None
        assert post.error.endswith(LOOK)
        assert platform.arrived == 1
        return None


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("type", TYPES)
async def test_any_row_of_kills_and_failures_ends_with_one_post(type: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(f"{type} {seed}")
    async with running(type, Clock()) as platform:
        desk = Desk(platform, tmp_path)
        await desk.approve()
        for _ in range(5):
            platform.moods = [chance.choice(list(Mood))]
            await desk.round(chance.choice((0, 0, 1, 2)), written=chance.random() < 0.5)
            if not (await desk.post()).is_due:
                break
            desk.clock.at += chance.choice((timedelta(seconds=5), timedelta(minutes=2), timedelta(hours=2)))
        platform.moods = []
        post = await desk.post()
        once(platform, await desk.go_on(timedelta(hours=2)) if post.is_due else post)
