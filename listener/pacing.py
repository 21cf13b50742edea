"""How long to wait before asking again: what the service says, else back-off; pure, with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.items import moment_of, number_at

LONGEST = timedelta(days=1)  # a service that asks for more has a wrong clock
BACK_OFF_LIMIT = timedelta(minutes=30)
_RESET = ("X-RateLimit-Reset", "RateLimit-Reset", "X-Rate-Limit-Reset")
_REMAINING = ("X-RateLimit-Remaining", "RateLimit-Remaining", "X-Rate-Limit-Remaining")


@dataclass(frozen=True, slots=True)
class Pause:
    """How long to wait before the next poll, and why."""

    wait: timedelta
    reason: str  # "interval" | "back-off" | "quota"


def next_wait(
    every: timedelta, *, failures: int, not_before: datetime | None, now: datetime, chance: float = 0.5
) -> Pause:
    """Decide when to poll again: the interval, doubled per failure up to 30 minutes, never before `not_before`.

    `chance` (0..1, from the caller's random source) spreads the wait by ten per cent either way.
    """
    backed_off = max(every, min(every * (2 ** min(failures, 10)), BACK_OFF_LIMIT))
    wait = backed_off * (0.9 + 0.2 * chance)
    if not_before is not None and not_before - now > wait:
        return Pause(min(not_before - now, LONGEST), "quota")
    return Pause(wait, "back-off" if failures and backed_off > every else "interval")


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read how long to wait from `Retry-After` (seconds or date), else from the reset header; None when unsaid."""
    for name in ("Retry-After", *_RESET):
        wait = _wait(headers.get(name, ""), now)
        if wait is not None:
            return wait
    return None


def quota_pause(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Give the moment the quota is refilled when the answer says that nothing is left of it."""
    left = next((number_at(headers[name]) for name in _REMAINING if name in headers), None)
    if left is None or left > 0:
        return None
    wait = next((w for name in _RESET if (w := _wait(headers.get(name, ""), now)) is not None), None)
    return now + wait if wait is not None else None


def _wait(value: str, now: datetime) -> timedelta | None:
    """Read seconds to go, an epoch, an ISO time or an HTTP date; bounded to 0..1 day."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,8}(?:\.[0-9]{1,9})?", value):
        return min(timedelta(seconds=float(value)), LONGEST)
    moment = moment_of(value)
    return max(timedelta(0), min(moment - now, LONGEST)) if moment else None
