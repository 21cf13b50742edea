"""Quiet -> watch -> open -> recovering -> closed: when a rise deserves attention, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from typing import NamedTuple

from domain.incidents.signal import SignalState
from sentiment.spikes.scan import FLOOR, RING, WINDOWS, Finding, Windows, slice_expectation
from sentiment.spikes.settings import Settings

CALM_MINUTES = 30  # a note is withdrawn, an incident is over
CALM_SCORE = 2.0  # no window says anything, not even the longest
RECOVERING_SHARE = 0.25  # of the peak excess
STILL_SHARE = 0.5  # "if it went on at half the peak, we would have heard more than this"
RELAPSE_SHARE = 0.6
SURE_RECOVERING, SURE_CLOSED = 5.5, 3.0  # natural-log evidence
HELD_RECOVERING, HELD_CLOSED = 10, 20  # minutes
PEAK_WINDOW = 2  # 25 minutes: shorter ones overrate small counts


@dataclass(slots=True)
class Machine:
    """Where one component stands. `peak`: the largest excess so far, in reports per neutral post usual at the time."""

    state: SignalState = SignalState.WARMING
    opened: int = 0
    held: int = 0
    calm: int = 0
    peak: float = 0.0
    focus: str = ""  # the slice that opened it


class Sight(NamedTuple):
    """A window of the incident's stream: people heard, expected, and the excess if the peak had gone on."""

    width: int
    people: float
    expected: float
    peak: float
    variance: float


def advance(
    machine: Machine, windows: Windows, found: Finding, score: float, minute: int, audience: float, settings: Settings
) -> bool:
    """Take one step (in place); True when an incident has just closed and the windows must start afresh.

    `audience` is the number of neutral posts usual at this minute: a fading night is no recovery.
    """
    state = machine.state
    if state is SignalState.OPEN or state is SignalState.RECOVERING:
        return _live(machine, windows, found, minute, audience)
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


def _live(machine: Machine, windows: Windows, found: Finding, minute: int, audience: float) -> bool:
    _raise_peak(machine, windows, minute, audience)
    age = minute - machine.opened
    sights = [_sight(machine, windows, i, minute, audience) for i in range(len(WINDOWS))]
    if machine.state is SignalState.OPEN:
        machine.held = machine.held + 1 if any(_recovering(s) for s in sights if s.width <= age) else 0
        machine.calm = machine.calm + 1 if found.score < CALM_SCORE else 0
        if machine.held >= HELD_RECOVERING or machine.calm >= CALM_MINUTES:
            machine.state, machine.held = SignalState.RECOVERING, 0
        return False
    if _relapsed(sights[1]):
        machine.state, machine.held = SignalState.OPEN, 0
        return False
    over = found.score < CALM_SCORE or any(_normal(s) for s in sights if s.width <= age)
    machine.held = machine.held + 1 if over else 0
    if machine.held < HELD_CLOSED:
        return False
    machine.state, machine.held, machine.peak, machine.focus = SignalState.CLOSED, 0, 0.0, ""
    return True


def _recovering(sight: Sight) -> bool:
    width, people, expected, peak, variance = sight
    if width < HELD_RECOVERING or people > expected + RECOVERING_SHARE * peak:
        return False
    silent = not people and width == WINDOWS[-1]
    return silent or _missing(people, expected + STILL_SHARE * peak, variance) >= SURE_RECOVERING


def _normal(sight: Sight) -> bool:
    width, people, expected, peak, variance = sight
    noise = sqrt(expected + variance * expected * expected)
    if width < HELD_CLOSED or people > 1.3 * expected + 2 * noise:
        return False
    if width == WINDOWS[-1] or people <= expected:
        return True
    return _missing(people, expected + RECOVERING_SHARE * peak, 0.0) >= SURE_CLOSED


def _relapsed(sight: Sight) -> bool:
    return sight.people >= 3 and sight.people - 2 * sqrt(sight.people) > sight.expected + RELAPSE_SHARE * sight.peak


def _missing(people: float, still: float, variance: float) -> float:
    """Evidence that `people` is fewer than a continuing incident (`still`) would bring."""
    if people >= still:
        return 0.0
    poisson = still - people + (people * log(people / still) if people else 0.0)
    return poisson / (1 + variance * still)


def _raise_peak(machine: Machine, windows: Windows, minute: int, audience: float) -> None:
    width, people, expected, _, _ = _sight(machine, windows, PEAK_WINDOW, minute, audience)
    machine.peak = max(machine.peak, (people - sqrt(people) - expected) / width / audience)


def _sight(machine: Machine, windows: Windows, i: int, minute: int, audience: float) -> Sight:
    width, variance = WINDOWS[i], windows.variance[i]
    then = (minute - width) % RING
    peak = machine.peak * audience * width
    part = windows.slices.get(machine.focus)
    if part is not None:
        people, expected, _ = slice_expectation(windows, part, i, then)
        return Sight(width, people, expected, peak, variance)
    expected = windows.expected - windows.expected_ring[then] + FLOOR * width
    return Sight(width, windows.reports - windows.report_ring[then], expected, peak, variance)
