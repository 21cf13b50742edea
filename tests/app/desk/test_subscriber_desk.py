"""Our people at the desk of subscribers: mailings wait and go on, one address is found, stopped, erased."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.desk.subscribers import SubscriberDesk
from app.store.protocol import update
from app.subscribers.fan_out import BATCH
from domain.action import Action, Verb
from domain.errors import Refused
from domain.incidents.notice import Notice
from domain.records import AuditEntry
from domain.told.mailing import Mailing, MailingState, Outcome, Owed, Verdict, owe
from domain.told.subscriber import Channel, Standing, Subscriber
from tests.app.desk.office import Office, front_desk, open_office
from tests.app.subscribers.town import Town, active, incident, open_town, said
from tests.domain.make import ADA


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with open_town() as opened:
        yield opened


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def do(town: Town, verb: Verb, subject: str) -> str:
    return await front_desk(town.store, town.clock).act(Action(verb, subject, ADA))


async def mailing(town: Town) -> Mailing:
    (found,) = await town.store.find(Mailing)
    return found


async def planned(town: Town, count: int = 3) -> Mailing:
    """Plan a mailing to so many, and send nothing yet."""
    await town.store.add(*(active(f"a{n}@mail.example") for n in range(count)))
    await town.store.add(incident())
    await town.room.planner.run()
    return await mailing(town)


# --- mailings


async def test_a_paused_mailing_waits_calls_nobody_and_goes_on_where_it_stopped(town: Town) -> None:
    known = await planned(town)
    assert await do(town, Verb.PAUSE_MAILING, known.id) == "Paused: what is under way still goes out, the rest waits."
    for _ in range(30):
        town.clock.passes(minutes=1)
        await town.room.settle()
    assert town.sink.reached() == []
    assert await town.store.find(Notice) == [], "what a person paused is not stuck"
    assert await do(town, Verb.RESUME_MAILING, known.id) == "It goes on where it stopped."
    await town.room.settle()
    assert sorted(town.sink.reached()) == [f"a{n}@mail.example" for n in range(3)]
    assert (await mailing(town)).state is MailingState.DONE


async def test_a_pause_in_the_middle_lets_the_batch_finish_and_nobody_gets_it_twice(town: Town) -> None:
    known = await planned(town, BATCH + 20)
    loop, presses, asked = asyncio.get_running_loop(), list[asyncio.Future[str]](), list[str]()

    def take(address: str) -> str:
        if not asked:  # the mail server runs in a thread of its own
            presses.append(asyncio.run_coroutine_threadsafe(do(town, Verb.PAUSE_MAILING, known.id), loop))  # type: ignore[arg-type]
        asked.append(address)
        return ""

    town.sink.refuse = take
    await town.room.settle()
    assert len(presses) == 1
    assert (len(asked), (await mailing(town)).state) == (BATCH, MailingState.HELD)
    await do(town, Verb.RESUME_MAILING, known.id)
    await town.room.settle()
    assert len(asked) == len(set(asked)) == BATCH + 20


async def test_a_newer_word_ends_a_paused_one(town: Town) -> None:
    known = await planned(town)
    await do(town, Verb.PAUSE_MAILING, known.id)
    town.clock.passes(minutes=1)
    again = incident(said(), said(2, at=town.clock()))
    await update(town.store, type(again), again.id, lambda i: replace(i, updates=again.updates))
    await town.room.settle()
    old = await town.store.get(Mailing, known.id)
    assert old is not None
    assert (old.state, old.held_by) == (MailingState.SUPERSEDED, None)
    assert len(town.sink.reached()) == 3, "they get the newer word only"


async def test_what_was_held_for_more_than_a_day_ends_instead(town: Town) -> None:
    known = await planned(town)
    await do(town, Verb.PAUSE_MAILING, known.id)
    town.clock.passes(hours=25)
    assert await do(town, Verb.RESUME_MAILING, known.id) == "It is more than a day old, so it ends instead."
    await town.room.settle()
    assert (await mailing(town)).state is MailingState.WITHDRAWN
    assert town.sink.reached() == []


async def test_trying_again_now_does_not_wait_for_the_next_turn(town: Town) -> None:
    town.close_mail()
    known = await planned(town)
    await town.room.settle()
    assert (await mailing(town)).not_before is not None
    town.open_mail()
    await town.room.settle()
    assert town.sink.reached() == [], "it waits half a minute"
    assert await do(town, Verb.RETRY_MAILING, known.id) == "Tried again now."
    await town.room.settle()
    assert len(town.sink.reached()) == 3


async def test_those_who_were_put_off_can_be_paused_and_hurried(town: Town) -> None:
    town.sink.refuse = lambda address: "450 4.2.0 greylisted" if address.startswith("a1") else ""
    known = await planned(town)
    await town.room.settle()
    assert ((await mailing(town)).state, (await mailing(town)).owed) == (MailingState.DONE, 1)
    await do(town, Verb.PAUSE_MAILING, known.id)
    town.sink.refuse = lambda address: ""
    town.clock.passes(hours=1)
    await town.room.settle()
    assert len(town.sink.reached()) == 2
    await do(town, Verb.RESUME_MAILING, known.id)
    assert await do(town, Verb.RETRY_MAILING, known.id) == "Tried again now; 1 that were put off go first."
    await town.room.settle()
    assert len(town.sink.reached()) == 3
    assert (await mailing(town)).owed == 0


async def test_what_cannot_be_done_is_refused_and_stands_in_the_log(town: Town) -> None:
    with pytest.raises(Refused, match="not known"):
        await do(town, Verb.PAUSE_MAILING, "mailing_9")
    known = await planned(town)
    with pytest.raises(Refused, match="not paused"):
        await do(town, Verb.RESUME_MAILING, known.id)
    kept = [(e.action, e.subject, e.detail) for e in await town.store.find(AuditEntry, order="at")]
    assert ("resume_mailing", known.id, "refused: This mailing is not paused.") in kept


# --- one address


@pytest.mark.parametrize(
    "typed", ["zeynep@mail.example", "  Zeynep@MAIL.example ", "\u200ezeynep@mail.example", "zeynep@mail.example."]
)
async def test_an_address_is_found_however_it_is_written(office: Office, typed: str) -> None:
    made = active("zeynep@mail.example")
    await office.store.add(made)
    assert await SubscriberDesk(office.store, office.clock).find(typed) == made


async def test_only_the_exact_address_is_found(office: Office) -> None:
    await office.store.add(active("zeynep@mail.example"))
    desk = SubscriberDesk(office.store, office.clock)
    for typed in ("zeynep", "@mail.example", "mail.example", "%", "*@mail.example", "", "x" * 5000):
        assert await desk.find(typed) is None


@pytest.mark.parametrize("channel", [Channel.WEBHOOK, Channel.SLACK, Channel.PUSH])
async def test_addresses_of_the_web_are_found_on_their_channel(office: Office, channel: Channel) -> None:
    url = "https://hooks.slack.com/services/T1/B1/x"
    made = active(url, channel=channel)
    await office.store.add(made)
    assert await SubscriberDesk(office.store, office.clock).find(url) == made


async def test_stopping_is_kept_so_that_it_is_known_later(office: Office) -> None:
    made = active("zeynep@mail.example")
    await office.store.add(made)
    word = await office.do(Verb.STOP_SUBSCRIBER, made.id)
    assert word == "Stopped: this address gets no more news, and is erased in 30 days."
    assert (await office.get(made)).state is Standing.STOPPED
    with pytest.raises(Refused, match="gets no news already"):
        await office.do(Verb.STOP_SUBSCRIBER, made.id)
    assert [e.subject for e in await office.all(AuditEntry)] == [made.id] * 2


async def test_erasing_leaves_nothing_that_leads_back_to_the_address(office: Office) -> None:
    made, other = active("zeynep@mail.example"), active("other@mail.example")
    sent = Mailing("mailing_1", Channel.MAIL, "inc_1", "upd_1", office.clock(), office.clock())
    later = Outcome(Verdict.LATER, "busy", timedelta(minutes=1))
    await office.store.add(made, other, owe(sent, made.id, later, office.clock()))
    await office.do(Verb.LOOK_UP_SUBSCRIBER, made.id)
    await office.do(Verb.STOP_SUBSCRIBER, made.id)
    assert await office.do(Verb.ERASE_SUBSCRIBER, made.id) == "Erased: an address on the channel mail."
    assert [s.address for s in await office.all(Subscriber)] == ["other@mail.example"]
    assert await office.all(Owed) == []
    entries = await office.all(AuditEntry)
    assert sorted(e.action for e in entries) == ["erase_subscriber", "look_up_subscriber", "stop_subscriber"]
    assert made.id not in repr(entries)
    assert "zeynep" not in repr(entries)
    with pytest.raises(Refused, match="not known"):
        await office.do(Verb.ERASE_SUBSCRIBER, made.id)
    assert made.id not in repr(await office.all(AuditEntry))
