"""What comes back to a follow-up: noted once on it and on the incident, never a new case for those who are content."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import generate_latest

from app.desk.answers import ON_PAGE, keep, tell_case
from app.metrics import Metrics
from app.store.protocol import update
from domain.action import Verb
from domain.care.case import Case, FlagCode
from domain.care.follow_up import FollowUp
from domain.care.satisfaction import Answer, tally
from domain.heard.mention import MentionKind, MentionRecord
from domain.incidents.incident import Incident
from domain.records import Person
from domain.work import DeliveryState
from tests.app.desk.office import Crash, Crashing, Office, front_desk, open_office, stored, understanding
from tests.domain.make import NOW, meaning, mention


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def asked(office: Office, *people: str, **changes: Any) -> Incident:
    """An incident that people complained about, resolved, whose follow-ups have arrived; then a quarter passes."""
    for person in people:
        await office.hear(native=f"post-{person}", person=person, **changes)
    going = await office.declare()
    office.clock.passes(minutes=30)
    await office.resolve(going)
    await office.do(Verb.SEND_FOLLOW_UPS, going.id)
    for follow_up in await office.all(FollowUp):
        await update(office.store, FollowUp, follow_up.id, lambda f: arrived(f, office))
    office.clock.passes(minutes=15)
    return going


def arrived(follow_up: FollowUp, office: Office) -> FollowUp:
    """Post it as Mastodon would."""
    sent = replace(
        follow_up.delivery, state=DeliveryState.SENT, sent_at=office.clock(), remote_id=f"asked-{follow_up.author}"
    )
    return replace(follow_up, delivery=sent) if follow_up.delivery.state is DeliveryState.PENDING else follow_up


async def say(office: Office, text: str, person: str = "1", native: str = "answer", **changes: Any) -> MentionRecord:
    """Let a person answer the follow-up (or something else) and let hubbub understand it."""
    author = replace(mention().author, id=person, handle=f"user{person}")
    given = {
        "author": author, "created_at": office.clock(), "in_reply_to": f"asked-user{person}",
        "kind": MentionKind.REPLY, **changes,
    }  # fmt: skip
    said = mention(text, native, **given)
    await office.store.add(stored(said))
    await understanding(office.store, office.front).run()
    found = await office.store.get(MentionRecord, said.id)
    assert found is not None
    return found


async def only(office: Office) -> FollowUp:
    (found,) = await office.all(FollowUp)
    assert isinstance(found, FollowUp)
    return found


@pytest.mark.parametrize(
    ("text", "answer", "rating"),
    [
        ("@nar yes, thank you! 5", Answer.FIXED, 5),
        ("evet düzeldi", Answer.FIXED, None),
        ("بله درست شد", Answer.FIXED, None),
        ("4/5", None, 4),
        ("👍", Answer.FIXED, None),
    ],
)
async def test_those_who_are_content_are_noted_and_make_no_case(
    office: Office, text: str, answer: Answer | None, rating: int | None
) -> None:
    going = await asked(office, "1")
    record = await say(office, text)
    found = await only(office)
    assert (found.answer, found.rating, found.answered_at) == (answer, rating, office.clock())
    assert record.case_id is None
    assert len(await office.all(Case)) == 1
    assert (await office.get(going)).still_broken == ()


async def test_still_broken_counts_once_and_becomes_a_case_whatever_the_classifier_thinks(office: Office) -> None:
    going = await asked(office, "1")
    (first,) = await office.all(Case)
    await office.do(Verb.CLOSE, first.id)
    record = await say(office, "no")  # which no classifier calls a complaint
    assert (await only(office)).answer is Answer.STILL_BROKEN
    assert (await office.get(going)).still_broken == (record.person_id,)
    case = await office.store.get(Case, record.case_id or "")
    assert case is not None
    assert (case.reason.code, case.component, case.text) == (FlagCode.STILL_BROKEN, "payments", "no")


async def test_still_broken_joins_a_case_that_nobody_has_answered_yet(office: Office) -> None:
    await asked(office, "1")
    record = await say(office, "no")
    (case,) = await office.all(Case)
    assert (record.case_id, case.mention_ids[-1], case.text) == (case.id, record.id, "no")


async def test_another_complaint_of_the_same_person_is_not_counted_twice(office: Office) -> None:
    going = await asked(office, "1")
    await say(office, "still broken")
    await say(office, "my card is still broken, declined again", native="post", in_reply_to=None)
    incident = await office.get(going)
    assert len(incident.still_broken) == 1
    assert sum("still broken" in line.text for line in incident.history) == 1


async def test_three_who_say_so_put_the_end_in_doubt(office: Office) -> None:
    going = await asked(office, "1", "2", "3")
    for person in ("1", "2", "3"):
        assert not (await office.get(going)).suggests_reopening
        await say(office, "no", person, native=f"no-{person}")
    assert (await office.get(going)).suggests_reopening


async def test_who_changes_their_mind_is_heard_and_taken_off_the_list(office: Office) -> None:
    going = await asked(office, "1")
    await say(office, "no 2", native="first")
    office.clock.passes(minutes=5)
    await say(office, "yes, works now", native="second")
    found = await only(office)
    assert (found.answer, found.rating, found.answered_at) == (Answer.FIXED, 2, office.clock())
    assert (await office.get(going)).still_broken == ()


async def test_an_edited_answer_replaces_what_it_said(office: Office) -> None:
    going = await asked(office, "1")
    record = await say(office, "yes")
    office.clock.passes(minutes=5)
    edited = replace(record.mention, text="no", edited_at=office.clock())
    await update(office.store, MentionRecord, record.id, lambda r: stored(edited, version=r.version))
    await understanding(office.store, office.front).run()
    assert (await only(office)).answer is Answer.STILL_BROKEN
    assert len((await office.get(going)).still_broken) == 1


async def test_an_older_word_that_comes_late_does_not_replace_a_newer_one(office: Office) -> None:
    going = await asked(office, "1")
    earlier = office.clock()
    office.clock.passes(minutes=5)
    await say(office, "yes", native="newer")
    await say(office, "no", native="older", created_at=earlier)
    assert (await only(office)).answer is Answer.FIXED
    assert (await office.get(going)).still_broken == ()


async def test_an_unclear_answer_stays_an_ordinary_mention(office: Office) -> None:
    await asked(office, "1")
    assert (await say(office, "and when do I get my money?")).case_id is None
    complaint = await say(office, "yes but now the other card is declined", native="b")
    assert complaint.case_id is not None
    found = await only(office)
    assert (found.answer, found.rating, found.answered_at) == (None, None, None)


async def test_stop_is_still_the_way_out(office: Office) -> None:
    await asked(office, "1")
    record = await say(office, "stop")
    person = await office.store.get(Person, record.person_id)
    assert person is not None and person.opted_out
    assert (await only(office)).answered_at is None


@pytest.mark.parametrize(
    "changes",
    [
        {"in_reply_to": None},
        {"in_reply_to": "a-friend"},
        {"in_reply_to": "a-friend", "root": "post-1"},
        {"in_reply_to": "post-1", "created_at": NOW},
        {"in_reply_to": "asked-user2"},
    ],
    ids=["a post of its own", "to a friend", "to a friend in the thread", "before we asked", "to another's follow-up"],
)
async def test_what_was_not_said_to_us_is_no_answer(office: Office, changes: dict[str, Any]) -> None:
    await asked(office, "1")
    await say(office, "yes", **changes)
    assert (await only(office)).answered_at is None


async def test_somebody_else_cannot_answer_for_a_person(office: Office) -> None:
    await asked(office, "1")
    await say(office, "no", "9", in_reply_to="asked-user1")
    assert (await only(office)).answered_at is None


@pytest.mark.parametrize(
    ("remote", "changes"),
    [
        ("at://nar/post/9|bafy", {"in_reply_to": "at://nar/post/9", "root": "post-1"}),
        ("asked", {"in_reply_to": "post-1"}),
        ("<fol_1@nar.example>", {"in_reply_to": "<fol_1@nar.example>", "root": "<fol_1@nar.example>"}),
        ("x", {"in_reply_to": "y", "root": "post-1", "kind": MentionKind.MESSAGE}),
    ],
    ids=["Bluesky", "under their own post", "mail", "a private talk"],
)
async def test_answers_are_known_by_what_the_platforms_tell(
    office: Office, remote: str, changes: dict[str, Any]
) -> None:
    await asked(office, "1")
    known = await only(office)
    sent = replace(known.delivery, remote_id=remote)
    await update(office.store, FollowUp, known.id, lambda f: replace(f, delivery=sent))
    await say(office, "yes", **changes)
    assert (await only(office)).answer is Answer.FIXED


async def test_a_mail_is_read_without_our_own_subject(office: Office) -> None:
    await asked(office, "1", source="form", source_type="form", kind=MentionKind.REPORT, contact="z@mail.example")
    follow_up = await only(office)
    assert follow_up.delivery.channel == "mail"
    changes = {"source": "inbox", "source_type": "mail", "contact": "z@mail.example", "kind": MentionKind.MESSAGE}
    await say(office, "About your report\n\nYes, thank you! 5", **changes)
    found = await only(office)
    assert (found.answer, found.rating) == (Answer.FIXED, 5)
    await say(office, "About your report\n\nstop", native="out", **changes)
    person = await office.store.get(Person, found.person_id)
    assert person is not None and person.opted_out


async def test_what_was_posted_by_hand_can_be_answered_too(office: Office) -> None:
    await asked(office, "1", source="appstore", source_type="appstore")
    follow_up = await only(office)
    assert follow_up.delivery.state is DeliveryState.ASSISTED
    await say(office, "yes", source="appstore", source_type="appstore", in_reply_to="post-1")
    assert (await only(office)).answer is Answer.FIXED


async def test_our_own_people_and_bots_answer_nothing(office: Office) -> None:
    await asked(office, "1")
    record = await say(office, "hello", native="x")
    ours = replace(record, own=True, mention=replace(record.mention, text="no"), classification=meaning())
    assert await office.care.consider(ours) is None
    assert (await only(office)).answered_at is None


async def test_an_incident_that_is_open_again_counts_nobody(office: Office) -> None:
    going = await asked(office, "1")
    await office.do(Verb.UPDATE, going.id, {"text.en": "It is back.", "status": "investigating"}, key="u")
    await say(office, "no")
    assert (await only(office)).answer is Answer.STILL_BROKEN
    assert (await office.get(going)).still_broken == ()


async def test_the_answer_counts_where_the_story_is_told_now(office: Office) -> None:
    going = await asked(office, "1")
    other = await office.declare(key="k2", **{"title.en": "Checkout fails"})
    await office.do(Verb.MERGE, going.id, {"incident": other.id})
    await office.resolve(other, key="r2")
    await say(office, "no")
    assert len((await office.get(other)).still_broken) == 1
    assert (await office.get(going)).still_broken == ()


@pytest.mark.parametrize(("writes", "written"), [(n, written) for n in (1, 2, 3) for written in (False, True)])
async def test_a_kill_while_noting_loses_and_doubles_nothing(office: Office, writes: int, written: bool) -> None:
    going = await asked(office, "1")
    said = mention("no", "answer", author=replace(mention().author, id="1", handle="user1"), in_reply_to="asked-user1",
                   created_at=office.clock())  # fmt: skip
    await office.store.add(stored(said))
    dying: Any = Crashing(office.store, writes, written=written)
    with pytest.raises(Crash):
        await understanding(dying, front_desk(dying, office.clock)).run()
    await understanding(office.store, office.front).run()
    assert (await only(office)).answer is Answer.STILL_BROKEN
    incident = await office.get(going)
    assert len(incident.still_broken) == 1
    assert sum("still broken" in line.text for line in incident.history) == 1
    (case,) = await office.all(Case)
    assert case.mention_ids[1:] == (said.id,)


async def test_the_figures_add_up_over_an_incident(office: Office) -> None:
    going = await asked(office, "1", "2", "3", "4")
    await say(office, "yes 5", "1", native="a")
    await say(office, "no 2", "2", native="b")
    await say(office, "4/5", "3", native="c")
    found = tally(await office.all(FollowUp, incident_id=going.id))
    assert (found.asked, found.answered, found.fixed, found.still_broken) == (4, 3, 1, 1)
    assert found.score == pytest.approx(2 / 3)


async def test_prometheus_sees_the_answers(office: Office) -> None:
    await asked(office, "1", "2")
    await say(office, "yes 5", "1", native="a")
    metrics = Metrics(office.store, office.clock)
    await metrics.measure()
    text = generate_latest(metrics.registry).decode()
    assert 'hubbub_follow_up_answers{answer="fixed"} 1.0' in text
    assert 'hubbub_follow_up_answers{answer="still_broken"} 0.0' in text


async def test_a_word_on_our_page_stands_on_the_case_once(office: Office) -> None:
    await asked(office, "1")
    follow_up = await only(office)
    for _ in range(2):
        kept = await keep(office.store, follow_up.id, Answer.STILL_BROKEN, 1, office.clock(), office.clock())
        assert kept is not None
        await tell_case(office.store, kept, office.clock())
    (case,) = await office.all(Case)
    assert [line.text for line in case.history].count(f"noted: {ON_PAGE}") == 1


async def test_an_answer_to_what_was_erased_meanwhile_is_dropped(office: Office) -> None:
    assert await keep(office.store, "fol_gone", Answer.FIXED, None, NOW, NOW) is None
