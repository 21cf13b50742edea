from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.nab import normalised, points, read_series
from sentiment.volume import REST, STEP, Tone, VolumeReading, VolumeState, read_volume, tone_of, watch_volume

START = datetime(2026, 3, 2, tzinfo=UTC)
STREAMS = Path(__file__).parents[2] / "../shared/data/streams"


def series(values: list[float], step: timedelta = timedelta(minutes=5)) -> list[VolumeReading]:
    return list(read_volume((START + i * step, value) for i, value in enumerate(values)))


def ordinary(rows: int, level: int = 40) -> list[float]:
    rng = random.Random(5)
    return [float(rng.randint(level // 2, level + level // 2)) for _ in range(rows)]


def test_ordinary_days_give_no_notice_after_the_first() -> None:
    assert not any(reading.notice for reading in series(ordinary(288 * 7))[288:])


def test_a_viral_day_is_noticed_once_within_half_an_hour() -> None:
    values = ordinary(288 * 5)
    values[1200:1300] = [value * 12 for value in values[1200:1300]]
    noticed = [i for i, reading in enumerate(series(values)) if reading.notice and i > 288]
    assert len(noticed) == 1
    assert 1200 <= noticed[0] <= 1206


def test_the_next_notice_waits_for_half_a_day() -> None:
    values = ordinary(288 * 3) + [40.0 * 1.05**i for i in range(200)]
    noticed = [i for i, reading in enumerate(series(values)) if reading.notice]
    assert all(later - earlier >= REST / timedelta(minutes=5) for earlier, later in itertools.pairwise(noticed))


@pytest.mark.parametrize("step", [timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1)])
def test_any_step_works(step: timedelta) -> None:
    per_step = 8 * step.total_seconds() / 60
    days = int(timedelta(days=4) / step)
    readings = series([per_step] * days + [per_step * 10] * max(4, int(timedelta(hours=2) / step)), step)
    assert [reading.notice for reading in readings].count(True) == 1
    assert readings[-1].score <= max(reading.score for reading in readings)


def test_a_step_from_the_past_is_ignored() -> None:
    state = VolumeState()
    watch_volume(state, START, 5)
    assert watch_volume(state, START - timedelta(minutes=5), 5000) == VolumeReading(
        START - timedelta(minutes=5), 0.0, False
    )


def test_silence_and_zeros_are_no_news() -> None:
    assert not any(reading.notice for reading in series([0.0] * 1000))


def test_a_notice_says_why() -> None:
    assert "more about us" in VolumeReading(START, STEP * 2, True).reason
    assert "within" in VolumeReading(START, 0.0, False).reason


@pytest.mark.parametrize(
    ("good", "bad", "tone"), [(0, 0, Tone.MIXED), (9, 1, Tone.GOOD), (1, 9, Tone.BAD), (5, 5, Tone.MIXED)]
)
def test_a_crowd_is_good_bad_or_mixed(good: int, bad: int, tone: Tone) -> None:
    assert tone_of(good, bad) is tone


@pytest.mark.skipif(not (STREAMS / "labels.json").exists(), reason="the labelled volume series are not here")
def test_five_real_brands_reach_the_promised_score() -> None:
    brands = read_series(STREAMS)
    scored = {}
    for brand in brands:
        steps = ((at.replace(tzinfo=UTC), value) for at, value in zip(brand.times, brand.values, strict=True))
        scored[brand.name] = points(brand, [i for i, reading in enumerate(read_volume(steps)) if reading.notice])
    assert normalised(scored, brands) >= 70
