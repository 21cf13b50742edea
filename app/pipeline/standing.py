"""How a source stands after each answer and each failure: its cursor, its figures, its trouble. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import log2

from domain.errors import AuthError, RateLimited, ServiceError, TemporaryError
from domain.heard.budget import OverBudget
from domain.heard.mention import Batch, Quota
from domain.records import SourceState, Spending
from listener.pacing import Pause, next_poll, stretched

BLIND = timedelta(minutes=6)  # a source that was not heard for longer (and for three polls) brings a backlog
SOON = timedelta(minutes=5)  # what does not answer is asked again after this at most (or after its interval)
RESTED = 0.8  # of the interval must have passed since the last poll, e.g. after a restart
INTERVAL = "interval"  # the reason of a pause that nobody has to keep in mind


class Trouble(StrEnum):
    """What kind of failure keeps a source from being heard."""

    AUTH = "auth"
    QUOTA = "quota"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    BUDGET = "budget"  # ours: we do not ask, to stay within what it may cost


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch."""

    stored: int = 0
    duplicates: int = 0
    edited: int = 0
    deleted: int = 0
    set_aside: int = 0  # that were not known before

    def __add__(self, other: Taken) -> Taken:
        """Sum up two batches."""
        return Taken(
            self.stored + other.stored, self.duplicates + other.duplicates, self.edited + other.edited,
            self.deleted + other.deleted, self.set_aside + other.set_aside,
        )  # fmt: skip


def trouble_of(err: ServiceError) -> Trouble:
    """Name the kind of a failure."""
    if isinstance(err, AuthError):
        return Trouble.AUTH
    if isinstance(err, RateLimited):
        return Trouble.QUOTA
    return Trouble.TEMPORARY if isinstance(err, TemporaryError) else Trouble.PERMANENT


def pause_after(
    state: SourceState, outcome: Batch | ServiceError, every: timedelta, at: datetime, chance: float
) -> Pause:
    """Decide how long to wait after an answer or a failure; `chance` (0..1) spreads the sources."""
    if isinstance(outcome, Batch):
        until, quota, failures = outcome.not_before, outcome.quota or _valid(state.quota, at), 0
    else:
        wait = outcome.retry_after if isinstance(outcome, TemporaryError) else None
        until, quota = at + wait if wait else None, state.quota
        failures = _steps(trouble_of(outcome), state.failures + 1, every)
    return next_poll(every, failures=failures, not_before=until, quota=quota, now=at, chance=chance)


def answered(
    state: SourceState, batch: Batch, taken: Taken, pause: Pause, at: datetime, *, spent: Spending | None,
    back: datetime | None,
) -> SourceState:  # fmt: skip
    """Note one answer, all of whose mentions are stored: the cursor and its cost move in the same write."""
    return replace(
        state, cursor=batch.cursor, last_success=at, last_attempt=at, failing_since=None, error=None, failures=0,
        trouble=None, not_before=at + pause.wait if pause.reason != INTERVAL else None,
        quota=batch.quota or _valid(state.quota, at), spent=spent, back_since=back,
        fetched=state.fetched + len(batch.mentions), stored=state.stored + taken.stored,
        set_aside=state.set_aside + taken.set_aside, deleted=state.deleted + taken.deleted,
    )  # fmt: skip


def failed(state: SourceState, err: ServiceError, pause: Pause, at: datetime, spent: Spending | None) -> SourceState:
    """Note one failure; its pause grows with each in a row and is kept, so that a restart does not hammer."""
    return replace(
        state, last_attempt=at, failing_since=state.failing_since or at, error=str(err)[:500],
        failures=state.failures + 1, trouble=str(trouble_of(err)), not_before=at + pause.wait, spent=spent,
    )  # fmt: skip


def paused(state: SourceState, over: OverBudget, at: datetime) -> SourceState:
    """Note that the budget does not allow another page; nothing was asked, so it is no failure of the source."""
    return replace(
        state, failing_since=state.failing_since or at, error=over.reason, trouble=str(Trouble.BUDGET), failures=0,
        not_before=over.until,
    )  # fmt: skip


def is_resting(state: SourceState, at: datetime) -> bool:
    """Say whether a source is to be left alone; a budget is not waited for but asked anew: it may have been raised."""
    return state.trouble != Trouble.BUDGET and state.not_before is not None and state.not_before > at


def rest_of(state: SourceState, every: timedelta, at: datetime) -> timedelta:
    """Say how long a source is still to be left alone: as it asked, by its back-off, or since it was polled just now.

    A clock that was set back must not silence a source: nothing rests longer than it would from now on.
    """
    rest = timedelta(0)
    if is_resting(state, at) and state.not_before is not None:
        rest = state.not_before - at
    if state.last_attempt is not None and state.trouble != Trouble.BUDGET:
        rest = max(rest, min(state.last_attempt + every * RESTED - at, every * RESTED))
    return rest


def catches_up(state: SourceState, every: timedelta, at: datetime) -> bool:
    """Say whether the next answers tell of the past: the source was never asked before, or not heard for long.

    A burst of posts that waited while a source (or hubbub) was down must not look like an outage. A source that is
    asked rarely because its quota is short is not silent.
    """
    if state.last_success is None:
        return True
    usual = stretched(every, state.quota, state.last_success)
    return at - state.last_success > max(BLIND, 3 * usual)


def may_go_on(batch: Batch, at: datetime) -> bool:
    """Say whether the next page may be asked for at once."""
    waits = batch.not_before is not None and batch.not_before > at
    used_up = batch.quota is not None and batch.quota.remaining <= 0 and batch.quota.resets_at > at
    return batch.more and not waits and not used_up


def _steps(trouble: Trouble, failures: int, every: timedelta) -> int:
    """Say how often a back-off is doubled: a server that is down may come back with an outage to tell."""
    return min(failures, max(0, int(log2(SOON / every)))) if trouble is Trouble.TEMPORARY else failures


def _valid(quota: Quota | None, at: datetime) -> Quota | None:
    return quota if quota is not None and quota.resets_at > at else None
