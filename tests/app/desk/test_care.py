"""The care desk: who has a case, what is answered and how, what the classifier is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domain.action import Action, Verb
from domain.care.case import CarePolicy, Case, CaseStatus, FlagCode
from domain.errors import Refused
from domain.heard.classification import Kind
from domain.heard.mention import MentionKind
from domain.records import AuditEntry, Correction, Person
from domain.work import Actor, DeliveryState
from tests.app.desk.office import Office, open_office
from tests.domain.make import ADA, BORA, NOW, incident, meaning, record


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def heard(office: Office, *args: Any, **changes: Any) -> Case:
    """Hear a mention that becomes a case, and give the case."""
    case = await office.hear(*args, **changes)
    assert case is not None
    return case


# --- opening and joining


async def test_a_flagged_mention_opens_a_case_and_the_next_one_joins(office: Office) -> None:
    case = await heard(office)
    office.clock.passes(minutes=5)
    again = await heard(office, "still declined", "2")
    assert again.id == case.id
    (stored,) = await office.all(Case)
    assert (stored.text, stored.contacts, stored.due_at) == ("still declined", 2, NOW + timedelta(hours=1))
    assert [line.text for line in stored.history] == ["wrote again"]


async def test_considering_the_same_mention_again_changes_nothing(office: Office) -> None:
    made = record()
    await office.store.add(made)
    first = await office.care.consider(made)
    second = await office.care.consider(made)
    assert first is not None
    assert second is not None
    assert (first.id, len(await office.all(Case))) == (second.id, 1)
    assert (await office.get(first)).version == 0


async def test_another_problem_or_person_is_another_case(office: Office) -> None:
    await heard(office)
    await heard(office, native="2", understood=meaning(component="delivery", kind=Kind.DELIVERY))
    await heard(office, native="3", person="43")
    assert len(await office.all(Case)) == 3


async def test_a_case_that_is_over_is_not_joined(office: Office) -> None:
    case = await heard(office)
    await office.do(Verb.CLOSE, case.id)
    again = await heard(office, "and again", "2")
    assert again.id != case.id
    assert again.contacts == 2


@pytest.mark.parametrize(
    ("changes", "understood", "code"),
    [
        ({}, meaning(is_complaint=False), None),
        ({"rating": 1}, meaning(is_complaint=False), FlagCode.LOW_RATING),
        ({"kind": MentionKind.REPORT}, meaning(is_complaint=False), FlagCode.REPORT),
        ({"created_at": NOW - timedelta(days=8)}, meaning(), None),
    ],
)
async def test_only_what_needs_an_answer_is_flagged(
    office: Office, changes: dict[str, Any], understood: Any, code: FlagCode | None
) -> None:
    case = await office.hear(understood=understood, **changes)
    assert (case.reason.code if case else None) == code


async def test_twenty_mentions_of_one_person_at_once_are_one_case(office: Office) -> None:
    cases = await asyncio.gather(*(office.hear(f"declined {n}", str(n)) for n in range(20)))
    (stored,) = await office.all(Case)
    assert {case.id for case in cases if case} == {stored.id}
    assert len(stored.mention_ids) == 20


# --- claiming


async def test_of_twenty_who_claim_at_once_one_wins_and_the_others_hear_who(office: Office) -> None:
    case = await heard(office)
    people = [Actor(f"U{n}", f"Person {n}", "slack") for n in range(20)]
    answers = await asyncio.gather(*(office.do(Verb.CLAIM, case.id, who=who) for who in people), return_exceptions=True)
    stored = await office.get(case)
    winners = [who for who, answer in zip(people, answers, strict=True) if answer == "It is yours."]
    assert winners == [stored.assignee]
    refusals = [str(answer) for answer in answers if isinstance(answer, Refused)]
    assert refusals == [f"{stored.assignee.name} has this case already."] * 19
    assert [line.text for line in stored.history] == ["claimed the case"]


async def test_claiming_twice_says_it_once(office: Office) -> None:
    case = await heard(office)
    await office.do(Verb.CLAIM, case.id)
    assert await office.do(Verb.CLAIM, case.id) == "It is yours."
    assert len((await office.get(case)).history) == 1


async def test_a_released_case_can_be_claimed_by_another(office: Office) -> None:
    case = await heard(office)
    await office.do(Verb.CLAIM, case.id)
    await office.do(Verb.RELEASE, case.id)
    await office.do(Verb.CLAIM, case.id, who=BORA)
    assert (await office.get(case)).assignee == BORA


# --- answering


async def test_a_reply_that_the_platform_allows_is_queued_with_the_case(office: Office) -> None:
    case = await heard(office)
    word = await office.do(Verb.REPLY, case.id, {"text": "  We are on it.  "}, key="v1")
    stored = await office.get(case)
    (reply,) = stored.replies
    assert word == "Your reply is on its way through mastodon."
    assert (reply.state, reply.text, reply.reply_to) == (DeliveryState.PENDING, "We are on it.", case.reply_to)
    assert (stored.status, stored.assignee, stored.first_response_at) == (CaseStatus.ANSWERED, ADA, NOW)
    assert stored.work_at is not None


async def test_the_same_reply_pressed_twice_is_one_delivery(office: Office) -> None:
    case = await heard(office)
    words = [await office.do(Verb.REPLY, case.id, {"text": "On it."}, key="v1") for _ in range(2)]
    assert words[0] == words[1]
    assert len((await office.get(case)).replies) == 1


async def test_a_second_reply_to_an_answered_case_is_refused(office: Office) -> None:
    case = await heard(office)
    await office.do(Verb.REPLY, case.id, {"text": "On it."}, key="v1")
    with pytest.raises(Refused, match="answered already"):
        await office.do(Verb.REPLY, case.id, {"text": "Really."}, key="v2", who=BORA)
    assert len((await office.get(case)).replies) == 1


async def test_an_answer_by_mail_goes_to_the_address_that_was_left(office: Office) -> None:
    report = {"source_type": "form", "source": "form", "kind": MentionKind.REPORT, "contact": "z@mail.example"}
    case = await heard(office, **report)
    await office.do(Verb.REPLY, case.id, {"text": "Hello"}, key="v1")
    (reply,) = (await office.get(case)).replies
    assert (reply.channel, reply.to, reply.state) == ("mail", "z@mail.example", DeliveryState.PENDING)


async def test_where_a_person_must_answer_the_draft_is_kept_until_they_did(office: Office) -> None:
    case = await heard(office, source="appstore", source_type="appstore")
    word = await office.do(Verb.REPLY, case.id, {"text": "Sorry!"}, key="v1")
    kept = await office.get(case)
    assert word.startswith("Not sent (answer at the platform itself)")
    assert (kept.status, kept.replies[0].state, kept.first_response_at) == (CaseStatus.OPEN, "assisted", None)
    office.clock.passes(minutes=10)
    await office.do(Verb.MARK_ANSWERED, case.id)
    done = await office.get(case)
    assert (done.status, done.replies[0].state) == (CaseStatus.ANSWERED, DeliveryState.SENT)
    assert done.first_response_at == NOW + timedelta(minutes=10)


async def test_a_reply_that_is_not_allowed_changes_nothing_but_the_audit(office: Office) -> None:
    case = await heard(office, source="form", source_type="form", kind=MentionKind.REPORT)
    with pytest.raises(Refused, match="they left no address"):
        await office.do(Verb.REPLY, case.id, {"text": "Hello"}, key="v1")
    assert await office.get(case) == case
    (entry,) = await office.all(AuditEntry)
    assert (entry.action, entry.detail.startswith("refused: No reply")) == ("reply", True)


async def test_who_opted_out_is_not_answered(office: Office) -> None:
    case = await heard(office)
    await office.store.add(Person(case.person_id, "z", "mastodon", NOW, NOW, opted_out=True))
    with pytest.raises(Refused, match="asked not to be contacted"):
        await office.do(Verb.REPLY, case.id, {"text": "Hello"})
    assert (await office.get(case)).replies == ()


@pytest.mark.parametrize("text", ["", "  \n "])
async def test_an_empty_reply_is_refused(office: Office, text: str) -> None:
    case = await heard(office)
    with pytest.raises(Refused, match="empty reply"):
        await office.do(Verb.REPLY, case.id, {"text": text})


# --- not a complaint


async def test_not_a_complaint_is_remembered_with_the_model_it_corrects(office: Office) -> None:
    case = await heard(office, "what a killer deal")
    await heard(office, "killer prices", "2")
    await office.do(Verb.NOT_A_COMPLAINT, case.id)
    corrections = await office.all(Correction)
    assert (await office.get(case)).status is CaseStatus.DISMISSED
    assert sorted(c.text for c in corrections) == ["killer prices", "what a killer deal"]
    assert {(c.is_complaint, c.model, c.by, c.language, c.said_complaint) for c in corrections} == {
        (False, "m1", "Ada", "en", 0.96)
    }


async def test_pressed_again_it_stores_what_a_crash_left_out(office: Office) -> None:
    case = await heard(office)
    await office.do(Verb.NOT_A_COMPLAINT, case.id)
    await office.store.delete(Correction)  # as if the process had ended between the two writes
    await office.do(Verb.NOT_A_COMPLAINT, case.id)
    await office.do(Verb.NOT_A_COMPLAINT, case.id)
    assert len(await office.all(Correction)) == 1
    assert len((await office.get(case)).history) == 1


async def test_an_answered_case_cannot_become_no_complaint(office: Office) -> None:
    case = await heard(office)
    await office.do(Verb.MARK_ANSWERED, case.id)
    with pytest.raises(Refused):
        await office.do(Verb.NOT_A_COMPLAINT, case.id)
    assert await office.all(Correction) == []


# --- time


async def test_a_snoozed_case_comes_back_when_its_time_has_come(office: Office) -> None:
    case = await heard(office)
    assert await office.do(Verb.SNOOZE, case.id, {"minutes": "20"}) == "Snoozed until 17:05 UTC."
    office.clock.passes(minutes=19)
    await office.care.upkeep()
    assert (await office.get(case)).status is CaseStatus.SNOOZED
    office.clock.passes(minutes=1)
    await office.care.upkeep()
    back = await office.get(case)
    assert (back.status, back.snoozed_until, back.history[-1].text) == (CaseStatus.OPEN, None, "is back from snooze")


@pytest.mark.parametrize("said", ["0", "-5", "abc", "1.5", "20161", "٥", "9" * 5000])
async def test_a_snooze_of_no_sensible_length_is_refused(office: Office, said: str) -> None:
    case = await heard(office)
    with pytest.raises(Refused, match="from 1 to 20160"):
        await office.do(Verb.SNOOZE, case.id, {"minutes": said})


async def test_each_warning_is_given_once(office: Office) -> None:
    case = await heard(office)
    warned = []
    for _ in range(14):
        office.clock.passes(minutes=5)
        await office.care.upkeep()
        await office.care.upkeep()
        warned.append((await office.get(case)).warned)
    assert warned == [0] * 5 + [1] * 4 + [2] * 2 + [3] * 3
    words = [line.text for line in (await office.get(case)).history]
    assert words == [
        "half of the time to answer is gone", "the answer is due soon", "the promised time has passed"
    ]  # fmt: skip


async def test_after_a_night_off_one_warning_is_enough(office: Office) -> None:
    case = await heard(office)
    office.clock.passes(hours=9)
    assert await office.care.upkeep() == 1
    assert await office.care.upkeep() == 0
    assert [line.text for line in (await office.get(case)).history] == ["the promised time has passed"]


async def test_an_answered_case_is_never_warned_about(office: Office) -> None:
    case = await heard(office)
    await office.do(Verb.MARK_ANSWERED, case.id)
    office.clock.passes(hours=9)
    assert await office.care.upkeep() == 0


async def test_the_time_to_answer_is_the_owners(office: Office) -> None:
    async with open_office(policy=CarePolicy(answer_within=timedelta(minutes=10))) as strict:
        case = await heard(strict)
        assert case.due_at == NOW + timedelta(minutes=10)


# --- incidents


async def test_adding_to_an_incident_counts_the_person_once(office: Office) -> None:
    going = incident()
    await office.store.add(going)
    for native, person in (("1", "42"), ("2", "43")):
        case = await heard(office, native=native, person=person)
        await office.do(Verb.ADD_TO_INCIDENT, case.id, {"incident": going.id})
        await office.do(Verb.ADD_TO_INCIDENT, case.id, {"incident": going.id})
    assert (await office.get(going)).affected == 2
    assert {case.incident_id for case in await office.all(Case)} == {going.id}


async def test_a_case_belongs_to_one_incident_that_is_known(office: Office) -> None:
    await office.store.add(incident(), incident(id="inc_2"))
    case = await heard(office)
    with pytest.raises(Refused, match="not known"):
        await office.do(Verb.ADD_TO_INCIDENT, case.id, {"incident": "inc_9"})
    await office.do(Verb.ADD_TO_INCIDENT, case.id, {"incident": "inc_1"})
    with pytest.raises(Refused, match="another incident"):
        await office.do(Verb.ADD_TO_INCIDENT, case.id, {"incident": "inc_2"})


async def test_still_broken_is_counted_once_per_person(office: Office) -> None:
    going = await office.declare()
    office.clock.passes(minutes=30)
    await office.resolve(going)
    office.clock.passes(minutes=5)
    for native in ("1", "2"):
        case = await heard(office, "still declined", native)
        assert case.reason.code is FlagCode.STILL_BROKEN or native == "2"
    await heard(office, "mine too", "3", person="43")
    after = await office.get(going)
    assert len(after.still_broken) == 2
    words = [line.text for line in after.history if "still broken" in line.text]
    assert words == ["1 people say it is still broken", "2 people say it is still broken"]


@pytest.mark.parametrize(
    ("changes", "minutes"),
    [
        ({"understood": meaning(component="delivery")}, 5),  # another component
        ({"created_at": NOW + timedelta(minutes=1)}, 5),  # said before the end, heard after it
        ({}, 25 * 60),  # a day later it is a new problem
    ],
)
async def test_what_has_nothing_to_do_with_the_end_is_not_counted(
    office: Office, changes: dict[str, Any], minutes: int
) -> None:
    going = await office.declare()
    office.clock.passes(minutes=30)
    await office.resolve(going)
    office.clock.passes(minutes=minutes)
    await office.hear(**changes)
    assert (await office.get(going)).still_broken == ()


async def test_still_broken_counts_after_an_incident_of_two_days(office: Office) -> None:
    going = await office.declare()
    office.clock.passes(days=2)
    await office.resolve(going)
    office.clock.passes(minutes=5)
    await heard(office)
    assert len((await office.get(going)).still_broken) == 1


# --- the front desk


async def test_what_a_case_cannot_do_is_refused_in_words(office: Office) -> None:
    with pytest.raises(Refused, match="nothing that can be done with a case"):
        await office.care.act(Action(Verb.DECLARE, "case_1", ADA))


@pytest.mark.parametrize("verb", [Verb.CLAIM, Verb.SNOOZE, Verb.NOTE, Verb.CLOSE, Verb.ACKNOWLEDGE, Verb.REPLY])
async def test_a_record_that_is_gone_is_said_to_be_gone(office: Office, verb: Verb) -> None:
    with pytest.raises(Refused, match=r"not known \(any more\)"):
        await office.do(verb, "gone", {"text": "x", "minutes": "5"})


async def test_everything_that_was_done_is_in_the_audit_log(office: Office) -> None:
    case = await heard(office)
    await office.do(Verb.CLAIM, case.id)
    await office.do(Verb.NOTE, case.id, {"text": "called them"}, who=BORA)
    with pytest.raises(Refused):
        await office.do(Verb.NOTE, case.id, {"text": " "})
    entries = {(e.actor, e.action, e.detail, e.via) for e in await office.all(AuditEntry)}
    assert entries == {
        ("Ada (U1)", "claim", "It is yours.", "slack"),
        ("Bora (U2)", "note", "Noted. [text=called them]", "slack"),
        ("Ada (U1)", "note", "refused: An empty note says nothing. [text= ]", "slack"),
    }
