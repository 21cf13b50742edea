"""Merge, split, publish, roles, notes and complaint links at the incident desk; each is finished after a kill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.desk.telling import telling
from domain.action import Action, Verb
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.component import ComponentStatus
from domain.errors import Refused
from domain.incidents.incident import Incident
from domain.incidents.severity import Severity
from domain.incidents.signal import Signal, SignalState
from domain.work import Actor, DeliveryState
from tests.app.desk.office import Crash, Crashing, Office, front_desk, open_office
from tests.domain.make import ADA, BORA, evidence, meaning

PARCELS = {"title.en": "Parcels are late", "text.en": "We look.", "components": "delivery"}


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def two(office: Office) -> tuple[Incident, Incident]:
    """Payments with one case and a signal, delivery with two cases of one person each and a signal."""
    await office.hear()
    for native, person in (("2", "43"), ("3", "44")):
        await office.hear("my parcel is late", native, person=person, understood=meaning(component="delivery"))
    await office.incidents.observe("delivery", SignalState.OPEN, evidence(), ["men_1"])
    payments = await office.declare()
    await office.do(Verb.DECLARE, "", PARCELS, key="k2")
    (parcels,) = [i for i in await office.all(Incident) if i.id != payments.id]
    return payments, parcels


async def linked(office: Office, incident: Incident) -> tuple[int, int, int]:
    """Count cases, signals and affected people of an incident."""
    about = {"incident_id": incident.id}
    known = await office.get(incident)
    return len(await office.all(Case, **about)), len(await office.all(Signal, **about)), known.affected


async def test_merging_moves_complaints_and_signals_and_taking_it_back_brings_them_home(office: Office) -> None:
    payments, parcels = await two(office)
    word = await office.do(Verb.MERGE, parcels.id, {"incident": payments.id})
    assert word == "Merged: “Payments fail” tells it now. This can be taken back."
    assert (await linked(office, payments), await linked(office, parcels)) == ((3, 1, 3), (0, 0, 0))
    assert (await office.get(payments)).components["delivery"] is ComponentStatus.PARTIAL_OUTAGE
    assert await telling(office.store, parcels.id) == await office.get(payments)
    await office.incidents.tie(await office.get(payments))  # a round changes nothing
    await office.do(Verb.UNMERGE, parcels.id)
    assert (await linked(office, payments), await linked(office, parcels)) == ((1, 0, 1), (2, 1, 2))
    assert set((await office.get(payments)).components) == {"payments"}


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("writes", range(1, 9))
@pytest.mark.parametrize("verb", [Verb.MERGE, Verb.UNMERGE])
async def test_a_kill_anywhere_is_mended_by_the_next_press(
    office: Office, verb: Verb, writes: int, written: bool
) -> None:
    payments, parcels = await two(office)
    if verb is Verb.UNMERGE:
        await office.do(Verb.MERGE, parcels.id, {"incident": payments.id})
    action = Action(verb, parcels.id, ADA, {"incident": payments.id}, "v")
    dying: Any = Crashing(office.store, writes, written=written)
    with pytest.raises(Crash):
        await front_desk(dying, office.clock).act(action)
    if (await office.get(parcels)).merged_into or verb is Verb.MERGE:
        await office.front.act(action)
    ours, theirs = await linked(office, payments), await linked(office, parcels)
    assert (ours, theirs) == (((3, 1, 3), (0, 0, 0)) if verb is Verb.MERGE else ((1, 0, 1), (2, 1, 2)))


async def test_those_who_came_along_hear_of_the_end_once_and_nobody_hears_of_the_merged_one(office: Office) -> None:
    payments, parcels = await two(office)
    await office.resolve(parcels, "r0")
    await office.do(Verb.MERGE, parcels.id, {"incident": payments.id})
    await office.follow_ups.draft_due()
    assert await office.all(FollowUp) == []
    await office.resolve(payments)
    await office.follow_ups.draft_due()
    assert {f.incident_id for f in await office.all(FollowUp)} == {payments.id}
    assert len(await office.all(FollowUp)) == 3
    with pytest.raises(Refused, match="told by the other"):
        await office.do(Verb.SEND_FOLLOW_UPS, parcels.id)


async def test_a_split_takes_the_components_with_their_complaints(office: Office) -> None:
    await two(office)
    both = await office.declare("", "k3", components="payments,delivery")
    for known in await office.all(Incident):
        if known.id != both.id:
            await office.do(Verb.MERGE, known.id, {"incident": both.id})
    assert await linked(office, both) == (3, 1, 3)
    for _ in range(2):
        await office.do(Verb.SPLIT, both.id, PARCELS, key="s1")
    (new,) = [i for i in await office.all(Incident, is_open=True) if i.id != both.id]
    assert (set(new.components), new.started_at, len(new.deliveries)) == ({"delivery"}, both.started_at, 1)
    assert set((await office.get(both)).components) == {"payments"}
    assert (await linked(office, both), await linked(office, new)) == ((1, 0, 1), (2, 1, 2))
    with pytest.raises(Refused, match="does not touch delivery"):
        await office.do(Verb.SPLIT, both.id, PARCELS, key="s2")
    with pytest.raises(Refused, match="must stay"):
        await office.do(Verb.SPLIT, both.id, PARCELS | {"components": "payments"}, key="s3")


# --- private


async def test_nothing_of_a_private_incident_leaves_until_it_is_published(office: Office) -> None:
    case = await office.hear()
    assert case is not None
    secret = await office.declare(private="yes", **{"text.en": "Key 4711 has leaked."})
    assert (secret.public, secret.deliveries, secret.affected) == (False, (), 1)
    await office.do(Verb.UPDATE, secret.id, {"text.en": "Rotated.", "status": "identified"}, key="u")
    await office.resolve(secret)
    await office.follow_ups.draft_due()
    assert await office.all(FollowUp) == []
    assert await telling(office.store, secret.id) is None
    with pytest.raises(Refused, match="Nothing of a private incident leaves"):
        await office.do(Verb.SEND_FOLLOW_UPS, secret.id)
    word = {"title.en": "Sign-in", "text.en": "Please sign in again.", "status": "monitoring"}
    await office.do(Verb.PUBLISH, secret.id, word, key="p")
    known = await office.get(secret)
    assert (known.public, known.is_open, [u.texts["en"] for u in known.updates]) == (
        True,
        True,
        ["Please sign in again."],
    )
    assert "4711" not in str((known.updates, known.deliveries, known.titles))
    await office.resolve(known, "r2")
    await office.follow_ups.draft_due()
    assert len(await office.all(FollowUp)) == 1


# --- people


async def test_whoever_declares_leads_until_somebody_else_does(office: Office) -> None:
    made = await office.declare()
    assert (made.severity, made.lead, made.comms) == (Severity.SEV2, ADA, None)
    await office.do(Verb.TAKE_COMMS, made.id, who=BORA)
    await office.do(Verb.ORGANISE, made.id, {"severity": "sev1", "lead": "slack|U9|Ece: the 2nd"})
    known = await office.get(made)
    assert (known.severity, known.lead, known.comms) == (Severity.SEV1, Actor("U9", "Ece: the 2nd", "slack"), BORA)
    await office.do(Verb.ORGANISE, made.id, {"lead": ""})
    assert (await office.get(made)).lead is None
    for values in ({"severity": "sev9"}, {"lead": "nobody"}, {"comms": "mail|x|y"}):
        with pytest.raises(Refused):
            await office.do(Verb.ORGANISE, made.id, values)


async def test_a_note_stands_in_the_timeline_and_not_in_what_customers_read(office: Office) -> None:
    made = await office.declare()
    await office.do(Verb.TIMELINE, made.id, {"text": " restarted the gateway "})
    known = await office.get(made)
    assert known.history[-1].text == "noted: restarted the gateway"
    assert known.updates == made.updates
    with pytest.raises(Refused, match="says nothing"):
        await office.do(Verb.TIMELINE, made.id, {"text": " "})


# --- complaints


async def test_a_complaint_that_is_not_about_it_stays_off_and_the_count_follows(office: Office) -> None:
    case = await office.hear()
    assert case is not None
    made = await office.declare()
    await office.resolve(made)
    await office.follow_ups.draft_due()
    await office.do(Verb.NOT_ABOUT, made.id, {"case": case.id})
    assert await linked(office, made) == (0, 0, 0)
    assert (await office.get(case)).history[-1].text == f"said it is not about incident {made.id}"
    (word,) = await office.all(FollowUp)
    assert word.delivery.state is DeliveryState.SKIPPED
    await office.do(Verb.UPDATE, made.id, {"text.en": "Again.", "status": "investigating"}, key="again")
    await office.incidents.tie(await office.get(made))
    assert await linked(office, made) == (0, 0, 0)
    await office.do(Verb.IS_ABOUT, made.id, {"case": case.id})
    assert await linked(office, made) == (1, 0, 1)


async def test_what_names_nothing_is_suggested_until_a_person_decides(office: Office) -> None:
    made = await office.declare()
    unclear = [
        await office.hear("it is broken", str(n), person=str(n), understood=meaning(component=None)) for n in (7, 8)
    ]
    first, second = [case.id for case in unclear if case]
    assert {case.id for case in await office.incidents.linking.suggestions(made)} == {first, second}
    await office.do(Verb.IS_ABOUT, made.id, {"case": first})
    await office.do(Verb.NOT_ABOUT, made.id, {"case": second})
    known = await office.get(made)
    assert (await office.incidents.linking.suggestions(known), known.affected) == ([], 1)


async def test_a_complaint_of_another_incident_is_left_there(office: Office) -> None:
    payments, parcels = await two(office)
    (case,) = await office.all(Case, incident_id=payments.id)
    for verb in (Verb.NOT_ABOUT, Verb.IS_ABOUT):
        with pytest.raises(Refused, match="another incident"):
            await office.do(verb, parcels.id, {"case": case.id})
    with pytest.raises(Refused, match="not known"):
        await office.do(Verb.NOT_ABOUT, payments.id, {"case": "case_gone"})
