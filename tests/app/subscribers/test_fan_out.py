"""A mailing on its way: who gets it, what a crash and a second word do, refusals, retries, the switch."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.outbox.posting import switch
from app.store.protocol import Where
from app.subscribers.fan_out import BATCH, NOTE_EVERY, Lane
from domain.incidents.incident import Incident, IncidentStatus
from domain.told.mailing import Mailing, MailingState, Owed
from domain.told.subscriber import Channel, Standing, Subscriber
from tests.app.desk.office import Crash, Crashing
from tests.app.subscribers.town import ADA, NOW, Town, active, incident, open_town, said, work


async def crowd(town: Town, count: int) -> list[str]:
    """Add many confirmed subscribers and give their addresses."""
    addresses = [f"a{number}@mail.example" for number in range(count)]
    await town.store.add(*map(active, addresses))
    return addresses


async def mailings(town: Town) -> list[Mailing]:
    return await town.store.find(Mailing, order="created_at")


async def the_mailing(town: Town) -> Mailing:
    (found,) = await mailings(town)
    return found


async def test_everybody_who_wants_it_gets_it_once(town: Town) -> None:
    await town.add("all@mail.example")
    await town.add("payments@mail.example", "payments")
    await town.add("both@mail.example", "payments", "delivery")
    await town.add("delivery@mail.example", "delivery")
    await town.store.add(incident())
    for _ in range(3):
        await town.room.settle()
    assert sorted(town.sink.reached()) == ["all@mail.example", "both@mail.example", "payments@mail.example"]
    done = await the_mailing(town)
    assert (done.state, done.sent, done.unwanted) == (MailingState.DONE, 3, 1)


async def test_planned_work_reaches_those_of_its_components_and_those_of_the_whole_page(town: Town) -> None:
    await town.add("all@mail.example")
    await town.add("payments@mail.example", "payments")
    await town.add("delivery@mail.example", "delivery")
    await town.store.add(work("payments"))
    await town.room.settle()
    assert sorted(town.sink.reached()) == ["all@mail.example", "payments@mail.example"]


async def test_a_story_that_names_no_component_is_for_everybody(town: Town) -> None:
    await town.add("delivery@mail.example", "delivery")
    await town.store.add(incident(said(components={})))
    await town.room.settle()
    assert town.sink.reached() == ["delivery@mail.example"]


@pytest.mark.parametrize("state", [Standing.PENDING, Standing.STOPPED, Standing.BOUNCED])
async def test_only_the_confirmed_are_written_to(town: Town, state: Standing) -> None:
    await town.add("active@mail.example")
    known = await town.add("other@mail.example")
    await town.store.replace(replace(known, state=state))
    await town.store.add(incident())
    await town.room.settle()
    assert town.sink.reached() == ["active@mail.example"]


async def test_private_and_merged_incidents_and_old_words_are_told_to_nobody(town: Town) -> None:
    await crowd(town, 2)
    await town.store.add(incident(private=True), incident(id="inc_2", merged_into="inc_9"))
    await town.store.add(incident(said(at=NOW - timedelta(hours=7)), id="inc_3"))
    await town.room.settle()
    assert town.sink.got == []


async def test_whoever_confirms_after_a_word_was_said_gets_only_the_next(town: Town) -> None:
    await crowd(town, 1)
    late = await town.add("late@mail.example")
    await town.store.replace(replace(late, confirmed_at=NOW + timedelta(minutes=1)))
    await town.store.add(incident())
    town.clock.passes(minutes=2)
    await town.room.settle()
    assert town.sink.reached() == ["a0@mail.example"]
    await town.store.replace(incident(said(), said(2, at=town.clock())))
    await town.room.settle()
    assert "late@mail.example" in town.sink.reached()


async def test_an_incident_that_becomes_private_stops_on_the_way(town: Town) -> None:
    await crowd(town, 3)
    await town.store.add(incident())
    await town.room.planner.run()
    await town.store.replace(incident(private=True))
    await town.room.settle()
    assert town.sink.got == []
    assert (await the_mailing(town)).state is MailingState.WITHDRAWN


async def test_a_newer_word_supersedes_the_older_one_for_those_it_has_not_reached(town: Town) -> None:
    addresses = await crowd(town, 10)
    await town.store.add(incident())
    await town.room.planner.run()
    taken: list[str] = []

    def refuse(address: str) -> str:
        taken.append(address)
        return "" if len(taken) <= 4 else "421 4.3.0 going down"

    town.sink.refuse = refuse
    await town.room.lanes[Channel.MAIL].run()
    early = set(town.sink.reached())
    assert 0 < len(early) < 10
    town.sink.refuse = lambda address: ""
    await town.store.replace(incident(said(), said(2, IncidentStatus.RESOLVED)))
    town.clock.passes(minutes=5)
    await town.room.settle()
    old, new = await mailings(town)
    assert (old.state, new.state) == (MailingState.SUPERSEDED, MailingState.DONE)
    assert (old.sent, old.stale) == (len(early), 10 - len(early))
    assert new.sent == 10
    counts = Counter(town.sink.reached())
    assert counts == {address: 2 if address in early else 1 for address in addresses}


async def test_two_words_said_at_once_are_one_mail(town: Town) -> None:
    await crowd(town, 2)
    await town.store.add(incident(said(), said(2), said(3, IncidentStatus.RESOLVED)))
    await town.room.settle()
    assert len(town.sink.got) == 2


async def test_a_mail_server_that_goes_away_pauses_the_mailing_and_loses_nobody(town: Town) -> None:
    addresses = await crowd(town, 7)
    await town.store.add(incident())
    town.close_mail()
    await town.room.settle()
    waiting = await the_mailing(town)
    assert (waiting.state, waiting.sent, waiting.tries) == (MailingState.RUNNING, 0, 1)
    assert waiting.not_before == town.clock() + timedelta(seconds=30)
    town.open_mail()
    town.clock.passes(minutes=1)
    await town.room.settle()
    assert sorted(town.sink.reached()) == sorted(addresses)


async def test_a_connection_that_breaks_is_opened_anew(town: Town) -> None:
    await crowd(town, 8)
    await town.store.add(incident())
    broken: list[str] = []

    def refuse(address: str) -> str:
        broken.append(address)
        return "421 4.4.2 idle" if len(broken) == 3 else ""

    town.sink.refuse = refuse
    await town.room.settle()
    assert len(town.sink.got) == 8
    assert (await the_mailing(town)).state is MailingState.DONE


async def test_few_connections_are_opened_and_each_is_renewed_after_a_hundred_mails(town: Town) -> None:
    async with open_town(subscribers={"mail": True, "connections": 2}) as small:
        await crowd(small, 220)
        await small.store.add(incident())
        await small.room.settle()
        assert len(small.sink.got) == 220
        assert 2 <= small.sink.sessions <= 4


async def kill_and_go_on(folder: Path, after: int, *, written: bool) -> Counter[str]:
    """Kill the process at the n-th write of a mailing to 250, start again; count the mails."""
    url = f"sqlite:///{folder}/hubbub.db"
    async with open_town(url) as town:
        await crowd(town, 250)
        await town.store.add(incident())
        await town.room.planner.run()
        lane = town.room.lanes[Channel.MAIL]
        store: Any = Crashing(town.store, after, written=written)
        with suppress(Crash):
            await Lane(store, lane.channel, lane.carrier, lane.now).run()
        fresh = Lane(town.store, lane.channel, lane.carrier, lane.now)
        await fresh.run()
        (mailing,) = await town.store.find(Mailing)
        assert mailing.state is MailingState.DONE
        return Counter(town.sink.reached())


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 3, 4, 5, 9])
@pytest.mark.parametrize("written", [False, True])
async def test_a_kill_at_any_write_loses_nobody_and_doubles_less_than_a_batch(
    tmp_path: Path, after: int, written: bool
) -> None:
    counts = await kill_and_go_on(tmp_path, after, written=written)
    assert len(counts) == 250
    assert max(counts.values()) <= 2
    doubled = sum(count - 1 for count in counts.values())
    assert doubled <= NOTE_EVERY + 5 < BATCH


async def test_a_doubled_mail_carries_the_id_of_the_first(town: Town) -> None:
    await crowd(town, 1)
    await town.store.add(incident())
    await town.room.settle()
    done = await the_mailing(town)
    await town.store.replace(replace(done, state=MailingState.RUNNING, position="", finished_at=None))
    await town.room.settle()
    one, two = town.sink.mails()
    assert one["Message-ID"] == two["Message-ID"]


# --- refusals


async def test_no_such_user_stops_an_address_at_once(town: Town) -> None:
    await crowd(town, 3)
    town.sink.refuse = lambda a: "550 5.1.1 <a1>: no such user" if a.startswith("a1@") else ""
    await town.store.add(incident())
    await town.room.settle()
    known = await town.known("a1@mail.example")
    assert known is not None
    assert (known.state, known.error) == (Standing.BOUNCED, "550 5.1.1 <a1>: no such user")
    assert (await the_mailing(town)).refused == 1


async def test_other_refusals_stop_it_after_the_third_in_a_row(town: Town) -> None:
    await crowd(town, 1)
    for number, answer in enumerate(["552 5.2.2 full", "552 5.2.2 full", "", *["552 5.2.2 full"] * 3]):
        town.sink.refuse = lambda a, answer=answer: answer
        await town.store.add(incident(id=f"inc_{number}"))
        await town.room.settle()
        known = await town.known("a0@mail.example")
        assert known is not None
        assert known.state is (Standing.BOUNCED if number == 5 else Standing.ACTIVE)


async def test_a_refusal_because_of_us_says_nothing_about_the_address(town: Town) -> None:
    await crowd(town, 2)
    town.sink.refuse = lambda a: "554 5.7.1 your network is on a block list"
    for number in range(5):
        await town.store.add(incident(id=f"inc_{number}"))
        await town.room.settle()
    assert await town.store.count(Subscriber, Where("state", "eq", Standing.ACTIVE)) == 2


async def test_a_server_that_suddenly_refuses_everybody_costs_no_subscriber(town: Town) -> None:
    await crowd(town, 60)
    town.sink.refuse = lambda a: "550 5.1.1 no such user"
    await town.store.add(incident())
    await town.room.settle()
    waiting = await the_mailing(town)
    assert (waiting.state, waiting.sent, waiting.refused) == (MailingState.RUNNING, 0, 0)
    assert "60 of 60 were not taken" in (waiting.error or "")
    assert await town.store.count(Subscriber, Where("state", "eq", Standing.ACTIVE)) == 60
    town.sink.refuse = lambda a: ""
    town.clock.passes(minutes=1)
    await town.room.settle()
    assert len(town.sink.got) == 60


async def test_a_server_that_puts_everybody_off_pauses_the_mailing(town: Town) -> None:
    await crowd(town, 40)
    town.sink.refuse = lambda a: "452 4.3.1 out of space"
    await town.store.add(incident())
    await town.room.settle()
    assert (await the_mailing(town)).state is MailingState.RUNNING
    assert await town.store.count(Owed) == 0


async def test_a_refused_sender_pauses_and_blames_nobody(town: Town) -> None:
    await crowd(town, 2)
    town.sink.after_data = "554 5.6.0 spam"
    await town.store.add(incident())
    await town.room.settle()
    known = await town.known("a0@mail.example")
    assert known is not None
    assert (known.state, known.failures) == (Standing.ACTIVE, 1)


# --- put off


async def test_greylisted_addresses_get_it_later_without_holding_up_the_others(town: Town) -> None:
    await crowd(town, 5)
    grey = {"a1@mail.example", "a2@mail.example"}
    town.sink.refuse = lambda a: "450 4.2.0 greylisted" if a in grey else ""
    await town.store.add(incident())
    await town.room.settle()
    assert len(town.sink.got) == 3
    done = await the_mailing(town)
    assert (done.state, done.sent, done.owed) == (MailingState.DONE, 3, 2)
    town.sink.refuse = lambda a: ""
    await town.room.settle()
    assert len(town.sink.got) == 3, "not before its time"
    town.clock.passes(minutes=1)
    await town.room.settle()
    assert len(town.sink.got) == 5
    done = await the_mailing(town)
    assert (done.sent, done.owed) == (5, 0)
    assert await town.store.count(Owed) == 0


async def test_what_is_put_off_too_often_is_given_up(town: Town) -> None:
    await crowd(town, 1)
    town.sink.refuse = lambda a: "450 4.2.0 greylisted"
    await town.store.add(incident())
    for _ in range(10):
        await town.room.settle()
        town.clock.passes(hours=2, minutes=1)
    assert await town.store.count(Owed) == 0
    assert (await the_mailing(town)).given_up == 1
    known = await town.known("a0@mail.example")
    assert known is not None
    assert known.failures == 1


async def test_what_is_put_off_is_dropped_when_a_newer_word_is_out(town: Town) -> None:
    await crowd(town, 1)
    town.sink.refuse = lambda a: "450 4.2.0 greylisted"
    await town.store.add(incident())
    await town.room.settle()
    town.sink.refuse = lambda a: ""
    town.clock.passes(minutes=2)
    await town.store.replace(incident(said(), said(2, at=town.clock())))
    await town.room.settle()
    assert len(town.sink.got) == 1
    old, new = await mailings(town)
    assert (old.stale, new.sent) == (1, 1)


async def test_whoever_stops_meanwhile_is_not_tried_again(town: Town) -> None:
    await crowd(town, 1)
    town.sink.refuse = lambda a: "450 4.2.0 greylisted"
    await town.store.add(incident())
    await town.room.settle()
    known = await town.known("a0@mail.example")
    assert known is not None
    await town.post(town.room.links.unsubscribe(known))
    town.sink.refuse = lambda a: ""
    town.clock.passes(minutes=2)
    await town.room.settle()
    assert town.sink.got == []
    assert await town.store.count(Owed) == 0


async def test_retries_wait_while_the_server_is_down_and_no_try_is_counted(town: Town) -> None:
    await crowd(town, 1)
    town.sink.refuse = lambda a: "450 4.2.0 greylisted"
    await town.store.add(incident())
    await town.room.settle()
    town.close_mail()
    for _ in range(8):
        town.clock.passes(minutes=2)
        await town.room.settle()
    (owed,) = await town.store.find(Owed)
    assert owed.attempts == 1
    town.sink.refuse = lambda a: ""
    town.open_mail()
    town.clock.passes(minutes=2)
    await town.room.settle()
    assert len(town.sink.got) == 1


# --- switches


async def test_nothing_leaves_in_a_dry_run() -> None:
    async with open_town(publishing={"dry_run": True}) as town:
        await crowd(town, 3)
        await town.sign_up("new@mail.example")
        await town.store.add(incident())
        await town.room.settle()
        assert town.sink.got == []
        assert (await the_mailing(town)).state is MailingState.DONE


async def test_the_switch_holds_mailings_until_it_is_released(town: Town) -> None:
    await crowd(town, 3)
    await switch(town.store, True, ADA, town.clock(), "wrong text")
    await town.store.add(incident())
    await town.room.settle()
    assert town.sink.got == []
    await switch(town.store, False, ADA, town.clock())
    await town.room.settle()
    assert len(town.sink.got) == 3


async def test_what_was_held_up_for_a_day_is_told_to_nobody(town: Town) -> None:
    await crowd(town, 3)
    await switch(town.store, True, ADA, town.clock())
    await town.store.add(incident())
    await town.room.settle()
    town.clock.passes(hours=25)
    await switch(town.store, False, ADA, town.clock())
    await town.room.settle()
    assert town.sink.got == []
    assert (await the_mailing(town)).state is MailingState.WITHDRAWN


async def test_no_address_is_ever_logged(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="app")
    await crowd(town, 3)
    town.sink.refuse = lambda a: "550 5.1.1 no such user"
    await town.store.add(incident())
    await town.room.settle()
    town.close_mail()
    await town.sign_up("new@mail.example")
    await town.room.settle()
    assert caplog.text != ""
    assert "@mail.example" not in caplog.text


@pytest.mark.mongo
async def test_a_teams_store_serves_as_well(mongo_uri: str) -> None:
    async with open_town(mongo_uri) as town:
        for kind in (Subscriber, Mailing, Owed, Incident):
            await town.store.delete(kind)
        addresses = await crowd(town, 30)
        await town.add("delivery@mail.example", "delivery")
        await town.store.add(incident())
        town.sink.refuse = lambda a: "450 4.2.0 greylisted" if a.startswith("a1@") else ""
        await town.room.settle()
        town.sink.refuse = lambda a: ""
        town.clock.passes(minutes=2)
        await town.room.settle()
        assert sorted(town.sink.reached()) == sorted(addresses)
        done = await the_mailing(town)
        assert (done.state, done.sent, done.owed, done.unwanted) == (MailingState.DONE, 30, 0, 1)
        assert await town.store.group_count(Subscriber, "lane") == {"mail active": 31}
