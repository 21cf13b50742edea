"""`kill -9` at each step of the outbox, and platforms that fail at each step: nothing is lost, nothing is doubled."""

from __future__ import annotations

import random
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from app.outbox.sending import LOOK
from app.store.open import open_store
from app.store.protocol import Store
from domain.incidents.incident import Incident
from domain.work import Delivery, DeliveryState
from tests.app.desk.office import Clock
from tests.app.outbox.platforms import Mood, Platform, running
from tests.app.outbox.process import Nursery, Round, nursery
from tests.domain.make import delivery, incident

TEXT = "Ödemeler: bakıyoruz & yazacağız.\nپرداخت‌ها انجام نمی‌شود <b>\nhttps://status.example/1.html"
TYPES = ["mastodon", "bluesky", "webhook", "x", "telegram"]
NOTED = frozenset({"mastodon", "x", "telegram"})  # those write down each try before they make it
SOON, LATER = timedelta(minutes=1), timedelta(hours=3)  # Mastodon forgets its keys in between
every_pause = pytest.mark.parametrize(
    ("type", "pause"), [*((type, SOON) for type in TYPES), ("mastodon", LATER)], ids=str
)


@pytest.fixture(scope="module")
def forks() -> Iterator[Nursery]:
    """Where the processes come from."""
    with nursery() as opened:
        yield opened


@dataclass
class Desk:
    """An incident with one approved post, and processes that carry it out of the house."""

    platform: Platform
    store: Store
    url: str
    forks: Nursery

    async def round(self, write: int = 0, *, written: bool = False) -> int:
        """Let a fresh process do one round; gives how it ended."""
        platform = self.platform
        round = Round(self.url, asdict(platform.account), platform.clock().isoformat(), write, written)
        platform.victim = await self.forks.start(round)
        return await self.forks.end()

    async def post(self) -> Delivery:
        """Read the post."""
        kept = await self.store.get(Incident, "inc_1")
        assert kept is not None
        return kept.deliveries[0]

    async def outcome(self, pause: timedelta, rounds: int = 15) -> Delivery:
        """Let time pass and processes work until the post is no more on its way."""
        for _ in range(rounds):
            if not (post := await self.post()).is_due:
                return post
            self.platform.clock.at += pause
            assert await self.round() in (0, -signal.SIGKILL)
        raise AssertionError(f"it is on its way for ever: {await self.post()}")


@asynccontextmanager
async def approved(type: str, forks: Nursery, folder: Path, *moods: Mood, public: bool = True) -> AsyncIterator[Desk]:
    """Approve one post for a platform that will be in these moods."""
    url = f"sqlite:///{(folder / 'hubbub.db').absolute()}"
    store = await open_store(url)
    async with running(type, Clock(), *moods, public=public) as platform:
        post = delivery(text=TEXT, channel="outlet", state=DeliveryState.PENDING)
        await store.add(incident(deliveries=(post,), card=None))
        yield Desk(platform, store, url, forks)
    await store.close()


def once(platform: Platform, post: Delivery) -> None:
    """It stands there exactly once, and we know where."""
    assert [found.text for found in platform.posts] == [TEXT]
    assert (post.state, post.error, post.unsure_since) == (DeliveryState.SENT, None, None)
    expected = {"webhook": "del_1", "bluesky": f"at://us/p/{platform.posts[0].key}|1"}
    assert post.remote_id == expected.get(platform.type, "1")


@pytest.mark.parametrize(("write", "written"), [(1, False), (1, True), (2, False), (2, True)])
@every_pause
async def test_a_kill_at_any_write_neither_loses_nor_doubles(
    type: str, pause: timedelta, write: int, written: bool, tmp_path: Path, forks: Nursery
) -> None:
    async with approved(type, forks, tmp_path) as desk:
        ended = await desk.round(write, written=written)
        assert ended == (-signal.SIGKILL if type in NOTED or write == 1 else 0)
        once(desk.platform, await desk.outcome(pause))


@pytest.mark.parametrize("mood", [mood for mood in Mood if mood is not Mood.FINE])
@every_pause
async def test_a_platform_that_fails_at_any_moment_has_it_once(
    type: str, pause: timedelta, mood: Mood, tmp_path: Path, forks: Nursery
) -> None:
    async with approved(type, forks, tmp_path, mood) as desk:
        ended = await desk.round()
        assert ended == (-signal.SIGKILL if mood in (Mood.KILL_BEFORE, Mood.KILL_AFTER) else 0)
        once(desk.platform, await desk.outcome(pause))


@pytest.mark.parametrize("mood", list(Mood))
async def test_a_private_telegram_chat_is_never_written_to_twice(mood: Mood, tmp_path: Path, forks: Nursery) -> None:
    async with approved("telegram", forks, tmp_path, mood, public=False) as desk:
        await desk.round()
        post, platform = await desk.outcome(SOON), desk.platform
    if mood in (Mood.FINE, Mood.BUSY):  # nothing is in doubt after a clear answer
        once(platform, post)
    else:
        taken = mood in (Mood.DROP_AFTER, Mood.ERROR_AFTER, Mood.NONSENSE, Mood.KILL_AFTER)
        assert (len(platform.posts), platform.arrived) == (taken, 1)
        assert post.state is DeliveryState.FAILED
        assert post.error is not None
        assert post.error.endswith(LOOK)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("type", TYPES)
async def test_any_row_of_kills_and_failures_ends_with_one_post(
    type: str, seed: int, tmp_path: Path, forks: Nursery
) -> None:
    chance = random.Random(f"{type} {seed}")
    async with approved(type, forks, tmp_path) as desk:
        for _ in range(5):
            desk.platform.moods = [chance.choice(list(Mood))]
            await desk.round(chance.choice((0, 0, 1, 2)), written=chance.random() < 0.5)
            if not (await desk.post()).is_due:
                break
            desk.platform.clock.at += chance.choice((timedelta(seconds=5), timedelta(minutes=2), timedelta(hours=2)))
        desk.platform.moods = []
        once(desk.platform, await desk.outcome(timedelta(hours=2)))
