"""From the network to a signal: an outage opens one, a backlog never does, and mutes only mute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.pipeline.spotting import Spotting
from domain.action import Verb
from domain.incidents.maintenance import Maintenance
from domain.incidents.signal import SignalState
from domain.records import DetectorRecord
from tests.app.pipeline.watch import MINUTE, make_spotting, open_watch
from tests.domain.make import NOW, mention, record


async def test_an_outage_opens_one_signal_with_its_evidence() -> None:
    async with open_watch() as watch:
        await watch.minutes(10, complaints=3)
        (signal,) = await watch.signals()
        assert signal.state is SignalState.OPEN
        assert signal.escalate_at is not None
        assert "no flood of copies" in signal.evidence.checked
        assert signal.evidence.observed_series[-1] > 0


# --- backlogs


@pytest.mark.parametrize("hours", [2, 0.4])
async def test_a_backlog_after_a_source_was_down_never_alarms(hours: float) -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        began, watch.square.down = watch.office.clock(), True
        down = int(hours * 60)
        for _ in range(down):
            await watch.minute()
        for number in range(300):
            watch.say(f"late{number}", at=began + timedelta(minutes=down) * number / 300)
        watch.square.down = False
        await watch.minutes(60)
        assert await watch.signals() == []
        assert watch.spotting.states["payments"].machine.state is SignalState.QUIET


async def test_the_same_people_without_a_backlog_would_have_alarmed() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await watch.minutes(12, complaints=3)
        assert len(await watch.signals()) == 1


async def test_an_outage_that_goes_on_after_the_backlog_is_found() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        watch.square.down = True
        await watch.minutes(60, complaints=1)
        watch.square.down = False
        await watch.minutes(12, complaints=3)
        (signal,) = await watch.signals()
        assert signal.opened_at > NOW + 65 * MINUTE


async def test_minutes_in_which_every_source_fails_are_not_seen() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        learned = watch.spotting.states["payments"].baseline.half.minutes
        watch.square.down = True
        await watch.minutes(20)
        assert watch.spotting.states["payments"].baseline.half.minutes <= learned + 6
        assert watch.spotting.states["payments"].silent < 15


async def test_a_late_report_stands_in_the_chart_where_it_was_said() -> None:
    async with open_watch() as watch:
        await watch.minutes(40)
        said = watch.office.clock() - 20 * MINUTE
        watch.say("slow", at=said)
        await watch.minute()
        told = [beat for beat in watch.spotting.series["payments"] if beat.people]
        assert [beat.minute for beat in told] == [int(said.timestamp() // 60)]
        assert await watch.signals() == []


# --- silences and maintenance


async def test_maintenance_mutes_the_page_and_a_rise_that_outlasts_it_opens_with_a_line() -> None:
    work = Maintenance(("payments",), NOW, NOW + 25 * MINUTE)
    async with open_watch(planned=(work,)) as watch:
        await watch.minutes(24, complaints=3)
        assert await watch.signals() == []
        assert watch.spotting.states["payments"].machine.state is SignalState.OPEN  # counted all the same
        await watch.minutes(8, complaints=3)
        (signal,) = await watch.signals()
        assert [line.text for line in signal.history] == [
            "opened late: nobody was to be called until 17:10 UTC, and customers still report"
        ]
        assert signal.escalate_at is not None


async def test_a_rise_that_ends_within_the_maintenance_opens_nothing() -> None:
    work = Maintenance((), NOW, NOW + 300 * MINUTE)
    async with open_watch(planned=(work,)) as watch:
        await watch.minutes(10, complaints=3)
        await watch.minutes(300)
        assert await watch.signals() == []
        assert await watch.notices() == []


async def test_a_live_signal_calls_nobody_during_maintenance_and_again_after_it() -> None:
    work = Maintenance(("payments",), NOW + 11 * MINUTE, NOW + 30 * MINUTE)
    async with open_watch(planned=(work,)) as watch:
        await watch.minutes(10, complaints=3)
        await watch.minutes(8, complaints=3)
        (signal,) = await watch.signals()
        assert (signal.silenced_until, signal.escalate_at) == (work.ends_at, None)
        await watch.minutes(18, complaints=3)
        (signal,) = await watch.signals()
        assert signal.escalate_at is not None
        assert [line.text for line in signal.history][-2:] == [
            "calls nobody until 17:15 UTC: planned maintenance", "the silence is over, and customers still report",
        ]  # fmt: skip


async def test_a_silence_of_a_person_ends_with_a_call_if_customers_still_report() -> None:
    async with open_watch() as watch:
        await watch.minutes(10, complaints=3)
        (signal,) = await watch.signals()
        await watch.office.do(Verb.SILENCE, signal.id, {"minutes": "30"})
        await watch.minutes(25, complaints=3)
        assert "payments" in watch.spotting.muted
        assert (await watch.signals())[0].escalate_at is None
        await watch.minutes(12, complaints=3)
        assert (await watch.signals())[0].escalate_at is not None
        assert watch.spotting.muted == frozenset()


# --- one story


async def test_components_that_fail_together_are_one_story_and_part_when_the_first_is_over() -> None:
    async with open_watch() as watch:
        for _ in range(15):
            for number in range(3):
                watch.say(f"d{len(watch.square.posts)}x{number}", "parcel broken")
            await watch.minute(complaints=3)
        (payments,), (delivery,) = await watch.signals("payments"), await watch.signals("delivery")
        first, second = sorted((payments, delivery), key=lambda s: (s.parent_id is not None, s.opened_at))
        assert (first.parent_id, second.parent_id) == (None, first.id)
        assert first.escalate_at is not None and second.escalate_at is None
        assert any("part of the same story" in line.text for line in second.history)
        await watch.office.do(Verb.DISMISS, first.id, {"reason": "a joke"})
        text = "card declined" if second.component == "payments" else "parcel broken"
        await watch.minutes(6, complaints=4, text=text)  # a live card is looked at every five minutes
        (parted,) = await watch.signals(second.component)
        assert (parted.parent_id, parted.escalate_at is not None) == (None, True)


# --- memory


async def test_stored_mentions_are_learned_from_where_there_is_no_memory() -> None:
    async with open_watch(warm=False) as watch:
        start = NOW - timedelta(days=8)
        for hour in range(8 * 24):
            said = mention("thank you", f"n{hour}", created_at=start + timedelta(hours=hour))
            await watch.office.store.add(record(said, received_at=NOW, history=True))
        fresh: Spotting = make_spotting(watch.office)
        await fresh.restore()
        assert fresh.states["payments"].machine.state is SignalState.QUIET
        assert fresh.states["payments"].baseline.mentions > 150


async def test_a_restart_takes_up_the_memory_and_the_record_of_talk() -> None:
    async with open_watch() as watch:
        await watch.minutes(15, complaints=1)
        fresh = make_spotting(watch.office)
        await fresh.restore()
        assert (await watch.office.all(DetectorRecord)) != []
        assert fresh.states["payments"].baseline.minutes > 9 * 1440
        assert fresh.notices.volume.first == watch.spotting.notices.volume.first
