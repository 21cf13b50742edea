"""The page's own form: a customer's report, in any language, with any nonsense in its fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from domain.heard.mention import MentionKind, person_id
from listener.sources.form import FormProblem, Report, joining_id, parse_report
from tests.listener.service import ORIGIN, json_fixture, source

P = FormProblem


def report(**fields: Any) -> Report:
    made = parse_report({"text": "checkout fails", **fields}, ORIGIN, components=("payments", "app"))
    assert isinstance(made, Report)
    return made


def test_a_report_becomes_a_mention_with_contact_and_component() -> None:
    made = parse_report(json_fixture("form.json"), ORIGIN, components=("payments",))
    assert isinstance(made, Report)
    mention = made.mention
    assert (mention.kind, mention.language, mention.addressed) == (MentionKind.REPORT, "fa", True)
    assert mention.text == "پرداخت با کارت کار نمی‌کند"
    assert (mention.contact, mention.author.name, made.component) == ("Sara@Example.org", "Sara", "payments")
    assert mention.about == "payments"


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, (P.EMPTY,)),
        ({"text": " \n "}, (P.EMPTY,)),
        ({"text": ["a list"]}, (P.EMPTY,)),
        ({"text": "x" * 5001}, (P.TOO_LONG,)),
        ({"text": "broken", "contact": "not a mail"}, (P.BAD_CONTACT,)),
        ({"text": "broken", "contact": "a@b"}, (P.BAD_CONTACT,)),
        ({"text": "broken", "contact": "a@b.example, c@d.example"}, (P.BAD_CONTACT,)),
        ({"text": "", "contact": "x"}, (P.EMPTY, P.BAD_CONTACT)),
        ({"text": "broken", "website": "http://spam"}, (P.TRAPPED,)),
    ],
)
def test_what_is_wrong_is_listed(fields: dict[str, object], problems: tuple[FormProblem, ...]) -> None:
    assert parse_report(fields, ORIGIN) == problems


@pytest.mark.parametrize("contact", ["a@b.example", "o'brien@b.example", "Ünal.Ç+x@posta.örnek.tr", ""])
def test_usual_addresses_pass_and_none_is_needed(contact: str) -> None:
    assert report(contact=contact).mention.contact == (contact or None)


def test_a_header_cannot_be_smuggled_through_the_address() -> None:
    assert parse_report({"text": "broken", "contact": "a@b.example\nBcc: c@d.example"}, ORIGIN) == (P.BAD_CONTACT,)


def test_sent_twice_it_is_one_report() -> None:
    assert report().mention.id == report().mention.id
    later = parse_report({"text": "checkout fails"}, replace(ORIGIN, now=ORIGIN.now + timedelta(hours=2)))
    assert isinstance(later, Report)
    assert later.mention.id != report().mention.id


def test_a_person_is_known_by_the_address_and_strangers_stay_apart() -> None:
    assert person_id(report(contact="A@b.example").mention) == person_id(report(contact="a@B.example").mention)
    assert person_id(report(text="It fails.").mention) != person_id(report(text="It fails here.").mention)


def test_no_field_can_name_the_report_of_somebody_else() -> None:
    theirs = joining_id("inc_1", "victim@mail.example")
    assert report(nonce=theirs, native_id=theirs, id=theirs).mention.native_id == report().mention.native_id


def test_an_unknown_component_is_ignored() -> None:
    assert [report(component=given).component for given in ("app", "nope", 7, None)] == ["app", None, None, None]


async def test_the_source_knows_its_options(session: aiohttp.ClientSession) -> None:
    made: Any = source("form", session, min_length=10)
    assert made.receive({"text": "too short"}) == (P.EMPTY,)
    assert made.receive({"text": "long enough"}).mention.source == "form-test"
    assert (await made.fetch(None)).mentions == ()
