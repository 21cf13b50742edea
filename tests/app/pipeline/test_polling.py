"""A round with a source: nothing lost, nothing doubled, at its pace, within its budget, its failures its own."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from app.pipeline.intake import MAX_PAGES, Intake, Taken
from app.store.protocol import Store
from domain.errors import AuthError, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.budget import Budget
from domain.heard.mention import Batch, MentionRecord, Quota, SetAside
from domain.records import SourceState, Spending
from tests.app.desk.office import Clock, Crash, Crashing
from tests.app.pipeline.stream import Stream, batch, make_intake, texts
from tests.domain.make import NOW, mention

MINUTE = timedelta(minutes=1)
PAGES: dict[str | None, Batch | ServiceError] = {
    None: batch("a", "1", "2", more=True), "a": batch("b", "3", more=True), "b": batch("c", "3", "4"),
}  # fmt: skip


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.getMessage() for line in caplog.records]


# --- never lost, never doubled


async def test_what_is_new_is_stored_and_the_cursor_follows(intake: Intake, store: Store) -> None:
    source = Stream({None: batch("c1", "1", "2", more=True), "c1": batch("c2", "3")})
    assert await intake.poll(source) == Taken(stored=3)
    state = await intake.state("mastodon")
    assert (state.cursor, state.fetched, state.stored, state.last_success) == ("c2", 3, 3, NOW)
    assert await texts(store) == ["text 1", "text 2", "text 3"]
    await intake.poll(source)
    assert source.asked == [None, "c1", "c2"]


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("writes", range(1, 8))
async def test_a_kill_anywhere_in_a_round_loses_nothing_and_doubles_nothing(
    store: Store, clock: Clock, writes: int, written: bool
) -> None:
    # writes: health record, then for each page its price, its mentions, its cursor
    dying = make_intake(Crashing(store, writes, written=written), clock)  # type: ignore[arg-type]
    with pytest.raises(Crash):
        await dying.poll(Stream(PAGES, page_cost=0.5))
    again, source = make_intake(store, clock), Stream(PAGES, page_cost=0.5)
    await again.poll(source)
    assert await texts(store) == ["text 1", "text 2", "text 3", "text 4"]
    assert (await again.state("mastodon")).cursor == "c"


async def test_a_kill_between_storing_and_the_cursor_gives_duplicates_only(store: Store, clock: Clock) -> None:
    source = Stream({None: batch("c1", "1", "2")})
    with pytest.raises(Crash):  # writes: health record, mentions, then the cursor
        await make_intake(Crashing(store, 3, written=False), clock).poll(source)  # type: ignore[arg-type]
    assert await make_intake(store, clock).poll(source) == Taken(duplicates=2)


async def test_the_figures_of_a_source_add_up_over_pages(intake: Intake) -> None:
    await intake.poll(Stream(PAGES))
    state = await intake.state("mastodon")
    assert (state.fetched, state.stored) == (5, 4)


async def test_two_rounds_at_once_are_one(intake: Intake) -> None:
    gate = asyncio.Event()

    class Slow(Stream):
        async def fetch(self, cursor: str | None) -> Batch:
            await gate.wait()
            return await super().fetch(cursor)

    source = Slow({None: batch("c1", "1")})
    first = asyncio.create_task(intake.poll(source))
    await asyncio.sleep(0.05)
    assert await intake.poll(source) == Taken()
    gate.set()
    assert await first == Taken(stored=1)
    assert source.asked == [None]


async def test_a_health_record_that_is_changed_or_deleted_meanwhile_is_no_obstacle(
    intake: Intake, store: Store
) -> None:
    class Meddling(Stream):
        async def fetch(self, cursor: str | None) -> Batch:
            if cursor is None:
                await store.delete(SourceState)
            else:
                known = await intake.state(self.name)
                await store.replace(replace(known, deleted=known.deleted + 1))
            return await super().fetch(cursor)

    await intake.poll(Meddling({None: batch("a", "1", more=True), "a": batch("b", "2")}))
    state = await intake.state("mastodon")
    assert (state.cursor, state.stored, state.deleted) == ("b", 2, 1)


async def test_removals_and_unreadable_items_of_a_page_are_counted(
    intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    aside = (SetAside("{…", "the line is no JSON"),)
    source = Stream({None: batch("c1", "1", set_aside=aside, deleted=("1",)), "c1": batch("c1", set_aside=aside)})
    assert await intake.poll(source) == Taken(stored=1, deleted=1, set_aside=1)
    assert await intake.poll(source) == Taken()  # the same broken item again
    state = await intake.state("mastodon")
    assert (state.set_aside, state.deleted) == (1, 1)
    assert said(caplog) == ["source mastodon: 1 item(s) set aside, the first: the line is no JSON"]


# --- history


async def test_what_was_said_before_a_source_was_first_asked_is_history(
    intake: Intake, store: Store, clock: Clock
) -> None:
    source = Stream({None: batch("c1", "1")})
    await intake.poll(source)
    clock.passes(minutes=2)
    source.script["c1"] = Batch((mention("now", "2", created_at=clock()),), "c2")
    await intake.poll(source)
    assert {r.mention.text: r.history for r in await store.find(MentionRecord)} == {"text 1": True, "now": False}


async def test_entries_without_a_date_are_history_when_they_come_with_the_past(
    intake: Intake, store: Store, clock: Clock
) -> None:
    class Undated(Stream):
        async def fetch(self, cursor: str | None) -> Batch:
            self.asked.append(cursor)
            clock.passes(seconds=3)  # the fetch takes a while, then its moment stands in for the date
            n = len(self.asked)
            return Batch((mention(f"text {n}", str(n), created_at=clock()),), str(n))

    source = Undated()
    await intake.poll(source)  # never asked before
    clock.passes(minutes=1)
    await intake.poll(source)
    clock.passes(hours=3)  # hubbub was down
    await intake.poll(source)
    clock.passes(minutes=1)
    await intake.poll(source)
    found = {r.mention.text: r.history for r in await store.find(MentionRecord)}
    assert found == {"text 1": True, "text 2": False, "text 3": True, "text 4": False}


async def test_a_source_that_is_asked_rarely_for_its_quota_brings_news_not_history(
    intake: Intake, store: Store, clock: Clock
) -> None:
    short = Quota(3, NOW + timedelta(hours=1))
    source = Stream({None: batch("c1", quota=short)})
    await intake.poll(source)
    clock.passes(minutes=22)
    source.script["c1"] = Batch((mention("now", created_at=clock() - 5 * MINUTE),), "c2")
    await intake.poll(source)
    assert [r.history for r in await store.find(MentionRecord)] == [False]


# --- failures


async def test_a_failure_is_logged_once_and_so_is_the_recovery(
    intake: Intake, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    source = Stream({None: TemporaryError("town.example cannot be reached.")})
    for _ in range(3):
        assert await intake.poll(source) == Taken()
        clock.passes(minutes=5)
    failing = await intake.state("mastodon")
    assert (failing.failures, failing.failing_since, failing.error) == (3, NOW, "town.example cannot be reached.")
    source.script[None] = batch("c1", "1")
    await intake.poll(source)
    await intake.poll(source)
    state = await intake.state("mastodon")
    assert (state.failures, state.failing_since, state.error, state.trouble, state.stored) == (0, None, None, None, 1)
    assert said(caplog) == [
        "source mastodon fails: town.example cannot be reached.", "source mastodon answers again after 0:15:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "trouble"),
    [(AuthError("no"), "auth"), (RateLimited("no"), "quota"), (TemporaryError("no"), "temporary"),
     (PermanentError("no"), "permanent"), (ServiceError("no"), "permanent")],
)  # fmt: skip
async def test_no_failure_of_a_source_gets_out_and_its_kind_is_kept(
    intake: Intake, error: ServiceError, trouble: str
) -> None:
    assert await intake.poll(Stream({None: error})) == Taken()
    assert (await intake.state("mastodon")).trouble == trouble


async def test_pages_before_a_failure_are_kept(intake: Intake, store: Store) -> None:
    source = Stream({None: batch("c1", "1", more=True), "c1": TemporaryError("gone")})
    assert await intake.poll(source) == Taken(stored=1)
    state = await intake.state("mastodon")
    assert (state.cursor, state.error) == ("c1", "gone")


async def test_one_source_down_leaves_the_others_alone(intake: Intake, store: Store) -> None:
    down = Stream({None: TemporaryError("down")}, name="bluesky")
    up = Stream({None: batch("c1", "1")})
    for source in (down, up):
        await intake.poll(source)
    assert await texts(store) == ["text 1"]
    assert (await intake.state("bluesky")).failing_since == NOW
    assert (await intake.state("mastodon")).failing_since is None


# --- pace


async def test_a_source_that_asks_to_wait_is_left_alone_until_then(intake: Intake, clock: Clock) -> None:
    source = Stream({None: RateLimited("slow down", timedelta(minutes=10))})
    await intake.poll(source)
    clock.passes(minutes=9)
    await intake.poll(source)
    assert len(source.asked) == 1
    clock.passes(minutes=1)
    await intake.poll(source)
    assert len(source.asked) == 2


async def test_a_restart_keeps_the_pause_of_a_failing_source(store: Store, clock: Clock) -> None:
    source = Stream({None: AuthError("the token is refused")})
    for _ in range(4):
        state = await make_intake(store, clock).state("mastodon")
        clock.at = max(clock.at, state.not_before or clock.at)
        await make_intake(store, clock).poll(source)
    fresh = make_intake(store, clock)  # the next process
    wait = await fresh.turn(source)
    assert len(source.asked) == 4
    assert timedelta(minutes=20) < wait <= timedelta(minutes=30)


async def test_a_restart_asks_nobody_who_was_asked_just_now(store: Store, clock: Clock) -> None:
    source = Stream({None: batch("c1", "1")}, every=timedelta(minutes=10))
    await make_intake(store, clock).poll(source)
    clock.passes(minutes=1)
    assert await make_intake(store, clock).turn(source) == timedelta(minutes=7)
    assert source.asked == [None]
    clock.passes(minutes=8)
    assert await make_intake(store, clock).turn(source) == timedelta(minutes=10)
    assert source.asked == [None, "c1"]


async def test_a_clock_that_was_set_back_silences_nobody_for_long(store: Store, clock: Clock) -> None:
    source = Stream({None: batch("c1", "1")})
    await make_intake(store, clock).poll(source)
    clock.passes(hours=-5)
    assert await make_intake(store, clock).turn(source) <= source.every


async def test_a_quota_in_the_answer_ends_the_paging(intake: Intake, clock: Clock) -> None:
    source = Stream({None: batch("c1", "1", more=True, not_before=NOW + timedelta(minutes=5)), "c1": batch("c2", "2")})
    assert await intake.poll(source) == Taken(stored=1)
    assert source.asked == [None]
    clock.passes(minutes=5)
    assert await intake.poll(source) == Taken(stored=1)
    assert (await intake.state("mastodon")).not_before is None


async def test_what_is_left_of_a_quota_is_spread_over_its_time(intake: Intake, clock: Clock) -> None:
    source = Stream({None: batch("c1", quota=Quota(3, NOW + timedelta(hours=1)))})
    assert await intake.turn(source) == timedelta(minutes=21)  # twenty, and a little more
    state = await intake.state("mastodon")
    assert (state.quota, state.not_before) == (Quota(3, NOW + timedelta(hours=1)), NOW + 21 * MINUTE)
    clock.passes(minutes=21)
    assert await intake.turn(source) == 13 * MINUTE * 1.05  # the rest of the hour by three
    clock.passes(hours=1)  # refilled
    assert await intake.turn(source) == source.every
    assert (await intake.state("mastodon")).quota is None


async def test_a_used_up_quota_ends_the_paging(intake: Intake) -> None:
    used_up = Quota(0, NOW + timedelta(hours=1))
    source = Stream({None: batch("c1", "1", more=True, quota=used_up), "c1": batch("c2", "2")})
    assert await intake.turn(source) >= timedelta(hours=1)
    assert source.asked == [None]


async def test_endless_paging_goes_on_from_the_cursor_in_the_next_turn_and_is_told_once(
    intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    pages: dict[str | None, Any] = {str(n): batch(str(n + 1), str(n), more=True) for n in range(2 * MAX_PAGES + 5)}
    source = Stream({None: batch("0", more=True), **pages})
    for _ in range(2):
        await intake.poll(source)
    state = await intake.state("mastodon")
    assert (len(source.asked), state.capped, state.stored) == (2 * MAX_PAGES, 2, 2 * MAX_PAGES - 1)
    await intake.poll(source)
    assert (await intake.state("mastodon")).stored == 2 * MAX_PAGES + 5
    assert said(caplog) == [
        "source mastodon has more news than 40 pages a round; it goes on in its next turn",
        "source mastodon is heard to the end again",
    ]


# --- budget

TOMORROW = datetime(2026, 3, 7, tzinfo=UTC)


def paid(store: Store, clock: Clock, daily: float | None = None, monthly: float | None = None) -> Intake:
    return make_intake(store, clock, budgets={"mastodon": Budget(daily, monthly)})


def endless(cost: float = 0.25, page_cost: float = 0.5) -> Stream:
    pages: dict[str | None, Any] = {str(n): batch(str(n + 1), str(n), more=True, cost=cost) for n in range(99)}
    return Stream({None: batch("0", more=True, cost=cost), **pages}, page_cost=page_cost)


async def test_a_paid_source_stops_before_the_bill_and_goes_on_the_next_day(
    store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    intake, source = paid(store, clock, daily=1.0), endless()
    await intake.poll(source)
    state = await intake.state("mastodon")
    assert (len(source.asked), state.spent) == (3, Spending("2026-03-06", 0.75, 0.75))
    assert (state.trouble, state.not_before, state.failing_since, state.failures) == ("budget", TOMORROW, NOW, 0)
    for _ in range(5):
        clock.passes(minutes=2)
        assert await intake.turn(source) == TOMORROW - clock()
    assert len(source.asked) == 3
    clock.at = TOMORROW
    await intake.poll(source)
    assert len(source.asked) == 6
    assert (await intake.state("mastodon")).spent == Spending("2026-03-07", 0.75, 1.5)
    pause = "The daily budget of $1 does not allow another page: $0.75 is spent, a page costs up to $0.5."
    assert said(caplog) == [
        f"source mastodon pauses until 2026-03-07 00:00 UTC: {pause}",
        "source mastodon answers again after 7:15:00",
        f"source mastodon pauses until 2026-03-08 00:00 UTC: {pause}",
    ]


async def test_a_month_is_a_month(store: Store, clock: Clock) -> None:
    intake, source = paid(store, clock, monthly=0.5), endless(cost=0.5)
    await intake.poll(source)
    state = await intake.state("mastodon")
    assert (len(source.asked), state.not_before) == (1, datetime(2026, 4, 1, tzinfo=UTC))


async def test_a_raised_budget_counts_at_once(store: Store, clock: Clock) -> None:
    source = endless()
    await paid(store, clock, monthly=0.5).poll(source)
    assert len(source.asked) == 1
    await paid(store, clock, monthly=0.8).poll(source)  # the owner changed the settings and started anew
    assert len(source.asked) == 2


async def test_a_crash_after_the_fetch_does_not_make_the_page_free(store: Store, clock: Clock) -> None:
    budgets, source = {"mastodon": Budget(1.0)}, endless(cost=0.5)
    for _ in range(3):
        # writes: health record (the first time), price of the page, its mentions, its cursor
        with pytest.raises(Crash):
            dying: Any = Crashing(store, 3 if not source.asked else 2, written=False)
            await make_intake(dying, clock, budgets=budgets).poll(source)
        if len(source.asked) == 2:
            break
    assert source.asked == [None, None]
    after = make_intake(store, clock, budgets=budgets)
    await after.poll(source)
    assert source.asked == [None, None]  # two pages were charged: that is the budget
    assert (await after.state("mastodon")).spent == Spending("2026-03-06", 1.0, 1.0)


def lost(cause: Exception) -> TemporaryError:
    err = TemporaryError("no answer")
    err.__cause__ = cause
    return err


@pytest.mark.parametrize(
    ("error", "today"),
    [
        (RateLimited("slow down"), 0.0),
        (AuthError("no"), 0.0),
        (TemporaryError("status 503"), 0.0),
        (lost(OSError("refused")), 0.0),
        (lost(TimeoutError()), 0.5),  # it may have been read, and charged
        (lost(aiohttp.ServerDisconnectedError()), 0.5),
        (lost(aiohttp.ClientPayloadError()), 0.5),
    ],
)
async def test_only_an_answer_that_got_lost_may_have_cost_something(
    store: Store, clock: Clock, error: ServiceError, today: float
) -> None:
    intake = paid(store, clock, daily=1.0)
    await intake.poll(Stream({None: error}, page_cost=0.5))
    spent = (await intake.state("mastodon")).spent
    assert (spent.today if spent else 0.0) == today


async def test_free_sources_and_sources_without_a_budget_are_never_held_up(store: Store, clock: Clock) -> None:
    await paid(store, clock, daily=0.0).poll(free := endless(cost=0.0, page_cost=0.0))
    assert len(free.asked) == MAX_PAGES
    assert (await paid(store, clock).state("mastodon")).spent is None
    await paid(store, clock).poll(unlimited := endless())
    assert len(unlimited.asked) == MAX_PAGES


async def test_a_price_nobody_named_before_is_counted_all_the_same(store: Store, clock: Clock) -> None:
    intake, source = paid(store, clock, daily=1.0), endless(cost=0.4, page_cost=0.0)
    await intake.poll(source)
    assert len(source.asked) == 3
    assert (await intake.state("mastodon")).trouble == "budget"
