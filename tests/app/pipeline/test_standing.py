"""How a source stands: kinds of trouble, pauses, what counts as the past; each with its table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.pipeline.standing import (
    RESTED,
    Taken,
    Trouble,
    answered,
    catches_up,
    failed,
    is_resting,
    may_go_on,
    pause_after,
    paused,
    rest_of,
    trouble_of,
)
from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.budget import OverBudget
from domain.heard.mention import Batch, Quota
from domain.records import SourceState, Spending
from listener.pacing import Pause
from tests.domain.make import NOW, mention

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EVERY = 2 * MINUTE


@pytest.mark.parametrize(
    ("err", "trouble"),
    [
        (AuthError("a"), Trouble.AUTH),
        (RateLimited("a"), Trouble.QUOTA),
        (TemporaryError("a"), Trouble.TEMPORARY),
        (NotFound("a"), Trouble.PERMANENT),
        (PermanentError("a"), Trouble.PERMANENT),
        (ServiceError("a"), Trouble.PERMANENT),
    ],
)
def test_each_failure_has_its_kind(err: ServiceError, trouble: Trouble) -> None:
    assert trouble_of(err) is trouble


@pytest.mark.parametrize(
    ("failures", "every", "err", "wait"),
    [
        (0, 1, TemporaryError("down"), 1.8),  # twice as long, spread downwards
        (1, 1, TemporaryError("down"), 3.6),
        (50, 1, TemporaryError("down"), 3.6),  # never much longer than five minutes: it may be back
        (50, 2, TemporaryError("down"), 3.6),
        (50, 10, TemporaryError("down"), 10),
        (0, 2, PermanentError("moved"), 3.6),
        (50, 2, PermanentError("moved"), 27),  # what does not mend itself can wait
        (50, 2, AuthError("no"), 27),
        (3, 2, RateLimited("slow down"), 27),
        (0, 2, RateLimited("slow down", HOUR), 60),
        (50, 1, TemporaryError("back at noon", HOUR), 60),
    ],
)
def test_the_pause_after_a_failure(failures: int, every: int, err: ServiceError, wait: float) -> None:
    state = SourceState("s", failures=failures)
    pause = pause_after(state, err, every * MINUTE, NOW, 0.5)
    assert pause.wait == pytest.approx(wait * MINUTE, rel=1e-9)


@pytest.mark.parametrize(
    ("batch", "known", "wait"),
    [
        (Batch((), "c"), None, 2),
        (Batch((), "c", not_before=NOW + HOUR), None, 60),
        (Batch((), "c", quota=Quota(6, NOW + HOUR)), None, 10.5),
        (Batch((), "c", quota=Quota(600, NOW + HOUR)), None, 2),
        (Batch((), "c"), Quota(6, NOW + HOUR), 10.5),  # the last one that was told
        (Batch((), "c"), Quota(6, NOW - HOUR), 2),  # refilled since
    ],
)
def test_the_pause_after_an_answer(batch: Batch, known: Quota | None, wait: float) -> None:
    pause = pause_after(SourceState("s", quota=known, failures=7), batch, EVERY, NOW, 0.5)
    assert pause.wait == pytest.approx(wait * MINUTE, rel=1e-9)


def test_an_answer_moves_everything_in_one_write() -> None:
    bad = SourceState(
        "s", "c0", failing_since=NOW - HOUR, error="x", failures=3, trouble="auth", not_before=NOW - MINUTE,
        fetched=5, stored=4, set_aside=1, deleted=2, spent=Spending("2026-03-06", 1, 1), last_attempt=NOW - HOUR,
    )  # fmt: skip
    batch, taken = Batch((mention(), mention()), "c1"), Taken(stored=1, duplicates=1, deleted=3, set_aside=2)
    spent, back = Spending("2026-03-06", 2, 2), NOW - MINUTE
    state = answered(bad, batch, taken, Pause(EVERY, "interval"), NOW, spent=spent, back=back)
    assert state == SourceState(
        "s", "c1", last_success=NOW, last_attempt=NOW, fetched=7, stored=5, set_aside=3, deleted=5, spent=spent,
        back_since=back,
    )  # fmt: skip
    asked_to_wait = answered(bad, batch, taken, Pause(HOUR, "quota"), NOW, spent=spent, back=back)
    assert asked_to_wait.not_before == NOW + HOUR


def test_a_failure_keeps_the_cursor_and_the_time_it_began() -> None:
    first = failed(SourceState("s", "c0"), AuthError("x" * 900), Pause(MINUTE, "back-off"), NOW, None)
    assert (first.cursor, first.failing_since, first.failures, first.trouble) == ("c0", NOW, 1, "auth")
    assert (len(first.error or ""), first.not_before) == (500, NOW + MINUTE)
    second = failed(first, TemporaryError("y"), Pause(MINUTE, "back-off"), NOW + HOUR, None)
    assert (second.failing_since, second.failures, second.trouble, second.error) == (NOW, 2, "temporary", "y")


def test_a_pause_for_the_budget_is_no_failure_and_saying_it_again_changes_nothing() -> None:
    over = OverBudget("The daily budget is spent.", NOW + HOUR)
    state = paused(SourceState("s", "c0", last_success=NOW), over, NOW)
    assert (state.failures, state.trouble, state.error, state.cursor) == (0, "budget", over.reason, "c0")
    assert (state.failing_since, state.not_before) == (NOW, NOW + HOUR)
    assert paused(state, over, NOW + MINUTE) == state


@pytest.mark.parametrize(
    ("state", "rests", "rest"),
    [
        (SourceState("s"), False, timedelta()),
        (SourceState("s", not_before=NOW + HOUR), True, HOUR),
        (SourceState("s", not_before=NOW), False, timedelta()),
        (SourceState("s", not_before=NOW + HOUR, trouble="budget"), False, timedelta()),  # asked of the budget itself
        (SourceState("s", last_attempt=NOW), False, EVERY * RESTED),
        (SourceState("s", last_attempt=NOW - EVERY), False, timedelta()),
        (SourceState("s", last_attempt=NOW + HOUR), False, EVERY * RESTED),  # the clock was set back
        (SourceState("s", last_attempt=NOW, not_before=NOW + HOUR), True, HOUR),
    ],
)
def test_who_is_left_alone_and_for_how_long(state: SourceState, rests: bool, rest: timedelta) -> None:
    assert is_resting(state, NOW) is rests
    assert max(rest_of(state, EVERY, NOW), timedelta()) == rest


@pytest.mark.parametrize(
    ("state", "every", "past"),
    [
        (SourceState("s"), EVERY, True),  # never asked
        (SourceState("s", last_success=NOW - 6 * MINUTE), EVERY, False),
        (SourceState("s", last_success=NOW - 7 * MINUTE), EVERY, True),
        (SourceState("s", last_success=NOW - 29 * MINUTE), 10 * MINUTE, False),
        (SourceState("s", last_success=NOW - 31 * MINUTE), 10 * MINUTE, True),
        (SourceState("s", last_success=NOW - HOUR, quota=Quota(2, NOW)), EVERY, False),  # asked every half hour
        (SourceState("s", last_success=NOW - 2 * HOUR, quota=Quota(9, NOW - HOUR)), EVERY, True),
    ],
)
def test_what_tells_of_the_past(state: SourceState, every: timedelta, past: bool) -> None:
    assert catches_up(state, every, NOW) is past


@pytest.mark.parametrize(
    ("batch", "on"),
    [
        (Batch((), "c"), False),
        (Batch((), "c", more=True), True),
        (Batch((), "c", more=True, not_before=NOW), True),
        (Batch((), "c", more=True, not_before=NOW + MINUTE), False),
        (Batch((), "c", more=True, quota=Quota(1, NOW + HOUR)), True),
        (Batch((), "c", more=True, quota=Quota(0, NOW + HOUR)), False),
        (Batch((), "c", more=True, quota=Quota(0, NOW)), True),
    ],
)
def test_when_the_next_page_may_be_asked_for_at_once(batch: Batch, on: bool) -> None:
    assert may_go_on(batch, NOW) is on
