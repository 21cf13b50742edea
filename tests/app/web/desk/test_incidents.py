"""Incidents on the desk: declared, told, approved, resolved, followed up; the same as in Slack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.store import Store
from app.store.protocol import update
from domain.care.case import Case
from domain.care.follow_up import FollowUp, answered
from domain.care.satisfaction import Answer
from domain.component import ComponentStatus
from domain.incidents.incident import Impact, Incident, IncidentStatus
from domain.incidents.signal import Signal
from domain.records import Person
from domain.work import DeliveryState
from tests.app.web.desk.conftest import Opened
from tests.app.web.desk.hall import Browser, Page
from tests.domain.make import NOW, case, delivery, incident, signal, word


async def declared(desk: Browser, store: Store) -> tuple[Page, Incident]:
    """Declare from the signal with the drafts as they are."""
    await store.add(signal(), case())
    page = await desk.press(await desk.get("/desk/incidents/declare?signal=sig_1"), "/declare")
    return page, (await store.find(Incident))[0]


async def latest(store: Store, known: Incident) -> Incident:
    found = await store.get(Incident, known.id)
    assert found is not None
    return found


async def test_declaring_from_a_signal_begins_with_true_words_in_every_language(desk: Browser, store: Store) -> None:
    await store.add(signal())
    page = await desk.get("/desk/incidents/declare?signal=sig_1")
    assert page.soup.select_one('[name="title.en"]')["value"] == "Problems with Payments"  # type: ignore[index]
    assert "Ödemeler" in page.soup.select_one('[name="title.tr"]')["value"]  # type: ignore[index]
    assert "پرداخت" in page.soup.select_one('[name="text.fa"]').get_text()  # type: ignore[union-attr]
    boxes = [str(box["value"]) for box in page.soup.select("[name=components][checked]")]
    assert boxes == ["payments"]


async def test_declaring_writes_incident_update_and_drafts_and_leads_to_its_page(desk: Browser, store: Store) -> None:
    page, known = await declared(desk, store)
    assert page.response.url.path == f"/desk/incidents/{known.id}"
    assert page.word.startswith("Declared.")
    assert set(known.updates[0].texts) == {"en", "tr", "fa"}
    assert known.components == {"payments": ComponentStatus.PARTIAL_OUTAGE}
    assert [(d.channel, d.language, d.state) for d in known.deliveries] == [
        ("mastodon", "en", DeliveryState.DRAFT), ("mastodon", "tr", DeliveryState.DRAFT),
    ]  # fmt: skip
    assert (await store.find(Signal))[0].incident_id == known.id
    assert (await store.find(Case))[0].incident_id == known.id
    assert "zeynep" in page.part("#people")


async def test_declaring_without_a_signal_takes_several_components(desk: Browser, store: Store) -> None:
    page = await desk.press(
        await desk.get("/desk/incidents/declare"), "/declare", components=["payments", "delivery"], impact="critical",
        title__en="Nothing works", text__en="We are looking.", title__tr="", text__tr="", title__fa="", text__fa="",
        next_update_minutes="0",
    )  # fmt: skip
    known = (await store.find(Incident))[0]
    assert page.response.url.path == f"/desk/incidents/{known.id}"
    assert (set(known.components), known.impact) == ({"payments", "delivery"}, Impact.CRITICAL)
    assert known.titles == {"en": "Nothing works"}
    assert known.next_update_by is None


async def test_a_refused_declaration_keeps_every_field(desk: Browser, store: Store) -> None:
    page = await desk.press(
        await desk.get("/desk/incidents/declare"), "/declare", title__en="Cards fail", impact="major",
        next_update_minutes="60",
    )  # fmt: skip
    assert page.status == 422
    assert "An incident needs a component" in page.part(".problem")
    assert page.soup.select_one('[name="title.en"]')["value"] == "Cards fail"  # type: ignore[index]
    assert page.soup.select_one("#impact option[selected]")["value"] == "major"  # type: ignore[index]
    assert page.soup.select_one("#promise option[selected]")["value"] == "60"  # type: ignore[index]
    assert await store.find(Incident) == []
    page = await desk.press(page, "/declare", components="payments")
    assert page.word.startswith("Declared.")


async def test_declaring_twice_declares_once(desk: Browser, store: Store) -> None:
    page = await desk.get("/desk/incidents/declare")
    for _ in range(2):
        answer = await desk.press(page, "/declare", components="payments")
        assert answer.status == 200
    assert await store.count(Incident) == 1


async def test_an_update_is_told_and_begins_with_the_next_phase(desk: Browser, store: Store) -> None:
    page, known = await declared(desk, store)
    assert page.soup.select_one("#status option[selected]")["value"] == "identified"  # type: ignore[index]
    page = await desk.press(page, "/update", text__en="The card provider is down.", next_update_minutes="60")
    told = (await latest(store, known)).updates[-1]
    assert (told.status, told.texts["en"]) == (IncidentStatus.IDENTIFIED, "The card provider is down.")
    assert "The card provider is down." in page.part("#timeline")
    assert "Next word promised by" in page.part("#head")


async def test_an_update_without_words_is_refused_beside_its_form(desk: Browser, store: Store) -> None:
    page, known = await declared(desk, store)
    page = await desk.press(page, "/update", text__en="", text__tr="", text__fa="", status="monitoring")
    assert page.part("#news .problem") == "Write the text in at least one language."
    assert page.soup.select_one("#news details[open] form[data-kept]") is not None
    assert page.soup.select_one("#status option[selected]")["value"] == "monitoring"  # type: ignore[index]
    assert len((await latest(store, known)).updates) == 1


async def test_a_post_goes_out_only_after_approval_with_the_words_in_the_box(desk: Browser, store: Store) -> None:
    page, known = await declared(desk, store)
    first = known.deliveries[0].id
    page = await desk.press(page, "/approve_post", delivery=first, text="Cards fail. We look.")
    sent = (await latest(store, known)).deliveries[0]
    assert (sent.text, sent.state, sent.decided_by) == ("Cards fail. We look.", DeliveryState.PENDING, "Operator")
    assert "is on its way" in page.part("#posts")


async def test_a_post_is_skipped_or_its_words_are_kept(desk: Browser, store: Store) -> None:
    page, known = await declared(desk, store)
    first, second = (d.id for d in known.deliveries)
    hidden = {field["name"]: field["value"] for field in page.soup.select("#posts form")[0].select("[name=csrf]")}
    url = f"/desk/incidents/{known.id}"
    await desk.post(f"{url}/skip_post", {**hidden, "nonce": "a", "delivery": first})
    await desk.post(f"{url}/edit_post", {**hidden, "nonce": "b", "delivery": second, "text": "Yeni sözler"})
    states = [(d.state, d.text) for d in (await latest(store, known)).deliveries]
    assert states[0][0] is DeliveryState.SKIPPED
    assert states[1] == (DeliveryState.DRAFT, "Yeni sözler")
    page = await desk.post(f"{url}/edit_post", {**hidden, "nonce": "c", "delivery": second, "text": " "})
    assert page.part(f"#post-{second} .problem") == "An empty post cannot be sent."
    page = await desk.post(f"{url}/approve_post", {**hidden, "nonce": "d", "delivery": second, "text": " "})
    assert (await latest(store, known)).deliveries[1].state is DeliveryState.DRAFT, "nothing empty is approved"


async def test_resolving_offers_the_follow_ups_with_their_verdicts_and_sends_them_once(
    desk: Browser, store: Store
) -> None:
    page, known = await declared(desk, store)
    kemal = case(id="case_2", person_id="per_2", author="kemal", source_type="appstore", language="tr")
    rumi = case(id="case_3", person_id="per_3", author="rumi")
    await store.add(replace(kemal, incident_id=known.id), replace(rumi, incident_id=known.id))
    await store.add(Person("per_3", "Rumi", "mastodon", NOW, NOW, opted_out=True))
    page = await desk.press(page, "/resolve")
    assert (await latest(store, known)).status is IncidentStatus.RESOLVED
    await desk.hubbub.front.follow_ups.draft_due()
    page = await desk.get(f"/desk/incidents/{known.id}")
    follow = page.part("#follow")
    assert "Send 2 follow-ups" in follow
    assert "zeynep · hubbub sends it : the platform lets us answer public posts" in follow
    assert "kemal · posted by hand : answer at the platform itself" in follow
    assert "rumi · not sent : this person asked not to be contacted" in follow
    page = await desk.press(page, "/send_follow_ups")
    assert page.word == "2 follow-ups released."
    states = {f.author: f.delivery.state for f in await store.find(FollowUp)}
    assert states == {
        "zeynep": DeliveryState.PENDING, "kemal": DeliveryState.ASSISTED, "rumi": DeliveryState.SKIPPED,
    }  # fmt: skip
    assert page.form("/send_follow_ups") is None


async def test_what_came_back_to_the_follow_ups_is_told_in_one_line_and_beside_each(
    desk: Browser, store: Store
) -> None:
    page, known = await declared(desk, store)
    for number, name in ((2, "kemal"), (3, "rumi")):
        other = case(id=f"case_{number}", person_id=f"per_{number}", author=name)
        await store.add(replace(other, incident_id=known.id))
    page = await desk.press(page, "/resolve")
    await desk.hubbub.front.follow_ups.draft_due()
    assert "answered" not in (await desk.get(f"/desk/incidents/{known.id}")).part("#follow")
    said = {"zeynep": (Answer.FIXED, 5), "kemal": (Answer.STILL_BROKEN, 2), "rumi": (None, 4)}
    for each in await store.find(FollowUp):
        await update(store, FollowUp, each.id, lambda f: answered(f, *said[f.author], NOW))
    follow = (await desk.get(f"/desk/incidents/{known.id}")).part("#follow")
    assert "3 of 3 answered: 1 fixed, 1 still broken · 67 % felt well informed (3 people)" in follow
    for words in ("They say it is fixed · 5 of 5", "They say it is still broken · 2 of 5", "Answered · 4 of 5"):
        assert words in follow


async def test_follow_ups_wait_for_the_end(desk: Browser, store: Store) -> None:
    page, known = await declared(desk, store)
    assert page.form("/send_follow_ups") is None
    hidden = {field["name"]: field["value"] for field in page.soup.select("#end form")[0].select("[type=hidden]")}
    page = await desk.post(f"/desk/incidents/{known.id}/send_follow_ups", hidden)
    assert (page.status, page.part("#follow .problem")) == (422, "Follow-ups wait until the incident is resolved.")


async def test_those_who_say_it_is_still_broken_are_named_and_an_update_opens_it_again(
    desk: Browser, store: Store
) -> None:
    known = incident(word(), word(IncidentStatus.RESOLVED, "upd_2"), resolved_at=NOW, still_broken=("per_9",))
    await store.add(known, Person("per_9", "Zeynep", "mastodon", NOW, NOW))
    page = await desk.get("/desk/incidents/inc_1")
    assert "1 person say it is still broken" in page.part("#head")
    assert "Zeynep" in page.part("#people")
    await desk.press(page, "/update", status="investigating", text__en="It is back.")
    assert (await latest(store, known)).is_open


async def test_the_list_has_open_ones_resolved_ones_and_what_waits_for_a_decision(desk: Browser, store: Store) -> None:
    empty = await desk.get("/desk/incidents")
    assert "No incident is open" in empty.part("#list")
    over = incident(word(IncidentStatus.RESOLVED), id="inc_2", titles={"en": "Old trouble"})
    await store.add(incident(), over, signal())
    words = (await desk.get("/desk/incidents")).part("#list")
    assert words.index("Waiting for a decision") < words.index("Payments fail") < words.index("Old trouble")


async def test_a_promise_that_was_broken_is_said(desk: Browser, store: Store) -> None:
    await store.add(incident(replace(word(), next_update_by=NOW)))
    assert "We promised a word by 16:45 UTC" in (await desk.get("/desk/incidents/inc_1")).part("#head")


@pytest.mark.parametrize("path", ["/desk/incidents/inc_x", "/desk/incidents/declare?signal=sig_x", "/desk/signals/x"])
async def test_unknown_records_are_said_in_words(desk: Browser, path: str) -> None:
    page = await desk.get(path)
    assert page.status == 404
    assert "is not known" in page.part("h1")


async def test_a_delivered_post_links_to_itself(desk: Browser, store: Store) -> None:
    sent = delivery(state=DeliveryState.SENT, sent_at=NOW, url="https://town.example/7")
    await store.add(incident(deliveries=(sent, delivery(id="del_2", state=DeliveryState.FAILED, error="401"))))
    page = await desk.get("/desk/incidents/inc_1")
    assert page.soup.select_one('#posts a[href="https://town.example/7"]') is not None
    assert "could not be sent" in page.part("#posts")


# --- tone, templates, people, links


async def test_doubtful_words_are_shown_once_before_customers_read_them(desk: Browser, store: Store) -> None:
    page, known = await declared(desk, store)
    words = {"text__en": "Due to AWS cards fail. It will be fixed in 10 minutes.", "text__tr": "", "text__fa": ""}
    page = await desk.press(page, "/update", **words)
    assert page.status == 422
    problem = page.part("#news .problem")
    assert "English: “Due to AWS”: this blames somebody" in problem
    assert "“It will be fixed in 10 minutes”: nobody knows when it is repaired" in problem
    assert len((await latest(store, known)).updates) == 1
    page = await desk.press(page, "/update")
    assert (await latest(store, known)).updates[-1].texts == {"en": words["text__en"]}


async def test_a_template_is_chosen_by_its_link_and_gets_the_promised_time(desk: Browser, store: Store) -> None:
    _, known = await declared(desk, store)
    page = await desk.get(f"/desk/incidents/{known.id}?words=identified.1")
    assert "since" not in page.part("#status")
    assert "{next_update}" in page.soup.select_one("#news-tr").get_text()  # type: ignore[union-attr]
    await desk.press(page, "/update", next_update_minutes="60")
    told = (await latest(store, known)).updates[-1]
    assert told.status is IncidentStatus.IDENTIFIED
    assert "We will write again by 17:45 UTC." in told.texts["en"]
    assert "۱۷:۴۵" in told.texts["fa"]
    assert (await desk.get(f"/desk/incidents/{known.id}?words=resolved.0&x=<b>")).status == 200
    assert (await desk.get(f"/desk/incidents/{known.id}?words=identified.99")).status == 200


async def test_the_owners_words_are_offered_first_and_begin_the_forms_of_their_phase(
    open_desk: Opened, store: Store
) -> None:
    texts = {"en": "Our bank refuses {component} since {since}.", "tr": "Banka, {since}.", "fa": "بانک، ساعت {since}."}
    own = [{"name": "Our <b>", "phase": phase, "texts": texts} for phase in ("investigating", "identified", "resolved")]
    desk = await open_desk(update_templates=own)
    await desk.sign_in()
    blank = await desk.get("/desk/incidents/declare")
    assert "{component} since {since}" in blank.soup.select_one('[name="text.en"]').get_text()  # type: ignore[union-attr]
    page, known = await declared(desk, store)
    assert known.updates[0].texts["en"] == "Our bank refuses Payments since 16:35 UTC."
    assert page.soup.select_one("#news-fold a[href*='words=identified.0']").get_text() == "Our <b>"  # type: ignore[union-attr]
    assert page.soup.select_one("#news-en").get_text().strip() == known.updates[0].texts["en"]  # type: ignore[union-attr]
    await desk.press(page, "/resolve")
    assert (await latest(store, known)).updates[-1].texts["fa"].startswith("بانک، ساعت ۱۶:")


async def test_people_and_severity_are_set_on_the_desk(desk: Browser, store: Store) -> None:
    page, known = await declared(desk, store)
    page = await desk.press(page, "/take_comms")
    page = await desk.press(page, "/organise", severity="sev1", lead="")
    after = await latest(store, known)
    assert (after.severity, after.lead, after.comms and after.comms.name) == ("sev1", None, "Operator")
    assert "Lead: nobody · communications: Operator" in page.part("#team")


async def test_a_note_and_complaint_links_are_changed_on_the_desk(desk: Browser, store: Store) -> None:
    page, known = await declared(desk, store)
    page = await desk.press(page, "/timeline", text="restarted the <gateway>")
    assert "noted: restarted the <gateway>" in page.part("#timeline")
    page = await desk.press(page, "/not_about")
    assert (await latest(store, known)).affected == 0
    await store.add(case(id="case_7", person_id="per_7", author="ali", component=None, opened_at=known.started_at))
    page = await desk.get(f"/desk/incidents/{known.id}")
    assert "About this, too?" in page.part("#people")
    page = await desk.press(page, "/is_about")
    assert (await latest(store, known)).affected == 1


async def test_a_private_incident_is_declared_merged_and_published_by_hand(desk: Browser, store: Store) -> None:
    page = await desk.get("/desk/incidents/declare")
    page = await desk.press(page, "/declare", components=["payments", "delivery"], private="yes")
    (known,) = await store.find(Incident)
    assert (known.private, known.deliveries) == (True, ())
    assert "What customers see" not in page.text
    page = await desk.press(page, "/publish", title__en="Sign-in", text__en="We look.", status="monitoring")
    after = await latest(store, known)
    assert (after.public, after.status, len(after.updates)) == (True, IncidentStatus.MONITORING, 1)
    page = await desk.press(page, "/split", components="delivery", title__en="Parcels", text__en="We look.")
    (other,) = [i for i in await store.find(Incident) if i.id != known.id]
    page = await desk.press(await desk.get(f"/desk/incidents/{other.id}"), "/merge")
    assert "Another incident tells this story now" in page.part("#head")
    page = await desk.press(page, "/unmerge")
    assert (await latest(store, other)).public
