"""Several hubbubs on one store: one leads, the others wait, take over, and notice when they were replaced."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.leading import Leading, this_process
from app.store.open import open_store
from app.store.protocol import Store
from domain.errors import ServiceError, TemporaryError
from domain.lease import LASTS, LEASE_ID, Holder, Lease
from tests.mongo_server import mongo_uri  # noqa: F401 - a fixture

SOON = timedelta(milliseconds=5)
ANA = Holder("machine a", 11, "ana")
BEN = Holder("machine b", 11, "ben")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(params=["sqlite", pytest.param("mongo", marks=pytest.mark.mongo)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    is_file = request.param == "sqlite"
    store = await open_store(f"sqlite:///{tmp_path}/h.db" if is_file else request.getfixturevalue("mongo_uri"))
    await store.delete(Lease)
    yield store
    await store.close()


async def test_of_many_that_begin_together_one_leads(store: Store) -> None:
    clock = Clock()
    crowd = [Leading(store, clock, Holder(f"machine {n}", n, f"process {n}")) for n in range(8)]
    leases = await asyncio.gather(*(each.take() for each in crowd))
    assert sum(each.leads for each in crowd) == 1
    assert len({lease.holder for lease in leases}) == 1


async def test_one_that_waits_says_so_once_and_leads_when_the_other_gives_up(store: Store) -> None:
    clock, said = Clock(), list[str]()
    first, second = Leading(store, clock, ANA), Leading(store, clock, BEN)
    await first.wait(said.append)
    waiting = asyncio.create_task(second.wait(said.append, SOON))
    await asyncio.sleep(0.1)
    assert said == ["ana does the rounds since 2026-03-21 12:00 UTC; this one waits"]
    assert not second.leads
    await first.give_up()
    await asyncio.wait_for(waiting, 10)
    assert second.leads


async def test_a_lease_that_somebody_deleted_is_made_anew(store: Store) -> None:
    first = Leading(store, Clock(), ANA)
    await first.take()
    await store.delete(Lease)
    await first.take()
    assert first.leads
    lease = await store.get(Lease, LEASE_ID)
    assert lease is not None
    assert lease.holder == ANA
    await store.delete(Lease)
    await first.give_up()
    assert await store.get(Lease, LEASE_ID) is None


async def test_one_that_was_not_heard_of_stops_when_another_took_over(store: Store) -> None:
    clock = Clock()
    first, second = Leading(store, clock, ANA), Leading(store, clock, BEN)
    await first.take()
    clock.at += LASTS
    await second.take()
    assert second.leads
    with pytest.raises(ServiceError, match="ben does the rounds now"):
        await first.keep(SOON)
    await first.give_up()  # on its way out it does not take the other's
    lease = await store.get(Lease, LEASE_ID)
    assert lease is not None
    assert (lease.holder, lease.until) == (BEN, clock.at + LASTS)


async def test_a_killed_process_of_this_machine_is_replaced_at_once(store: Store) -> None:
    clock, here = Clock(), this_process()
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    await Leading(store, clock, Holder(here.place, gone.pid, "gone")).take()
    after = Leading(store, clock, here)
    await after.take()
    assert after.leads


async def test_a_process_of_this_machine_that_runs_is_not_replaced(store: Store) -> None:
    clock, here = Clock(), this_process()
    await Leading(store, clock, Holder(here.place, os.getppid(), "parent")).take()
    after = Leading(store, clock, here)
    await after.take()
    assert not after.leads


async def test_a_new_life_under_the_same_number_takes_its_own_lease_back(store: Store) -> None:
    """In a container the process has the same number after every start."""
    clock, here = Clock(), this_process()
    await Leading(store, clock, Holder(here.place, here.pid, "its former life")).take()
    after = Leading(store, clock, here)
    await after.take()
    assert after.leads


async def test_while_the_store_is_away_nobody_leads_and_the_question_is_asked_again(store: Store) -> None:
    said, tries = list[str](), 3

    class Away(Leading):
        """A leading whose store answers only the fourth question."""

        async def take(self) -> Lease:
            nonlocal tries
            tries -= 1
            if tries >= 0:
                raise TemporaryError("the database does not answer")
            return await super().take()

    leading = Away(store, Clock(), ANA)
    await asyncio.wait_for(leading.wait(said.append, SOON), 10)
    assert (leading.leads, said, tries) == (True, [], -1)
