"""Quiet notes: posted once, without a button, and few."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.pipeline.notices import WARM_UP
from domain.heard.classification import Sentiment
from domain.incidents.notice import MOST_A_DAY, NoticeKind
from domain.incidents.signal import SignalState
from sentiment.spikes import Reading, minute_of
from sentiment.spikes.scan import Finding
from tests.app.desk.slack_town import open_town
from tests.app.pipeline.watch import Watch, open_watch
from tests.domain.make import NOW, evidence, meaning, mention, record


def talk(watch: Watch, count: int, tone: Sentiment, *, own: bool = False, history: bool = False) -> None:
    for number in range(count):
        said = mention("the new advert", f"{watch.office.clock()}{number}")
        understood = meaning(sentiment=tone, is_complaint=False)
        watch.spotting.notices.hear(record(said, understood, own=own, history=history))


async def pass_time(watch: Watch, steps: int, count: int, tone: Sentiment = Sentiment.NEUTRAL, **flags: bool) -> None:
    for _ in range(steps):
        talk(watch, count, tone, **flags)
        watch.office.clock.passes(minutes=5)
        await watch.spotting.notices.run()


@pytest.mark.parametrize(
    ("tone", "words"),
    [(Sentiment.POSITIVE, "sounds good"), (Sentiment.NEGATIVE, "sounds bad"), (Sentiment.NEUTRAL, "sounds mixed")],
)
async def test_a_viral_hour_is_told_once_with_its_tone_and_without_a_button(tone: Sentiment, words: str) -> None:
    async with open_watch() as watch, open_town(watch.office) as town:
        await pass_time(watch, 24, 10)
        assert await watch.notices() == []
        await pass_time(watch, 24, 120, tone)
        (notice,) = await watch.notices()
        assert (notice.kind, notice.component) == (NoticeKind.VOLUME, None)
        assert words in notice.text
        for _ in range(2):
            await town.outbox().run()
        (card,) = town.posts("on-call")
        assert words in card["text"]
        assert [block["type"] for block in card["blocks"]] == ["context"]
        assert "Nobody is called" in str(card["blocks"])
        assert await watch.signals() == []


async def test_talk_about_an_outage_that_is_known_needs_no_notice() -> None:
    async with open_watch() as watch:
        await pass_time(watch, 24, 10)
        await watch.office.incidents.observe("payments", SignalState.OPEN, evidence(), ["men_1"])
        await pass_time(watch, 24, 120, Sentiment.NEGATIVE)
        assert await watch.notices() == []


@pytest.mark.parametrize("flags", [{"own": True}, {"history": True}])
async def test_our_own_posts_and_backlogs_are_no_talk(flags: dict[str, bool]) -> None:
    async with open_watch() as watch:
        await pass_time(watch, 24, 200, **flags)
        assert await watch.notices() == []


async def test_without_a_week_of_talk_nothing_is_a_record() -> None:
    async with open_watch(warm=False) as watch:
        await pass_time(watch, 48, 10)
        await pass_time(watch, 24, 200)
        assert await watch.notices() == []
        assert timedelta(days=7) == WARM_UP


async def test_a_restart_keeps_the_record() -> None:
    async with open_watch() as watch:
        await pass_time(watch, 30, 120)
        await watch.spotting.notices.keep()
        fresh = type(watch.spotting.notices)(watch.office.store, "#on-call", watch.office.clock)
        await fresh.restore()
        assert (fresh.volume.record, fresh.judged) == (
            watch.spotting.notices.volume.record, watch.spotting.notices.judged,
        )  # fmt: skip


def watching(minute: int, state: SignalState = SignalState.WATCH) -> Reading:
    found = Finding(8.5, 25, 6.0, 1.2)
    return Reading(minute_of(NOW) + minute, state, 8.5, 0.05, found)


async def test_a_component_that_is_watched_for_some_minutes_is_told_once_a_day() -> None:
    async with open_watch() as watch:
        notices = watch.spotting.notices
        for minute in range(30):
            await notices.watch("payments", watching(minute), muted=False)
        await notices.watch("payments", watching(30, SignalState.QUIET), muted=False)
        for minute in range(40, 60):
            await notices.watch("payments", watching(minute), muted=False)
        (told,) = await watch.notices()
        assert told.text == "Worth a look: 6 people report trouble in 25 min, 1.2 expected; score 8.5."


@pytest.mark.parametrize(("then", "muted"), [(SignalState.OPEN, False), (SignalState.QUIET, False), (None, True)])
async def test_what_opens_at_once_passes_or_is_muted_needs_no_note(then: SignalState | None, muted: bool) -> None:
    async with open_watch() as watch:
        for minute in range(10):
            state = then if then and minute >= 4 else SignalState.WATCH
            await watch.spotting.notices.watch("payments", watching(minute, state), muted=muted)
        assert await watch.notices() == []


async def test_no_more_than_four_a_day() -> None:
    async with open_watch() as watch:
        told = [await watch.spotting.notices.tell(NoticeKind.WATCH, f"c{n}", "Worth a look.") for n in range(8)]
        assert sum(told) == MOST_A_DAY
        watch.office.clock.passes(hours=25)
        assert await watch.spotting.notices.tell(NoticeKind.WATCH, "c1", "Worth a look.")
