"""Posts on the desk: previewed with their price, corrected, withdrawn, sent again; and the switch that stops all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.outbox.posting import switch, why_stopped
from app.store import Store
from domain.incidents.incident import Incident
from domain.work import Delivery, DeliveryState
from status_page.words.lengths import x_length
from status_page.words.posts import Outlet
from tests.app.web.desk.hall import Browser
from tests.domain.make import ADA, NOW, delivery, incident

OUTLETS = {
    "x": Outlet("x", (), 280, x_length, lambda text: 0.20 if "http" in text else 0.015, withdraws=True),
    "mastodon": Outlet("mastodon", (), 500, edits=True, withdraws=True),
}
PAGE = "/desk/incidents/inc_1"


@pytest.fixture(autouse=True)
def channels(desk: Browser) -> None:
    """Let the desk know what the channels can do."""
    desk.hubbub.front = replace(desk.hubbub.front, outlets=lambda: OUTLETS)


async def posted(store: Store, **changes: Any) -> None:
    await store.add(incident(deliveries=(delivery(**changes),)))


async def the_post(store: Store) -> Delivery:
    found = await store.get(Incident, "inc_1")
    assert found is not None
    return found.deliveries[0]


OUT: dict[str, Any] = {"state": DeliveryState.SENT, "remote_id": "113", "sent_at": NOW}


async def test_a_preview_says_what_the_post_costs_and_how_long_it_is(desk: Browser, store: Store) -> None:
    await posted(store, channel="x", text="More: https://acme.com")
    assert "$0.20: it has a link · 29 of 280" in (await desk.get(PAGE)).part("#posts")


async def test_what_is_too_long_is_refused_beside_its_box_with_the_words_kept(desk: Browser, store: Store) -> None:
    await posted(store, channel="x")
    page = await desk.press(await desk.get(PAGE), "/approve_post", text="の" * 150)
    assert page.status == 422
    assert "This is 20 over the 280 that x takes" in page.part("#post-del_1 .problem")
    assert page.soup.select_one("#text-del_1").get_text().strip() == "の" * 150  # type: ignore[union-attr]
    assert (await the_post(store)).state is DeliveryState.DRAFT


async def test_the_words_of_a_sent_post_are_replaced(desk: Browser, store: Store) -> None:
    await posted(store, **OUT)
    page = await desk.press(await desk.get(PAGE), "/correct_post", text="Better words.")
    assert page.word == "The words are being replaced."
    assert "is being corrected" in page.part("#posts .state")
    assert (await the_post(store)).correction == "Better words."


async def test_a_sent_post_is_taken_back(desk: Browser, store: Store) -> None:
    await posted(store, **OUT)
    page = await desk.press(await desk.get(PAGE), "/withdraw_post")
    assert page.word == "It is being taken back."
    assert "is being taken back" in page.part("#posts .state")
    assert page.form("/withdraw_post") is None
    assert (await the_post(store)).withdraw


async def test_only_what_the_channel_can_do_is_offered(desk: Browser, store: Store) -> None:
    await posted(store, channel="x", **OUT)
    page = await desk.get(PAGE)
    assert page.form("/correct_post") is None
    assert page.form("/withdraw_post") is not None


async def test_a_failed_post_says_why_and_can_be_sent_again(desk: Browser, store: Store) -> None:
    await posted(store, state=DeliveryState.FAILED, unsure_since=NOW, error="It may have been posted: look there.")
    page = await desk.get(PAGE)
    assert "It may have been posted" in page.part("#posts .error")
    assert (await desk.press(page, "/approve_post")).word == "Approved."
    assert (await the_post(store)).state is DeliveryState.PENDING


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": DeliveryState.WITHDRAWN}, "taken back"),
        ({"state": DeliveryState.REHEARSED}, "not sent (dry run)"),
        ({**OUT, "edits": 1}, "arrived, corrected"),
    ],
)
async def test_what_became_of_a_post_is_said(desk: Browser, store: Store, changes: dict[str, Any], words: str) -> None:
    await posted(store, **changes)
    assert (await desk.get(PAGE)).part("#posts .state").startswith(words)


async def test_all_posting_is_stopped_and_resumed_on_the_desk(desk: Browser, store: Store) -> None:
    await posted(store)
    page = await desk.press(await desk.get("/desk/incidents"), "/stop_posting", reason="wrong words")
    assert page.word.startswith("Stopped")
    assert "(wrong words): what is approved waits." in page.part("#list .problem")
    assert await why_stopped(store) is not None
    assert "Posting is stopped by" in (await desk.get(PAGE)).part("#posts .problem")
    page = await desk.press(page, "/resume_posting")
    assert page.word.startswith("Resumed")
    assert await why_stopped(store) is None
    assert page.form("/stop_posting") is not None


async def test_a_stop_from_elsewhere_is_shown_and_one_in_the_settings_has_no_button(
    desk: Browser, store: Store
) -> None:
    await switch(store, True, ADA, NOW)
    assert (await desk.get("/desk/incidents")).form("/resume_posting") is not None
    await switch(store, False, ADA, NOW)
    publishing = desk.hubbub.settings.publishing.model_copy(update={"stopped": True})
    desk.hubbub.settings = desk.hubbub.settings.model_copy(update={"publishing": publishing})
    page = await desk.get("/desk/incidents")
    assert "by the settings (publishing.stopped)" in page.part("#list .problem")
    assert page.form("/resume_posting") is None


async def test_nothing_else_can_be_done_through_the_switch(desk: Browser) -> None:
    page = await desk.get("/desk/incidents")
    form = page.form("/stop_posting")
    assert form is not None
    fields = {field["name"]: field.get("value", "") for field in form.select("input")}
    assert (await desk.post("/desk/incidents/posting/declare", fields)).status == 404
