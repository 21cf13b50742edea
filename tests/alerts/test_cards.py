"""Times, names and figures in the words people use."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from alerts.cards import (
    chart,
    clock,
    clock_and_day,
    figure,
    language_name,
    notification,
    ordinal,
    people,
    shares,
    source_name,
    span,
    sparkline,
    until,
)
from tests.alerts.records import NOW


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "less than a minute"), (59, "less than a minute"), (60, "1 min"), (51 * 60, "51 min"), (3600, "1 h"),
     (7500, "2 h 5 min"), (47 * 3600, "47 h"), (48 * 3600, "2 days"), (-120, "2 min")],
)  # fmt: skip
def test_a_span_is_said_in_words(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


def test_a_moment_is_before_or_after_now() -> None:
    assert until(NOW + timedelta(minutes=51), NOW) == "in 51 min"
    assert until(NOW - timedelta(minutes=12), NOW) == "12 min ago"


def test_a_clock_is_shown_in_the_readers_zone_with_utc_to_fall_back_on() -> None:
    assert clock(NOW) == "<!date^1795183200^{time}|14:00 UTC>"
    assert clock_and_day(NOW, NOW) == clock(NOW)
    tomorrow = NOW + timedelta(days=1)
    assert clock_and_day(tomorrow, NOW) == "<!date^1795269600^{date_short_pretty} {time}|21 Nov 14:00 UTC>"


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (22, "22nd"), (111, "111th")],
)  # fmt: skip
def test_contacts_are_counted_in_words(number: int, words: str) -> None:
    assert ordinal(number) == words


@pytest.mark.parametrize(
    ("code", "name"),
    [("tr", "Turkish"), ("fa", "Persian"), ("en-GB", "English"), ("unknown", "unknown language"),
     ("", "unknown language"), ("<!x>", "&lt;!x&gt;")],
)  # fmt: skip
def test_languages_have_names(code: str, name: str) -> None:
    assert language_name(code) == name


@pytest.mark.parametrize(
    ("source", "name"),
    [("mastodon", "Mastodon"), ("mastodon-tr", "Mastodon (tr)"), ("appstore", "App Store"), ("our_forum", "Our Forum"),
     ("<!channel>", "&lt;!Channel&gt;")],
)  # fmt: skip
def test_sources_have_names(source: str, name: str) -> None:
    assert source_name(source) == name


def test_counts_are_listed_from_the_largest_with_the_rest_summed() -> None:
    assert shares({"b": 2, "a": 2, "c": 9}) == "c 9, a 2, b 2"
    assert shares({str(n): n for n in range(1, 8)}, most=2) == "7 7, 6 6, others 15"
    assert shares({"tr": 3}, {"tr": "Turkish"}) == "Turkish 3"
    assert shares({}) == ""


@pytest.mark.parametrize(
    ("value", "words"), [(3.0, "3"), (0.42, "0.4"), (12.6, "13"), (1234, "1,234"), (math.nan, "–"), (math.inf, "–")]
)
def test_expected_figures_are_short(value: float, words: str) -> None:
    assert figure(value) == words


def test_the_sparkline_rises_with_the_figures_and_survives_what_is_no_number() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 7) == "▁▂▃▄▅▆▇█"
    assert sparkline([math.nan, math.inf, -3, 7], 7) == "▁▁▁█"
    assert sparkline([1, 2], 0) == "▁▁"
    assert len(sparkline(range(100), 99)) == 36


def test_the_chart_draws_observed_and_expected_on_one_scale() -> None:
    assert chart([0, 7], [1.0, 1.0]) == "```reports  ▁█  now 7, highest 7\nexpected ▂▂  now 1```"
    assert chart([], [1.0]) == ""


def test_a_notification_is_one_line_and_keeps_the_fences_around_right_to_left_words() -> None:
    assert notification("a", "", "\u2068سلام\u2069\nb") == "a · \u2068سلام\u2069 b"


def test_one_person_is_not_people() -> None:
    assert [people(1), people(47), people(1200)] == ["1 person", "47 people", "1,200 people"]
