"""When to ask again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from domain.heard.mention import Quota
from listener.pacing import (
    BACK_OFF_LIMIT,
    LONGEST,
    LONGEST_QUOTA,
    Pause,
    is_throttled,
    next_poll,
    quota_of,
    quota_pause,
    retry_after,
    stretched,
)
from tests.listener.service import NOW

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "120"}, 2 * MINUTE),
        ({"retry-after": "1.5"}, timedelta(seconds=1.5)),
        ({"Retry-After": "Mon, 02 Nov 2026 12:05:00 GMT"}, 5 * MINUTE),
        ({"Retry-After": "Mon, 02 Nov 2026 11:00:00 GMT"}, timedelta(0)),
        ({"Retry-After": "99999999"}, LONGEST),
        ({"Retry-After": "soon"}, None),
        ({"X-RateLimit-Reset": "2026-11-02T12:03:00.180257Z"}, timedelta(minutes=3, microseconds=180257)),
        ({"x-rate-limit-reset": "1793620860"}, MINUTE),
        ({"RateLimit-Reset": "60"}, MINUTE),
        ({"Retry-After": "nonsense", "X-RateLimit-Reset": "60"}, MINUTE),
        ({"Retry-After": "-5"}, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60"}, MINUTE),
        ({"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": "3600"}, None),
        ({"RateLimit": '"default";r=0;t=60'}, MINUTE),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2199-01-01T00:00:00Z"}, LONGEST),
        ({}, None),
    ],
)
def test_the_wait_is_read_in_every_form_services_use(headers: dict[str, str], wait: timedelta | None) -> None:
    assert retry_after(CIMultiDict(headers), NOW) == wait


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-02T12:03:00Z"}, NOW + 3 * MINUTE),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "1793620860"}, NOW + MINUTE),
        ({"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "60"}, NOW + MINUTE),
        ({"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "2026-11-02T12:03:00Z"}, None),
        ({"X-RateLimit-Remaining": "0"}, None),
        ({"X-RateLimit-Remaining": "none", "X-RateLimit-Reset": "60"}, None),
        ({}, None),
    ],
)
def test_a_used_up_quota_asks_to_wait_until_its_reset(headers: dict[str, str], until: datetime | None) -> None:
    assert quota_pause(CIMultiDict(headers), NOW) == until


def left(remaining: int, minutes: float) -> Quota:
    return Quota(remaining, NOW + minutes * MINUTE)


@pytest.mark.parametrize(
    ("headers", "quota"),
    [
        ({"X-RateLimit-Remaining": "40", "X-RateLimit-Reset": "2026-11-02T12:03:00Z"}, left(40, 3)),
        ({"x-ratelimit-remaining": "98.0", "x-ratelimit-reset": "120"}, left(98, 2)),
        ({"x-rate-limit-remaining": "12", "x-rate-limit-reset": "1793620860"}, left(12, 1)),
        ({"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "7", "RateLimit-Reset": "60"}, left(7, 1)),
        ({"RateLimit-Policy": '"default";q=100;w=60', "RateLimit": '"default";r=50;t=30'}, left(50, 0.5)),
        ({"RateLimit": '"burst";r=5;t=60, "day";r=10;t=3600'}, left(10, 60)),
        ({"RateLimit": '"burst";r=0;t=60, "day";r=10;t=3600'}, left(0, 1)),
        ({"RateLimit": "limit=100, remaining=5, reset=60"}, left(5, 1)),
        ({"RateLimit": '"default";r=1', "X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "60"}, left(9, 1)),
        ({"X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "2199-01-01T00:00:00Z"}, Quota(9, NOW + LONGEST_QUOTA)),
        ({"X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "2020-01-01T00:00:00Z"}, Quota(9, NOW)),
        ({"X-RateLimit-Remaining": "-3", "X-RateLimit-Reset": "60"}, left(0, 1)),
        ({"X-RateLimit-Remaining": "9"}, None),
        ({"X-RateLimit-Reset": "60"}, None),
        ({"X-RateLimit-Remaining": "lots", "X-RateLimit-Reset": "60"}, None),
        ({"X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "-60"}, None),
        ({"RateLimit": "r=;t=, " * 1000}, None),
        ({}, None),
    ],
)
def test_what_is_left_is_read_in_every_form_services_use(headers: dict[str, str], quota: Quota | None) -> None:
    assert quota_of(CIMultiDict(headers), NOW) == quota


@pytest.mark.parametrize(
    ("quota", "interval"),
    [
        (None, MINUTE),
        (left(100, 60), MINUTE),
        (left(60, 60), MINUTE),
        (left(10, 60), 6 * MINUTE),
        (left(1, 60), 60 * MINUTE),
        (left(0, 60), 60 * MINUTE),
        (left(5, 0), MINUTE),
        (left(0, -10), MINUTE),
        (left(0, 60 * 24 * 30), LONGEST),
    ],
)
def test_the_interval_is_stretched_until_the_rest_lasts(quota: Quota | None, interval: timedelta) -> None:
    assert stretched(MINUTE, quota, NOW) == interval


def test_a_stretched_interval_spends_the_quota_and_no_more() -> None:
    now, quota, asked = NOW, left(7, 60), 0
    while now < quota.resets_at:
        now += next_poll(MINUTE, failures=0, not_before=None, quota=quota, now=now, chance=0.0).wait
        quota, asked = replace(quota, remaining=quota.remaining - 1), asked + 1
    assert asked == 7
    assert quota.remaining == 0


@pytest.mark.parametrize(
    ("failures", "not_before", "quota", "chance", "pause"),
    [
        (0, None, None, 0.5, Pause(MINUTE, "interval")),
        (0, None, None, 0.0, Pause(0.9 * MINUTE, "interval")),
        (0, None, None, 1.0, Pause(1.1 * MINUTE, "interval")),
        (1, None, None, 0.5, Pause(1.8 * MINUTE, "back-off")),
        (3, None, None, 1.0, Pause(8 * MINUTE, "back-off")),
        (3, None, None, 0.0, Pause(6.4 * MINUTE, "back-off")),
        (500, None, None, 0.0, Pause(24 * MINUTE, "back-off")),
        (500, None, None, 1.0, Pause(30 * MINUTE, "back-off")),
        (-1, None, None, 0.5, Pause(MINUTE, "interval")),
        (0, None, left(100, 60), 0.5, Pause(MINUTE, "interval")),
        (0, None, left(10, 60), 0.0, Pause(6 * MINUTE, "quota")),
        (0, None, left(10, 60), 1.0, Pause(6.6 * MINUTE, "quota")),
        (0, None, left(0, 60 * 24 * 30), 1.0, Pause(LONGEST, "quota")),
        (3, None, left(10, 60), 1.0, Pause(8 * MINUTE, "back-off")),
        (1, None, left(10, 60), 0.0, Pause(6 * MINUTE, "quota")),
        (0, NOW + 10 * MINUTE, None, 0.5, Pause(10 * MINUTE, "asked to wait")),
        (0, NOW - MINUTE, None, 0.5, Pause(MINUTE, "interval")),
        (3, NOW + MINUTE, None, 1.0, Pause(8 * MINUTE, "back-off")),
        (0, NOW + 10 * MINUTE, left(0, 10), 0.0, Pause(10 * MINUTE, "quota")),
        (0, NOW + timedelta(days=30), None, 0.5, Pause(LONGEST, "asked to wait")),
    ],
)
def test_the_next_poll_waits_for_a_reason(
    failures: int, not_before: datetime | None, quota: Quota | None, chance: float, pause: Pause
) -> None:
    found = next_poll(MINUTE, failures=failures, not_before=not_before, quota=quota, now=NOW, chance=chance)
    assert found == pause


@given(
    every=st.timedeltas(timedelta(seconds=5), timedelta(days=1)),
    failures=st.integers(0, 10_000),
    wait=st.none() | st.timedeltas(timedelta(days=-400), timedelta(days=400)),
    quota=st.none() | st.tuples(st.integers(-5, 10**12), st.timedeltas(timedelta(days=-400), timedelta(days=400))),
    chance=st.floats(0, 1),
)
def test_no_wait_is_ever_shorter_than_the_interval_or_longer_than_a_day(
    every: timedelta, failures: int, wait: timedelta | None, quota: tuple[int, timedelta] | None, chance: float
) -> None:
    known = Quota(quota[0], NOW + quota[1]) if quota else None
    until = NOW + wait if wait is not None else None
    pause = next_poll(every, failures=failures, not_before=until, quota=known, now=NOW, chance=chance)
    assert 0.89 * every <= pause.wait <= 1.1 * LONGEST
    assert pause.reason in ("interval", "back-off", "quota", "asked to wait")
    if pause.reason == "back-off":
        assert pause.wait <= BACK_OFF_LIMIT
    if until is not None:
        assert pause.wait >= min(until - NOW, LONGEST)


def test_back_off_never_makes_a_slow_source_faster() -> None:
    pause = next_poll(timedelta(hours=6), failures=4, not_before=None, quota=None, now=NOW)
    assert pause == Pause(timedelta(hours=6), "interval")


@pytest.mark.parametrize(
    ("headers", "throttled"),
    [
        ({"Retry-After": "30"}, True),
        ({"X-RateLimit-Remaining": "0"}, True),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60"}, True),
        ({"RateLimit": '"default";r=0;t=9'}, True),
        ({"X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": "60"}, False),
        ({"Retry-After": "soon"}, False),
        ({}, False),
    ],
)
def test_a_refusal_with_a_wait_or_an_empty_quota_is_about_pace(headers: dict[str, str], throttled: bool) -> None:
    assert is_throttled(CIMultiDict(headers), NOW) == throttled
