"""Customers' words are masked when they leave the store: asserted on what arrived in Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.privacy.masking import as_it_is, hide_all, masked_case, masked_line, masked_signal, masking
from app.slack.cards import Cards
from app.slack.views import Views
from domain.action import Verb
from domain.care.case import Case
from domain.heard.mention import Author
from domain.incidents.signal import Quote, SignalState
from domain.work import Line
from tests.app.desk.office import COMPONENTS, PAGE, open_office
from tests.app.desk.slack_town import SlackTown, open_town
from tests.app.privacy.private import CARD, MAIL, PHONE, WORDS, left, told
from tests.domain.make import NOW, case, evidence, signal


def test_nothing_of_a_case_is_left_unmasked() -> None:
    shown = str(masked_case(told(case(contact=MAIL)), hide_all)).replace(f"contact='{MAIL}'", "")
    assert not left(shown)
    assert "[phone]" in shown and "[card]" in shown


def test_a_signal_is_masked_whatever_rules_chose_its_quotes() -> None:
    quotes = (Quote(WORDS, "mastodon", "en", NOW, "m1"),)
    shown = masked_signal(signal(evidence=evidence(quotes=quotes, terms=(PHONE, "declined"))), hide_all)
    assert not left(str(shown))
    assert shown.evidence.terms == ("[phone]", "declined")


def test_the_owner_may_switch_it_off() -> None:
    known = told(case())
    assert masked_case(known, masking(False)) is known
    assert masked_signal(signal(), as_it_is) == signal()
    assert masked_line(Line(NOW, "Ada", PHONE), masking(False)).text == PHONE
    assert masking(True)(PHONE) == "[phone]"


@pytest.fixture
async def town() -> AsyncIterator[SlackTown]:
    async with open_office() as office, open_town(office) as opened:
        yield opened


async def a_case(town: SlackTown, text: str = WORDS) -> Case:
    author = Author("42", "", MAIL)
    case_ = await town.office.hear(text, author=author)
    assert case_ is not None
    return case_


async def test_slack_never_sees_what_identifies_a_customer(town: SlackTown) -> None:
    case_ = await a_case(town)
    await town.office.do(Verb.NOTE, case_.id, {"text": f"they can be reached at {PHONE}"})
    await town.office.do(Verb.REPLY, case_.id, {"text": f"We have called {PHONE}"})
    outbox = town.outbox()
    await outbox.run()
    await outbox.run()
    said = str(town.posts()) + str(town.thread())
    assert not left(said)
    assert "my card [card] was declined, call [phone] or write [mail]; [IBAN]; kimlik [national id]" in said
    assert any("they can be reached at [phone]" in line for line in town.thread())
    (sent,) = town.office.tapes["mastodon"].sent
    assert sent.text == f"We have called {PHONE}", "the customer gets our words as they are"


async def test_the_form_for_an_answer_quotes_them_masked(town: SlackTown) -> None:
    await a_case(town)
    await town.outbox().run()
    opened = await town.press(Verb.REPLY)
    assert "[card] was declined" in str(opened)
    assert not left(str(opened))


async def test_evidence_is_masked_on_the_card(town: SlackTown) -> None:
    quotes = (Quote(WORDS, "mastodon", "en", NOW, "m1"),)
    await town.office.incidents.observe("payments", SignalState.OPEN, evidence(quotes=quotes, terms=(PHONE,)), [])
    await town.outbox().run()
    said = str(town.posts("on-call"))
    assert "[card] was declined" in said
    assert not left(said)


async def test_slack_shows_all_where_the_owner_wants_it(town: SlackTown) -> None:
    await a_case(town)
    office = town.office
    views = Views(office.store, COMPONENTS, PAGE, office.clock, masking(False))
    cards = Cards(office.store, town.client, office.clock, views.draw, masking(False))
    await replace(town.outbox(), cards=cards).run()
    assert CARD in str(town.posts())
