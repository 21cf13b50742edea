"""Moments as the readers of a language write them: own calendar, own digits, the zone always said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache

import jdatetime
from babel.dates import format_date

from status_page.words.language import digits, listed

# Babel writes Persian dates in the Gregorian calendar, which nobody in Iran reads.
_JALALI = frozenset({"fa"})
_JALALI_MONTHS = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip


@lru_cache(maxsize=8192)
def day_words(day: date, language: str) -> str:
    """Write a day in full, e.g. "21 November 2026" or "۳۰ آبان ۱۴۰۵"."""
    if language in _JALALI:
        jalali = jdatetime.date.fromgregorian(date=day)
        return digits(f"{jalali.day} {_JALALI_MONTHS[jalali.month - 1]} {jalali.year}", language)
    return format_date(day, "d MMMM y", locale=language)


@lru_cache(maxsize=2048)
def short_day(day: date, language: str) -> str:
    """Write a day without its year, e.g. "21 Nov"."""
    if language in _JALALI:
        return day_words(day, language).rsplit(" ", 1)[0]
    return format_date(day, "d MMM", locale=language)


def clock(moment: datetime, language: str) -> str:
    """Write the time of day with its zone, e.g. "14:35 UTC"."""
    utc = moment.astimezone(UTC)
    return digits(f"{utc.hour:02d}:{utc.minute:02d}", language) + " UTC"


def _hour(moment: datetime, language: str) -> str:
    """Write the time of day as running text says it: Persian puts its word for "hour" before it."""
    return ("ساعت " if language in _JALALI else "") + clock(moment, language)


@lru_cache(maxsize=16384)
def moment_words(moment: datetime, language: str) -> str:
    """Write day and time, e.g. "21 November 2026, 14:35 UTC"."""
    utc = moment.astimezone(UTC)
    return listed([day_words(utc.date(), language), _hour(utc, language)], language)


def when(moment: datetime, now: datetime, language: str) -> str:
    """Write a moment briefly: only the time when it is on the same day as `now`, else day and time."""
    utc = moment.astimezone(UTC)
    if utc.date() == now.astimezone(UTC).date():
        return _hour(utc, language)
    return listed([short_day(utc.date(), language), _hour(utc, language)], language)


def when_in_text(moment: datetime, now: datetime, language: str) -> str:
    """Write a moment as `when` does, for a place in a text that says the Persian word for "hour" itself.

    The time goes first there, so that the word stands right before it with a day, too: "از ساعت ۱۴:۳۵ UTC روز ۳۰ آبان".
    """
    if language not in _JALALI:
        return when(moment, now, language)
    day = moment.astimezone(UTC).date()
    time = clock(moment, language)
    return time if day == now.astimezone(UTC).date() else f"{time} روز {short_day(day, language)}"


def span_words(start: datetime, end: datetime, language: str) -> str:
    """Write from when to when, the day only once where it is the same, e.g. "21 November 2026, 22:00–23:30 UTC"."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    joint = " تا " if language in _JALALI else "–"
    if start.date() == end.date():
        return moment_words(start, language).removesuffix(" UTC") + joint + clock(end, language)
    return moment_words(start, language) + (joint if language in _JALALI else " – ") + moment_words(end, language)


def until_words(start: datetime, end: datetime, language: str) -> str:
    """Write the end of a span: only the time when it is on the same day as `start`, else day and time."""
    same_day = start.astimezone(UTC).date() == end.astimezone(UTC).date()
    return clock(end, language) if same_day else moment_words(end, language)


@lru_cache(maxsize=4096)
def month_of(day: date, language: str) -> tuple[str, str]:
    """Give the month of a day in the readers' calendar: (key for sorting and file names, words)."""
    if language in _JALALI:
        jalali = jdatetime.date.fromgregorian(date=day)
        words = f"{_JALALI_MONTHS[jalali.month - 1]} {jalali.year}"
        return f"{jalali.year:04d}-{jalali.month:02d}", digits(words, language)
    return f"{day:%Y-%m}", format_date(day, "LLLL y", locale=language)


def machine(moment: datetime) -> str:
    """Write a moment for machines as Statuspage does: UTC, milliseconds, "Z"."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
