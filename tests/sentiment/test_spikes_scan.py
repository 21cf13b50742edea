from __future__ import annotations

import pytest

from sentiment.spikes.scan import MAX_SLICES, RING, Windows, add, deviance, restart, strongest


@pytest.mark.parametrize(("count", "expected"), [(3.0, 0.1), (20.0, 5.0), (400.0, 200.0), (9000.0, 5000.0)])
def test_a_wobbling_expectation_makes_the_same_count_less_striking(count: float, expected: float) -> None:
    evidence = [deviance(count, expected, variance) for variance in (0.01, 0.1, 1.0)]
    assert evidence == sorted(evidence, reverse=True)
    assert evidence[-1] > 0


def test_with_a_steady_expectation_it_is_the_poisson_deviance() -> None:
    assert deviance(10.0, 2.0, 1e-9) == pytest.approx(10 * 1.6094379 - 8, abs=1e-4)


def test_more_reports_are_more_evidence() -> None:
    evidence = [deviance(float(count), 4.0, 0.1) for count in range(5, 60, 5)]
    assert evidence == sorted(evidence)


def filled(counts: list[int], expected: float = 0.1) -> Windows:
    windows = Windows()
    for minute, count in enumerate(counts):
        add(windows, minute, count, expected, None)
    return windows


def test_finds_the_window_that_speaks_loudest() -> None:
    burst = strongest(filled([0] * 196 + [3] * 4), 199)
    creep = strongest(filled([0] * 100 + [0, 0, 1, 0] * 25), 199)
    assert (burst.minutes, burst.people) == (4, 12)
    assert creep.minutes >= 60


def test_nothing_is_found_when_nothing_is_over() -> None:
    assert strongest(filled([0] * 200), 199).score == 0


def test_a_restart_forgets_what_was_heard() -> None:
    windows = filled([0] * 196 + [3] * 4)
    restart(windows, 199)
    assert strongest(windows, 199).score == 0


def test_a_slice_is_judged_against_the_other_slices() -> None:
    shared, alone = Windows(), Windows()
    for minute in range(RING + 10):
        loud = minute > RING
        every = dict.fromkeys("abcd", 2 if loud else 1)
        add(shared, minute, sum(every.values()), 4.0, every)
        single = dict.fromkeys("abcd", 1) | ({"a": 5} if loud else {})
        add(alone, minute, sum(single.values()), 4.0, single)
    assert strongest(shared, RING + 9).slice == ""
    assert strongest(alone, RING + 9).slice == "a"


def test_hostile_numbers_of_slices_are_bounded() -> None:
    windows = Windows()
    add(windows, 1, 100, 1.0, {f"language:{i}": 1 for i in range(100)})
    assert len(windows.slices) == MAX_SLICES
