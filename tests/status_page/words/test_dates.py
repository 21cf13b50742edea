"""Moments in the readers' calendar and digits, always with their zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from status_page.pages.templating import duration_words, own_name
from status_page.words.dates import clock, day_words, machine, moment_words, month_of, short_day, when, when_in_text

NOWRUZ = datetime(2026, 3, 21, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "21 March 2026, 00:05 UTC"), ("tr", "21 Mart 2026, 00:05 UTC"), ("fa", "۱ فروردین ۱۴۰۵، ساعت ۰۰:۰۵ UTC")],
)
def test_a_moment_is_written_as_its_readers_do(language: str, words: str) -> None:
    assert moment_words(NOWRUZ, language) == words


def test_other_zones_are_shown_in_utc() -> None:
    istanbul = timezone(timedelta(hours=3))
    assert clock(datetime(2026, 11, 21, 17, 35, tzinfo=istanbul), "en") == "14:35 UTC"
    assert machine(datetime(2026, 11, 21, 17, 35, 1, 234567, tzinfo=istanbul)) == "2026-11-21T14:35:01.234Z"


def test_the_day_is_named_only_when_it_is_another() -> None:
    assert when(NOWRUZ, NOWRUZ + timedelta(hours=2), "en") == "00:05 UTC"
    assert when(NOWRUZ, NOWRUZ - timedelta(hours=2), "en") == "21 Mar, 00:05 UTC"
    assert when(NOWRUZ, NOWRUZ - timedelta(hours=2), "fa") == "۱ فروردین، ساعت ۰۰:۰۵ UTC"
    assert when(NOWRUZ, NOWRUZ + timedelta(hours=2), "fa") == "ساعت ۰۰:۰۵ UTC"


@pytest.mark.parametrize(
    ("language", "same_day", "another_day"),
    [
        ("en", "00:05 UTC", "21 Mar, 00:05 UTC"),
        ("tr", "00:05 UTC", "21 Mar, 00:05 UTC"),
        ("fa", "۰۰:۰۵ UTC", "۰۰:۰۵ UTC روز ۱ فروردین"),
    ],
)
def test_in_a_text_the_time_goes_where_the_words_around_it_want_it(
    language: str, same_day: str, another_day: str
) -> None:
    assert when_in_text(NOWRUZ, NOWRUZ + timedelta(hours=2), language) == same_day
    assert when_in_text(NOWRUZ, NOWRUZ - timedelta(hours=2), language) == another_day


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 20), "۲۹ اسفند ۱۴۰۴"),
        (date(2025, 3, 20), "۳۰ اسفند ۱۴۰۳"),  # a Jalali leap year
        (date(2026, 11, 21), "۳۰ آبان ۱۴۰۵"),
    ],
)
def test_jalali_days_are_right_around_the_new_year(day: date, words: str) -> None:
    assert day_words(day, "fa") == words


def test_months_sort_and_read_in_the_readers_calendar() -> None:
    assert month_of(date(2026, 11, 21), "en") == ("2026-11", "November 2026")
    assert month_of(date(2026, 11, 21), "tr") == ("2026-11", "Kasım 2026")
    assert month_of(date(2026, 11, 21), "fa") == ("1405-08", "آبان ۱۴۰۵")
    assert short_day(date(2026, 11, 21), "fa") == "۳۰ آبان"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "1 minute"),
        (timedelta(seconds=20), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(minutes=61), "1 hour 1 minute"),
        (timedelta(hours=26, minutes=5), "1 day 2 hours"),
        (timedelta(days=3), "3 days"),
        (None, "1 minute"),
    ],
)
def test_durations_are_said_in_two_units_at_most(span: timedelta | None, words: str) -> None:
    assert duration_words(span, "en") == words


def test_languages_are_named_in_their_own_words() -> None:
    assert [own_name(language) for language in ("en", "tr", "fa")] == ["English", "Türkçe", "فارسی"]
