from __future__ import annotations

import copy

import numpy as np
import pytest

from sentiment.spikes import Settings, State, learn, observe
from sentiment.spikes.fleet import Counts, Fleet
from sentiment.spikes.persist import dump
from tests.sentiment.streams import DAY, MONDAY, ordinary

LEARN = 9 * DAY
NEVER = Settings(warm_up_minutes=10**9)  # the fleet has no state machine


@pytest.fixture(scope="module")
def states() -> list[State]:
    return [learn(ordinary(LEARN, talk=talk, seed=i), NEVER) for i, talk in enumerate((0.3, 3.0, 20.0))]


def test_scores_and_expectations_equal_those_of_the_single_detector(states: list[State]) -> None:
    states = copy.deepcopy(states)
    fleet = Fleet(states)
    streams = [
        list(ordinary(DAY, start=MONDAY + LEARN, talk=talk, seed=7 + i)) for i, talk in enumerate((0.3, 3.0, 20.0))
    ]
    for row in zip(*streams, strict=True):
        columns = zip(*((b.outage, b.complaint, b.neutral, b.duplicate) for b in row), strict=True)
        score, expected = fleet.step(Counts(*(np.array(column, float) for column in columns)))
        for i, bucket in enumerate(row):
            reading = observe(states[i], bucket, NEVER)
            assert expected[i] == pytest.approx(reading.expected, rel=1e-9)
            assert score[i] >= reading.found.score - 1e-6
    for i, state in enumerate(states):
        mine, theirs = dump(fleet.state_of(i)), dump(state)
        assert mine["baseline"] == theirs["baseline"]
        assert mine["windows"]["variance"] == pytest.approx(theirs["windows"]["variance"], rel=1e-5)


def test_only_the_troubled_component_of_many_speaks(states: list[State]) -> None:
    fleet = Fleet([states[1]] * 100)
    calm = Counts(*(np.full(100, value) for value in (0.0, 0.0, 3.0, 0.0)))
    for _ in range(5):
        loud = calm.outage.copy()
        loud[42] = 4.0
        score, _ = fleet.step(Counts(loud, calm.complaint, calm.neutral, calm.duplicate))
    assert np.flatnonzero(score > 8).tolist() == [42]


def test_components_must_stand_at_the_same_minute(states: list[State]) -> None:
    with pytest.raises(ValueError, match="same minute"):
        Fleet([states[0], learn(ordinary(LEARN - 1), NEVER)])


def test_components_must_have_learned(states: list[State]) -> None:
    with pytest.raises(ValueError, match="two days"):
        Fleet([learn(ordinary(60), NEVER)])
