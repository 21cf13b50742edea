"""The outage detector of one component: a state and a minute go in, a state and a reading with its reason come out."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from domain.incidents.signal import SignalState
from sentiment.spikes.baseline import Baseline, audience, expect, learn_half_hour
from sentiment.spikes.machine import Machine, advance
from sentiment.spikes.scan import (
    NOTHING,
    Finding,
    Windows,
    add,
    learn_shares,
    learn_variance,
    restart,
    strongest,
)  # fmt: skip
from sentiment.spikes.settings import Settings

# A score stays while an incident is open and then halves in 15 minutes at most: one rise is one alarm.
HOLD = 0.5 ** (1 / 15)
HIGHEST = 50.0  # beyond doubt; a cap lets the score fall in time for the next rise
LEARN_VARIANCE_AFTER = 3 * 1440 + 720
FREEZE_AT_MOST = 1440  # minutes; a lasting change becomes the new normal
SILENCE = 15.0  # expected mentions without one: the source was blind, not the customers content
CATCH_UP, CATCH_UP_AT_MOST = 2, 30  # minutes after a gap that are history, not news
FLOOD = 3.0  # times the usual audience: the backlog is still coming in


class Bucket(NamedTuple):
    """One closed minute of one component, in people (outage reports, one vote each) and posts (the others)."""

    minute: int  # since the epoch, UTC
    outage: int
    complaint: int
    neutral: int
    duplicate: int
    slices: dict[str, int] | None = None  # outage reports by e.g. "region:west", "language:tr", "source:mastodon"
    seen: bool = True  # False: our own collection was down, so the counts say nothing


class Reading(NamedTuple):
    """What one minute means. `people` and `expected_people` refer to the loudest window of `minutes`."""

    minute: int
    state: SignalState
    score: float  # natural-log evidence; comparable over time and components
    expected: float  # outage reports expected in this minute
    found: Finding
    note: str = ""
    page: bool = False  # True once per incident: this minute opened it and nobody muted it

    @property
    def reason(self) -> str:
        """One sentence for the card and the log."""
        if self.note:
            return self.note
        what = f" ({self.found.slice})" if self.found.slice else ""
        return (
            f"{self.found.people:.0f} people report trouble in {self.found.minutes} min{what}, "
            f"{self.found.expected:.1f} expected; score {self.score:.1f}"
        )


@dataclass(slots=True)
class State:
    """Everything remembered about one component: at most 16 kB as JSON (see `persist`)."""

    baseline: Baseline = field(default_factory=Baseline)
    windows: Windows = field(default_factory=Windows)
    machine: Machine = field(default_factory=Machine)
    minute: int = -1
    score: float = 0.0
    silent: float = 0.0  # mentions expected since the last one
    catch_up: int = 0  # minutes of backlog still to be taken as history
    catching: int = 0


def minute_of(moment: datetime) -> int:
    """Count the minutes since the epoch of an aware moment."""
    return int(moment.timestamp() // 60)


def moment_of(minute: int) -> datetime:
    """Turn minutes since the epoch back into an aware moment."""
    return datetime.fromtimestamp(minute * 60, UTC)


def step(state: State, bucket: Bucket, settings: Settings, *, muted: bool = False) -> tuple[State, Reading]:
    """Pure form of `observe`: the given state stays as it was (for stores and tests)."""
    after = duplicate(state)
    return after, observe(after, bucket, settings, muted=muted)


def duplicate(state: State) -> State:
    """Copy a state as deep as `observe` writes."""
    after = copy(state)
    after.baseline, after.machine, after.windows = copy(state.baseline), copy(state.machine), copy(state.windows)
    after.baseline.half = copy(state.baseline.half)
    windows = after.windows
    windows.report_ring, windows.expected_ring = windows.report_ring.copy(), windows.expected_ring.copy()
    windows.variance, windows.variance_sum = windows.variance.copy(), windows.variance_sum.copy()
    windows.variance_weight = windows.variance_weight.copy()
    windows.slices = {name: copy(part) for name, part in windows.slices.items()}
    for part in windows.slices.values():
        part.ring = part.ring.copy()
    return after


def learn(history: Iterable[Bucket], settings: Settings | None = None) -> State:
    """Warm up from stored minutes, oldest first, without judging them: what was loud then is no news now."""
    settings = settings or Settings()
    state = State()
    for bucket in history:
        if _arrives(state, bucket):
            _take_in(state, bucket, settings)
        elif bucket.minute == state.minute:
            add(state.windows, bucket.minute, 0, 0.0, None)
    base = state.baseline
    if base.minutes >= settings.warm_up_minutes and base.mentions >= settings.warm_up_mentions:
        state.machine.state = SignalState.QUIET
    restart(state.windows, state.minute)
    return state


def observe(state: State, bucket: Bucket, settings: Settings, *, muted: bool = False) -> Reading:
    """Take in one minute (changes `state`: the hot path) and say what it means.

    Args:
        state: of this component; written in place.
        bucket: the next minute. Missing minutes before it count as unseen; older ones are ignored.
        settings: of this component.
        muted: a silence or maintenance window holds: everything is counted and shown, nothing pages.
    """
    if bucket.minute <= state.minute:
        note = "This minute is over already; it only corrects history."
        return Reading(bucket.minute, state.machine.state, 0.0, 0.0, NOTHING, note)
    if not _arrives(state, bucket):
        add(state.windows, bucket.minute, 0, 0.0, None)
        note = "Catching up after a gap: these posts are history." if bucket.seen else "We could not see this minute."
        return Reading(bucket.minute, state.machine.state, 0.0, 0.0, NOTHING, note)
    expected = _take_in(state, bucket, settings)
    return _judge(state, bucket.minute, expected, settings, muted)


def _arrives(state: State, bucket: Bucket) -> bool:
    """Move the clock to this minute; False if its counts are not news: old, unseen, or a backlog."""
    minute = bucket.minute
    if minute <= state.minute:
        return False
    if state.minute >= 0 and minute > state.minute + 1:
        _bridge(state, minute)
    state.minute = minute
    half = minute // 30
    if state.baseline.half.id != half:
        _finish_half_hour(state)
        state.baseline.half.id = half
    state.baseline.minutes += 1
    return bucket.seen and not _backlog(state, bucket)


def _take_in(state: State, bucket: Bucket, settings: Settings) -> float:
    minute, outage, complaint, neutral, duplicates, slices, _ = bucket
    expected = expect(state.baseline, settings.leak, minute, outage, complaint, neutral, duplicates)
    add(state.windows, minute, outage, expected, slices)
    if state.baseline.minutes > LEARN_VARIANCE_AFTER and not _live(state.machine):
        learn_variance(state.windows, minute)
    return expected


def _judge(state: State, minute: int, expected: float, settings: Settings, muted: bool) -> Reading:
    base, windows, machine = state.baseline, state.windows, state.machine
    found = strongest(windows, minute)
    if machine.state is SignalState.WARMING:
        if base.minutes < settings.warm_up_minutes or base.mentions < settings.warm_up_mentions:
            return Reading(minute, SignalState.WARMING, 0.0, expected, found, "Not enough data yet.")
        machine.state = SignalState.QUIET
    was_live = _live(machine)
    kept = state.score if machine.state is SignalState.OPEN else state.score * HOLD
    score = max(min(found.score, HIGHEST), kept)
    if advance(machine, windows, found, score, minute, audience(base, minute), settings):
        restart(windows, minute)
        score = 0.0
    state.score = score
    page = not was_live and not muted and machine.state is SignalState.OPEN
    return Reading(minute, machine.state, score, expected, found, "", page)


def _live(machine: Machine) -> bool:
    return machine.state is SignalState.OPEN or machine.state is SignalState.RECOVERING


def _finish_half_hour(state: State) -> None:
    base, machine = state.baseline, state.machine
    if base.half.id < 0:
        return
    half = base.half
    frozen = _live(machine) and state.minute - machine.opened < FREEZE_AT_MOST
    plausible = not frozen and half.reports <= half.expected + 3 * (half.expected + 0.3 * half.expected**2) ** 0.5 + 1
    learn_shares(state.windows, half.reports, plausible)
    learn_half_hour(base, frozen=frozen)


def _bridge(state: State, minute: int) -> None:
    """Jump over minutes nobody reported (restart, clock jump): sums start afresh, what arrives at first is history."""
    gap = minute - state.minute - 1
    if gap > 2:
        restart(state.windows, minute - 1)
        state.catch_up, state.catching = CATCH_UP, 0
        return
    for missing in range(state.minute + 1, minute):
        add(state.windows, missing, 0, 0.0, None)


def _backlog(state: State, bucket: Bucket) -> bool:
    """Say whether this minute is the backlog of a source that was blind (silent for too long, or a gap)."""
    usual = audience(state.baseline, bucket.minute)
    heard = bucket.neutral + bucket.complaint + bucket.outage
    if not heard:
        state.silent += usual
        return False
    if state.silent > SILENCE:
        restart(state.windows, bucket.minute - 1)
        state.catch_up, state.catching = CATCH_UP, 0
    state.silent = 0.0
    if not state.catch_up:
        return False
    state.catching += 1
    state.catch_up -= 1
    if not state.catch_up and heard > FLOOD * usual + 3 and state.catching < CATCH_UP_AT_MOST:
        state.catch_up = 1
    return True
