"""The desk in a real browser: on a phone, by keyboard, live, and without ever losing what somebody is typing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.store import Store
from app.store.protocol import update
from app.web.desk import one_time_link
from app.web.desk.room import ROOM
from domain.care.case import Case
from domain.records import Kept
from tests.app.web.desk.hall import Browser
from tests.domain.make import ADA, NOW, case, evidence, incident, record, signal

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


def _missing() -> str | None:
    try:
        import playwright.async_api  # noqa: F401
    except ImportError:
        return "playwright is not installed"
    return None if CHROMIUM.exists() else f"{CHROMIUM} is not there"


def _is_news(said: Any) -> bool:
    """A refusal (422, 403) is told in the console by the browser itself; anything else there is a fault of ours."""
    expected = any(code in said.text for code in ("status of 422", "status of 403", "Status Error Code 403"))
    return said.type == "error" and not expected


def _is_ours(url: str, origin: str) -> bool:
    return url.startswith((origin, "data:"))


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    """A real browser."""
    reason = _missing()
    if reason is not None:
        if os.environ.get("HUBBUB_REQUIRE_REAL_PARTS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.async_api import async_playwright

    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        await browser.close()


@pytest.fixture
async def look(chromium: Any, desk: Browser) -> AsyncIterator[Callable[..., Any]]:
    """Open a signed-in browser window; whatever it complains about fails the test."""
    complaints: list[str] = []
    windows: list[Any] = []
    origin = desk.origin
    desk.application[ROOM].pulse.look_s = 0.05

    async def opened(path: str, **options: Any) -> Any:
        context = await chromium.new_context(**{"viewport": {"width": 1400, "height": 900}, **options})
        windows.append(context)
        tab = await context.new_page()
        tab.on("console", lambda said: complaints.append(said.text) if _is_news(said) else None)
        tab.on("pageerror", lambda err: complaints.append(str(err)))
        tab.on("request", lambda asked: _is_ours(asked.url, origin) or complaints.append(asked.url))
        await tab.goto(one_time_link(desk.application, origin))
        await tab.click("button.main")
        await tab.goto(origin + path)
        return tab

    yield opened
    for window in windows:  # a tab that outlives its server would complain of that
        await window.close()
    assert complaints == []


@pytest.fixture
async def opened(store: Store) -> Case:
    """An open case with one post."""
    known = case()
    await store.add(known, record(case_id=known.id))
    return known


async def test_a_phone_shows_one_column_with_the_actions_in_reach(
    look: Callable[..., Any], store: Store, opened: Case
) -> None:
    await store.add(incident(), signal(evidence=evidence(observed_series=tuple(range(36)))))
    tab = await look(f"/desk/cases/{opened.id}", viewport=PHONE, has_touch=True, is_mobile=True)
    for path in (f"/desk/cases/{opened.id}", "/desk", "/desk/incidents", "/desk/incidents/inc_1", "/desk/signals/sig_1",
                 "/desk/incidents/declare", "/desk/sources", "/desk/subscribers", "/desk/day",
                 "/desk/audit"):  # fmt: skip
        await tab.goto(tab.url.split("/desk")[0] + path)
        wide = await tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"
        small = await tab.evaluate(
            "[...document.querySelectorAll('main button, main .plain, .dock a, select, textarea')].filter(e =>"
            " e.getClientRects().length && e.getBoundingClientRect().height < 40).map(e => e.outerHTML.slice(0, 80))"
        )
        assert small == [], path
    await tab.goto(tab.url.split("/desk")[0] + f"/desk/cases/{opened.id}")
    dock = await tab.locator(".dock").bounding_box()
    assert dock is not None and dock["y"] + dock["height"] == pytest.approx(PHONE["height"], abs=1)
    assert await tab.locator("#beside").is_hidden()


async def test_a_button_renews_the_page_in_place(look: Callable[..., Any], store: Store, opened: Case) -> None:
    tab = await look(f"/desk/cases/{opened.id}")
    await tab.evaluate("window.stays = true")
    await tab.keyboard.press("c")
    await tab.get_by_text("You have it").wait_for()
    assert await tab.evaluate("window.stays") is True, "the page was not loaded anew"
    assert await tab.locator("#word").inner_text() == "It is yours."


async def test_news_arrive_while_somebody_types_and_nothing_typed_is_lost(
    look: Callable[..., Any], store: Store, opened: Case
) -> None:
    tab = await look(f"/desk/cases/{opened.id}")
    await tab.keyboard.press("r")
    await tab.keyboard.press("Control+A")
    await tab.keyboard.type("Half a sent")
    await update(store, Case, opened.id, lambda c: replace(c, assignee=ADA, revision=c.revision + 1, updated_at=NOW))
    await tab.get_by_text("Ada has it").first.wait_for()
    await tab.keyboard.type("ence")
    assert await tab.locator("#reply-text").input_value() == "Half a sentence"
    await tab.keyboard.press("Escape")
    await tab.keyboard.press("n")
    await tab.keyboard.type("a note")
    await tab.get_by_role("button", name="Add note").click()
    await tab.locator("#notes").get_by_text("a note").wait_for()
    assert await tab.locator("#reply-text").input_value() == "Half a sentence", "another form does not touch it"
    assert await tab.locator("#note-text").input_value() == "", "the note was sent, its box is free again"


async def test_a_refusal_keeps_the_words_through_later_news(
    look: Callable[..., Any], store: Store, opened: Case
) -> None:
    tab = await look(f"/desk/cases/{opened.id}")
    await tab.evaluate("document.getElementById('reply-text').removeAttribute('maxlength')")
    await tab.locator("#reply-text").fill("y" * 20_001)
    await tab.get_by_role("button", name="Send").click()
    await tab.locator("#reply .problem").wait_for()
    await tab.evaluate("document.activeElement.blur()")
    await update(store, Case, opened.id, lambda c: replace(c, assignee=ADA, revision=c.revision + 1, updated_at=NOW))
    await tab.get_by_text("Ada has it").first.wait_for()
    assert len(await tab.locator("#reply-text").input_value()) == 20_001


async def test_who_was_signed_out_keeps_what_was_written(look: Callable[..., Any], store: Store, opened: Case) -> None:
    tab = await look(f"/desk/cases/{opened.id}")
    await tab.locator("#reply-text").fill("A long answer")
    await store.delete(Kept)
    await tab.get_by_role("button", name="Send").click()
    await tab.locator("#trouble").get_by_text("signed out").wait_for()
    assert await tab.locator("#reply-text").input_value() == "A long answer"


async def test_the_queue_is_walked_by_keyboard_and_grows_live(
    look: Callable[..., Any], store: Store, opened: Case
) -> None:
    tab = await look("/desk")
    second = case(id="case_2", person_id="per_2", author="second", due_at=opened.due_at.replace(minute=50))
    await store.add(replace(second, updated_at=NOW.replace(minute=46)))
    await tab.get_by_text("second").wait_for()
    await tab.keyboard.press("j")
    await tab.keyboard.press("j")
    await tab.keyboard.press("k")
    await tab.keyboard.press("j")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/desk/cases/case_2")
    await tab.keyboard.press("k")
    await tab.wait_for_url(f"**/desk/cases/{opened.id}")
    await tab.keyboard.press("?")
    assert await tab.locator("#keys").is_visible()


async def test_filters_work_as_they_are_chosen(look: Callable[..., Any], store: Store, opened: Case) -> None:
    await store.add(case(id="case_fa", person_id="per_2", author="sara", language="fa"))
    tab = await look("/desk")
    await tab.locator("select[name=language]").select_option("fa")
    await tab.get_by_text("zeynep").wait_for(state="detached")
    assert "language=fa" in tab.url
    assert await tab.get_by_text("sara").is_visible()


async def test_times_stand_in_the_readers_zone(look: Callable[..., Any], opened: Case) -> None:
    tab = await look(f"/desk/cases/{opened.id}", timezone_id="Asia/Tehran")
    assert "Answer due 21:15" in await tab.locator("#state").inner_text()
    assert "GMT+3:30" in await tab.locator("#zone").inner_text()


async def test_without_script_a_case_is_answered_by_plain_forms(
    look: Callable[..., Any], store: Store, opened: Case
) -> None:
    tab = await look(f"/desk/cases/{opened.id}", java_script_enabled=False, viewport=PHONE)
    await tab.locator("#reply-text").fill("We are on it.")
    await tab.get_by_role("button", name="Send").click()
    await tab.get_by_text("Your reply is on its way").wait_for()
    known = await store.get(Case, opened.id)
    assert known is not None and known.replies[0].text == "We are on it."
