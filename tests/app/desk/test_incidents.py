"""The incident desk: one signal per component, an incident in one write, posts decided by people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domain.action import Action, Verb
from domain.care.case import Case
from domain.component import ComponentStatus
from domain.errors import Refused
from domain.incidents.incident import Impact, Incident, IncidentStatus
from domain.incidents.signal import Signal, SignalState
from domain.work import DeliveryState
from tests.app.desk.office import DECLARATION, Crash, Crashing, Office, front_desk, open_office
from tests.domain.make import ADA, BORA, NOW, evidence, meaning


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def observe(office: Office, state: SignalState = SignalState.OPEN, **changes: Any) -> Signal | None:
    """Let the detector say something about payments; give the newest signal."""
    mentions = changes.pop("mentions", ["men_1"])
    await office.incidents.observe("payments", state, evidence(**changes), mentions)
    return next(iter(await office.store.find(Signal, order="-opened_at", limit=1)), None)


# --- signals


@pytest.mark.parametrize("state", [SignalState.WARMING, SignalState.QUIET, SignalState.WATCH, SignalState.RECOVERING])
async def test_only_an_opening_opens_a_signal(office: Office, state: SignalState) -> None:
    assert await observe(office, state) is None


async def test_an_opening_gets_a_card_and_a_time_to_escalate(office: Office) -> None:
    opened = await observe(office)
    assert opened is not None
    assert (opened.component, opened.state, opened.mention_ids) == ("payments", SignalState.OPEN, ("men_1",))
    assert opened.card is not None
    assert opened.card.channel == "#on-call"
    assert opened.escalate_at == NOW + timedelta(minutes=5)
    assert opened.work_at is not None


async def test_the_same_rise_seen_again_renews_the_one_signal(office: Office) -> None:
    await observe(office)
    office.clock.passes(minutes=1)
    await observe(office, people=20, mentions=["men_1", "men_2"])
    (renewed,) = await office.all(Signal)
    assert (renewed.evidence.people, renewed.mention_ids, renewed.history) == (20, ("men_1", "men_2"), ())
    await observe(office, SignalState.CLOSED, people=20)
    (closed,) = await office.all(Signal)
    assert (closed.over, closed.closed_at, closed.escalate_at) == (True, NOW + timedelta(minutes=1), None)


async def test_many_observers_at_once_open_one_signal(office: Office) -> None:
    later = [evidence(since=NOW - timedelta(minutes=n)) for n in range(10)]
    await asyncio.gather(*(office.incidents.observe("payments", SignalState.OPEN, e, []) for e in later))
    assert len(await office.all(Signal)) == 1


async def test_what_was_dismissed_does_not_come_back_with_the_same_rise(office: Office) -> None:
    opened = await observe(office)
    assert opened is not None
    await office.do(Verb.DISMISS, opened.id, {"reason": "a viral joke"})
    await observe(office, people=30)
    (only,) = await office.all(Signal)
    assert (only.dismissed_reason, only.evidence.people) == ("a viral joke", 12)
    await observe(office, since=NOW + timedelta(hours=1))
    assert len(await office.all(Signal)) == 2


async def test_a_silenced_component_pages_nobody_until_the_silence_ends(office: Office) -> None:
    opened = await observe(office)
    assert opened is not None
    await office.do(Verb.SILENCE, opened.id, {"minutes": "60"})
    await observe(office, SignalState.CLOSED)
    later = NOW + timedelta(minutes=30)
    office.clock.passes(minutes=59)
    await observe(office, since=later)
    assert len(await office.all(Signal)) == 1
    office.clock.passes(minutes=1)
    await observe(office, since=later)
    assert len(await office.all(Signal)) == 2


async def test_a_rise_during_an_incident_on_it_calls_nobody(office: Office) -> None:
    going = await office.declare()
    opened = await observe(office)
    assert opened is not None
    assert (opened.incident_id, opened.escalate_at) == (going.id, None)


async def test_acknowledging_is_for_the_first_and_stops_the_escalation(office: Office) -> None:
    opened = await observe(office)
    assert opened is not None
    await office.do(Verb.ACKNOWLEDGE, opened.id)
    with pytest.raises(Refused, match="Ada acknowledged it already"):
        await office.do(Verb.ACKNOWLEDGE, opened.id, who=BORA)
    after = await office.get(opened)
    assert (after.acknowledged_by, after.acknowledged_at, after.escalate_at) == (ADA, NOW, None)


@pytest.mark.parametrize(
    ("verb", "values"), [(Verb.DISMISS, {"reason": "  "}), (Verb.DISMISS, {}), (Verb.SILENCE, {"minutes": "never"})]
)
async def test_a_decision_without_its_reason_or_length_is_refused(
    office: Office, verb: Verb, values: dict[str, str]
) -> None:
    opened = await observe(office)
    assert opened is not None
    with pytest.raises(Refused):
        await office.do(verb, opened.id, values)
    assert await office.get(opened) == opened


# --- declaring


async def test_declaring_is_one_document_with_its_first_word_and_drafts(office: Office) -> None:
    opened = await observe(office)
    assert opened is not None
    made = await office.declare(opened.id)
    assert made.titles == {"en": "Payments fail", "tr": "Ödemeler çalışmıyor"}
    assert (made.impact, made.status, made.declared_by) == (Impact.MAJOR, IncidentStatus.INVESTIGATING, ADA)
    assert made.started_at == opened.evidence.since
    assert made.components == {"payments": ComponentStatus.PARTIAL_OUTAGE}
    assert made.next_update_by == NOW + timedelta(minutes=30)
    assert [(d.language, d.state, d.channel) for d in made.deliveries] == [
        ("en", DeliveryState.DRAFT, "mastodon"), ("tr", DeliveryState.DRAFT, "mastodon"),
    ]  # fmt: skip
    assert "We are looking." in made.deliveries[0].text
    assert made.id in made.deliveries[0].text
    tied = await office.get(opened)
    assert (tied.incident_id, tied.acknowledged_by, tied.escalate_at) == (made.id, ADA, None)


async def test_the_same_submit_twice_is_one_incident(office: Office) -> None:
    for _ in range(2):
        await office.do(Verb.DECLARE, "", DECLARATION, key="view-1")
    assert len(await office.all(Incident)) == 1


async def test_two_people_who_declare_from_one_signal_make_one_incident(office: Office) -> None:
    opened = await observe(office)
    assert opened is not None
    await asyncio.gather(
        *(office.do(Verb.DECLARE, opened.id, DECLARATION, key=f"view-{n}") for n in range(5)), return_exceptions=True
    )
    with pytest.raises(Refused, match="declared from this signal already"):
        await office.do(Verb.DECLARE, opened.id, DECLARATION, key="view-9", who=BORA)
    assert len(await office.all(Incident)) == 1


async def test_the_repeat_of_a_submit_from_a_signal_is_no_error(office: Office) -> None:
    opened = await observe(office)
    assert opened is not None
    await office.declare(opened.id, "view-1")
    assert await office.do(Verb.DECLARE, opened.id, DECLARATION, key="view-1") == "This incident is declared already."


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("writes", [1, 2, 3, 4])
async def test_a_kill_anywhere_while_declaring_is_mended_by_the_next_press(
    office: Office, writes: int, written: bool
) -> None:
    opened = await observe(office)
    assert opened is not None
    await office.hear()
    dying: Any = Crashing(office.store, writes, written=written)
    action = Action(Verb.DECLARE, opened.id, ADA, DECLARATION, "view-1")
    with pytest.raises(Crash):
        await front_desk(dying, office.clock).act(action)
    halves = await office.all(Incident)
    assert all(len(half.updates) == 1 and len(half.deliveries) == 2 for half in halves)
    await office.front.act(action)
    (made,) = await office.all(Incident)
    assert (await office.get(opened)).incident_id == made.id
    assert [case.incident_id for case in await office.all(Case)] == [made.id]
    assert made.affected == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title.en": " ", "title.tr": ""}, "Write the title in at least one language"),
        ({"text.en": "", "text.tr": ""}, "Write the text in at least one language"),
        ({"text.en": "x" * 3001}, "longer than 3000"),
        ({"components": ""}, "An incident needs a component"),
        ({"components": "payments,moon"}, "'moon' is no component; known are delivery, payments"),
        ({"impact": "huge"}, "impact must be one of none, minor, major, critical, not 'huge'"),
        ({"component_status": "dead"}, "component_status must be one of"),
        ({"next_update_minutes": "soon"}, "number of minutes"),
    ],
)
async def test_a_wrong_form_says_what_to_change_and_writes_nothing(
    office: Office, changes: dict[str, str], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        await office.do(Verb.DECLARE, "", DECLARATION | changes, key="k")
    assert await office.all(Incident) == []


# --- who is affected


async def test_complaints_since_shortly_before_are_linked_and_people_counted_once(office: Office) -> None:
    office.clock.passes(hours=-2)
    await office.hear(native="old", person="40")
    office.clock.passes(hours=2)
    for native, person in (("1", "42"), ("2", "43"), ("3", "43")):
        await office.hear(native=native, person=person, understood=meaning())
    await office.hear(native="4", person="44", understood=meaning(component="delivery"))
    wrong = await office.hear(native="5", person="45")
    assert wrong is not None
    await office.do(Verb.NOT_A_COMPLAINT, wrong.id)
    made = await office.declare()
    linked = [case.author for case in await office.all(Case, incident_id=made.id)]
    assert sorted(linked) == ["user42", "user43"]
    assert (await office.get(made)).affected == 2


async def test_later_complaints_are_linked_by_the_upkeep(office: Office) -> None:
    made = await office.declare()
    await office.hear(native="9", person="50")
    assert await office.incidents.link_cases(made) == 1
    assert await office.incidents.link_cases(made) == 0
    assert (await office.get(made)).affected == 1


async def test_a_count_that_a_crash_left_behind_is_mended(office: Office) -> None:
    made = await office.declare()
    await office.hear()
    dying: Any = Crashing(office.store, 1, written=True)  # the case is linked, the count is not
    with pytest.raises(Crash):
        await front_desk(dying, office.clock).incidents.link_cases(made)
    await office.incidents.link_cases(made)
    assert (await office.get(made)).affected == 1


async def test_whoever_complained_in_the_last_minute_hears_of_the_end(office: Office) -> None:
    made = await office.declare()
    await office.hear()  # no upkeep between this and the end
    await office.resolve(made)
    assert (await office.get(made)).affected == 1


# --- updates


async def test_an_update_is_one_write_with_its_posts_and_counts_once(office: Office) -> None:
    made = await office.declare()
    office.clock.passes(minutes=20)
    values = {"text.en": "We found it.", "status": "identified", "component_status": "major_outage"}
    for _ in range(2):
        await office.do(Verb.UPDATE, made.id, values, key="view-2")
    after = await office.get(made)
    assert [update.status for update in after.updates] == ["investigating", "identified"]
    assert after.components == {"payments": ComponentStatus.MAJOR_OUTAGE}
    assert len(after.deliveries) == 3
    assert after.next_update_by is None


async def test_resolving_ends_it_makes_the_components_well_and_owes_follow_ups(office: Office) -> None:
    made = await office.declare()
    office.clock.passes(minutes=90)
    word = await office.resolve(made)
    after = await office.get(made)
    assert word.startswith("Resolved.")
    assert (after.is_open, after.resolved_at, after.follow_up) == (False, NOW + timedelta(minutes=90), True)
    assert after.components == {"payments": ComponentStatus.OPERATIONAL}
    with pytest.raises(Refused, match="resolved already"):
        await office.resolve(made, "another press")


async def test_an_update_after_the_end_reopens_it(office: Office) -> None:
    made = await office.declare()
    await office.resolve(made)
    await office.do(Verb.UPDATE, made.id, {"text.en": "It is back.", "status": "investigating"}, key="v3")
    after = await office.get(made)
    assert (after.is_open, after.resolved_at) == (True, None)
    assert after.components == {"payments": ComponentStatus.PARTIAL_OUTAGE}


async def test_an_update_of_nothing_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="not known"):
        await office.do(Verb.UPDATE, "inc_gone", {"text.en": "x"})
    made = await office.declare()
    with pytest.raises(Refused, match="at least one language"):
        await office.do(Verb.UPDATE, made.id, {"text.de": "nur deutsch"})


# --- posts


async def test_each_draft_is_approved_edited_or_skipped_by_a_person(office: Office) -> None:
    made = await office.declare()
    english, turkish = made.deliveries
    changed = {"delivery": english.id, "text": "Shorter."}
    assert await office.do(Verb.EDIT_POST, made.id, changed) == "Changed."
    assert await office.do(Verb.APPROVE_POST, made.id, {"delivery": english.id}, who=BORA) == "Approved."
    assert await office.do(Verb.SKIP_POST, made.id, {"delivery": turkish.id}) == "Skipped."
    after = await office.get(made)
    assert [(d.text == "Shorter.", d.state, d.decided_by) for d in after.deliveries] == [
        (True, DeliveryState.PENDING, "Bora"), (False, DeliveryState.SKIPPED, "Ada"),
    ]  # fmt: skip


@pytest.mark.parametrize("verb", [Verb.APPROVE_POST, Verb.EDIT_POST, Verb.SKIP_POST])
async def test_a_post_is_decided_once(office: Office, verb: Verb) -> None:
    made = await office.declare()
    which = {"delivery": made.deliveries[0].id, "text": "new"}
    await office.do(Verb.APPROVE_POST, made.id, which)
    with pytest.raises(Refused, match="pending already"):
        await office.do(verb, made.id, which)
    with pytest.raises(Refused, match="not known"):
        await office.do(verb, made.id, {"delivery": "del_gone", "text": "new"})


@pytest.mark.parametrize("values", [{"text": " "}, {"text": ""}, {}])
async def test_an_empty_post_is_refused(office: Office, values: dict[str, str]) -> None:
    made = await office.declare()
    with pytest.raises(Refused, match="empty post"):
        await office.do(Verb.EDIT_POST, made.id, {"delivery": made.deliveries[0].id, **values})
