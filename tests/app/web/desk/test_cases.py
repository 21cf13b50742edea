"""The page of a case: what it shows, and that each button changes the store as it says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.store import Store
from app.store.protocol import Where
from domain.care.case import Case, CaseStatus
from domain.heard.mention import Author, mention_id
from domain.records import AuditEntry, Correction, Person
from domain.work import Actor, Delivery, DeliveryState
from tests.app.web.desk.hall import Browser, Clock
from tests.domain.make import ADA, NOW, case, incident, meaning, mention, record, signal

ME = Actor("link:Operator", "Operator", "desk")


@pytest.fixture
async def opened(store: Store) -> Case:
    """Zeynep's open case, with her post and her record."""
    known = case()
    await store.add(known, record(case_id=known.id), Person(known.person_id, "Zeynep", "mastodon", NOW, NOW, 1, 1))
    return known


def path(known: Case) -> str:
    return f"/desk/cases/{known.id}"


async def again(store: Store, known: Case) -> Case:
    found = await store.get(Case, known.id)
    assert found is not None
    return found


async def test_a_case_shows_who_what_why_and_until_when(desk: Browser, opened: Case) -> None:
    page = await desk.get(path(opened))
    assert "zeynep on Mastodon" in page.part("h1")
    assert "Answer due 17:45 UTC (in 1 h)" in page.part("#state")
    assert "Why flagged: complaint 96%" in page.part("#state")
    assert "1st contact about Payments · English" in page.part("#state")
    assert [mark.get_text() for mark in page.soup.select("#thread mark")] == ["declined"]
    assert "Nobody has it yet" in page.part("#state")


@pytest.mark.parametrize(
    ("verb", "fields", "check"),
    [
        ("claim", {}, lambda c: c.assignee == ME),
        ("note", {"text": "the bank confirmed it"}, lambda c: c.history[-1].text == "noted: the bank confirmed it"),
        ("snooze", {"minutes": "60"}, lambda c: c.snoozed_until == NOW + timedelta(hours=1)),
        ("close", {}, lambda c: c.status is CaseStatus.CLOSED),
        ("not_a_complaint", {}, lambda c: c.status is CaseStatus.DISMISSED),
        ("reply", {"text": "We are on it."}, lambda c: c.replies[0].text == "We are on it."),
    ],
)
async def test_a_button_changes_the_case(
    desk: Browser, store: Store, opened: Case, verb: str, fields: dict[str, str], check: object
) -> None:
    page = await desk.press(await desk.get(path(opened)), f"/{verb}", **fields)
    assert page.status == 200
    assert page.word, "the desk says what happened"
    assert check(await again(store, opened))  # type: ignore[operator]


async def test_a_claimed_case_can_be_released(desk: Browser, store: Store, opened: Case) -> None:
    page = await desk.press(await desk.get(path(opened)), "/claim")
    assert "You have it" in page.part("#state")
    await desk.press(page, "/release")
    assert (await again(store, opened)).assignee is None


async def test_a_reply_is_queued_with_its_author_and_shown_with_its_state(
    desk: Browser, store: Store, opened: Case
) -> None:
    page = await desk.get(path(opened))
    assert "hubbub sends it: the platform lets us answer public posts" in page.part("#reply")
    page = await desk.press(page, "/reply", text="We are on it.\r\nSorry!")
    reply = (await again(store, opened)).replies[0]
    assert (reply.text, reply.channel, reply.state, reply.decided_by, reply.language) == (
        "We are on it.\nSorry!", "mastodon", DeliveryState.PENDING, "Operator", "en",
    )  # fmt: skip
    assert page.word == "Your reply is on its way through mastodon."
    assert "is on its way" in page.part("#thread .ours")


async def test_the_answer_begins_with_a_draft_in_the_language_of_the_customer(desk: Browser, store: Store) -> None:
    await store.add(case(language="tr", incident_id="inc_1"), incident())
    page = await desk.get(path(case()))
    field = page.soup.select_one("#reply-text")
    assert field is not None and field["lang"] == "tr"
    assert "http://desk.example/en/incidents/inc_1.html" in field.get_text()
    assert "teşekkür" in field.get_text()


async def test_where_a_person_must_post_the_desk_says_so_and_waits_for_the_word(desk: Browser, store: Store) -> None:
    await store.add(case(source="reviews", source_type="appstore", reply_channel="reviews"))
    page = await desk.get(path(case()))
    assert "Posted by hand: answer at the platform itself" in page.part("#reply")
    page = await desk.press(page, "/reply", text="Sorry, we look into it.")
    known = await again(store, case())
    assert (known.status, known.replies[0].state) == (CaseStatus.OPEN, DeliveryState.ASSISTED)
    assert "to be posted by hand" in page.part("#thread .ours")
    await desk.press(page, "/mark_answered")
    known = await again(store, case())
    assert (known.status, known.replies[0].state) == (CaseStatus.ANSWERED, DeliveryState.SENT)


async def test_somebody_who_asked_for_peace_gets_no_answer_form(desk: Browser, store: Store) -> None:
    known = case()
    await store.add(known, Person(known.person_id, "Zeynep", "mastodon", NOW, NOW, opted_out=True))
    page = await desk.get(path(known))
    assert "We may not answer: this person asked not to be contacted" in page.part("#reply")
    assert page.form("/reply") is None


async def test_a_case_joins_an_open_incident(desk: Browser, store: Store, opened: Case) -> None:
    await store.add(incident())
    page = await desk.press(await desk.get(path(opened)), "/add_to_incident", incident="inc_1")
    assert (await again(store, opened)).incident_id == "inc_1"
    assert "Payments fail" in page.part("#side")
    assert "added it to incident “Payments fail”" in page.part(".history")


async def test_a_correction_reaches_the_classifier(desk: Browser, store: Store, opened: Case) -> None:
    await desk.press(await desk.get(path(opened)), "/not_a_complaint")
    assert [c.mention_id for c in await store.find(Correction)] == [record().id]


async def test_a_refusal_stands_beside_its_form_and_keeps_what_was_written(
    desk: Browser, store: Store, opened: Case
) -> None:
    page = await desk.get(path(opened))
    await store.replace(replace(await again(store, opened), status=CaseStatus.ANSWERED))
    refused = await desk.press(page, "/note", text="   ")
    assert refused.status == 422
    assert refused.part("#note .problem") == "An empty note says nothing."
    refused = await desk.press(page, "/claim")
    assert (refused.status, refused.part("#state .problem")) == (422, "This case is answered already.")
    await store.replace(replace(await again(store, opened), status=CaseStatus.OPEN))
    refused = await desk.post(f"{path(opened)}/reply", {**_hidden(page), "text": "x" * 20_001})
    assert "longer than 20000 characters" in refused.part("#reply .problem")
    kept = refused.soup.select_one("#reply-text")
    assert kept is not None and "xxx" in kept.get_text()
    assert refused.soup.select_one("#reply form[data-kept]") is not None, "live news must not replace it"


def _hidden(page: object) -> dict[str, str]:
    form = page.form("/reply")  # type: ignore[attr-defined]
    return {field["name"]: field["value"] for field in form.select("input[type=hidden]")}


async def test_a_colleague_was_faster(desk: Browser, store: Store, opened: Case) -> None:
    page = await desk.get(path(opened))
    await store.replace(replace(await again(store, opened), assignee=ADA))
    refused = await desk.press(page, "/claim")
    assert refused.part("#state .problem") == "Ada has this case already."
    assert "Ada has it" in refused.part("#state")


async def test_the_same_form_sent_twice_acts_once(desk: Browser, store: Store, opened: Case) -> None:
    page = await desk.get(path(opened))
    both = await asyncio.gather(
        *[desk.press(page, "/note", text="only once") for _ in range(3)],
        *[desk.press(page, "/reply", text="Sorry!") for _ in range(3)],
    )
    assert {answer.status for answer in both} == {200}
    known = await again(store, opened)
    assert [line.text for line in known.history].count("noted: only once") == 1
    assert len(known.replies) == 1
    await desk.press(page, "/note", text="another thought")
    assert (await again(store, opened)).history[-1].text == "noted: another thought"


async def test_notes_stand_apart_from_what_customers_see(desk: Browser, store: Store, opened: Case) -> None:
    page = await desk.press(await desk.get(path(opened)), "/note", text="VIP, be kind")
    assert "VIP, be kind" in page.part("#notes")
    assert "VIP" not in page.part("#thread") and "VIP" not in page.part(".history")


async def test_our_answers_tell_whether_they_arrived(desk: Browser, store: Store) -> None:
    sent = Delivery("r1", "mastodon", "Hello", "en", DeliveryState.SENT, NOW, sent_at=NOW, url="https://town.example/9")
    failed = Delivery("r2", "mastodon", "Again", "en", DeliveryState.FAILED, NOW, error="the post is gone")
    await store.add(case(replies=(sent, failed)))
    page = await desk.get(path(case()))
    assert "arrived 16:45 UTC" in page.part("#thread")
    assert "could not be sent" in page.part("#thread") and "the post is gone" in page.part("#thread")
    assert page.soup.select_one('#thread a[href="https://town.example/9"]') is not None


async def test_the_person_comes_with_earlier_contacts_and_cases(desk: Browser, store: Store, opened: Case) -> None:
    praise = mention("thanks, that was quick", "0", created_at=NOW - timedelta(days=3))
    await store.add(
        record(praise, meaning(is_complaint=False)),
        case(id="case_old", status=CaseStatus.CLOSED, text="parcel lost", opened_at=NOW - timedelta(days=9)),
    )
    side = (await desk.get(path(opened))).part("#side")
    assert "thanks, that was quick" in side and "parcel lost" in side
    assert "Wrote once, 1 complaint" in side


async def test_the_post_that_was_answered_gives_the_context(desk: Browser, store: Store) -> None:
    first = mention("Our app is faster now!", "0", id=mention_id("mastodon", "0"), author=Author("9", "Nar", "nar"))
    said = mention("not for me", "1", in_reply_to="0")
    await store.add(record(first), record(said), case(mention_ids=(said.id,)))
    page = await desk.get(path(case()))
    assert "In answer to nar" in page.part("#thread .context")
    assert "Our app is faster now!" in page.part("#thread .context")


async def test_a_case_that_is_over_offers_no_answer(desk: Browser, store: Store, clock: Clock) -> None:
    await store.add(case(status=CaseStatus.ANSWERED, first_response_at=NOW + timedelta(minutes=9)))
    clock.wind(hours=2)
    page = await desk.get(path(case()))
    assert "Answered 16:54 UTC (after 9 min)" in page.part("#state")
    assert page.form("/reply") is None and page.form("/note") is not None


async def test_what_is_not_known_is_said_in_words(desk: Browser, store: Store, opened: Case) -> None:
    assert (await desk.get("/desk/cases/case_nobody")).status == 404
    page = await desk.get(path(opened))
    hidden = _hidden(page)
    assert (await desk.post("/desk/cases/case_nobody/claim", hidden)).status == 404
    assert (await desk.post(f"{path(opened)}/declare", hidden)).status == 404
    assert (await again(store, opened)).version == opened.version


async def test_every_action_also_a_refused_one_is_in_the_log(desk: Browser, store: Store, opened: Case) -> None:
    page = await desk.get(path(opened))
    await desk.press(page, "/claim")
    await desk.press(page, "/snooze", minutes="0")
    entries = await store.find(AuditEntry, Where("subject", "eq", opened.id), order="at")
    assert {(e.action, e.via, e.actor) for e in entries} == {
        ("claim", "desk", "Operator (link:Operator)"), ("snooze", "desk", "Operator (link:Operator)"),
    }  # fmt: skip
    log = await desk.get(f"/desk/audit?subject={opened.id}")
    assert "refused: " in log.part("#entries")
    assert log.soup.select_one(f'#entries a[href="{path(opened)}"]') is not None
    assert signal().id not in log.text
