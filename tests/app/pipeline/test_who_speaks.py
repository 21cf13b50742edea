"""Our own people, bots and competitors are kept, but never a case, a report or talk of customers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.desk.care import BACKLOG_WITHIN
from app.pipeline.intake import Intake
from app.web.desk.day import complaints_of
from domain.care.case import Case
from domain.heard.mention import Author, MentionRecord, Role
from domain.heard.roles import known
from sentiment.people import Crowd, close, count
from tests.app.desk.office import Office, open_office, understanding
from tests.app.pipeline.watch import open_watch
from tests.domain.make import NOW, meaning, mention, record

LISTS = known(own=("hubbub",), employees=("kim",), bots=("repeater",), competitors=("elma",))
NO_CUSTOMERS = ["hubbub", "kim", "repeater", "elma"]
COPIED = "the payment page of this shop is broken again today, nobody can pay anything at all"


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def hear(office: Office, handle: str, text: str = "card declined", native: str = "1", **more: object) -> None:
    said = mention(text, native, author=Author(handle, handle, handle), **more)
    await Intake(office.store, office.clock, LISTS).take([said])
    await understanding(office.store, office.front).run()


@pytest.mark.parametrize("handle", NO_CUSTOMERS)
async def test_their_complaints_are_kept_and_open_no_case(office: Office, handle: str) -> None:
    await hear(office, handle)
    (kept,) = await office.all(MentionRecord)
    assert kept.classification is not None
    assert (kept.classification.is_complaint, kept.classification.why, kept.case_id) == (True, (), None)
    assert await office.all(Case) == []
    assert await complaints_of(office.store, NOW.date()) == []


async def test_a_customer_who_says_the_same_is_a_case(office: Office) -> None:
    await hear(office, "zeynep")
    assert len(await office.all(Case)) == 1
    assert len(await complaints_of(office.store, NOW.date())) == 1


@pytest.mark.parametrize("handle", NO_CUSTOMERS)
async def test_a_customer_is_no_copy_of_what_they_said_first(office: Office, handle: str) -> None:
    intake = Intake(office.store, office.clock, LISTS)
    for native, who in enumerate((handle, "zeynep", "ahmet")):
        await intake.take([mention(COPIED, str(native), author=Author(who, who, who))])
        office.clock.passes(seconds=1)
    await understanding(office.store, office.front).run()
    records = await office.store.find(MentionRecord)
    copies = {r.mention.author.handle: r.duplicate_of for r in records}
    assert copies == {handle: None, "zeynep": None, "ahmet": mention(native="1").id}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CUSTOMER])
def test_they_count_in_no_minute(role: Role) -> None:
    crowd = Crowd(("payments",))
    list(close(crowd, NOW))
    for number, understood in enumerate((meaning(), meaning(is_complaint=False))):
        count(crowd, record(mention(native=str(number)), understood, role=role), NOW)
    buckets = [bucket for _, bucket in close(crowd, NOW + timedelta(minutes=5))]
    assert all((b.outage, b.complaint, b.neutral, b.duplicate) == (0, 0, 0, 0) for b in buckets)


async def test_a_crowd_of_them_raises_no_signal_and_stands_in_no_evidence() -> None:
    async with open_watch() as watch:
        intake = replace(watch.intake, known=known(bots=tuple(f"b{n}" for n in range(200))))
        watch.intake = intake
        for _ in range(10):
            for _ in range(5):
                watch.say(f"b{len(watch.square.posts)}", "card declined")
            await watch.minute()
        assert await watch.signals() == []
        await watch.minutes(10, complaints=3)
        (signal,) = await watch.signals()
        stored = await watch.office.store.find(MentionRecord)
        roles = {found.id: found.role for found in stored}
        assert {roles[id] for id in signal.mention_ids} == {Role.CUSTOMER}
        assert sum(role is Role.BOT for role in roles.values()) == 50


async def test_they_are_no_talk_about_the_brand() -> None:
    async with open_watch() as watch:
        for role in Role:
            watch.spotting.notices.hear(record(mention(native=role), meaning(is_complaint=False), role=role))
        assert [talk.mentions for talk in watch.spotting.notices.steps.values()] == [1]


# --- what was said before we listened


@pytest.mark.parametrize(
    ("age", "history", "cases"),
    [
        (timedelta(minutes=5), True, 1),  # of a new source: a case, but no report of now
        (timedelta(hours=3), True, 1),
        (BACKLOG_WITHIN + timedelta(minutes=1), True, 0),
        (BACKLOG_WITHIN + timedelta(minutes=1), False, 1),  # heard in time, understood late
    ],
)
async def test_a_backlog_opens_cases_only_for_the_last_day(
    office: Office, age: timedelta, history: bool, cases: int
) -> None:
    said = mention(created_at=NOW - age)
    await office.store.add(record(said, history=history))
    await office.care.consider(record(said, history=history))
    assert len(await office.all(Case)) == cases
