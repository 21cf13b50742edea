"""The whole way of a complaint, through real parts: a local Slack, a local social network, one SQLite file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from app.demo import play
from app.demo.operator import CARE, LEAD, ON_CALL
from app.demo.scenario.load import Part, load_posts
from app.demo.stage import Stage, set_stage
from app.store.protocol import Where
from domain.care.case import Case, CaseStatus
from domain.care.follow_up import FollowUp
from domain.incidents.incident import Incident, IncidentStatus
from domain.incidents.signal import Signal
from domain.work import DeliveryState

COMPLAINTS = [p for p in load_posts() if p.truth.part is Part.PAYMENT_OUTAGE and p.complains and not p.repost_of]
START = 3  # minutes after the history the detector has learned: a gap would make it wait


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        made = await set_stage(tmp_path, "127.0.0.1", 0, stack, posts=())  # only the test speaks
        await play.warm(made)
        made.clock.go_to(START)
        await made.hubbub.settle()
        yield made


async def test_a_complaint_travels_to_a_page_a_thread_and_an_answer(stage: Stage) -> None:
    await _one_complaint_becomes_a_card_that_is_claimed_once(stage)
    await _many_complaints_open_one_evidence_card(stage)
    incident = await _declaring_tells_customers_at_once(stage)
    await _approved_posts_leave_as_a_thread(stage, incident)
    await _resolving_brings_everyone_one_follow_up(stage, incident.id)
    await _still_broken_is_counted(stage, incident.id)


async def _one_complaint_becomes_a_card_that_is_claimed_once(stage: Stage) -> None:
    _say(stage, "zeynep", 0, minute=START)
    await _minute(stage)
    card = (await _cards(stage, CARE))[-1]
    assert "zeynep" in json.dumps(card["blocks"])
    await _press(stage, CARE, "claim", "U0SELIN")
    refused = await _press(stage, CARE, "release", "U0MAYA")  # shown to all: the button row says who has it
    case = (await stage.hubbub.store.find(Case))[0]
    assert refused["ok"]
    assert [line.text for line in case.history][:1] == ["claimed the case"]
    assert case.due_at - case.opened_at == timedelta(hours=1)


async def _many_complaints_open_one_evidence_card(stage: Stage) -> None:
    for minute in range(1, 13):
        for person in range(4):
            _say(stage, f"person{minute}x{person}", minute * 4 + person, minute=START + minute)
        await _minute(stage)
    signals = await stage.hubbub.store.find(Signal, Where("component", "eq", "payments"))
    assert len(signals) == 1
    cards = [card for card in await _cards(stage, ON_CALL) if "Customers report" in card["text"]]
    assert len(cards) == 1
    shown = json.dumps(cards[0]["blocks"], ensure_ascii=False)
    assert "Turkish" in shown and "Persian" in shown and "expected" in shown


async def _declaring_tells_customers_at_once(stage: Stage) -> Incident:
    opened = await _press(stage, ON_CALL, "declare", LEAD)
    values = {
        "title.en": {"title.en": "Card payments fail"}, "text.en": {"text.en": "Card payments fail since 11:01."},
        "text.tr": {"text.tr": "Kartla ödeme 11:01'den beri başarısız."},
    }  # fmt: skip
    answer = await _post(stage, "ui/submit", {"view_id": opened["view"]["id"], "user": LEAD, "values": values})
    assert answer == {"ok": True}
    incident = (await stage.hubbub.store.find(Incident))[0]
    assert incident.updates and incident.deliveries and incident.signal_ids  # one record holds them all
    await stage.hubbub.page.refresh()
    page = await _get(stage, "/en/")
    assert "Card payments fail" in BeautifulSoup(page, "html.parser").get_text()
    assert "All systems" not in page
    turkish = await _get(stage, "/tr/")
    assert "Kartla ödeme" in turkish
    summary = json.loads(await _get(stage, "/api/v2/summary.json"))
    assert summary["incidents"][0]["name"] == "Card payments fail"
    assert summary["status"]["indicator"] != "none"
    assert "Card payments fail" in await _get(stage, "/history.atom")
    return incident


async def _approved_posts_leave_as_a_thread(stage: Stage, incident: Incident) -> None:
    await _minute(stage)
    assert _ours(stage) == []  # nothing leaves before a person approves it
    await _approve_all(stage, incident.id)
    first = [post for post in _ours(stage) if post.language == "en"]
    assert len(first) == 1 and "Card payments fail" in first[0].text
    opened = await _press(stage, ON_CALL, "update", LEAD)
    values = {"text.en": {"text.en": "We found the cause."}}
    assert (await _post(stage, "ui/submit", {"view_id": opened["view"]["id"], "values": values}))["ok"]
    await _approve_all(stage, incident.id)
    second = [post for post in _ours(stage) if "We found the cause" in post.text]
    assert [post.parent for post in second] == [first[0].id]


async def _resolving_brings_everyone_one_follow_up(stage: Stage, incident_id: str) -> None:
    opened = await _press(stage, ON_CALL, "resolve", LEAD)
    values = {"text.en": {"text.en": "Card payments work again."}}
    assert (await _post(stage, "ui/submit", {"view_id": opened["view"]["id"], "values": values}))["ok"]
    await _minute(stage)
    drafts = await stage.hubbub.store.find(FollowUp)
    people = {case.person_id for case in await stage.hubbub.store.find(Case, Where("incident_id", "eq", incident_id))}
    assert {draft.person_id for draft in drafts} == people and len(drafts) == len(people) >= 40
    assert {draft.delivery.language for draft in drafts} == {"en", "tr", "fa"}
    before = len(_ours(stage))
    await _press(stage, ON_CALL, "send_follow_ups", LEAD)
    await _minute(stage)
    sent = await stage.hubbub.store.find(FollowUp, Where("state", "eq", str(DeliveryState.SENT)))
    assert len(_ours(stage)) - before == len(sent) == len(people)
    assert "Card payments work again" in await _get(stage, f"/en/incidents/{incident_id}.html")


async def _still_broken_is_counted(stage: Stage, incident_id: str) -> None:
    _say(stage, "person3x1", 60, minute=stage.clock.minute)
    await _minute(stage)
    await _minute(stage)
    incident = await stage.hubbub.store.get(Incident, incident_id)
    assert incident is not None
    assert incident.status is IncidentStatus.RESOLVED
    assert len(incident.still_broken) == 1
    assert not await stage.hubbub.store.find(Case, Where("status", "eq", str(CaseStatus.DISMISSED)))


def _say(stage: Stage, author: str, number: int, *, minute: int) -> None:
    post = COMPLAINTS[number]
    at = stage.clock.start + timedelta(minutes=minute, seconds=number % 50)
    stage.world.town.say(author, author.title(), post.text, at, language=post.lang)


async def _minute(stage: Stage) -> None:
    stage.clock.go_to(stage.clock.minute + 1)
    await play.poll(stage)
    await stage.hubbub.settle()


async def _approve_all(stage: Stage, incident_id: str) -> None:
    """Press "Approve" until no draft is left; each press changes the card."""
    while True:
        await stage.hubbub.settle()
        incident = await stage.hubbub.store.get(Incident, incident_id)
        assert incident is not None
        if all(d.state is not DeliveryState.DRAFT for d in incident.deliveries):
            return
        await _press(stage, ON_CALL, "approve_post:0", LEAD)


def _ours(stage: Stage) -> list[Any]:
    return stage.world.town.posts("ours = ?", (True,), limit=1000, oldest_first=True)


async def _cards(stage: Stage, channel: str) -> list[dict[str, Any]]:
    found = json.loads(await _get(stage, f"/stand-in/slack/ui/messages?channel={channel.replace('#', '%23')}"))
    return list(found["messages"])


async def _press(stage: Stage, channel: str, button: str, user: str) -> dict[str, Any]:
    """Press a button on the newest card that has it, as a person would."""
    await stage.hubbub.settle()
    for card in reversed(await _cards(stage, channel)):
        if f'"action_id": "{button}"' in json.dumps(card["blocks"]):
            return await _post(
                stage, "ui/press", {"channel": channel, "ts": card["ts"], "action_id": button, "user": user}
            )
    raise AssertionError(f"no card in {channel} has the button {button}")


async def _post(stage: Stage, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with stage.hubbub.session.post(f"{stage.url}/stand-in/slack/{path}", json=body) as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def _get(stage: Stage, path: str) -> str:
    async with stage.hubbub.session.get(f"{stage.url}{path}") as answer:
        assert answer.status == 200, (path, answer.status)
        return await answer.text()
