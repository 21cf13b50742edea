"""Coming back to those who complained: after the end, in their language, once per person, on a person's word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.store.protocol import update
from domain.action import Verb
from domain.care.follow_up import FollowUp, ReplyVerdict
from domain.errors import Refused
from domain.heard.mention import MentionKind
from domain.incidents.incident import Incident
from domain.records import Person
from domain.work import DeliveryState
from tests.app.desk.office import Crash, Crashing, Office, front_desk, open_office
from tests.domain.make import ADA, NOW, meaning


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def over(office: Office, *people: str, **changes: Any) -> Incident:
    """An incident that some people complained about, resolved, with its follow-ups drafted."""
    for number, person in enumerate(people):
        await office.hear(native=f"{person}-{number}", person=person, **changes)
    going = await office.declare()
    office.clock.passes(minutes=30)
    await office.resolve(going)
    await office.follow_ups.draft_due()
    return await office.get(going)  # type: ignore[no-any-return]


async def test_each_person_gets_one_draft_in_their_own_language(office: Office) -> None:
    await office.hear(native="a", person="1", understood=meaning(language="tr"))
    await office.hear(native="b", person="2", understood=meaning(language="fa"))
    await over(office, "3")
    drafts = {f.author: f for f in await office.all(FollowUp)}
    assert {author: f.delivery.language for author, f in drafts.items()} == {
        "user1": "tr", "user2": "fa", "user3": "en",
    }  # fmt: skip
    assert {f.delivery.state for f in drafts.values()} == {DeliveryState.DRAFT}
    assert "Ödemeler çalışmıyor" in drafts["user1"].delivery.text
    assert drafts["user3"].delivery.reply_to == "3-0"


async def test_two_cases_of_one_person_are_one_word(office: Office) -> None:
    first = await office.hear(native="a", person="1")
    assert first is not None
    await office.do(Verb.CLOSE, first.id)
    office.clock.passes(minutes=1)
    await over(office, "1")
    (draft,) = await office.all(FollowUp)
    assert draft.case_id == first.id


async def test_nothing_is_drafted_before_the_end(office: Office) -> None:
    await office.hear()
    going = await office.declare()
    assert await office.follow_ups.draft_due() == 0
    with pytest.raises(Refused, match="wait until the incident is resolved"):
        await office.do(Verb.SEND_FOLLOW_UPS, going.id)


async def test_an_incident_that_was_reopened_waits_for_its_next_end(office: Office) -> None:
    await office.hear()
    going = await office.declare()
    await office.resolve(going)
    await office.do(Verb.UPDATE, going.id, {"text.en": "It is back.", "status": "investigating"}, key="u")
    assert await office.follow_ups.draft_due() == 0
    await office.resolve(going, "second end")
    assert await office.follow_ups.draft_due() == 1


async def test_drafting_again_changes_nothing(office: Office) -> None:
    ended = await over(office, "1", "2")
    assert ended.follow_up is False
    assert await office.follow_ups.draft_due() == 0
    assert len(await office.all(FollowUp)) == 2


@pytest.mark.parametrize(("writes", "written"), [(1, False), (1, True), (2, False), (2, True)])
async def test_a_kill_while_drafting_gives_everyone_one_draft(office: Office, writes: int, written: bool) -> None:
    await office.hear(native="a", person="1")
    await office.hear(native="b", person="2")
    await office.resolve(await office.declare())
    dying: Any = Crashing(office.store, writes, written=written)
    with pytest.raises(Crash):
        await front_desk(dying, office.clock).follow_ups.draft_due()
    await office.follow_ups.draft_due()
    assert sorted(f.author for f in await office.all(FollowUp)) == ["user1", "user2"]


async def test_they_go_out_when_a_person_says_so_and_once(office: Office) -> None:
    ended = await over(office, "1", "2")
    assert await office.do(Verb.SEND_FOLLOW_UPS, ended.id) == "2 follow-ups released."
    assert await office.do(Verb.SEND_FOLLOW_UPS, ended.id) == "There was nothing left to release."
    released = await office.all(FollowUp)
    assert {(f.delivery.state, f.delivery.decided_by) for f in released} == {(DeliveryState.PENDING, ADA.name)}
    assert (await office.get(ended)).history[-1].text == "released 2 follow-ups"


async def test_the_press_drafts_what_is_still_owed(office: Office) -> None:
    await office.hear()
    going = await office.declare()
    await office.resolve(going)
    assert await office.do(Verb.SEND_FOLLOW_UPS, going.id) == "1 follow-ups released."


@pytest.mark.parametrize(
    ("changes", "verdict", "drafted", "released"),
    [
        ({}, ReplyVerdict.ALLOWED, DeliveryState.DRAFT, DeliveryState.PENDING),
        ({"source": "appstore", "source_type": "appstore"}, ReplyVerdict.ASSISTED, DeliveryState.DRAFT,
         DeliveryState.ASSISTED),
        ({"source": "form", "source_type": "form", "kind": MentionKind.REPORT}, ReplyVerdict.FORBIDDEN,
         DeliveryState.SKIPPED, DeliveryState.SKIPPED),
        ({"source": "form", "source_type": "form", "kind": MentionKind.REPORT, "contact": "z@mail.example"},
         ReplyVerdict.ALLOWED, DeliveryState.DRAFT, DeliveryState.PENDING),
    ],
)  # fmt: skip
async def test_the_platforms_rules_decide_how(
    office: Office, changes: dict[str, Any], verdict: ReplyVerdict, drafted: DeliveryState, released: DeliveryState
) -> None:
    ended = await over(office, "1", **changes)
    (draft,) = await office.all(FollowUp)
    assert (draft.decision.verdict, draft.delivery.state, draft.delivery.to) == (
        verdict, drafted, changes.get("contact"),
    )  # fmt: skip
    await office.do(Verb.SEND_FOLLOW_UPS, ended.id)
    assert (await office.get(draft)).delivery.state is released


async def opt_out(office: Office, person: str) -> None:
    await office.store.add(Person(person, "z", "mastodon", NOW, NOW))
    await update(office.store, Person, person, lambda p: replace(p, opted_out=True))


async def test_who_opted_out_is_left_in_peace(office: Office) -> None:
    case = await office.hear(person="1")
    assert case is not None
    await opt_out(office, case.person_id)
    await over(office, "2")
    states = {f.author: f.delivery.state for f in await office.all(FollowUp)}
    assert states == {"user1": DeliveryState.SKIPPED, "user2": DeliveryState.DRAFT}


async def test_who_opts_out_after_the_draft_is_left_in_peace_too(office: Office) -> None:
    ended = await over(office, "1", "2")
    first = next(f for f in await office.all(FollowUp) if f.author == "user1")
    await opt_out(office, first.person_id)
    assert await office.do(Verb.SEND_FOLLOW_UPS, ended.id) == "1 follow-ups released."
    assert (await office.get(first)).delivery.state is DeliveryState.SKIPPED


async def test_who_turned_out_not_to_complain_hears_nothing(office: Office) -> None:
    case = await office.hear(person="1")
    assert case is not None
    going = await office.declare()
    await office.do(Verb.NOT_A_COMPLAINT, case.id)
    await office.resolve(going)
    assert await office.follow_ups.draft_due() == 0


async def test_a_case_that_is_added_after_the_end_is_followed_up_as_well(office: Office) -> None:
    ended = await over(office, "1")
    office.clock.passes(minutes=5)
    late = await office.hear(native="late", person="9", created_at=NOW)
    assert late is not None
    await office.do(Verb.ADD_TO_INCIDENT, late.id, {"incident": ended.id})
    assert await office.follow_ups.draft_due() == 1
    assert sorted(f.author for f in await office.all(FollowUp)) == ["user1", "user9"]


async def test_where_the_owner_wants_it_allowed_answers_go_by_themselves() -> None:
    async with open_office(auto=True) as office:
        await office.hear(native="x", person="2", source="appstore", source_type="appstore")
        await over(office, "1")
        states = {f.author: (f.delivery.state, f.delivery.decided_by) for f in await office.all(FollowUp)}
    assert states == {"user1": (DeliveryState.PENDING, "hubbub"), "user2": (DeliveryState.DRAFT, None)}


async def test_an_incident_without_complaints_has_nothing_to_send(office: Office) -> None:
    ended = await over(office)
    assert ended.resolved_at == NOW + timedelta(minutes=30)
    assert await office.do(Verb.SEND_FOLLOW_UPS, ended.id) == "There was nothing left to release."
    with pytest.raises(Refused, match="not known"):
        await office.do(Verb.SEND_FOLLOW_UPS, "inc_gone")
