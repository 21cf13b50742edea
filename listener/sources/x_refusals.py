"""What X means when it refuses, and when to try again; pure.

Problems: https://docs.x.com/x-api/fundamentals/response-codes-and-errors (read 2026-11).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.errors import PermanentError, RateLimited, ServiceError
from listener.http import Answer, refusal
from listener.items import dig, moment_of, text_at

_NO_CREDITS_PAUSE = timedelta(hours=1)


def why_refused(answer: Answer, now: datetime) -> ServiceError:
    """Say what a refusal means: the usual, or a month's allowance, spending limit or credits that are used up."""
    said = _said(answer)
    title, kind = text_at(said, "title"), text_at(said, "type")
    if title in ("UsageCapExceeded", "SpendCapReached") or kind.endswith("/usage-capped"):
        until = cap_reset(said, now)
        what = "spending limit" if title == "SpendCapReached" else "allowance"
        return RateLimited(f"The {what} at X is used up until {until:%Y-%m-%d}.", until - now)
    if title == "CreditsDepleted" or kind.endswith("/credits"):
        return RateLimited("The credits at X are used up: buy some in its developer console.", _NO_CREDITS_PAUSE)
    if answer.status == 400:
        message = text_at(said, "errors", 0, "message") or text_at(said, "detail") or "no reason given"
        return PermanentError(f"X does not understand the request: {' '.join(message.split())[:200]}")
    return refusal(answer.host, answer.status, answer.headers, now)


def cap_reset(said: object, now: datetime) -> datetime:
    """Give the moment a used-up allowance is renewed: the date X names, else the next day or the next month (UTC)."""
    named = moment_of(dig(said, "reset_date"))
    if named is not None and named > now:
        return named
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if text_at(said, "period").lower() == "daily":
        return today + timedelta(days=1)
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


def _said(answer: Answer) -> object:
    try:
        return answer.json()
    except ServiceError:
        return None
