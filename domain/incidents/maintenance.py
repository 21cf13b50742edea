"""Planned maintenance: reports are counted as ever, but nobody is called because of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned work on `components` (none: on all of them) between two moments, the second not included."""

    components: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime

    def covers(self, component: str) -> bool:
        """Say whether the work is on this component; reports that name none belong to work on all."""
        return not self.components or component in self.components


def muted_until(component: str, planned: Iterable[Maintenance], now: datetime) -> datetime | None:
    """Say until when maintenance keeps this component from calling people, None while it does not."""
    return max((m.ends_at for m in planned if m.covers(component) and m.starts_at <= now < m.ends_at), default=None)


def ended_since(component: str, planned: Iterable[Maintenance], since: datetime, now: datetime) -> datetime | None:
    """Give the end of a maintenance of this component that ran out between `since` and now, None without one."""
    return max((m.ends_at for m in planned if m.covers(component) and since < m.ends_at <= now), default=None)
