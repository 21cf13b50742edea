from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from domain.incidents.signal import SignalState
from sentiment.spikes import Bucket, Reading, Sensitivity, Settings, State, learn, minute_of, moment_of, observe, step
from sentiment.spikes.persist import dump, load
from tests.sentiment.streams import DAY, MONDAY, ordinary, poisson

LEARNED = 10 * DAY
NOON = MONDAY + LEARNED + 720


@pytest.fixture(scope="module")
def warm() -> State:
    return learn(ordinary(LEARNED + 720))


def watch(
    state: State, buckets: list[Bucket], *, muted: bool = False, settings: Settings | None = None
) -> list[Reading]:
    state = copy.deepcopy(state)
    return [observe(state, bucket, settings or Settings(), muted=muted) for bucket in buckets]


def after(minutes: int, change: Callable[[int, Bucket], Bucket] | None = None, seed: int = 9) -> list[Bucket]:
    return list(ordinary(minutes, start=NOON, seed=seed, change=change))


def outage(
    start: int, end: int, extra: float, slices: dict[str, float] | None = None
) -> Callable[[int, Bucket], Bucket]:
    rng = random.Random(4)

    def change(i: int, bucket: Bucket) -> Bucket:
        more = poisson(rng, extra) if start <= i < end else 0
        parts = dict.fromkeys(slices or {}, 0)
        if slices:
            for _ in range(bucket.outage):
                parts[rng.choice(list(slices))] += 1
            parts[max(slices, key=lambda name: slices[name])] += more
        return bucket._replace(outage=bucket.outage + more, slices=parts or None)

    return change


def states(readings: list[Reading]) -> list[SignalState]:
    seen = [readings[0].state]
    for reading in readings:
        if reading.state is not seen[-1]:
            seen.append(reading.state)
    return seen


def test_says_openly_that_it_has_not_enough_data_yet_and_stays_silent() -> None:
    readings = watch(State(), list(ordinary(2 * DAY, change=outage(2000, 2100, 5))))
    assert {reading.state for reading in readings} == {SignalState.WARMING}
    assert readings[-1].reason == "Not enough data yet."
    assert max(reading.score for reading in readings) == 0


def test_warms_up_within_a_week_when_minutes_come_one_by_one() -> None:
    readings = watch(State(), list(ordinary(7 * DAY + 10)))
    assert readings[7 * DAY - 2].state is SignalState.WARMING
    assert readings[-1].state is SignalState.QUIET


def test_an_ordinary_fortnight_pages_nobody(warm: State) -> None:
    readings = watch(warm, after(14 * DAY))
    assert not any(reading.page for reading in readings)
    assert not {SignalState.OPEN, SignalState.RECOVERING} & set(states(readings))


def test_a_sudden_outage_pages_once_within_minutes_and_walks_through_every_state(warm: State) -> None:
    readings = watch(warm, after(600, outage(60, 180, 2.0)))
    pages = [i for i, reading in enumerate(readings) if reading.page]
    assert len(pages) == 1
    assert 60 <= pages[0] <= 70
    walk = [state for state in states(readings) if state is not SignalState.WATCH]
    assert walk == [SignalState.QUIET, SignalState.OPEN, SignalState.RECOVERING, SignalState.CLOSED, SignalState.QUIET]
    assert readings[179].state is SignalState.OPEN
    recovering = next(i for i, reading in enumerate(readings) if reading.state is SignalState.RECOVERING)
    assert 180 <= recovering <= 240


def test_a_second_outage_after_the_first_has_closed_pages_again(warm: State) -> None:
    first, second = outage(30, 90, 2.0), outage(500, 560, 2.0)
    readings = watch(warm, after(700, lambda i, bucket: second(i, first(i, bucket))))
    assert [reading.page for reading in readings].count(True) == 2


def test_a_slow_outage_is_found_too(warm: State) -> None:
    rng = random.Random(2)

    def creep(i: int, bucket: Bucket) -> Bucket:
        return bucket._replace(outage=bucket.outage + poisson(rng, min(i / 120, 1.0) * 0.8))

    readings = watch(warm, after(240, creep))
    assert any(reading.page for reading in readings[:150])


def test_a_stream_of_reports_alone_is_watched_too() -> None:
    def alone(i: int, bucket: Bucket) -> Bucket:
        return Bucket(bucket.minute, bucket.outage, 0, 0, 0)

    state = learn(ordinary(LEARNED + 720, change=alone))
    assert not any(reading.page for reading in watch(state, after(7 * DAY, alone)))
    broken = outage(60, 120, 2.0)
    readings = watch(state, after(180, lambda i, bucket: broken(i, alone(i, bucket))))
    assert [reading.page for reading in readings].count(True) == 1


def test_a_regional_outage_names_its_region(warm: State) -> None:
    places = {"region:a": 0.0, "region:b": 1.0, "region:c": 0.0, "region:d": 0.0}
    state = learn(ordinary(LEARNED + 720, change=outage(0, 0, 0, places)))
    readings = watch(state, after(120, outage(30, 120, 0.7, places)))
    paged = [reading for reading in readings if reading.page]
    assert len(paged) == 1
    assert "region:b" in {reading.found.slice for reading in readings[40:80]}
    assert "people report trouble in" in paged[0].reason


@pytest.mark.parametrize(
    ("name", "factors"),
    [("campaign", (1, 3, 8, 1)), ("praise", (1, 1, 12, 1)), ("anger", (1, 4, 1, 1)), ("bots", (1, 1, 1, 400))],
)
def test_distractions_do_not_page(warm: State, name: str, factors: tuple[int, int, int, int]) -> None:
    rng = random.Random(3)

    def distract(i: int, bucket: Bucket) -> Bucket:
        if not 60 <= i < 300:
            return bucket
        _, others, talk, copies = factors
        more, rest = bucket.complaint * (others - 1), bucket.neutral * (talk - 1)
        copied = max(bucket.duplicate, 1) * (copies - 1) // 4
        leaked = poisson(rng, 0.1 * more + 0.01 * rest + 0.02 * copied)
        return bucket._replace(
            outage=bucket.outage + leaked, complaint=bucket.complaint + more, neutral=bucket.neutral + rest,
            duplicate=bucket.duplicate + copied,
        )  # fmt: skip

    assert not any(reading.page for reading in watch(warm, after(500, distract))), name


def test_a_quiet_holiday_does_not_turn_ordinary_reports_into_a_spike(warm: State) -> None:
    def holiday(i: int, bucket: Bucket) -> Bucket:
        return bucket._replace(neutral=bucket.neutral * 2 // 5, complaint=bucket.complaint * 2 // 5)

    assert not any(reading.page for reading in watch(warm, after(DAY, holiday)))


def test_a_muted_component_keeps_counting_and_shows_its_state_but_pages_nobody(warm: State) -> None:
    trouble = after(180, outage(30, 180, 2.0))
    loud, muted = watch(warm, trouble), watch(warm, trouble, muted=True)
    assert any(reading.page for reading in loud)
    assert not any(reading.page for reading in muted)
    assert [(r.state, r.score) for r in loud] == [(r.state, r.score) for r in muted]


def test_fewer_people_than_the_minimum_never_page(warm: State) -> None:
    settings = Settings(minimum_people=500)
    assert not any(reading.page for reading in watch(warm, after(120, outage(30, 90, 2.0)), settings=settings))


def test_a_higher_sensitivity_pages_earlier(warm: State) -> None:
    trouble = after(120, outage(30, 120, 0.8))
    first = {
        each: next(i for i, r in enumerate(watch(warm, trouble, settings=Settings(sensitivity=each))) if r.page)
        for each in Sensitivity
    }
    assert first[Sensitivity.HIGH] <= first[Sensitivity.NORMAL] <= first[Sensitivity.LOW]
    assert first[Sensitivity.HIGH] < first[Sensitivity.LOW]


def flood(bucket: Bucket, times: int) -> Bucket:
    return Bucket(bucket.minute, 3 * times, 5 * times, 93 * times, times)


def test_the_backlog_after_a_gap_is_history_and_never_pages(warm: State) -> None:
    buckets = after(300)
    arriving = [flood(bucket, 6) for bucket in buckets[120:124]]
    readings = watch(warm, buckets[:20] + arriving + buckets[124:])
    assert not any(reading.page for reading in readings)
    assert "history" in readings[20].reason


def test_the_backlog_after_empty_rows_of_a_blind_source_never_pages(warm: State) -> None:
    buckets = after(300)
    empty = [Bucket(bucket.minute, 0, 0, 0, 0) for bucket in buckets[20:120]]
    readings = watch(warm, buckets[:20] + empty + [flood(bucket, 6) for bucket in buckets[120:124]] + buckets[124:])
    assert not any(reading.page for reading in readings)


def test_unseen_minutes_are_neither_a_drop_nor_a_spike(warm: State) -> None:
    buckets = [b._replace(outage=50, seen=False) if 30 <= i < 60 else b for i, b in enumerate(after(120))]
    readings = watch(warm, buckets)
    assert not any(reading.page for reading in readings)
    assert readings[40].reason == "We could not see this minute."


def test_a_clock_that_jumps_back_changes_nothing(warm: State) -> None:
    state = copy.deepcopy(warm)
    buckets = after(30)
    for bucket in buckets:
        observe(state, bucket, Settings())
    before = dump(state)
    reading = observe(state, buckets[3]._replace(outage=1000), Settings())
    assert not reading.page
    assert "over already" in reading.reason
    assert dump(state) == before


def test_a_clock_that_jumps_a_year_ahead_does_not_page(warm: State) -> None:
    far = list(ordinary(120, start=NOON + 365 * DAY, seed=3))
    assert not any(reading.page for reading in watch(warm, far))


def test_an_outage_after_a_gap_is_still_found(warm: State) -> None:
    readings = watch(warm, after(300, outage(150, 300, 2.0))[100:])
    assert [reading.page for reading in readings].count(True) == 1


def test_step_leaves_the_given_state_untouched(warm: State) -> None:
    before = dump(warm)
    state = warm
    for bucket in after(90, outage(10, 60, 2.0, {"region:a": 1.0, "region:b": 0.0})):
        state, _ = step(state, bucket, Settings())
    assert dump(warm) == before
    assert dump(state) != before


def test_step_and_observe_agree(warm: State) -> None:
    trouble = after(90, outage(10, 60, 2.0))
    state, pure = warm, []
    for bucket in trouble:
        state, reading = step(state, bucket, Settings())
        pure.append(reading)
    assert pure == watch(warm, trouble)


def test_the_state_survives_a_restart_as_json_of_at_most_16_kb(warm: State) -> None:
    places = {f"region:{name}": 0.0 for name in "abcd"}
    trouble = after(200, outage(30, 120, 2.0, places))
    state = copy.deepcopy(warm)
    for bucket in trouble[:60]:
        observe(state, bucket, Settings())
    text = json.dumps(dump(state))
    assert len(text) <= 16_000
    revived = load(json.loads(text))
    for bucket in trouble[60:]:
        was, now = observe(state, bucket, Settings()), observe(revived, bucket, Settings())
        assert now.state is was.state
        assert now.score == pytest.approx(was.score, rel=1e-3, abs=1e-3)


def test_a_state_of_another_version_is_refused(warm: State) -> None:
    with pytest.raises(ValueError, match="version 0"):
        load(dump(warm) | {"version": 0})


def test_a_lasting_change_becomes_the_new_normal(warm: State) -> None:
    readings = watch(warm, after(14 * DAY, outage(0, 14 * DAY, 0.3)))
    assert readings[-1].state in (SignalState.QUIET, SignalState.WATCH)
    assert readings[-1].expected > 2 * watch(warm, after(14 * DAY))[-1].expected


def test_minutes_and_moments_convert_both_ways() -> None:
    moment = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert moment_of(minute_of(moment)) == moment
