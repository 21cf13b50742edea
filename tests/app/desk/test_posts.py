"""Decisions about posts: what a channel cannot take or do is refused with the reason; the rest is done once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.desk.front import FrontDesk
from app.outbox.posting import why_stopped
from domain.action import Action, Verb
from domain.errors import Refused
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from domain.records import AuditEntry
from domain.work import Delivery, DeliveryState
from status_page.words.lengths import x_length
from status_page.words.posts import Outlet
from tests.app.desk.office import Office, open_office
from tests.domain.make import ADA, NOW, delivery, incident

OUTLETS = {
    "x": Outlet("x", (), 280, x_length, lambda text: 0.20 if "http" in text else 0.015, withdraws=True),
    "mastodon": Outlet("mastodon", (), 500, edits=True, withdraws=True),
    "pager": Outlet("pager", (), None),
}
SENT = {"state": DeliveryState.SENT, "remote_id": "113"}


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        old = opened.front
        front = FrontDesk(old.store, old.care, old.incidents, old.follow_ups, old.now, lambda: OUTLETS)
        yield replace(opened, front=front)


async def posted(office: Office, **changes: Any) -> Incident:
    known = incident(deliveries=(delivery(**changes),))
    await office.store.add(known)
    return known


async def decide(office: Office, verb: Verb, subject: str = "inc_1", **values: str) -> str:
    return await office.front.act(Action(verb, subject, ADA, {"delivery": "del_1", **values}))


async def the_post(office: Office, known: Any) -> Delivery:
    post: Delivery = (await office.get(known)).deliveries[0]
    return post


@pytest.mark.parametrize("verb", [Verb.APPROVE_POST, Verb.EDIT_POST])
async def test_what_is_too_long_for_its_platform_is_not_approved(office: Office, verb: Verb) -> None:
    known = await posted(office, channel="x", text="の" * 150)
    with pytest.raises(Refused, match="20 over the 280 that x takes"):
        await decide(office, verb, text="の" * 150)
    assert (await the_post(office, known)).state is DeliveryState.DRAFT
    await decide(office, Verb.EDIT_POST, text="の" * 140)
    assert await decide(office, Verb.APPROVE_POST) == "Approved."


async def test_a_draft_that_is_too_long_can_be_skipped(office: Office) -> None:
    known = await posted(office, channel="x", text="の" * 150)
    assert await decide(office, Verb.SKIP_POST) == "Skipped."
    assert (await the_post(office, known)).state is DeliveryState.SKIPPED


@pytest.mark.parametrize(
    ("verb", "channel", "reason"),
    [
        (Verb.CORRECT_POST, "x", "x cannot edit posts: withdraw it, or write an update."),
        (Verb.CORRECT_POST, "pager", "pager cannot edit posts"),
        (Verb.WITHDRAW_POST, "pager", "pager cannot take posts back."),
    ],
)
async def test_what_a_platform_cannot_do_is_refused(office: Office, verb: Verb, channel: str, reason: str) -> None:
    known = await posted(office, channel=channel, **SENT)
    with pytest.raises(Refused, match=reason):
        await decide(office, verb, text="New.")
    assert not (await the_post(office, known)).is_due


async def test_a_sent_post_is_corrected_and_the_history_says_who_asked(office: Office) -> None:
    known = await posted(office, **SENT)
    assert await decide(office, Verb.CORRECT_POST, text=" Better words. ") == "The words are being replaced."
    post = await the_post(office, known)
    assert (post.state, post.correction, post.is_due) == (DeliveryState.SENT, "Better words.", True)
    assert (await office.get(known)).history[-1].text == "corrected the post for mastodon"
    assert (await office.get(known)).work_at is not None


async def test_a_sent_post_is_taken_back(office: Office) -> None:
    known = await posted(office, channel="x", **SENT)
    assert await decide(office, Verb.WITHDRAW_POST) == "It is being taken back."
    assert (await the_post(office, known)).withdraw
    with pytest.raises(Refused, match="being withdrawn already"):
        await decide(office, Verb.WITHDRAW_POST)
    (first, second) = await office.all(AuditEntry)
    assert {first.action, second.action} == {"withdraw_post"}


@pytest.mark.parametrize("verb", [Verb.CORRECT_POST, Verb.WITHDRAW_POST])
@pytest.mark.parametrize("state", [s for s in DeliveryState if s is not DeliveryState.SENT])
async def test_only_what_is_out_can_be_changed(office: Office, verb: Verb, state: DeliveryState) -> None:
    await posted(office, state=state)
    with pytest.raises(Refused, match=f"This post is {state} already"):
        await decide(office, verb, text="New.")


@pytest.mark.parametrize("text", ["", "  ", "We are looking."])
async def test_a_correction_needs_other_words(office: Office, text: str) -> None:
    await posted(office, **SENT)
    with pytest.raises(Refused, match=r"empty post|has it already|words it has"):
        await decide(office, Verb.CORRECT_POST, text=text)


async def test_a_failed_post_is_sent_again_on_a_persons_word_without_its_doubts(office: Office) -> None:
    known = await posted(office, state=DeliveryState.FAILED, attempts=12, unsure_since=NOW, error="given up")
    assert await decide(office, Verb.APPROVE_POST) == "Approved."
    post = await the_post(office, known)
    assert (post.state, post.attempts, post.unsure_since, post.error) == (DeliveryState.PENDING, 0, None, None)


async def test_posts_of_planned_work_are_decided_the_same_way(office: Office) -> None:
    work = PlannedWork(
        "mnt_1", {"en": "Upgrade"}, ("payments",), NOW + timedelta(days=1), NOW + timedelta(days=2), NOW, ADA,
        (WorkUpdate("upd_1", NOW, WorkStatus.SCHEDULED, {"en": "Planned."}, "Ada"),), (delivery(),),
    )  # fmt: skip
    await office.store.add(work)
    assert await decide(office, Verb.APPROVE_POST, "mnt_1") == "Approved."
    assert (await the_post(office, work)).state is DeliveryState.PENDING


@pytest.mark.parametrize(("subject", "which"), [("inc_9", "del_1"), ("inc_1", "del_9")])
async def test_what_is_not_known_is_refused(office: Office, subject: str, which: str) -> None:
    await posted(office)
    with pytest.raises(Refused, match="not known"):
        await decide(office, Verb.APPROVE_POST, subject, delivery=which)


async def test_stopping_says_so_at_each_approval_and_resuming_lets_it_go(office: Office) -> None:
    await posted(office)
    word = await decide(office, Verb.STOP_POSTING, "", reason="wrong words")
    assert word.startswith("Stopped")
    assert await decide(office, Verb.STOP_POSTING, "") == "It was stopped already."
    assert "Posting is stopped by Ada" in await decide(office, Verb.APPROVE_POST)
    assert (await decide(office, Verb.RESUME_POSTING, "")).startswith("Resumed")
    assert await decide(office, Verb.RESUME_POSTING, "") == "Posting was not stopped."
    assert await why_stopped(office.store) is None


def test_the_remark_beside_a_preview_knows_the_price(office: Office) -> None:
    posts = office.front.posts
    assert posts.remark(delivery(channel="x", text="https://acme.com")) == "$0.20: it has a link · 23 of 280"
    assert posts.remark(delivery(channel="fax")) == ""
    assert posts.can("withdraw_post", delivery(channel="x"))
    assert not posts.can("correct_post", delivery(channel="x"))
