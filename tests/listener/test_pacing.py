"""When to ask again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from multidict import CIMultiDict

from listener.pacing import LONGEST, Pause, next_wait, quota_pause, retry_after
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


@pytest.mark.parametrize(
    ("failures", "not_before", "chance", "pause"),
    [
        (0, None, 0.5, Pause(MINUTE, "interval")),
        (0, None, 0.0, Pause(0.9 * MINUTE, "interval")),
        (0, None, 1.0, Pause(1.1 * MINUTE, "interval")),
        (3, None, 0.5, Pause(8 * MINUTE, "back-off")),
        (500, None, 0.5, Pause(30 * MINUTE, "back-off")),
        (0, NOW + 10 * MINUTE, 0.5, Pause(10 * MINUTE, "quota")),
        (0, NOW - MINUTE, 0.5, Pause(MINUTE, "interval")),
        (3, NOW + MINUTE, 0.5, Pause(8 * MINUTE, "back-off")),
        (0, NOW + timedelta(days=30), 0.5, Pause(LONGEST, "quota")),
    ],
)
def test_the_next_poll_waits_for_a_reason(
    failures: int, not_before: datetime | None, chance: float, pause: Pause
) -> None:
    assert next_wait(MINUTE, failures=failures, not_before=not_before, now=NOW, chance=chance) == pause


def test_back_off_never_makes_a_slow_source_faster() -> None:
    assert next_wait(timedelta(hours=6), failures=4, not_before=None, now=NOW).wait == timedelta(hours=6)
