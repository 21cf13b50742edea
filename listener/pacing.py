"""How long to wait before asking again: what the service says, what is left of its quota, else back-off; pure.

Services say it in three families of headers: `Retry-After` (RFC 9110, 10.2.3), `X-RateLimit-*` and its cousins (seconds
to go, epoch or ISO time), and the IETF's `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10, read 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.heard.mention import Quota
from listener.items import moment_of

LONGEST = timedelta(days=1)  # a service that asks for more has a wrong clock, or is worth asking once a day
LONGEST_QUOTA = timedelta(days=32)  # some quotas are by the month
BACK_OFF_LIMIT = timedelta(minutes=30)
_FAMILIES = ("X-RateLimit-", "RateLimit-", "X-Rate-Limit-")
_POLICY = re.compile(r"\b(r|t|remaining|reset)\s*=\s*(\d{1,12})")


@dataclass(frozen=True, slots=True)
class Pause:
    """How long to wait before the next poll, and why."""

    wait: timedelta
    reason: str  # "interval" | "back-off" | "quota" | "asked to wait"


def next_poll(
    every: timedelta, *, failures: int, not_before: datetime | None, quota: Quota | None, now: datetime,
    chance: float = 0.5,
) -> Pause:  # fmt: skip
    """Decide when to poll again: the interval, longer after failures or on a short quota, never before `not_before`.

    `failures` in a row double the interval, up to 30 minutes. `chance` (0..1, from the caller's random source) spreads
    the wait: ten per cent either way, only downwards at a back-off, only upwards at a quota.
    """
    pause = Pause(every * (0.9 + 0.2 * chance), "interval")
    backed_off = min(every * 2 ** max(0, min(failures, 10)), BACK_OFF_LIMIT) * (0.8 + 0.2 * chance)
    if failures > 0 and backed_off > pause.wait:
        pause = Pause(backed_off, "back-off")
    paced = stretched(every, quota, now)
    if paced > max(every, pause.wait):
        pause = Pause(min(paced * (1 + 0.1 * chance), LONGEST), "quota")
    if not_before is not None and not_before - now > pause.wait:
        pause = Pause(min(not_before - now, LONGEST), "asked to wait")
    return pause


def stretched(every: timedelta, quota: Quota | None, now: datetime) -> timedelta:
    """Give the interval at which the remaining requests last until the reset: `every` or longer, a day at most."""
    if quota is None or quota.resets_at <= now:
        return every
    return max(every, min((quota.resets_at - now) / max(quota.remaining, 1), LONGEST))


def quota_of(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """Read what is left of the tightest quota an answer names; None when it does not say both how much and how long."""

    def tightness(quota: Quota) -> tuple[bool, timedelta]:
        """Put what is used up before anything that is only short."""
        return quota.remaining <= 0, stretched(timedelta(0), quota, now)

    return max(_quotas(headers, now), key=tightness, default=None)


def quota_pause(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Give the moment the quota is refilled when the answer says that nothing is left of it."""
    quota = quota_of(headers, now)
    return min(quota.resets_at, now + LONGEST) if quota is not None and quota.remaining <= 0 else None


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read how long to wait (0..1 day) from `Retry-After`, else from the reset of a quota; None when unsaid.

    The reset counts only where nothing is left, or where it is not said how much: trouble of another kind may come with
    a full quota whose reset is an hour away.
    """
    asked = _wait(headers.get("Retry-After", ""), now)
    if asked is not None:
        return min(asked, LONGEST)
    if any(f"{family}Remaining" in headers for family in _FAMILIES) or "RateLimit" in headers:
        until = quota_pause(headers, now)
        return until - now if until is not None else None
    resets = (_wait(headers.get(f"{family}Reset", ""), now) for family in _FAMILIES)
    return min((wait for wait in resets if wait is not None), default=None)


def is_throttled(headers: Mapping[str, str], now: datetime) -> bool:
    """Say whether a refusal (status 403) is about how often we ask: it names a wait, or nothing is left of a quota."""
    left = (_count(headers.get(f"{family}Remaining", "")) for family in _FAMILIES)
    return _wait(headers.get("Retry-After", ""), now) is not None or 0 in left or quota_pause(headers, now) is not None


def _quotas(headers: Mapping[str, str], now: datetime) -> Iterator[Quota]:
    for family in _FAMILIES:
        left, wait = _count(headers.get(f"{family}Remaining", "")), _wait(headers.get(f"{family}Reset", ""), now)
        if left is not None and wait is not None:
            yield Quota(left, now + wait)
    # `"burst";r=5;t=10, "day";r=400;t=3600`, or as drafts up to 7 wrote it: `limit=9, remaining=5, reset=10`.
    line = headers.get("RateLimit", "")[:1000]
    for policy in line.split(",") if ";" in line else [line]:
        said = {name: int(number) for name, number in _POLICY.findall(policy)}
        left, seconds = said.get("r", said.get("remaining")), said.get("t", said.get("reset"))
        if left is not None and seconds is not None:
            yield Quota(left, now + min(timedelta(seconds=seconds), LONGEST_QUOTA))


def _count(value: str) -> int | None:
    """Read what remains; some services send it with decimals, some below zero."""
    found = re.match(r"\s*(-?\d{1,12})(?:\.\d{1,9})?\s*(?:$|[,;])", value)
    return max(0, int(found[1])) if found else None


def _wait(value: str, now: datetime) -> timedelta | None:
    """Read seconds to go, an epoch, an ISO time or an HTTP date; bounded to 0..32 days."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,8}(?:\.[0-9]{1,9})?", value):
        return min(timedelta(seconds=float(value)), LONGEST_QUOTA)
    moment = moment_of(value)
    return max(timedelta(0), min(moment - now, LONGEST_QUOTA)) if moment else None
