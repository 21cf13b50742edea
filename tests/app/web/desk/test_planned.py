"""Maintenance on the desk: announced, moved, begun, completed or called off, without any script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.store import Store
from app.web.desk.live import Pulse, is_watchable
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from domain.work import DeliveryState
from tests.app.web.desk.hall import Browser, Page
from tests.domain.make import ADA, NOW

TIMES = {"starts_at": "2026-03-06T20:00", "ends_at": "2026-03-06T22:00"}


async def announced(desk: Browser, store: Store, **changes: Any) -> tuple[Page, PlannedWork]:
    """Announce work on payments for this evening."""
    form = await desk.get("/desk/maintenance/announce")
    page = await desk.press(form, "/announce_work", components="payments", **TIMES, **changes)
    return page, await latest(store)


async def latest(store: Store) -> PlannedWork:
    """Give the only work there is."""
    (work,) = await store.find(PlannedWork)
    return work


def value(page: Page, selector: str) -> str:
    """Read a field."""
    found = page.soup.select_one(selector)
    assert found is not None
    return str(found["value"])


async def test_the_form_offers_tomorrow_and_every_language(desk: Browser) -> None:
    page = await desk.get("/desk/maintenance/announce")
    assert (value(page, "#starts"), value(page, "#ends")) == ("2026-03-07T16:00", "2026-03-07T17:00")
    assert [str(f["lang"]) for f in page.soup.select("textarea")] == ["en", "tr", "fa"]
    assert "Begins (UTC)" in page.part("main form")


async def test_announcing_leads_to_the_page_of_the_work_with_its_drafts(desk: Browser, store: Store) -> None:
    page, work = await announced(desk, store, title__en="New database")
    assert page.response.url.path == f"/desk/maintenance/{work.id}"
    assert page.word.startswith("Announced: the page, the feeds and the calendar say so.")
    assert (work.titles, work.begins_by_itself) == ({"en": "New database"}, True)
    assert "New database" in page.part("h1")
    assert "Begins by itself 20:00 UTC" in page.part("#head")
    assert "2 wait for approval" in page.part("#posts")
    link = page.soup.select_one("#head .quick a")
    assert link is not None
    assert link["href"] == f"http://desk.example/en/maintenance/{work.id}.html"


async def test_announcing_twice_announces_once(desk: Browser, store: Store) -> None:
    form = await desk.get("/desk/maintenance/announce")
    for _ in range(2):
        assert (await desk.press(form, "/announce_work", components="payments", **TIMES)).status == 200
    assert await store.count(PlannedWork) == 1


async def test_a_refused_announcement_keeps_every_field(desk: Browser, store: Store) -> None:
    page = await desk.press(
        await desk.get("/desk/maintenance/announce"), "/announce_work", components=["payments", "delivery"],
        starts_at="2026-03-06T22:00", ends_at="2026-03-06T20:00", by_itself="no", text__fa="متن",
    )  # fmt: skip
    assert (page.status, page.part(".problem")) == (422, "The end must be later than the start.")
    assert [str(box["value"]) for box in page.soup.select("[name=components][checked]")] == ["payments", "delivery"]
    assert (value(page, "#starts"), value(page, "#by-itself option[selected]")) == ("2026-03-06T22:00", "no")
    assert "متن" in page.part("#text-fa")
    assert await store.find(PlannedWork) == []
    page = await desk.press(page, "/announce_work", ends_at="2026-03-06T23:00")
    assert page.word.startswith("Announced")
    assert "A person begins and ends it." in page.part("#head")


async def test_the_time_is_moved_and_the_new_one_is_shown(desk: Browser, store: Store) -> None:
    page, _ = await announced(desk, store)
    assert value(page, "#starts") == "2026-03-06T20:00"
    page = await desk.press(page, "/move_work", ends_at="2026-03-06T23:30")
    assert (await latest(store)).ends_at == NOW.replace(hour=23, minute=30)
    assert "20:00–23:30 UTC" in page.part("#timeline")


async def test_a_move_that_does_not_fit_is_refused_beside_its_form(desk: Browser, store: Store) -> None:
    page, _ = await announced(desk, store)
    page = await desk.press(page, "/move_work", ends_at="2026-03-06T19:00")
    assert (page.status, page.part("#plan .problem")) == (422, "The end must be later than the start.")
    assert page.soup.select_one("#plan details[open] form[data-kept]") is not None
    assert value(page, "#ends") == "2026-03-06T19:00"


async def test_it_is_started_told_about_and_completed(desk: Browser, store: Store) -> None:
    page, _ = await announced(desk, store)
    assert page.form("/complete_work") is None
    page = await desk.press(page, "/start_work")
    assert page.word.startswith("It is in progress.")
    assert page.soup.select_one("#plan #starts") is None, "what has begun cannot begin at another time"
    assert page.form("/cancel_work") is None
    page = await desk.press(page, "/update_work", text__en="Half done.", status="verifying")
    assert "checking the result" in page.part("#head")
    page = await desk.press(page, "/complete_work", text__en="All done.")
    work = await latest(store)
    assert (work.status, work.updates[-1].texts) == (WorkStatus.COMPLETED, {"en": "All done."})
    assert "Completed 16:45 UTC" in page.part("#head")
    assert [page.form(verb) for verb in ("/update_work", "/move_work", "/complete_work")] == [None] * 3


async def test_it_is_called_off(desk: Browser, store: Store) -> None:
    page, _ = await announced(desk, store)
    page = await desk.press(page, "/cancel_work")
    assert page.word.startswith("Called off")
    assert "Called off 16:45 UTC" in page.part("#head")
    assert (await latest(store)).status is WorkStatus.CANCELLED


async def test_an_update_without_words_is_refused_beside_its_form(desk: Browser, store: Store) -> None:
    page, _ = await announced(desk, store)
    page = await desk.press(page, "/update_work")
    assert (page.status, page.part("#news .problem")) == (422, "Write the text in at least one language.")


async def test_a_post_goes_out_only_after_approval_with_the_words_in_the_box(desk: Browser, store: Store) -> None:
    page, work = await announced(desk, store)
    first = work.deliveries[0].id
    page = await desk.press(page, "/approve_post", delivery=first, text="We work on payments tonight.")
    sent = (await latest(store)).deliveries[0]
    assert (sent.text, sent.state) == ("We work on payments tonight.", DeliveryState.PENDING)
    assert "is on its way" in page.part("#posts")
    page = await desk.press(page, "/approve_post", text=" ")
    assert page.status == 422
    assert "An empty post cannot be sent." in page.part("#posts .problem")


async def test_the_list_has_what_is_planned_first_and_says_what_needs_a_hand(
    desk: Browser, store: Store, clock: Any
) -> None:
    assert "Nothing is planned." in (await desk.get("/desk/maintenance")).part("#list")
    await announced(desk, store, by_itself="no", title__en="Database")
    over = WorkUpdate("upd_1", NOW, WorkStatus.COMPLETED, {"en": "Done."}, "Ada")
    began = NOW - timedelta(days=3)
    await store.add(
        PlannedWork("mnt_old", {"en": "Old work"}, ("delivery",), began, began, began, ADA, (over,), finished_at=began)
    )
    words = (await desk.get("/desk/maintenance")).part("#list")
    assert words.index("Database") < words.index("Over") < words.index("Old work")
    assert "somebody must start it" not in words
    clock.wind(hours=4)
    assert "somebody must start it" in (await desk.get("/desk/maintenance")).part("#list")
    work = next(w for w in await store.find(PlannedWork) if w.id != "mnt_old")
    page = await desk.press(await desk.get(f"/desk/maintenance/{work.id}"), "/start_work")
    clock.wind(hours=3)
    page = await desk.get(f"/desk/maintenance/{work.id}")
    assert "Longer than planned: extend it or complete it" in page.part("#head")


async def test_unknown_work_and_unknown_verbs_are_said_in_words(desk: Browser, store: Store) -> None:
    page = await desk.get("/desk/maintenance/mnt_x")
    assert page.status == 404
    assert "is not known" in page.part("h1")
    page, work = await announced(desk, store)
    hidden = {str(f["name"]): str(f["value"]) for f in page.soup.select("#news form [type=hidden]")}
    assert (await desk.post(f"/desk/maintenance/{work.id}/resolve", hidden)).status == 404


async def test_hostile_words_stay_words(desk: Browser, store: Store) -> None:
    page, _ = await announced(desk, store, title__en="<script>alert(1)</script>", text__en='"><img src=x onerror=1>')
    assert page.soup.select("#main script, main img") == []
    assert "<script>alert(1)</script>" in page.part("h1")


@pytest.mark.parametrize("path", ["/desk/maintenance", "/desk/maintenance/announce", "/desk/maintenance/mnt_1"])
async def test_who_is_not_signed_in_sees_nothing(open_desk: Any, path: str) -> None:
    browser = await open_desk()
    page = await browser.get(path, allow_redirects=False)
    assert (page.status, page.response.headers["Location"].split("?")[0]) == (303, "/desk/sign-in")


async def test_the_pages_are_drawn_anew_when_the_work_changes(desk: Browser, store: Store) -> None:
    page, work = await announced(desk, store)
    live = page.soup.select_one("#live")
    assert live is not None
    assert f"work%3A{work.id}" in str(live["sse-connect"])
    pulse = Pulse(store, look_s=0)
    before = [await pulse.mark(watch) for watch in ("maintenance", f"work:{work.id}")]
    await desk.press(page, "/start_work")
    after = [await pulse.mark(watch) for watch in ("maintenance", f"work:{work.id}")]
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert is_watchable("maintenance") and is_watchable(f"work:{work.id}") and not is_watchable("work:")
