"""Planned maintenance in Slack, by the local Slack: one card, its steps, its posts, and what is refused."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from app.outbox.posting import switch
from app.standin.slack.postman import signed
from app.store.protocol import update
from domain.action import Verb
from domain.incidents.planned import PlannedWork, WorkStatus
from domain.records import AuditEntry
from domain.work import DeliveryState
from tests.app.desk.office import Crash, Crashing
from tests.app.desk.slack_town import SECRET, SlackTown, first_values
from tests.domain.make import ADA, NOW

PLAN = {"components": "payments", "starts_at": "2026-03-06T20:00", "ends_at": "2026-03-06T22:00"}
ROOM = "on-call"


@pytest.fixture
async def work(town: SlackTown) -> PlannedWork:
    """Maintenance of this evening whose card stands in #on-call."""
    await town.office.do(Verb.ANNOUNCE_WORK, "", PLAN | {"by_itself": "no"}, key="a1")
    await town.outbox().run()
    return await now(town)


async def now(town: SlackTown) -> PlannedWork:
    (known,) = await town.office.store.find(PlannedWork)
    return known


def shown(town: SlackTown) -> str:
    return str(town.posts(ROOM)[0]["blocks"])


async def press(town: SlackTown, action: str, **more: Any) -> dict[str, Any]:
    return await town.press(action, ROOM, **more)


async def test_one_card_is_posted_and_edited_as_the_work_goes_on(town: SlackTown, work: PlannedWork) -> None:
    assert "Planned maintenance: Payments" in shown(town)
    assert "Somebody must start it" in shown(town)
    await press(town, "start_work")
    assert (await now(town)).status is WorkStatus.IN_PROGRESS
    assert town.woken
    await town.outbox().run()
    assert "* · in progress" in shown(town)
    await press(town, "complete_work")
    await town.outbox().run()
    assert "* · completed" in shown(town)
    assert "complete_work" not in shown(town)
    assert len(town.posts(ROOM)) == 1
    said = [line.partition("·")[2].strip() for line in town.thread(ROOM)]
    assert said == ["Ada announced the maintenance", "ada told customers: in progress", "ada told customers: completed"]
    assert town.whispers("U1") == [
        "It is in progress. The page says so; the posts wait for your approval.",
        "Completed. The page says so; the posts wait for your approval.",
    ]  # fmt: skip
    assert await town.outbox().run() == 0


async def test_calling_it_off_tells_customers_and_leaves_no_button(town: SlackTown, work: PlannedWork) -> None:
    await press(town, "cancel_work", user="U2")
    await town.outbox().run()
    assert (await now(town)).status is WorkStatus.CANCELLED
    assert "* · called off" in shown(town)
    assert "move_work" not in shown(town)
    assert "bora told customers: cancelled" in town.thread(ROOM)[-1]


async def test_extending_adds_half_an_hour_and_a_second_press_adds_nothing(town: SlackTown, work: PlannedWork) -> None:
    await press(town, "start_work")
    await town.outbox().run()
    await press(town, "move_work:extend")
    await press(town, "move_work:extend", user="U2")  # the card was not edited in between
    known = await now(town)
    assert known.ends_at == work.ends_at + timedelta(minutes=30)
    assert known.updates[-1].texts["en"].endswith("6 March 2026, 20:00–22:30 UTC.")
    assert town.whispers("U2") == ["The end was changed meanwhile; look at it again."]
    await town.outbox().run()
    await press(town, "move_work:extend", user="U2")
    assert (await now(town)).ends_at == work.ends_at + timedelta(hours=1)


async def test_what_lasts_longer_than_planned_is_extended_from_now(town: SlackTown, work: PlannedWork) -> None:
    await press(town, "start_work")
    await town.outbox().run()
    town.office.clock.passes(hours=7, seconds=20)
    await press(town, "move_work:extend")
    assert (await now(town)).ends_at == NOW + timedelta(hours=7, minutes=31)


async def test_the_time_is_changed_in_a_modal_and_a_plan_that_cannot_be_is_refused_there(
    town: SlackTown, work: PlannedWork
) -> None:
    opened = await press(town, "move_work:change", wait=3)
    assert first_values(opened)["starts_at"] == "2026-03-06 20:00"
    answer = await town.submit(opened, starts_at="2026-03-06 23:00", ends_at="2026-03-06 22:00")
    assert list(answer["errors"].values()) == ["The end must be later than the start."]
    opened = await press(town, "move_work:change", wait=3)
    answer = await town.submit(opened, starts_at="tomorrow", ends_at="2026-03-06 22:00")
    assert "Give the start as a date and a time" in next(iter(answer["errors"].values()))
    opened = await press(town, "move_work:change", wait=3)
    assert (await town.submit(opened, starts_at="2026-03-07 01:00", ends_at="2026-03-07 02:00"))["ok"]
    known = await now(town)
    assert f"{known.starts_at:%d %H:%M} {known.ends_at:%d %H:%M}" == "07 01:00 07 02:00"
    assert set(known.updates[-1].texts) == {"en", "tr", "fa"}, "hubbub wrote the new time"


async def test_an_update_is_written_in_a_modal(town: SlackTown, work: PlannedWork) -> None:
    await press(town, "start_work")
    await town.outbox().run()
    opened = await press(town, "update_work", wait=3)
    assert first_values(opened)["status"] == "in_progress"
    await town.submit(opened, status="verifying", text__en="Half of it is done.")
    known = await now(town)
    assert (known.status, known.updates[-1].texts) == (WorkStatus.VERIFYING, {"en": "Half of it is done."})


async def test_its_posts_wait_for_approval_are_edited_and_skipped_on_the_card(
    town: SlackTown, work: PlannedWork
) -> None:
    assert {post.state for post in work.deliveries} == {DeliveryState.DRAFT}
    await town.outbox().run()
    assert town.office.tapes["mastodon"].sent == []
    opened = await press(town, "edit_post:0", wait=3)
    assert (await town.submit(opened, text="Cards may fail tonight."))["ok"]
    await press(town, "approve_post:0")
    await press(town, "skip_post:1")
    await town.outbox().run()
    assert [post.text for post in town.office.tapes["mastodon"].sent] == ["Cards may fail tonight."]
    states = [post.state for post in (await now(town)).deliveries]
    assert states == [DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.DRAFT]
    assert "1 sent, 1 skipped, 1 waiting for approval" in shown(town)


async def test_whoever_comes_too_late_is_told_so(town: SlackTown, work: PlannedWork) -> None:
    await town.office.do(Verb.CANCEL_WORK, work.id)
    await press(town, "start_work")
    await press(town, "update_work")
    assert town.whispers("U1") == ["This work is cancelled already."] * 2
    log = [entry.detail for entry in await town.office.store.find(AuditEntry, order="-at") if "refused" in entry.detail]
    assert log == ["refused: This work is cancelled already."]


async def test_only_slack_itself_may_press(town: SlackTown, work: PlannedWork) -> None:
    pressed = {"type": "button", "action_id": "cancel_work", "value": work.id, "action_ts": "1.1"}
    payload = {"type": "block_actions", "user": {"id": "U9", "name": "Eve"}, "actions": [pressed], "trigger_id": "t"}
    body = urlencode({"payload": json.dumps(payload)})
    for headers in ({}, signed(body, "another secret", int(time.time())), signed(body, SECRET, int(time.time()) - 600)):
        async with town.session.post(f"{town.door}/slack/interactions", data=body, headers=headers) as answer:
            assert answer.status == 401
    assert (await now(town)).status is WorkStatus.SCHEDULED


async def test_the_card_turns_by_itself_at_its_time(town: SlackTown) -> None:
    await town.office.do(Verb.ANNOUNCE_WORK, "", PLAN, key="a1")
    await town.outbox().run()
    assert "It begins and ends by itself." in shown(town)
    town.office.clock.passes(minutes=195)
    assert town.office.front.planned is not None
    await town.office.front.planned.upkeep()
    await town.outbox().run()
    assert "It ends by itself, unless somebody extends it." in shown(town)
    assert "hubbub told customers: in progress" in town.thread(ROOM)[-1]


async def test_after_a_crash_the_card_is_found_again(town: SlackTown) -> None:
    await town.office.do(Verb.ANNOUNCE_WORK, "", PLAN, key="a1")
    outbox = town.outbox()
    dying: Any = Crashing(town.office.store, 2, written=False)
    assert outbox.cards is not None
    with pytest.raises(Crash):
        await replace(outbox, cards=replace(outbox.cards, store=dying)).run()
    await town.outbox().run()
    assert len(town.posts(ROOM)) == 1


async def test_that_posting_is_stopped_stands_on_it(town: SlackTown, work: PlannedWork) -> None:
    await switch(town.office.store, True, ADA, NOW, "wrong words")
    await press(town, "start_work")
    await town.outbox().run()
    assert "Posting is stopped by Ada" in shown(town)


async def test_work_that_was_announced_before_there_were_cards_needs_none(town: SlackTown, work: PlannedWork) -> None:
    await update(town.office.store, PlannedWork, work.id, lambda w: replace(w, card=None))
    await town.office.do(Verb.START_WORK, work.id)
    assert await town.outbox().run() == 0
    assert "Planned maintenance: Payments" in shown(town)
