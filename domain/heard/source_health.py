"""How well a source can be heard: "we are deaf here" is as important as what is heard. Pure, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp

from domain.records import SourceState

GRACE = timedelta(minutes=1)  # beside two polls: a source that answers a little late is not deaf
SURE = 1e-4  # a source is called quiet where its silence is less likely than this
QUIET_HOURS = 3
_AT_ONCE = frozenset({"auth", "permanent", "budget"})  # these do not mend themselves


class Level(StrEnum):
    """How well a source is heard, the worst first."""

    DEAF = "deaf"  # nothing of it reaches us
    QUIET = "quiet"  # it answers, but brings far less than it always did
    WAITS = "waits"  # nothing is wrong yet: not asked so far, or a stumble
    HEARS = "hears"


TROUBLED = frozenset({Level.DEAF, Level.QUIET})


@dataclass(frozen=True, slots=True)
class Flow:
    """How much a source brings: mentions in the last hours, and how many those hours usually bring."""

    last_hour: int
    recent: int  # in the last QUIET_HOURS
    usual: float  # in the same hours of earlier days, on average; 0: not known yet

    @property
    def usual_hour(self) -> float:
        """The usual number of one of these hours."""
        return self.usual / QUIET_HOURS


@dataclass(frozen=True, slots=True)
class Health:
    """The verdict on one source, in words for people."""

    level: Level
    words: str
    since: datetime | None = None  # of the trouble


def health_of(
    state: SourceState, every: timedelta, now: datetime, flow: Flow | None = None, *, pushed: bool = False
) -> Health:
    """Say how well a source is heard: deaf after two missed polls and a minute, at once where nothing mends itself."""
    if state.failing_since is not None:
        return _failing(state, state.failing_since, every, now)
    if not pushed:
        if state.last_success is None:
            return Health(Level.WAITS, "not asked yet")
        if now - state.last_success > _patience(state, every, now):
            return Health(Level.DEAF, "it is not asked any more", state.last_success)
    if flow is not None and flow.recent == 0 and exp(-min(flow.usual, 700)) < SURE:
        usual = f"usually {flow.usual:.0f} come in these {QUIET_HOURS} hours"
        return Health(Level.QUIET, f"it answers but brings nothing; {usual}", now - timedelta(hours=QUIET_HOURS))
    if not pushed and state.not_before is not None and state.not_before > now + every:
        return Health(Level.HEARS, f"answers; its quota allows the next question at {state.not_before:%H:%M} UTC")
    return Health(Level.HEARS, "brought to us: nothing to ask for" if pushed else "answers")


def short(health: Health, name: str, now: datetime) -> str:
    """Name a source that cannot be heard on a card: which, since when, and why."""
    if health.since is None:
        return name
    day = "" if now - health.since < timedelta(hours=12) else f"{health.since:%d %b} "
    return f"{name} (since {day}{health.since:%H:%M} UTC: {health.words.rstrip('.')})"


def _failing(state: SourceState, since: datetime, every: timedelta, now: datetime) -> Health:
    words = state.error or "it does not answer"
    unheard = state.last_success or since
    if state.trouble in _AT_ONCE or now - unheard > _patience(state, every, now):
        return Health(Level.DEAF, words, unheard)
    return Health(Level.WAITS, f"stumbles: {words}", since)


def _patience(state: SourceState, every: timedelta, now: datetime) -> timedelta:
    """Two polls and a minute; a poll is further off where the quota of a source that answers says so."""
    heard, rests = state.last_success, state.not_before
    if state.failing_since is None and heard is not None and rests is not None:
        every = max(every, rests - heard)
    return 2 * every + GRACE
