"""Who of several processes on one store polls, counts and sends: the one that holds the lease."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LEASE_ID = "rounds"
LASTS = timedelta(seconds=60)  # longer than clocks of two machines differ, and than a database changes its primary


@dataclass(frozen=True, slots=True)
class Holder:
    """One running process: its machine (a container is one of its own), its number there, a name for people."""

    place: str
    pid: int
    name: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Who does the rounds, since when, and until when without being heard of again."""

    holder: Holder
    since: datetime
    until: datetime
    id: str = LEASE_ID
    version: int = 0


def granted(lease: Lease, holder: Holder, now: datetime, is_gone: bool) -> Lease:
    """Give the lease to `holder`: renewed if it is theirs, taken over if the other one `is_gone` or was silent.

    Unchanged while somebody else holds it.
    """
    if lease.holder == holder:
        return replace(lease, until=now + LASTS)
    if is_gone or lease.until <= now:
        return replace(lease, holder=holder, since=now, until=now + LASTS)
    return lease


def given_up(lease: Lease, holder: Holder, now: datetime) -> Lease:
    """End the lease, if it is `holder`'s, so that the next one need not wait."""
    return replace(lease, until=min(lease.until, now)) if lease.holder == holder else lease
