"""Quiet -> watch -> open -> recovering -> closed: when a rise deserves attention, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

from domain.signal import SignalState
from sentiment.spikes.scan import FLOOR, RING, WINDOWS, Finding, Windows, slice_expectation
from sentiment.spikes.settings import Settings

CALM_MINUTES = 30  # a note is withdrawn, an incident is over
CALM_SCORE = 2.0  # no window says anything, not even the longest
RECOVERING_SHARE = 0.25  # of the peak excess
STILL_SHARE = 0.5  # "if it went on at half the peak, we would have heard more than this"
RELAPSE_SHARE = 0.6
SURE_RECOVERING, SURE_CLOSED = 7.5, 3.0  # natural-log evidence
HELD_RECOVERING, HELD_CLOSED = 10, 20  # minutes


@dataclass(slots=True)
class Machine:
    """Where one component stands. `peak` is the largest excess so far, as a multiple of the expectation."""

    state: SignalState = SignalState.WARMING
    opened: int = 0
    held: int = 0
    calm: int = 0
    peak: float = 0.0
    focus: str = ""  # the slice that opened it


def advance(machine: Machine, windows: Windows, found: Finding, score: float, minute: int, settings: Settings) -> bool:
    """Take one step (in place); True when an incident has just closed and the windows must start afresh."""
    state = machine.state
    if state is SignalState.OPEN or state is SignalState.RECOVERING:
        return _live(machine, windows, found, minute)
    if state is SignalState.CLOSED:
        machine.state = SignalState.QUIET
    budget = settings.budget
    if score >= budget.page and found.people >= settings.minimum_people:
        machine.state, machine.opened, machine.held, machine.calm = SignalState.OPEN, minute, 0, 0
        machine.focus, machine.peak = found.slice, 0.0
    elif score >= budget.watch:
        machine.state, machine.calm = SignalState.WATCH, 0
    elif machine.state is SignalState.WATCH:
        machine.calm = machine.calm + 1 if score < budget.watch / 2 else 0
        if machine.calm >= CALM_MINUTES:
            machine.state = SignalState.QUIET
    return False


def _live(machine: Machine, windows: Windows, found: Finding, minute: int) -> bool:
    counts = [_window(windows, machine.focus, i, minute) for i in range(len(WINDOWS))]
    people, expected = counts[2]
    age = minute - machine.opened
    machine.peak = max(machine.peak, _excess(people - sqrt(people), expected))
    if machine.state is SignalState.OPEN:
        machine.held = machine.held + 1 if _recovering(machine, windows, counts, age) else 0
        machine.calm = machine.calm + 1 if found.score < CALM_SCORE else 0
        if machine.held >= HELD_RECOVERING or machine.calm >= CALM_MINUTES:
            machine.state, machine.held = SignalState.RECOVERING, 0
        return False
    if _relapsed(machine, counts):
        machine.state, machine.held = SignalState.OPEN, 0
        return False
    over = found.score < CALM_SCORE or _normal(machine, windows, counts, age)
    machine.held = machine.held + 1 if over else 0
    if machine.held < HELD_CLOSED:
        return False
    machine.state, machine.held, machine.peak, machine.focus = SignalState.CLOSED, 0, 0.0, ""
    return True


def _recovering(machine: Machine, windows: Windows, counts: list[tuple[float, float]], age: int) -> bool:
    for i, width in enumerate(WINDOWS):
        people, expected = counts[i]
        if HELD_RECOVERING <= width <= age and people <= expected * (1 + RECOVERING_SHARE * machine.peak):
            still = expected * (1 + STILL_SHARE * machine.peak)
            if not people and width == WINDOWS[-1]:
                return True
            if _missing(people, still, windows.variance[i]) >= SURE_RECOVERING:
                return True
    return False


def _normal(machine: Machine, windows: Windows, counts: list[tuple[float, float]], age: int) -> bool:
    for i, width in enumerate(WINDOWS):
        people, expected = counts[i]
        noise = sqrt(expected + windows.variance[i] * expected * expected)
        if HELD_CLOSED <= width <= age and people <= 1.3 * expected + 2 * noise:
            still = expected * (1 + RECOVERING_SHARE * machine.peak)
            if width == WINDOWS[-1] or people <= expected or _missing(people, still, 0.0) >= SURE_CLOSED:
                return True
    return False


def _relapsed(machine: Machine, counts: list[tuple[float, float]]) -> bool:
    people, expected = counts[1]
    return people >= 3 and people - 2 * sqrt(people) > expected * (1 + RELAPSE_SHARE * machine.peak)


def _missing(people: float, still: float, variance: float) -> float:
    """Evidence that `people` is fewer than a continuing incident (`still`) would bring."""
    if people >= still:
        return 0.0
    poisson = still - people + (people * log(people / still) if people else 0.0)
    return poisson / (1 + variance * still)


def _excess(people: float, expected: float) -> float:
    return max(0.0, people / expected - 1)


def _window(windows: Windows, focus: str, i: int, minute: int) -> tuple[float, float]:
    then = (minute - WINDOWS[i]) % RING
    part = windows.slices.get(focus)
    if part is not None:
        count, mean, _ = slice_expectation(windows, part, i, then)
        return count, mean
    expected = windows.expected - windows.expected_ring[then] + FLOOR * WINDOWS[i]
    return windows.reports - windows.report_ring[then], expected
