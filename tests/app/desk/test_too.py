""" "I have this too": one affected person for each who says it, no work for the care team, a word at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from app.pipeline.intake import Intake
from app.store.protocol import update
from domain.action import Verb
from domain.care.case import Case, CaseStatus
from domain.care.follow_up import FollowUp
from domain.heard.mention import MentionRecord, Stage, Submission
from domain.incidents.incident import Incident
from domain.work import DeliveryState
from listener.sources.form import Form, Report
from tests.app.desk.office import Crash, Crashing, Office, front_desk, open_office, stored, understanding
from tests.domain.make import mention
from tests.listener.service import source


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def too(office: Office, incident: Incident, visitor: str = "v1", contact: str = "", language: str = "en") -> None:
    """Say it as the page's door does, and let it be understood."""
    async with aiohttp.ClientSession() as session:
        form = source("form", session)
    assert isinstance(form, Form)
    sent = Submission(f"net-{visitor}", visitor, True, incident.id)
    fields = {"contact": contact, "language": language}
    read = form.join(fields, sent, f"I have this too: {incident.title(language)}", "payments")
    assert isinstance(read, Report)
    await Intake(office.store, office.clock).take([read.mention])
    await understanding(office.store, office.front).run()


async def affected(office: Office, incident: Incident) -> int:
    return int((await office.get(incident)).affected)


async def test_everybody_counts_once_and_nobody_has_to_be_answered(office: Office) -> None:
    going = await office.declare()
    for visitor in ("v1", "v1", "v2"):
        await too(office, going, visitor)
    assert await affected(office, going) == 2
    cases = await office.all(Case)
    assert {(c.status, c.incident_id, c.card, c.work_at, c.attend_at) for c in cases} == {
        (CaseStatus.CLOSED, going.id, None, None, None)
    }
    assert all(record.case_id for record in await office.all(MentionRecord))


async def test_who_leaves_an_address_hears_of_the_end_in_their_language_and_the_others_do_not(office: Office) -> None:
    going = await office.declare()
    await too(office, going, "v1")
    await too(office, going, "v2", "ayse@mail.example", "tr")
    office.clock.passes(minutes=20)
    await office.resolve(going)
    await office.do(Verb.SEND_FOLLOW_UPS, going.id)
    drafts = {f.delivery.to: f.delivery for f in await office.all(FollowUp)}
    assert drafts["ayse@mail.example"].state is DeliveryState.PENDING
    assert "Ödemeler çalışmıyor" in drafts["ayse@mail.example"].text
    assert drafts[None].state is DeliveryState.SKIPPED


async def test_who_pressed_first_and_left_an_address_later_is_one_person_who_hears_of_the_end(office: Office) -> None:
    going = await office.declare()
    await too(office, going, "v1")
    await too(office, going, "v1", "ayse@mail.example")
    await too(office, going, "v1", "bora@mail.example")  # somebody else at the same screen
    assert await affected(office, going) == 2
    await office.resolve(going)
    await office.follow_ups.draft_due()
    assert {f.delivery.to for f in await office.all(FollowUp)} == {"ayse@mail.example", "bora@mail.example"}


async def test_who_complained_before_with_the_same_address_is_one_person(office: Office) -> None:
    await office.hear(native="m1", contact="ayse@mail.example")
    going = await office.declare()
    await too(office, going, "v1", "Ayse@mail.example")
    assert await affected(office, going) == 1


async def test_no_customers_words_are_a_copy_of_ours(office: Office) -> None:
    title = "Card payments fail in the app since one o'clock this afternoon"
    going = await office.declare(**{"title.en": title})
    for visitor in ("v1", "v2"):
        await too(office, going, visitor)
    await office.store.add(stored(mention(f"I have this too: {title}", "post")))
    await understanding(office.store, office.front).run()
    assert {record.duplicate_of for record in await office.all(MentionRecord)} == {None}


async def test_said_a_moment_before_the_end_it_is_told_all_the_same(office: Office) -> None:
    going = await office.declare()
    await office.resolve(going)
    await office.follow_ups.draft_due()
    await too(office, going, "v1", "ayse@mail.example")
    await office.follow_ups.draft_due()
    assert [f.delivery.to for f in await office.all(FollowUp)] == ["ayse@mail.example"]


async def test_where_it_was_merged_meanwhile_the_other_incident_counts_them(office: Office) -> None:
    first = await office.declare(key="a")
    office.clock.passes(minutes=1)
    second = await office.declare(key="b", **{"components": "delivery"})
    await office.do(Verb.MERGE, second.id, {"incident": first.id})
    await too(office, second, "v1")
    assert await affected(office, first) == 1


async def test_where_nobody_may_see_the_incident_any_more_it_is_a_report_for_the_care_team(office: Office) -> None:
    going = await office.declare()
    await update(office.store, Incident, going.id, _private)
    await too(office, going, "v1")
    (case,) = await office.all(Case)
    assert (case.status, case.incident_id) == (CaseStatus.OPEN, None)


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("writes", [1, 2, 3, 4])
async def test_a_kill_while_it_is_understood_counts_nobody_twice(office: Office, writes: int, written: bool) -> None:
    going = await office.declare()
    await too(office, going, "v0")
    record = (await office.all(MentionRecord))[0]
    await office.store.delete(Case)
    await update(office.store, MentionRecord, record.id, _new)
    broken = Crashing(office.store, writes, written=written)
    with pytest.raises(Crash):
        await understanding(broken, front_desk(broken, office.clock)).run()
        raise Crash  # everything was written already
    await understanding(office.store, office.front).run()
    assert await affected(office, going) == 1
    assert len(await office.all(Case)) == 1


def _private(incident: Incident) -> Incident:
    return replace(incident, private=True)


def _new(record: MentionRecord) -> MentionRecord:
    return replace(record, stage=Stage.NEW, classification=None, case_id=None)
