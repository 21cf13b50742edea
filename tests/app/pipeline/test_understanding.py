"""Stored mentions get their meaning and their case; every step may be repeated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.desk.care import CareDesk
from app.pipeline.intake import Intake
from app.pipeline.understanding import PAGE
from app.store.protocol import Store, Where
from domain.care.case import Case, FlagCode
from domain.errors import PermanentError
from domain.heard.classification import Classification
from domain.heard.mention import MentionKind, MentionRecord, Stage, person_id
from domain.records import Person
from tests.app.desk.office import Crash, Crashing, Office, front_desk, open_office, read_words, stored, understanding
from tests.domain.make import NOW, mention


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def understand(office: Office, **changes: Any) -> list[MentionRecord]:
    """Understand all that waits; give what was heard by the counting."""
    heard: list[MentionRecord] = []
    await understanding(office.store, office.front, heard=heard.append, **changes).run()
    return heard


async def the_only(store: Store, kind: Any) -> Any:
    (found,) = await store.find(kind)
    return found


async def test_a_complaint_is_classified_named_and_made_a_case(office: Office) -> None:
    await office.store.add(stored(mention("my card was declined")))
    (heard,) = await understand(office)
    record, case = await the_only(office.store, MentionRecord), await the_only(office.store, Case)
    assert heard == record
    assert record.stage is Stage.UNDERSTOOD
    assert record.classification is not None
    assert (record.classification.component, record.classification.why) == ("payments", ("declined",))
    assert record.case_id == case.id
    assert (case.component, case.reason.code, case.reason.words) == ("payments", FlagCode.COMPLAINT, ("declined",))
    assert case.due_at == NOW + timedelta(hours=1)


async def test_praise_is_understood_without_a_case(office: Office) -> None:
    await office.store.add(stored(mention("thank you, it works")))
    (heard,) = await understand(office)
    assert (heard.case_id, heard.stage, await office.all(Case)) == (None, Stage.UNDERSTOOD, [])


async def test_what_the_reporter_picked_wins_over_the_words(office: Office) -> None:
    report = mention("my parcel is broken", kind=MentionKind.REPORT, about="payments", contact="z@mail.example")
    await office.store.add(stored(report))
    await understand(office)
    assert (await the_only(office.store, Case)).component == "payments"


async def test_our_own_words_are_never_a_case(office: Office) -> None:
    await office.store.add(stored(mention("payments are broken, we are on it"), own=True))
    (heard,) = await understand(office)
    assert heard.classification is not None
    assert (heard.classification.why, await office.all(Case)) == ((), [])


async def test_near_duplicates_are_folded_into_the_first(office: Office) -> None:
    text = "the payment page of this shop is broken again today, nobody can pay anything at all"
    others = [replace(mention().author, id=str(number)) for number in range(3)]
    for number, author in enumerate(others):
        at = NOW + timedelta(seconds=number)
        await office.store.add(stored(mention(text, str(number), author=author), received_at=at))
    await understand(office)
    first, *rest = await office.store.find(MentionRecord, order="received_at")
    assert first.duplicate_of is None
    assert [record.duplicate_of for record in rest] == [first.id, first.id]


async def test_the_same_problem_of_one_person_is_one_case(office: Office) -> None:
    await office.store.add(stored(mention("card declined", "1")), stored(mention("card still declined!!", "2")))
    await understand(office)
    case = await the_only(office.store, Case)
    assert len(case.mention_ids) == 2
    assert case.contacts == 2
    assert {record.case_id for record in await office.all(MentionRecord)} == {case.id}


async def test_more_than_a_page_is_understood_in_one_run(office: Office) -> None:
    await office.store.add(*(stored(mention(f"fine {n}", str(n))) for n in range(PAGE + 5)))
    assert len(await understand(office)) == PAGE + 5
    assert await understand(office) == []


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("writes", range(1, 6))
async def test_a_kill_at_any_write_leaves_one_case_and_true_counts(office: Office, writes: int, written: bool) -> None:
    await office.store.add(stored(mention("card declined", "1")), stored(mention("card declined, really", "2")))
    dying: Any = Crashing(office.store, writes, written=written)
    with pytest.raises(Crash):
        await understanding(dying, front_desk(dying, office.clock)).run()
    await understand(office)
    case, person = await the_only(office.store, Case), await the_only(office.store, Person)
    assert len(case.mention_ids) == 2
    assert (person.mentions, person.complaints) == (2, 2)
    records = await office.all(MentionRecord)
    assert {record.stage for record in records} == {Stage.UNDERSTOOD}
    assert {record.case_id for record in records} == {case.id}


async def test_counts_of_a_person_follow_an_edit(office: Office) -> None:
    intake = Intake(office.store, office.clock)
    await intake.take([mention("broken", "1"), mention("broken!", "2"), mention("thanks", "3")])
    await understand(office)
    assert (await the_only(office.store, Person)).complaints == 2
    await intake.take([mention("works again", "1")])
    await understand(office)
    person = await the_only(office.store, Person)
    assert (person.mentions, person.complaints) == (3, 1)


async def test_a_person_is_known_from_the_first_to_the_last_word(office: Office) -> None:
    early, late = NOW - timedelta(days=2), NOW - timedelta(hours=1)
    for number, at in enumerate([late, early]):
        await office.store.add(stored(mention("fine", str(number), created_at=at)))
        await understand(office)
    person = await the_only(office.store, Person)
    assert (person.first_seen, person.last_seen) == (early, late)


async def test_an_edit_that_arrives_meanwhile_wins(office: Office) -> None:
    await office.store.add(stored(mention("card declined")))
    intake, rounds = Intake(office.store, office.clock), 0

    async def slow(texts: Sequence[str]) -> list[Classification]:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            await intake.take([mention("works fine now")])
        return await read_words(texts)

    (heard,) = await understand(office, classify=slow)
    assert heard.mention.text == "works fine now"
    assert heard.classification is not None
    assert heard.classification.is_complaint is False
    assert (heard.edits, rounds, await office.all(Case)) == (("card declined",), 2, [])


async def test_an_edit_in_the_last_moment_is_understood_in_the_next_round(office: Office) -> None:
    await office.store.add(stored(mention("card declined")))
    intake, edits = Intake(office.store, office.clock), ["card declined twice"]

    async def why(text: str, meaning: Classification) -> tuple[str, ...]:
        if edits:
            await intake.take([mention(edits.pop())])
        return ()

    heard = await understand(office, why=why)
    assert [record.mention.text for record in heard] == ["card declined twice"]  # the old words are never counted
    assert heard[0].classification is not None
    case = await the_only(office.store, Case)
    assert heard[0].case_id == case.id


async def test_who_is_erased_meanwhile_stays_erased(office: Office) -> None:
    await office.store.add(stored(mention("card declined")))

    async def slow(texts: Sequence[str]) -> list[Classification]:
        await office.store.delete(MentionRecord, Where("person_id", "eq", person_id(mention())))
        return await read_words(texts)

    assert await understand(office, classify=slow) == []
    assert (await office.all(Person), await office.all(Case), await office.all(MentionRecord)) == ([], [], [])


async def test_one_mention_that_cannot_be_finished_holds_up_no_other(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    class Stumbling(CareDesk):
        async def consider(self, record: MentionRecord) -> Case | None:
            if record.mention.text == "broken beyond reading":
                raise PermanentError("this one is damaged")
            return await CareDesk.consider(self, record)

    care = office.care
    desk = Stumbling(care.store, care.policy, care.channel, care.now, care.can_send)
    await office.store.add(stored(mention("broken beyond reading", "1")), stored(mention("declined", "2")))
    front: Any = replace(office.front, care=desk)
    assert await understanding(office.store, front).run() == 1
    stages = {r.mention.native_id: r.stage for r in await office.all(MentionRecord)}
    assert stages == {"1": Stage.NEW, "2": Stage.UNDERSTOOD}
    assert "this one is damaged" in caplog.text


async def test_after_a_start_the_open_hours_are_remembered(office: Office) -> None:
    text = "the payment page of this shop is broken again today, nobody can pay anything at all"
    other = replace(mention().author, id="70")
    old = stored(mention(text, "0", author=other), received_at=NOW - timedelta(hours=7))
    await office.store.add(old, stored(mention(text, "1"), received_at=NOW - timedelta(hours=1)))
    await understand(office)
    fresh = understanding(office.store, office.front)  # the next process
    await fresh.remember(NOW)
    author = replace(mention().author, id="77")
    await office.store.add(stored(mention(text, "2", author=author)))
    await fresh.run()
    again = await office.store.get(MentionRecord, mention(native="2").id)
    assert again is not None
    assert again.duplicate_of == mention(native="1").id
