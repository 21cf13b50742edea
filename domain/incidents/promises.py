"""The promise "next update by": when we remind of it, when it is broken, how often it was kept. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

LEAST_AHEAD = timedelta(minutes=5)
MOST_AHEAD = timedelta(minutes=15)
SHARE_AHEAD = 0.2  # of the time between promise and due


class Word(Protocol):
    """A public word that may promise the next one."""

    @property
    def at(self) -> datetime:
        """When it was said."""

    @property
    def next_update_by(self) -> datetime | None:
        """The moment by which the next word is promised."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise that was made in public, and when the word came that answers it."""

    made_at: datetime
    due: datetime
    answered_at: datetime | None = None

    def late(self, now: datetime) -> timedelta:
        """Say by how much it was broken so far; nothing while it is open and when it was kept."""
        return max((self.answered_at or now) - self.due, timedelta(0))


@dataclass(frozen=True, slots=True)
class Tally:
    """How the promises went; an open one counts once its time has passed."""

    kept: int = 0
    broken: int = 0
    late_minutes: tuple[int, ...] = ()  # of each broken one, rounded up, oldest first

    @property
    def made(self) -> int:
        """How many promises have come to their time."""
        return self.kept + self.broken


def promises(words: Sequence[Word], *, over: bool = False) -> list[Promise]:
    """List what was promised, oldest first; the last word of what is `over` promises nothing any more."""
    made = [Promise(said.at, said.next_update_by, then.at) for said, then in pairwise(words) if said.next_update_by]
    last = words[-1] if words else None
    if last is not None and last.next_update_by is not None and not over:
        made.append(Promise(last.at, last.next_update_by))
    return made


def tally(made: Iterable[Promise], now: datetime) -> Tally:
    """Count what was kept and what was broken."""
    late = [(promise.late(now), promise.answered_at is not None) for promise in made]
    broken = tuple(math.ceil(by / timedelta(minutes=1)) for by, _ in late if by)
    return Tally(sum(answered and not by for by, answered in late), len(broken), broken)


def remind_at(made_at: datetime, due: datetime) -> datetime:
    """Say when to remind: a fifth of the time before it is due, 5 to 15 minutes, never before half of it is gone."""
    span = max(due - made_at, timedelta(0))
    ahead = min(max(span * SHARE_AHEAD, LEAST_AHEAD), MOST_AHEAD)
    return due - min(ahead, span / 2)


@dataclass(frozen=True, slots=True)
class Watch:
    """What was done about one promise so far; `due` says which one, so that the next promise begins anew."""

    due: datetime
    reminded: bool = False
    calls: int = 0
    call_at: datetime | None = None  # when the next one is called; None before the first call


class Step(StrEnum):
    """What is to be done about a promise now."""

    REMIND = "remind"
    CALL = "call"


def watch_of(known: Watch | None, due: datetime) -> Watch:
    """Give what is known about the promise that is due then."""
    return known if known is not None and known.due == due else Watch(due)


def next_step(watch: Watch, made_at: datetime, now: datetime, callable_: int) -> Step | None:
    """Decide what to do: remind once before it breaks, at the break call one of `callable_` after the other."""
    if now < watch.due:
        return Step.REMIND if not watch.reminded and now >= remind_at(made_at, watch.due) else None
    waits = watch.call_at is not None and now < watch.call_at
    return Step.CALL if watch.calls < callable_ and not waits else None


def reminded(watch: Watch) -> Watch:
    """Note that people were reminded."""
    return replace(watch, reminded=True)


def called(watch: Watch, now: datetime, after: timedelta | None) -> Watch:
    """Note that one more was called; `after` is the wait for the next (None: that was the last)."""
    return replace(watch, calls=watch.calls + 1, call_at=now + after if after else None)
