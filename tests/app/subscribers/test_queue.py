"""The queue that stands still: told to the people on call once, and once more when it moves; counted for Prometheus."""

from __future__ import annotations

from prometheus_client import generate_latest

from alerts.notice_card import notice_card
from app.metrics import Metrics
from app.outbox.posting import switch
from domain.incidents.notice import Notice, NoticeKind
from domain.told.subscriber import Channel
from tests.app.subscribers.town import ADA, Town, active, incident, open_town, said


async def told(town: Town) -> list[Notice]:
    return await town.store.find(Notice, order="at")


async def stand_still(town: Town, minutes: int) -> None:
    for _ in range(minutes):
        town.clock.passes(minutes=1)
        await town.room.settle()


async def test_a_queue_that_stands_for_ten_minutes_is_told_once_and_once_when_it_moves(town: Town) -> None:
    await town.store.add(*(active(f"a{n}@mail.example") for n in range(30)))
    town.close_mail()
    await town.store.add(incident())
    await town.room.settle()
    await stand_still(town, 10)
    assert await told(town) == []
    await stand_still(town, 20)
    (notice,) = await told(town)
    assert notice.kind is NoticeKind.QUEUE
    assert notice.text == (
        "Mail to subscribers: stuck for 11 min, 30 wait. The mail server cannot be reached (SMTPConnectError)."
    )
    assert notice.card is not None
    assert notice.card.channel == "#on-call"
    town.open_mail()
    await stand_still(town, 11)
    assert [each.text for each in await told(town)][1:] == ["Mail to subscribers: the queue moves again."]


async def test_a_mailing_that_goes_out_slowly_is_no_alarm() -> None:
    async with open_town() as town:
        await town.store.add(*(active(f"a{n}@mail.example") for n in range(5)))
        await town.store.add(incident())
        await town.room.settle()
        town.clock.passes(minutes=30)
        await town.room.queue.look()
        assert await told(town) == []


async def test_a_confirmation_that_nobody_sends_is_a_stuck_queue_too(town: Town) -> None:
    await town.sign_up("a@mail.example")
    town.clock.passes(minutes=11)
    await town.room.queue.look()
    assert [each.text for each in await told(town)] == ["Mail to subscribers: stuck for 11 min, 1 wait."]


async def test_a_queue_that_a_person_has_stopped_is_no_alarm(town: Town) -> None:
    await town.store.add(active("a@mail.example"))
    await switch(town.store, True, ADA, town.clock())
    await town.store.add(incident())
    await town.room.settle()
    await stand_still(town, 15)
    assert await told(town) == []


async def test_what_waits_for_its_next_try_is_counted_and_is_no_alarm(town: Town) -> None:
    await town.store.add(active("a@mail.example"))
    town.sink.refuse = lambda a: "450 4.2.0 greylisted"
    await town.store.add(incident())
    await town.room.settle()
    assert town.room.queue.lengths[Channel.MAIL].waiting == 1
    assert not town.room.queue.lengths[Channel.MAIL].is_stuck


async def test_the_card_does_not_say_that_nobody_needs_to_do_anything(town: Town) -> None:
    text = str(notice_card(Notice("n", NoticeKind.QUEUE, None, town.clock(), "Mail: stuck.")).blocks)
    assert "Mail: stuck." in text
    assert "Nobody is called" not in text


async def test_prometheus_sees_subscribers_by_state_the_depth_and_the_age(town: Town) -> None:
    await town.store.add(*(active(f"a{n}@mail.example") for n in range(3)))
    await town.sign_up("new@mail.example")
    town.close_mail()
    await town.store.add(incident(said()))
    await town.room.settle()
    town.clock.passes(minutes=2)
    await town.room.queue.look()
    metrics = Metrics(town.store, town.clock, queue=town.room.queue)
    await metrics.measure()
    text = generate_latest(metrics.registry).decode()
    assert 'hubbub_subscribers{channel="mail",state="active"} 3.0' in text
    assert 'hubbub_subscribers{channel="mail",state="pending"} 1.0' in text
    assert 'hubbub_subscriber_queue{channel="mail"} 4.0' in text
    assert 'hubbub_subscriber_queue_stands_seconds{channel="mail"} 120.0' in text
