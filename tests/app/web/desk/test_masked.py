"""The desk masks what identifies a customer; whoever answers a case sees how to reach them, and never a card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.store import Store
from domain.care.case import Case
from domain.heard.mention import Author
from domain.incidents.signal import Quote
from domain.records import AuditEntry, Person
from tests.app.privacy.private import CARD, MAIL, PHONE, SECRETS, WORDS, left, told
from tests.app.web.desk.conftest import Opened
from tests.app.web.desk.hall import Browser
from tests.domain.make import NOW, case, evidence, incident, mention, record, signal, word


@pytest.fixture
async def told_case(store: Store) -> Case:
    """Zeynep's case with her words, her post, an earlier one, a note, a log entry; and a signal that quotes her."""
    known = told(case(contact=MAIL))
    said = mention(WORDS, author=Author("42", MAIL, ""), contact=MAIL)
    earlier = record(mention(WORDS, "0", author=said.author), person_id=known.person_id)
    await store.add(
        known, earlier,
        record(said, id=known.mention_ids[0], case_id=known.id, person_id=known.person_id, edits=(WORDS,)),
        Person(known.person_id, MAIL, "form", NOW, NOW, 2, 2),
        replace(known, id="case_other", component="delivery"),
        signal(evidence=evidence(quotes=(Quote(WORDS, "mastodon", "en", NOW, "m1"),), terms=(PHONE,))),
        AuditEntry("a1", NOW, "Ada", "desk", "note", known.id, f"Noted. [text={WORDS}]"),
        incident(word(texts={"en": "Call us: 0212 555 12 34"})),
    )  # fmt: skip
    return known


@pytest.mark.parametrize(
    "path", ["/desk?tab=all", "/desk/audit", "/desk/signals/sig_1", "/desk/incidents", "/desk/day"]
)
async def test_pages_of_the_desk_are_masked(desk: Browser, told_case: Case, path: str) -> None:
    page = await desk.get(path)
    assert page.status == 200
    assert not left(page.text)


@pytest.mark.parametrize("path", ["/desk?tab=all", "/desk/audit", "/desk/signals/sig_1"])
async def test_what_is_masked_can_be_seen_to_be(desk: Browser, told_case: Case, path: str) -> None:
    page = await desk.get(path)
    assert "[card]" in page.text and "[phone]" in page.text


async def test_who_answers_a_case_sees_phone_and_mail_but_never_a_card(desk: Browser, told_case: Case) -> None:
    page = await desk.get(f"/desk/cases/{told_case.id}")
    assert PHONE in page.part("#thread") and MAIL in page.part("#thread")
    assert "my card [card] was declined" in page.part("#thread")
    assert MAIL in page.part("#side"), "the address to answer to"
    assert not left(page.text, SECRETS)
    assert not left(page.part("#beside")), "the queue beside it is masked as a whole"
    assert page.part(".history").endswith("[mail] wrote again")


async def test_what_customers_were_told_is_shown_as_they_read_it(desk: Browser, told_case: Case) -> None:
    page = await desk.get("/desk/incidents/inc_1")
    assert "Call us: 0212 555 12 34" in page.part("#timeline")


async def test_the_desk_shows_all_where_the_owner_wants_it(open_desk: Opened, store: Store, told_case: Case) -> None:
    browser = await open_desk(privacy={"mask": False})
    await browser.sign_in()
    page = await browser.get(f"/desk/cases/{told_case.id}")
    assert CARD in page.part("#thread")
