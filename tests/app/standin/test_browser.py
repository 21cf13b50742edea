"""The pages in real Chromium: pressed, filled in, live, without an error on the console."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.app.standin.slack.test_acts import EVERY_FIELD
from tests.app.standin.town.test_town import start
from tests.app.standin.world import World, actions, button, section, select, slack_world

# One browser for all: it takes seconds to start. So everything here lives on the module's event loop.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
PHONE = {"width": 390, "height": 800}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Start Debian's Chromium, or skip with the reason."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("HUBBUB_REQUIRE_REAL_PARTS") == "1":
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed")
    async with async_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        started = await playwright.chromium.launch(executable_path=chromium, args=flags)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """Open a page; whatever the browser complains about fails the test."""
    made = await browser.new_page(viewport={"width": 1200, "height": 800})
    complaints: list[str] = []
    made.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    await made.close()
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def world() -> AsyncIterator[World]:
    made = await slack_world()
    yield made
    await made.close()


async def card(world: World) -> str:
    row = actions(button("declare", "Declare incident"), button("claim", "Claim"), select("snooze", "15", "60"))
    answer = await world.client.chat_postMessage(channel="#care", text="x", blocks=[section("*A card*"), row])
    return str(answer["ts"])


async def test_a_new_card_appears_by_itself_and_a_claim_is_seen(world: World, page: Page) -> None:
    async def claim(payload: dict[str, Any]) -> None:
        if payload["actions"][0]["action_id"] == "claim":
            ts, channel = payload["message"]["ts"], payload["channel"]["id"]
            name = payload["user"]["name"]
            await world.client.chat_update(channel=channel, ts=ts, text="x", blocks=[section(f"*{name} has this*")])

    world.hubbub.answer = claim
    await page.goto(f"{world.home}?as=U2")
    await card(world)
    await page.get_by_role("button", name="Claim").click()
    await expect(page.get_by_text("rezamoradi has this")).to_be_visible()
    assert world.hubbub.payloads[0]["user"]["id"] == "U2"


async def test_a_modal_is_opened_refused_corrected_and_sent_by_keyboard_alone(world: World, page: Page) -> None:
    async def answer(payload: dict[str, Any]) -> dict[str, Any] | None:
        if payload["type"] == "block_actions":
            await world.client.views_open(trigger_id=payload["trigger_id"], view=EVERY_FIELD)
            return None
        short = payload["view"]["state"]["values"]["title"]["title"]["value"] == "Ödeme"
        return None if short else {"response_action": "errors", "errors": {"title": "Say it in fewer words."}}

    world.hubbub.answer = answer
    await card(world)
    await page.goto(world.home)
    await page.get_by_role("button", name="Declare incident").focus()
    await page.keyboard.press("Enter")
    title = page.get_by_label("Label of title")
    await expect(title).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Say it in fewer words.")).to_be_visible()
    await expect(title).to_be_focused()
    await title.fill("Ödeme")
    await page.get_by_label("ship").check()
    await title.press("Enter")
    await expect(page.locator("#modal")).to_be_hidden()
    values = world.hubbub.payloads[-1]["view"]["state"]["values"]
    assert [o["value"] for o in values["parts"]["parts"]["selected_options"]] == ["pay", "ship"]
    assert values["when"]["when"]["selected_date_time"] == 1772366400


async def test_a_choice_in_a_menu_is_sent(world: World, page: Page) -> None:
    await card(world)
    await page.goto(world.home)
    await page.get_by_role("combobox", name="Choose").select_option("60")
    for _ in range(50):
        if world.hubbub.payloads:
            break
        await page.wait_for_timeout(50)
    assert world.hubbub.payloads[0]["actions"][0]["selected_option"]["value"] == "60"


async def test_commands_and_words_are_typed_at_the_bottom(world: World, page: Page) -> None:
    async def whisper(form: dict[str, Any]) -> dict[str, Any]:
        return {"response_type": "ephemeral", "text": "No incident is open."}

    world.hubbub.answer = whisper
    await page.goto(world.home)
    typed = page.get_by_label("Message or /hubbub command")
    await typed.fill("/hubbub status")
    await typed.press("Enter")
    await expect(page.get_by_text("No incident is open.")).to_be_visible()
    await expect(page.get_by_text("Only visible to you")).to_be_visible()
    await typed.fill("سلام <b>")
    await typed.press("Enter")
    line = page.locator(".line", has_text="سلام <b>")
    await expect(line).to_have_attribute("dir", "rtl")


async def test_a_hubbub_that_is_away_is_told_once_and_the_page_goes_on(world: World, page: Page) -> None:
    world.stand_in.acts.postman.hubbub_url = lambda: "http://127.0.0.1:1"
    await card(world)
    await page.goto(world.home)
    await page.get_by_role("button", name="Claim").click()
    await expect(page.get_by_role("status")).to_contain_text("cannot be reached")


async def test_nothing_is_wider_than_a_phone(world: World, page: Page) -> None:
    row = actions(*(button(f"b{n}", "A rather long label") for n in range(4)))
    blocks = [section("```" + "▁" * 200 + "```"), section("x" * 300), section("> پرداخت " * 40), row]
    await world.client.chat_postMessage(channel="#care", text="x", blocks=blocks)
    await page.set_viewport_size(PHONE)
    await page.goto(world.home)
    card_width = await page.evaluate("document.querySelector('article').scrollWidth")
    assert (
        card_width <= PHONE["width"] and await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    )


async def test_the_town_is_live_and_fits_a_phone(page: Page) -> None:
    town = await start()
    theirs = town.say("Kart reddedildi @acme " + "x" * 200)
    await page.set_viewport_size(PHONE)
    await page.goto(town.home)
    await expect(page.get_by_text("Kart reddedildi")).to_be_visible()
    await town.post("@ayse Üzerindeyiz", in_reply_to_id=theirs)
    await expect(page.get_by_text("Üzerindeyiz")).to_be_visible()
    await expect(page.get_by_text("answered after")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await page.goto("about:blank")
    await town.close()
