"""Each public word is planned once per channel, whatever is lost in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.store.protocol import Store
from app.subscribers.planning import Planner, newest
from domain.incidents.incident import IncidentStatus
from domain.incidents.planned import WorkStatus, WorkUpdate
from domain.told.mailing import Mailing, MailingState
from domain.told.subscriber import Channel
from tests.app.desk.office import Crash, Crashing
from tests.app.subscribers.town import NOW, Town, active, incident, said, work

HOOK = "https://hook.example/1"


async def states(store: Store) -> list[tuple[str, str, str]]:
    found = await store.find(Mailing, order="created_at")
    return sorted((str(m.channel), m.news, str(m.state)) for m in found)


async def test_a_word_becomes_one_mailing_for_each_channel_that_somebody_uses(town: Town) -> None:
    await town.store.add(active("a@mail.example"), active(HOOK, channel=Channel.WEBHOOK), incident())
    for _ in range(3):
        await town.room.planner.run()
    assert await states(town.store) == [("mail", "upd_1", "running"), ("webhook", "upd_1", "running")]


async def test_nobody_subscribed_means_nothing_to_plan(town: Town) -> None:
    await town.store.add(incident())
    assert await town.room.planner.run() == 0
    await town.store.add(active("a@mail.example"))
    assert await town.room.planner.run() == 0, "who comes later gets the next word"


async def test_a_restarted_planner_plans_nothing_twice(town: Town) -> None:
    await town.store.add(active("a@mail.example"), incident())
    await town.room.settle()
    for _ in range(2):
        assert await Planner(town.store, (Channel.MAIL,), town.clock).run() == 0
    assert len(town.sink.got) == 1


@pytest.mark.parametrize("after", [1, 2, 3, 4])
@pytest.mark.parametrize("written", [False, True])
async def test_a_kill_between_two_writes_leaves_every_channel_with_the_newest_word_only(
    town: Town, after: int, written: bool
) -> None:
    await town.store.add(active("a@mail.example"), active(HOOK, channel=Channel.WEBHOOK), incident())
    await town.room.planner.run()
    await town.store.replace(incident(said(), said(2, IncidentStatus.RESOLVED, at=NOW + timedelta(minutes=1))))
    town.clock.passes(minutes=2)
    store: Store = Crashing(town.store, after, written=written)  # type: ignore[assignment]
    with pytest.raises(Crash):
        await Planner(store, (Channel.MAIL, Channel.WEBHOOK), town.clock).run()
    await Planner(town.store, (Channel.MAIL, Channel.WEBHOOK), town.clock).run()
    assert await states(town.store) == [
        ("mail", "upd_1", "superseded"), ("mail", "upd_2", "running"), ("webhook", "upd_1", "superseded"),
        ("webhook", "upd_2", "running"),
    ]  # fmt: skip


async def test_a_reopened_incident_goes_on_in_its_thread(town: Town) -> None:
    await town.store.add(active("a@mail.example"), incident())
    await town.room.settle()
    for number, status in ((2, IncidentStatus.RESOLVED), (3, IncidentStatus.INVESTIGATING)):
        town.clock.passes(minutes=10)
        words = [said(n, at=town.clock()) for n in range(1, number)]
        await town.store.replace(replace(incident(*words, said(number, status, at=town.clock())), version=number - 2))
        await town.room.settle()
    mails = town.sink.mails()
    assert len(mails) == 3
    assert [mail["References"] for mail in mails[1:]] == [mails[0]["Message-ID"]] * 2


def test_which_word_is_news() -> None:
    update = said(at=NOW - timedelta(hours=5))
    assert newest(incident(update), NOW) is not None
    assert newest(incident(replace(update, at=NOW - timedelta(hours=7))), NOW) is None
    assert newest(incident(private=True), NOW) is None
    assert newest(incident(merged_into="inc_2"), NOW) is None


def test_a_reminder_is_news_until_somebody_says_something() -> None:
    starts = work().starts_at
    soon = starts - timedelta(minutes=30)
    reminded = work(reminded_of=starts)
    word = newest(reminded, soon)
    assert word is not None
    assert word.news.startswith("remind_")
    later = WorkUpdate("w2", soon, WorkStatus.SCHEDULED, {"en": "All is ready."}, "Ada")
    spoken = newest(replace(reminded, updates=(*reminded.updates, later)), soon)
    assert spoken is not None
    assert spoken.news == "w2"
    begun = WorkUpdate("w3", starts, WorkStatus.IN_PROGRESS, {"en": "Begun."}, "Ada")
    assert newest(replace(reminded, updates=(*reminded.updates, begun)), starts) is not None


async def test_mailings_that_ended_long_ago_are_forgotten(town: Town) -> None:
    await town.store.add(active("a@mail.example"), incident())
    await town.room.settle()
    (done,) = await town.store.find(Mailing)
    assert done.state is MailingState.DONE
    town.clock.passes(days=91)
    await town.room.sign_up.expire()
    assert await town.store.find(Mailing) == []
