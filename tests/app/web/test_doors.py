"""Slack's doors, driven by the local Slack: buttons, modals, `/hubbub`; what is not Slack's gets 401."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from app.standin.slack.postman import signed
from app.standin.slack.workspace import TEAM
from app.web.doors import SlackDoors
from domain.action import Verb
from domain.care.case import Case, CaseStatus
from domain.incidents.incident import Incident, IncidentStatus
from domain.incidents.signal import Signal, SignalState
from domain.incidents.templates import Template
from domain.work import DeliveryState
from tests.app.desk.office import LANGUAGES, open_office
from tests.app.desk.slack_town import SECRET, SlackTown, first_values, open_town
from tests.domain.make import BORA, evidence


@pytest.fixture
async def town() -> AsyncIterator[SlackTown]:
    async with open_office() as office, open_town(office) as opened:
        yield opened


@pytest.fixture
async def case(town: SlackTown) -> Case:
    """A case whose card stands in #care."""
    made = await town.office.hear("<b>card</b> declined", url="https://town.example/1")
    assert made is not None
    await town.outbox().run()
    return made


@pytest.fixture
async def going(town: SlackTown) -> Incident:
    """An incident whose card stands in #on-call."""
    made = await town.office.declare()
    await town.outbox().run()
    return made


# --- who may come in

EVE = {"id": "U9", "name": "Eve", "team_id": TEAM}


def claim_body(case: Case) -> bytes:
    press = {"type": "button", "action_id": "claim", "value": case.id, "action_ts": "1.1"}
    payload = {"type": "block_actions", "user": EVE, "actions": [press], "trigger_id": "t"}
    return urlencode({"payload": json.dumps(payload)}).encode()


async def knock(town: SlackTown, body: bytes, headers: dict[str, str], path: str = "interactions") -> int:
    async with town.session.post(f"{town.door}/slack/{path}", data=body, headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("path", ["interactions", "commands"])
@pytest.mark.parametrize("how", ["unsigned", "wrong secret", "old", "future", "other body", "no number"])
async def test_what_slack_did_not_sign_now_gets_401_and_changes_nothing(
    town: SlackTown, case: Case, how: str, path: str
) -> None:
    body, now = claim_body(case), int(time.time())
    headers = {
        "unsigned": {},
        "wrong secret": signed(body.decode(), "another", now),
        "old": signed(body.decode(), SECRET, now - 301),
        "future": signed(body.decode(), SECRET, now + 400),
        "other body": signed("payload=x", SECRET, now),
        "no number": signed(body.decode(), SECRET, now) | {"X-Slack-Request-Timestamp": "soon"},
    }[how]
    before = await town.office.get(case)
    assert await knock(town, body, headers, path) == 401
    assert await town.office.get(case) == before
    assert town.woken == []


async def test_the_same_body_signed_now_is_taken(town: SlackTown, case: Case) -> None:
    body = claim_body(case)
    assert await knock(town, body, signed(body.decode(), SECRET, int(time.time()))) == 200
    assert (await town.office.get(case)).assignee.id == "U9"


@pytest.mark.parametrize(
    "body",
    [
        b"payload=nonsense", b"payload=[1]", b"%%%", b"payload=" + b"[" * 5000, b"",
        urlencode({"payload": json.dumps({"type": "block_actions"})}).encode(),
        urlencode({"payload": json.dumps({"type": "block_actions", "actions": [{"action_id": "claim"}]})}).encode(),
        urlencode({"payload": json.dumps({"type": "view_submission", "view": {"callback_id": "hubbub"}})}).encode(),
    ],
)  # fmt: skip
async def test_a_signed_body_of_another_shape_gets_400(town: SlackTown, body: bytes) -> None:
    assert await knock(town, body, signed(body.decode(), SECRET, int(time.time()))) == 400


def test_the_secret_is_not_shown_where_the_doors_are_printed() -> None:
    assert SECRET not in repr(SlackDoors(None, SECRET, lambda: None))  # type: ignore[arg-type, return-value]


# --- cases


async def test_the_first_who_claims_has_it_and_the_second_is_told(town: SlackTown, case: Case) -> None:
    await town.press("claim", user="U1")
    await town.press("claim", user="U2")
    assert (await town.office.get(case)).assignee.id == "U1"
    assert town.whispers("U2") == ["ada has this case already."]
    assert town.whispers("U1") == []
    await town.outbox().run()
    assert "ada" in str(town.posts()[0]["blocks"])
    assert town.woken


async def test_reply_opens_a_modal_with_a_draft_and_sends_what_was_written(town: SlackTown, case: Case) -> None:
    opened = await town.press("reply")
    assert first_values(opened)["text"].startswith("We are sorry about the trouble with your payment.")
    assert (await town.submit(opened, text="Sorry! Fixed soon."))["ok"] is True
    await town.outbox().run()
    (sent,) = town.office.tapes["mastodon"].sent
    assert (sent.text, sent.reply_to) == ("Sorry! Fixed soon.", case.reply_to)
    assert (await town.office.get(case)).replies[0].state is DeliveryState.SENT
    assert "Sorry! Fixed soon." in str(town.posts()[0]["blocks"])


async def test_a_refused_reply_is_shown_in_the_modal(town: SlackTown, case: Case) -> None:
    opened = await town.press("reply")
    await town.office.do(Verb.MARK_ANSWERED, case.id, who=BORA)
    answer = await town.submit(opened, text="Too late")
    assert answer["ok"] is False
    assert list(answer["errors"].values()) == ["This case is answered already."]
    assert (await town.office.get(case)).replies == ()


async def test_a_thread_message_is_never_sent_to_a_customer(town: SlackTown, case: Case) -> None:
    ts = town.posts()[0]["ts"]
    assert (await town.ask("say", channel="care", text="this customer is a pain", thread_ts=ts, user="U1"))["ok"]
    await town.outbox().run()
    assert town.office.tapes["mastodon"].tries == []


async def test_snooze_and_not_a_complaint_are_told_to_who_pressed(town: SlackTown, case: Case) -> None:
    await town.press("snooze", value=f"{case.id}|60")
    assert (await town.office.get(case)).status is CaseStatus.SNOOZED
    await town.press("not_a_complaint")
    assert (await town.office.get(case)).status is CaseStatus.DISMISSED
    assert town.whispers("U1") == ["Snoozed until 17:45 UTC.", "Closed; the classifier will hear of it."]


async def test_a_modal_for_a_record_that_is_gone_is_explained(town: SlackTown, case: Case) -> None:
    await town.office.store.delete(Case)
    answer = await town.press("reply")
    assert "view" not in answer
    assert town.whispers("U1") == ["This record is not known (any more)."]


async def test_a_store_that_fails_is_said_to_the_person_not_only_to_the_log(town: SlackTown, case: Case) -> None:
    opened = await town.press("reply")
    await town.office.store.close()
    answer = await town.submit(opened, text="hello")
    assert answer["ok"] is False


# --- incidents


async def test_declare_from_the_evidence_card_to_the_page(town: SlackTown) -> None:
    await town.office.incidents.observe("payments", SignalState.OPEN, evidence(), ["men_1"])
    await town.outbox().run()
    opened = await town.press("declare", channel="on-call")
    drafts = first_values(opened)
    assert drafts["title.en"] == "Problems with Payments"
    assert "Ödemeler" in drafts["title.tr"]
    assert drafts["components"] == ["payments"]
    assert "Customers report problems with Payments." in drafts["text.en"]
    assert (await town.submit(opened, title__en="Cards are declined", impact="critical"))["ok"] is True
    (made,) = await town.office.all(Incident)
    assert (made.titles["en"], made.impact, set(made.titles)) == ("Cards are declined", "critical", {"en", "tr", "fa"})
    assert (await town.office.all(Signal))[0].incident_id == made.id


async def test_a_form_that_is_refused_is_shown_at_a_field_and_can_be_sent_again(town: SlackTown) -> None:
    await town.office.incidents.observe("payments", SignalState.OPEN, evidence(), ["men_1"])
    await town.outbox().run()
    mine, theirs = await town.press("declare", "on-call"), await town.press("declare", "on-call", "U2")
    assert (await town.submit(theirs, "U2"))["ok"] is True
    answer = await town.submit(mine)
    assert list(answer["errors"].values()) == ["An incident was declared from this signal already."]
    blocks = {block["block_id"] for block in mine["view"]["view"]["blocks"] if block["type"] == "input"}
    assert set(answer["errors"]) <= blocks
    assert len(await town.office.all(Incident)) == 1


async def test_posts_are_approved_edited_and_skipped_on_the_card(town: SlackTown, going: Incident) -> None:
    opened = await town.press("edit_post:0", "on-call")
    assert first_values(opened)["text"] == going.deliveries[0].text
    await town.submit(opened, text="Short and true.")
    await town.outbox().run()
    await town.press("approve_post:0", "on-call", "U2")
    await town.press("skip_post:1", "on-call")
    await town.outbox().run()
    assert [d.text for d in town.office.tapes["mastodon"].sent] == ["Short and true."]
    states = [d.state for d in (await town.office.get(going)).deliveries]
    assert states == [DeliveryState.SENT, DeliveryState.SKIPPED]


async def test_acknowledge_dismiss_and_silence_from_the_card(town: SlackTown) -> None:
    await town.office.incidents.observe("payments", SignalState.OPEN, evidence(), ["men_1"])
    await town.outbox().run()
    await town.press("acknowledge", "on-call")
    await town.press("silence", "on-call", value=f"{(await town.office.all(Signal))[0].id}|120")
    await town.submit(await town.press("dismiss", "on-call"), reason="our own campaign")
    (signal,) = await town.office.all(Signal)
    assert signal.acknowledged_by is not None
    assert (signal.acknowledged_by.id, signal.dismissed_reason) == ("U1", "our own campaign")
    assert signal.silenced_until is not None


async def test_resolve_and_follow_ups_from_the_card(town: SlackTown) -> None:
    await town.office.hear()
    going = await town.office.declare()
    await town.outbox().run()
    opened = await town.press("resolve", "on-call")
    assert "are solved" in first_values(opened)["text.en"]
    await town.submit(opened)
    await town.office.follow_ups.draft_due()
    await town.outbox().run()
    await town.press("send_follow_ups", "on-call")
    await town.outbox().run()
    assert (await town.office.get(going)).status is IncidentStatus.RESOLVED
    assert [d.language for d in town.office.tapes["mastodon"].sent] == ["en"]


async def test_the_owners_words_come_first_in_every_form_of_their_phase() -> None:
    said = {language: f"{language}: cards, {{since}}." for language in LANGUAGES}
    own = tuple(Template("Cards", phase, said) for phase in IncidentStatus if phase is not IncidentStatus.MONITORING)
    async with open_office(templates=own) as office, open_town(office) as town:
        opened = await town.ask("command", text="declare Cards fail", channel="care", user="U2")
        assert first_values(opened)["text.tr"] == "tr: cards, {since}.", "since when is not known yet"
        going = await office.declare()
        for asked in ("update", "resolve"):
            assert first_values(await town.ask("command", text=asked))["text.en"] == "en: cards, 16:45 UTC."
        await office.do(Verb.UPDATE, going.id, {"text.en": "Found it.", "status": "identified"}, key="u1")
        begun = first_values(await town.ask("command", text="update"))
        assert (begun["status"], "cards" in begun["text.en"]) == ("monitoring", False)


# --- /hubbub


async def test_status_says_what_is_open(town: SlackTown, case: Case, going: Incident) -> None:
    said = (await town.ask("command", text="status", user="U1", wait=0))["text"]
    assert said.splitlines() == [
        "Open incidents:", "• Payments fail: investigating, 1 people affected", "1 cases wait for an answer.",
        "https://status.example",
    ]  # fmt: skip


async def test_status_on_a_quiet_day(town: SlackTown) -> None:
    said = (await town.ask("command", text="STATUS", wait=0))["text"]
    assert said.startswith("No incident is open.\n0 cases")


async def test_declare_takes_the_rest_of_the_line_as_the_title(town: SlackTown) -> None:
    opened = await town.ask("command", text="declare Cards & wallets <fail>", channel="care", user="U2")
    assert first_values(opened)["title.en"] == "Cards & wallets <fail>"
    view = opened["view"]["view"]
    block = next(b for b in view["blocks"] if (b.get("element") or {}).get("action_id") == "components")
    values = {block["block_id"]: {"components": ["payments", "delivery"]}}
    assert (await town.ask("submit", view_id=view["id"], user="U2", values=values))["ok"] is True
    (made,) = await town.office.all(Incident)
    assert (set(made.components), made.declared_by.id) == ({"payments", "delivery"}, "U2")


@pytest.mark.parametrize("text", ["update", "update payments", "UPDATE fail"])
async def test_update_finds_the_open_incident(town: SlackTown, going: Incident, text: str) -> None:
    opened = await town.ask("command", text=text)
    assert first_values(opened)["status"] == "identified"
    await town.submit(opened, text__en="Found it.", status="monitoring")
    after = await town.office.get(going)
    assert (after.status, after.updates[-1].texts["en"]) == (IncidentStatus.MONITORING, "Found it.")


async def test_resolve_by_id(town: SlackTown, going: Incident) -> None:
    await town.submit(await town.ask("command", text=f"resolve {going.id}"))
    assert (await town.office.get(going)).is_open is False


@pytest.mark.parametrize("text", ["update", "resolve something else"])
async def test_no_such_incident_is_said_in_words(town: SlackTown, text: str) -> None:
    assert "no such open incident" in (await town.ask("command", text=text, wait=0))["text"]


async def test_two_open_incidents_are_not_guessed_between(town: SlackTown, going: Incident) -> None:
    await town.office.declare(key="another", **{"title.en": "Parcels are late", "components": "delivery"})
    assert "more than one" in (await town.ask("command", text="update", wait=0))["text"]
    assert "view" in await town.ask("command", text="update parcels")


@pytest.mark.parametrize("text", ["", "help", "dance", "<!channel>"])
async def test_anything_else_is_answered_with_help(town: SlackTown, text: str) -> None:
    answer = await town.ask("command", text=f"/hubbub {text}", wait=0)
    assert "/hubbub status: what is open now" in answer["text"]
    assert answer["response_type"] == "ephemeral"
    assert "<!channel>" not in answer["text"]
