"""The outbox: what is to leave the building leaves it once, in order, with patience."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.outbox.delivery import GIVE_UP_AFTER, Outbox
from app.outbox.posting import switch
from app.store.protocol import update
from domain.action import Verb
from domain.care.case import Case
from domain.care.follow_up import FollowUp, ReplyDecision, ReplyVerdict
from domain.errors import AuthError, PermanentError, RateLimited, TemporaryError
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from domain.told.posting import change_sent
from domain.work import Delivery, DeliveryState
from status_page.publishers.publisher import Published
from tests.app.desk.office import Crash, Crashing, Office, Tape, open_office
from tests.app.outbox.test_sending import Editable, Forgetful
from tests.domain.make import ADA, NOW, case, delivery, incident


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


def outbox(office: Office) -> Outbox:
    """The outbox of a hubbub without Slack, as a fresh process has it."""
    return Outbox(office.store, office.tapes, None, office.clock)


def pending(number: int = 1, **changes: Any) -> Delivery:
    return delivery(id=f"del_{number}", state=DeliveryState.PENDING, **changes)


async def with_posts(office: Office, *posts: Delivery) -> Incident:
    going = incident(deliveries=posts)
    await office.store.add(going)
    return going


async def states(office: Office, going: Incident) -> list[DeliveryState]:
    return [post.state for post in (await office.get(going)).deliveries]


async def test_an_approved_post_goes_out_once_and_its_address_is_kept(office: Office) -> None:
    going = await with_posts(office, pending(text="We are looking."))
    for _ in range(3):
        await outbox(office).run()
    (sent,) = office.tapes["mastodon"].sent
    (kept,) = (await office.get(going)).deliveries
    assert (sent.text, sent.id) == ("We are looking.", "del_1")
    assert (kept.state, kept.remote_id, kept.url, kept.sent_at, kept.attempts) == (
        DeliveryState.SENT, "mastodon-1", "https://town.example/1", NOW, 1,
    )  # fmt: skip


@pytest.mark.parametrize("state", [s for s in DeliveryState if s is not DeliveryState.PENDING])
async def test_nothing_but_pending_leaves_the_building(office: Office, state: DeliveryState) -> None:
    await with_posts(office, replace(pending(), state=state))
    await office.store.add(case(replies=(replace(pending(2), state=state),)))
    await outbox(office).run()
    assert office.tapes["mastodon"].tries == []


async def test_a_passing_trouble_is_tried_again_with_growing_waits_until_it_is_given_up(office: Office) -> None:
    office.tapes["mastodon"].troubles = [TemporaryError("town.example cannot be reached")] * 100
    going = await with_posts(office, pending())
    waits = []
    for _ in range(GIVE_UP_AFTER - 1):
        await outbox(office).run()
        await outbox(office).run()  # too early: nothing is tried
        (post,) = (await office.get(going)).deliveries
        waits.append(post.not_before - office.clock.at)
        office.clock.at = post.not_before
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=20)
    assert waits[-1] == timedelta(hours=2)
    await outbox(office).run()
    (post,) = (await office.get(going)).deliveries
    assert (post.state, post.not_before) == (DeliveryState.FAILED, None)
    assert post.error == f"given up after {GIVE_UP_AFTER} tries: town.example cannot be reached"
    assert len(office.tapes["mastodon"].tries) == GIVE_UP_AFTER
    assert {tried.id for tried in office.tapes["mastodon"].tries} == {"del_1"}


async def test_the_wait_that_was_asked_for_is_kept(office: Office) -> None:
    office.tapes["mastodon"].troubles = [RateLimited("slow down", timedelta(minutes=7))]
    going = await with_posts(office, pending())
    await outbox(office).run()
    assert (await office.get(going)).deliveries[0].not_before == NOW + timedelta(minutes=7)
    office.clock.passes(minutes=7)
    await outbox(office).run()
    assert await states(office, going) == [DeliveryState.SENT]


@pytest.mark.parametrize("error", [PermanentError("too long"), AuthError("no")])
async def test_a_lasting_trouble_fails_at_once_with_its_reason(office: Office, error: Exception) -> None:
    office.tapes["mastodon"].troubles = [error]
    going = await with_posts(office, pending())
    await outbox(office).run()
    await outbox(office).run()
    (post,) = (await office.get(going)).deliveries
    assert (post.state, post.error, len(office.tapes["mastodon"].tries)) == (DeliveryState.FAILED, str(error), 1)


async def test_a_channel_that_does_not_exist_fails_in_words(office: Office) -> None:
    going = await with_posts(office, pending(channel="fax"))
    await outbox(office).run()
    assert (await office.get(going)).deliveries[0].error == "no publisher is called fax"


async def test_later_posts_thread_under_the_first_of_their_language(office: Office) -> None:
    posts = [pending(1), pending(2, language="tr"), pending(3), pending(4, language="tr"), pending(5)]
    await with_posts(office, *posts)
    await outbox(office).run()
    hung = {d.id: (d.reply_to, d.root) for d in office.tapes["mastodon"].sent}
    assert hung == {
        "del_1": (None, None), "del_2": (None, None), "del_3": ("mastodon-1", "mastodon-1"),
        "del_4": ("mastodon-2", "mastodon-2"), "del_5": ("mastodon-3", "mastodon-1"),
    }  # fmt: skip


async def test_a_later_post_waits_for_the_first_that_is_still_on_its_way(office: Office) -> None:
    office.tapes["mastodon"].troubles = [TemporaryError("down")]
    going = await with_posts(office, pending(1), pending(2))
    await outbox(office).run()
    assert await states(office, going) == [DeliveryState.PENDING, DeliveryState.PENDING]
    office.clock.passes(minutes=1)
    await outbox(office).run()
    assert [d.id for d in office.tapes["mastodon"].sent] == ["del_1", "del_2"]
    assert office.tapes["mastodon"].sent[1].reply_to == "mastodon-1"


async def test_a_first_post_that_failed_does_not_hold_up_the_next(office: Office) -> None:
    office.tapes["mastodon"].troubles = [PermanentError("no")]
    going = await with_posts(office, pending(1), pending(2))
    await outbox(office).run()
    assert await states(office, going) == [DeliveryState.FAILED, DeliveryState.SENT]
    assert office.tapes["mastodon"].sent[0].reply_to is None


@pytest.mark.parametrize("kind", ["post", "reply", "follow-up"])
async def test_a_kill_after_the_platform_took_it_repeats_the_same_key(office: Office, kind: str) -> None:
    if kind == "post":
        await with_posts(office, pending())
    elif kind == "reply":
        await office.store.add(case(replies=(pending(),), card=None))
    else:
        await office.store.add(follow_up(pending()))
    dying: Any = Crashing(office.store, 1, written=False)
    with pytest.raises(Crash):
        await Outbox(dying, office.tapes, None, office.clock).run()
    await outbox(office).run()
    await outbox(office).run()
    tries = office.tapes["mastodon"].tries
    assert [d.id for d in tries] == ["del_1", "del_1"]
    assert tries[0] == tries[1]


def follow_up(post: Delivery, number: int = 1) -> FollowUp:
    decision = ReplyDecision(ReplyVerdict.ALLOWED, "the platform lets us answer public posts")
    return FollowUp(f"fol_{number}", "inc_1", f"per_{number}", "case_1", decision, post, "zeynep")


async def test_incidents_go_before_answers_and_answers_before_follow_ups(office: Office) -> None:
    await office.store.add(follow_up(pending(3)), case(replies=(pending(2),)), incident(deliveries=(pending(1),)))
    await outbox(office).run()
    assert [d.id for d in office.tapes["mastodon"].sent] == ["del_1", "del_2", "del_3"]


async def test_an_answer_is_sent_and_the_case_says_so(office: Office) -> None:
    opened = await office.hear()
    assert opened is not None
    await office.do(Verb.REPLY, opened.id, {"text": "On it."}, key="v1")
    await outbox(office).run()
    (reply,) = (await office.get(opened)).replies
    assert (reply.state, reply.remote_id) == (DeliveryState.SENT, "mastodon-1")
    assert office.tapes["mastodon"].sent[0].reply_to == opened.reply_to


async def test_a_follow_up_is_sent_once(office: Office) -> None:
    await office.store.add(follow_up(pending()))
    for _ in range(3):
        await outbox(office).run()
    (kept,) = await office.all(FollowUp)
    assert (kept.delivery.state, len(office.tapes["mastodon"].sent)) == (DeliveryState.SENT, 1)


async def test_a_publisher_with_a_bug_leaves_the_others_alone(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Tape):
        async def publish(self, delivery: Delivery) -> Published:
            raise RuntimeError("a bug")

    office.tapes["broken"] = Broken("broken")
    await office.store.add(incident(id="inc_0", deliveries=(pending(1, channel="broken"),)))
    await office.store.add(incident(deliveries=(pending(2),)))
    box = outbox(office)
    await box.run()
    await box.run()
    assert [d.id for d in office.tapes["mastodon"].sent] == ["del_2"]
    assert len([line for line in caplog.records if line.levelname == "ERROR"]) == 1


async def test_without_slack_many_open_cases_do_not_crowd_out_an_answer(office: Office) -> None:
    cases = [case(id=f"case_{n:03}", person_id=f"p{n}") for n in range(60)]
    last = replace(cases[-1], replies=(pending(),))
    await office.store.add(*cases[:-1], last)
    box = outbox(office)
    for _ in range(4):
        await box.run(limit=20)
    assert len(office.tapes["mastodon"].sent) == 1
    assert await box.run() == 0
    office.clock.passes(days=1)
    assert await box.run() > 0
    assert len(await office.all(Case)) == 60


async def test_while_posting_is_stopped_everything_waits_and_then_goes_out_once(office: Office) -> None:
    await office.store.add(follow_up(pending(3)), case(replies=(pending(2),)))
    going = await with_posts(office, pending(1))
    assert await switch(office.store, True, ADA, NOW, "wrong words")
    for _ in range(3):
        await outbox(office).run()
    assert office.tapes["mastodon"].tries == []
    assert await states(office, going) == [DeliveryState.PENDING]
    assert await switch(office.store, False, ADA, NOW)
    await outbox(office).run()
    await outbox(office).run()
    assert [d.id for d in office.tapes["mastodon"].sent] == ["del_1", "del_2", "del_3"]


async def test_the_settings_stop_posting_as_well(office: Office) -> None:
    await with_posts(office, pending())
    await replace(outbox(office), stopped=True).run()
    assert office.tapes["mastodon"].tries == []


async def test_a_stop_holds_what_comes_after_it_in_the_same_round(office: Office) -> None:
    class Stopping(Tape):
        async def publish(self, delivery: Delivery) -> Published:
            await switch(office.store, True, ADA, NOW)
            return await super().publish(delivery)

    office.tapes["mastodon"] = Stopping()
    going = await with_posts(office, pending(1), pending(2), pending(3))
    await outbox(office).run()
    assert await states(office, going) == [DeliveryState.SENT, DeliveryState.PENDING, DeliveryState.PENDING]


async def test_a_wrong_post_can_be_taken_back_while_posting_is_stopped(office: Office) -> None:
    office.tapes["mastodon"] = Editable()
    out = replace(pending(), state=DeliveryState.SENT, remote_id="113")
    going = await with_posts(office, replace(out, withdraw=True), replace(out, id="del_2", correction="New."))
    await switch(office.store, True, ADA, NOW)
    await outbox(office).run()
    assert await states(office, going) == [DeliveryState.WITHDRAWN, DeliveryState.SENT]
    assert office.tapes["mastodon"].done == [("withdraw", "113")]  # type: ignore[attr-defined]


async def test_in_a_dry_run_nothing_leaves_and_nothing_waits(office: Office) -> None:
    await office.store.add(follow_up(pending(3)), case(replies=(pending(2),)))
    going = await with_posts(office, pending(1))
    await replace(outbox(office), dry_run=True).run()
    await outbox(office).run()
    assert office.tapes["mastodon"].tries == []
    assert await states(office, going) == [DeliveryState.REHEARSED]


async def test_a_correction_that_comes_while_another_is_on_its_way_is_not_lost(office: Office) -> None:
    class Slow(Editable):
        async def edit(self, delivery: Delivery) -> None:
            await super().edit(delivery)
            if delivery.correction == "Better.":
                await update(office.store, Incident, "inc_1", lambda i: change_sent(i, "del_1", "Best.", ADA, NOW))

    office.tapes["mastodon"] = Slow()
    going = await with_posts(
        office, replace(pending(), state=DeliveryState.SENT, remote_id="113", correction="Better.")
    )
    for _ in range(3):
        await outbox(office).run()
    (post,) = (await office.get(going)).deliveries
    assert office.tapes["mastodon"].done == [("edit", "Better."), ("edit", "Best.")]  # type: ignore[attr-defined]
    assert (post.text, post.correction, post.edits) == ("Best.", None, 2)


async def test_two_processes_at_once_send_one_post(office: Office) -> None:
    office.tapes["mastodon"] = Forgetful()
    await with_posts(office, pending())
    await asyncio.gather(*(outbox(office).run() for _ in range(4)))
    assert len(office.tapes["mastodon"].tries) == 1


async def test_a_post_of_planned_work_goes_out_and_threads(office: Office) -> None:
    work = PlannedWork(
        "mnt_1", {"en": "Database upgrade"}, ("payments",), NOW + timedelta(days=1), NOW + timedelta(days=2), NOW, ADA,
        (WorkUpdate("upd_1", NOW, WorkStatus.SCHEDULED, {"en": "Planned."}, "Ada"),), (pending(1), pending(2)),
    )  # fmt: skip
    await office.store.add(work)
    await outbox(office).run()
    assert [(d.id, d.reply_to) for d in office.tapes["mastodon"].sent] == [("del_1", None), ("del_2", "mastodon-1")]
    assert {d.state for d in (await office.get(work)).deliveries} == {DeliveryState.SENT}


async def test_a_post_that_was_withdrawn_carries_no_thread(office: Office) -> None:
    await with_posts(office, replace(pending(1), state=DeliveryState.WITHDRAWN, remote_id="113"), pending(2))
    await outbox(office).run()
    assert office.tapes["mastodon"].sent[0].reply_to is None
