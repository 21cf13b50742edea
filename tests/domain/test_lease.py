"""Who gets the lease: its holder again, others only when the holder is gone or silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.lease import LASTS, Holder, Lease, given_up, granted

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
ANA = Holder("here", 1, "ana (process 1)")
BEN = Holder("there", 1, "ben (process 1)")
HELD = Lease(ANA, NOON, NOON + LASTS)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("asks", "at", "is_gone", "holder", "since"),
    [
        (ANA, NOON + 30 * SECOND, False, ANA, NOON),
        (ANA, NOON + 2 * LASTS, False, ANA, NOON),  # late, but nobody else came
        (BEN, NOON + LASTS - SECOND, False, ANA, NOON),
        (BEN, NOON + LASTS, False, BEN, NOON + LASTS),
        (BEN, NOON + SECOND, True, BEN, NOON + SECOND),
    ],
)
def test_who_holds_it_afterwards(asks: Holder, at: datetime, is_gone: bool, holder: Holder, since: datetime) -> None:
    lease = granted(HELD, asks, at, is_gone)
    assert (lease.holder, lease.since) == (holder, since)
    assert lease == HELD or lease.until == at + LASTS


def test_whoever_gives_it_up_lets_the_next_one_begin_at_once() -> None:
    left = given_up(HELD, ANA, NOON + SECOND)
    assert granted(left, BEN, NOON + SECOND, is_gone=False).holder == BEN


def test_nobody_gives_up_what_is_not_theirs() -> None:
    assert given_up(HELD, BEN, NOON + SECOND) == HELD
    assert given_up(replace(HELD, until=NOON), ANA, NOON + SECOND).until == NOON
