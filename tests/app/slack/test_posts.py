"""Posts on the Slack card, by the local Slack: corrected, withdrawn, sent again, with what it costs beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.outbox.posting import switch
from app.slack.cards import Cards
from app.slack.views import Views
from domain.errors import PermanentError
from domain.incidents.incident import Incident
from domain.work import DeliveryState
from status_page.words.posts import Outlet
from tests.app.desk.office import COMPONENTS, PAGE, open_office
from tests.app.desk.slack_town import SlackTown, first_values, open_town
from tests.app.outbox.test_sending import Editable
from tests.domain.make import ADA, NOW


@pytest.fixture
async def town() -> AsyncIterator[SlackTown]:
    async with open_office() as office, open_town(office) as opened:
        office.tapes["mastodon"] = Editable()
        yield opened


@pytest.fixture
async def told(town: SlackTown) -> Incident:
    """An incident whose first post is out."""
    made = await town.office.declare(**{"text.tr": "", "title.tr": ""})
    await town.outbox().run()
    await town.press("approve_post:0", "on-call")
    await town.outbox().run()
    known: Incident = await town.office.get(made)
    assert known.deliveries[0].state is DeliveryState.SENT
    return known


def shown(town: SlackTown) -> str:
    return str(town.posts("on-call")[0]["blocks"])


async def test_a_post_that_is_out_gets_better_words(town: SlackTown, told: Incident) -> None:
    post = told.deliveries[0]
    opened = await town.press("correct_post", "on-call", value=f"{told.id}|{post.id}", wait=3)
    assert first_values(opened)["text"] == post.text
    assert (await town.submit(opened, text="Better words."))["ok"]
    await town.outbox().run()
    assert town.office.tapes["mastodon"].done == [("edit", "Better words.")]  # type: ignore[attr-defined]
    assert (await town.office.get(told)).deliveries[0].text == "Better words."
    assert "corrected the post for mastodon" in town.thread("on-call")[-1]


async def test_a_correction_that_says_nothing_new_is_refused_in_the_modal(town: SlackTown, told: Incident) -> None:
    value = f"{told.id}|{told.deliveries[0].id}"
    opened = await town.press("correct_post", "on-call", value=value, wait=3)
    answer = await town.submit(opened, text=told.deliveries[0].text)
    assert list(answer["errors"].values()) == ["These are the words it has already."]


async def test_a_post_that_is_out_is_taken_back(town: SlackTown, told: Incident) -> None:
    await town.press("withdraw_post", "on-call", value=f"{told.id}|{told.deliveries[0].id}", wait=3)
    await town.outbox().run()
    assert (await town.office.get(told)).deliveries[0].state is DeliveryState.WITHDRAWN
    assert "1 withdrawn" in shown(town)
    assert "withdraw_post" not in shown(town)


async def test_a_post_that_failed_is_sent_again(town: SlackTown) -> None:
    town.office.tapes["mastodon"].troubles = [PermanentError("the words are refused")]
    made = await town.office.declare(**{"text.tr": "", "title.tr": ""})
    await town.outbox().run()
    await town.press("approve_post:0", "on-call")
    await town.outbox().run()
    assert "the words are refused" in shown(town)
    await town.press("approve_post", "on-call", value=f"{made.id}|{made.deliveries[0].id}", wait=3)
    await town.outbox().run()
    assert (await town.office.get(made)).deliveries[0].state is DeliveryState.SENT


async def test_the_card_shows_price_and_length_and_says_that_posting_is_stopped(town: SlackTown) -> None:
    outlet = Outlet("mastodon", (), 280, cost=lambda text: 0.20 if "http" in text else 0.015)
    town.office.front = replace(town.office.front, outlets=lambda: {"mastodon": outlet})
    views = Views(town.office.store, COMPONENTS, PAGE, town.office.clock, remark=town.office.front.posts.remark)
    cards = Cards(town.office.store, town.client, town.office.clock, views.draw)
    await switch(town.office.store, True, ADA, NOW, "wrong words")
    await town.office.declare()
    await replace(town.outbox(), cards=cards).run()
    assert "$0.20: it has a link · " in shown(town)
    assert "Posting is stopped by Ada" in shown(town)
