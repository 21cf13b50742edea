"""Each record's card is drawn with what it needs from its neighbours."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.slack.views import Views
from domain.action import Verb
from domain.incidents.signal import Signal, SignalState
from tests.app.desk.office import COMPONENTS, PAGE, Office, open_office
from tests.domain.make import evidence, signal


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


def views(office: Office) -> Views:
    return Views(office.store, COMPONENTS, PAGE, office.clock)


async def test_a_case_offers_the_incidents_that_are_open(office: Office) -> None:
    case = await office.hear()
    assert case is not None
    ended = await office.declare(key="a", **{"title.en": "Old trouble", "components": "delivery"})
    await office.resolve(ended)
    office.clock.passes(minutes=1)
    going = await office.declare(key="b", **{"title.en": "Parcels are late", "components": "delivery"})
    shown = str((await views(office).draw(await office.get(case))).blocks)
    assert "Parcels are late" in shown
    assert f"{case.id}|{going.id}" in shown
    assert "Old trouble" not in shown
    assert f"{PAGE}/desk/cases/{case.id}" in shown


async def test_a_signal_is_named_as_customers_name_the_component(office: Office) -> None:
    await office.incidents.observe("payments", SignalState.OPEN, evidence(), [])
    (opened,) = await office.all(Signal)
    view = await views(office).draw(opened)
    assert "Payments" in view.text
    assert f"{PAGE}/desk/signals/{opened.id}" in str(view.blocks)


async def test_a_component_that_left_the_settings_is_shown_by_its_id(office: Office) -> None:
    view = await views(office).draw(signal(component="old-shop"))
    assert "old-shop" in str(view.blocks) + view.text


async def test_an_incident_leads_to_a_page_that_is_there(office: Office) -> None:
    going = await office.declare(**{"title.tr": "Ödeme", "title.en": "Pay"})
    turkish = Views(office.store, COMPONENTS, PAGE, office.clock, language="tr")
    assert f"{PAGE}/tr/incidents/{going.id}.html" in str((await turkish.draw(going)).blocks)
    assert f"{PAGE}/en/incidents/{going.id}.html" in str((await views(office).draw(going)).blocks)


async def test_an_incident_counts_its_follow_ups_and_links_its_page(office: Office) -> None:
    for person in ("1", "2"):
        await office.hear(native=person, person=person)
    going = await office.declare()
    await office.resolve(going)
    await office.follow_ups.draft_due()
    shown = str((await views(office).draw(await office.get(going))).blocks)
    assert "Send follow-ups (2)" in shown
    assert f"{PAGE}/en/incidents/{going.id}.html" in shown
    await office.do(Verb.SEND_FOLLOW_UPS, going.id)
    shown = str((await views(office).draw(await office.get(going))).blocks)
    assert "Send follow-ups" not in shown
    assert "2 on their way" in shown
