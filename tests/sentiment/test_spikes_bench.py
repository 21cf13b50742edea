from __future__ import annotations

import numpy as np
import pytest

from bench.measure import Judged, at_budget, crossings, figures, incidents, prepare
from bench.nab import Series, normalised, points
from bench.outages import buckets
from bench.picture import draw
from bench.streams import SIZES, Outage, Stream, make
from sentiment.spikes import Settings, State, observe
from tests.sentiment.test_volume import START


def flat(score: list[float], outages: list[Outage]) -> Judged:
    n = len(score)
    zeros = np.zeros(n, np.int64)
    extra = np.zeros(n)
    for outage in outages:
        extra[outage.start : outage.end] = 2.0
    stream = Stream(
        "x", "mid", 0, (extra + 0.1).round().astype(np.int64), zeros, zeros, zeros, np.zeros((4, n), np.int64),
        np.full(n, 0.1), extra, outages,
    )  # fmt: skip
    return prepare(Judged(stream, np.array(score), ["open" if s >= 5 else "quiet" for s in score]))


@pytest.mark.parametrize("size", list(SIZES))
def test_the_same_seed_makes_the_same_stream(size: str) -> None:
    one, other = (make(3, size, warm_weeks=1, weeks=2) for _ in range(2))
    assert (one.outage == other.outage).all()
    assert (one.regions.sum(axis=0) == one.outage).all()
    assert len(one.outages) == 6
    assert all(outage.start >= one.warm for outage in one.outages)


def test_the_detector_finds_what_is_material_in_a_made_up_month() -> None:
    stream = make(5, "mid", warm_weeks=1, weeks=3)
    state, settings = State(), Settings()
    readings = [observe(state, bucket, settings) for bucket in buckets(stream)]
    judged = prepare(Judged(stream, np.array([r.score for r in readings]), [r.state.value for r in readings]))
    found = at_budget([judged], 1.5)
    assert sum(judged.material) >= 3
    assert found.recall >= 0.8
    assert incidents([judged]).alarms_per_outage <= 1.5


def test_a_perfect_score_is_all_recall_and_no_false_alarm() -> None:
    outage = Outage("sudden", 1000, 1060, -1)
    score = [0.0] * 1003 + [10.0] * 57 + [0.0] * 2000
    found = figures([flat(score, [outage])], 5.0)
    assert (found.recall, found.false_alarms, found.delay("sudden"), found.alarms_per_outage) == (1.0, 0.0, 3.0, 1.0)


def test_an_alarm_far_from_every_outage_is_false_and_a_late_one_no_catch() -> None:
    outage = Outage("sudden", 1000, 1060, -1)
    score = [0.0] * 3060
    score[300], score[1150] = 10.0, 10.0
    found = figures([flat(score, [outage])], 5.0)
    assert found.recall == 0
    assert found.false_alarms == pytest.approx(43_200 / (3060 - 240))


def test_crossings_close_together_are_one_alarm() -> None:
    score = np.zeros(500)
    score[[10, 12, 60, 200]] = 9.0
    assert crossings(score, 5.0, 0).tolist() == [10, 200]


def test_silence_scores_0_and_the_first_row_of_each_window_nearly_100() -> None:
    times = tuple(START for _ in range(6000))
    series = Series("x", times, (0.0,) * 6000, ((2000, 2300), (4000, 4300)))
    assert normalised({"x": points(series, [])}, [series]) == 0
    assert normalised({"x": points(series, [2000, 4000])}, [series]) == pytest.approx(100, abs=0.5)
    assert points(series, [2000, 2100]) == points(series, [2000])
    assert points(series, [3500]) == pytest.approx(-2.11)
    assert points(series, [100]) == -2


def test_the_picture_shows_the_curve_and_what_each_sensitivity_pages() -> None:
    svg = draw(
        [{"threshold": t, "false_alarms": 10 / t, "recall": 1 - t / 50, "delay": t} for t in (6.0, 8.0, 10.0, 13.0)]
    )
    assert svg.startswith("<svg")
    assert all(f"&#8220;{name}&#8221;" in svg for name in ("low", "normal", "high"))
    assert "<script" not in svg
