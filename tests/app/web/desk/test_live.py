"""Live news by server-sent events."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest
from aiohttp import ClientResponse

from app.store import Store
from app.web.desk.live import is_watchable
from app.web.desk.once import Once
from app.web.desk.room import ROOM
from domain.errors import Refused
from domain.records import SourceState
from tests.app.web.desk.hall import Browser
from tests.app.web.desk.test_subscribers import SENT
from tests.domain.make import ADA, NOW, case, incident, signal


@pytest.fixture(autouse=True)
def quick(desk: Browser) -> None:
    """Look at the store more often than a person needs."""
    desk.application[ROOM].pulse.look_s = 0.02


async def watch(desk: Browser, path: str) -> ClientResponse:
    """Open a page's stream as its markup says."""
    page = await desk.get(path)
    live = page.soup.select_one("#live")
    assert live is not None
    return await desk.client.get(str(live["sse-connect"]))


async def news(stream: ClientResponse, wait: float = 2.0) -> bool:
    """Say whether the stream brings news in time."""
    try:
        async with asyncio.timeout(wait):
            while True:
                line = await stream.content.readline()
                if line.startswith(b"event: news"):
                    return True
                if not line:
                    return False
    except TimeoutError:
        return False


async def test_the_queue_hears_of_a_new_case_and_of_nothing_else(desk: Browser, store: Store) -> None:
    stream = await watch(desk, "/desk")
    assert stream.content_type == "text/event-stream"
    assert not await news(stream, 0.15), "nothing has changed"
    await store.add(case(updated_at=NOW))
    assert await news(stream)
    stream.close()


async def test_what_happened_between_page_and_stream_is_told_at_once(desk: Browser, store: Store) -> None:
    await store.add(case())
    page = await desk.get(f"/desk/cases/{case().id}")
    known = (await store.find(type(case())))[0]
    await store.replace(replace(known, assignee=ADA, revision=1))
    stream = await desk.client.get(str(page.soup.select_one("#live")["sse-connect"]))  # type: ignore[index]
    assert await news(stream)
    stream.close()


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/desk/incidents", lambda: signal(id="sig_2", component="delivery")),
        ("/desk/incidents/inc_1", lambda: case(id="case_9", incident_id="inc_1")),
        ("/desk/sources", lambda: SourceState("mastodon", failing_since=NOW)),
        ("/desk/subscribers", lambda: SENT),
        ("/desk", lambda: incident(id="inc_2")),
    ],
)
async def test_each_page_hears_of_what_it_shows(desk: Browser, store: Store, path: str, change: object) -> None:
    await store.add(incident(), signal())
    stream = await watch(desk, path)
    await store.add(change())  # type: ignore[operator]
    assert await news(stream)
    stream.close()


async def test_a_page_renews_only_parts_that_it_has(desk: Browser, store: Store) -> None:
    await store.add(incident(), signal(), case())
    for path in ("/desk", f"/desk/cases/{case().id}", "/desk/incidents", "/desk/incidents/inc_1", "/desk/signals/sig_1",
                 "/desk/subscribers", "/desk/sources", "/desk/audit"):  # fmt: skip
        page = await desk.get(path)
        fetcher = page.soup.select_one("#fetch")
        assert fetcher is not None and str(fetcher["hx-get"]).startswith(path)
        parts = str(fetcher["hx-select-oob"]).split(",")
        forms = [str(form["hx-select-oob"]).split(",") for form in page.soup.select("form[hx-select-oob][hx-post]")]
        for names in (parts, *forms):
            assert names and all(page.soup.select_one(name) is not None for name in names), (path, names)


@pytest.mark.parametrize("asked", ["", "everything", "case:", "case:../x", "case:" + "x" * 81, "queue:x"])
async def test_only_what_the_desk_shows_can_be_watched(desk: Browser, asked: str) -> None:
    assert not is_watchable(asked)
    assert (await desk.get("/desk/live", params={"watch": asked})).status == 400


async def test_streams_end_when_hubbub_closes(desk: Browser) -> None:
    stream = await watch(desk, "/desk")
    desk.application[ROOM].closing.set()
    async with asyncio.timeout(2):
        assert b"event: news" not in await stream.content.read()


async def test_a_form_acts_once_and_a_failed_one_may_be_tried_again() -> None:
    once, done = Once(), 0

    async def work() -> str:
        nonlocal done
        done += 1
        await asyncio.sleep(0.01)
        if done == 1:
            raise Refused("not now")
        return "done"

    answers = await asyncio.gather(*[once.run("k", "me", work) for _ in range(3)], return_exceptions=True)
    assert done == 1 and all(isinstance(answer, Refused) for answer in answers)
    assert await asyncio.gather(*[once.run("k", "me", work) for _ in range(3)]) == ["done"] * 3
    assert done == 2
    assert (once.word("k", "me"), once.word("k", "somebody else"), once.word("x", "me")) == ("done", "", "")


async def test_an_action_goes_on_when_the_browser_goes_away() -> None:
    once, done = Once(), asyncio.Event()

    async def work() -> str:
        await asyncio.sleep(0.02)
        done.set()
        return "done"

    waiting = asyncio.create_task(once.run("k", "me", work))
    await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(1):
        await done.wait()
    assert re.fullmatch("done", await once.run("k", "me", work))
