"""Every page of the desk is valid HTML and CSS by the checker of the W3C."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.store import Store
from app.web.desk import one_time_link
from tests.app.web.desk.conftest import Opened
from tests.app.web.desk.hall import Browser
from tests.app.web.desk.test_subscribers import SENT, person
from tests.domain.make import case, evidence, incident, record, signal
from tests.status_page.works import done, going_on, work
from tests.vnu import command, complaints

STATIC = Path(__file__).parents[4] / "app/web/desk/static"
ROOMS = ("/desk", "/desk/incidents", "/desk/incidents/declare", "/desk/maintenance", "/desk/maintenance/announce",
         "/desk/subscribers", "/desk/sources", "/desk/day", "/desk/audit", "/desk/cases/none")  # fmt: skip
# htmx's own names; it takes data-hx-... as well, which would only make the templates harder to read.
_HTMX = re.compile(r": Attribute “(hx|sse)-[a-z-]+” not allowed on element “\w+” at this point\.")


@pytest.mark.slow
async def test_the_checker_finds_no_error_on_the_desk(desk: Browser, store: Store, tmp_path: Path) -> None:
    command()
    known = case()
    await store.add(known, record(case_id=known.id), incident(), signal(evidence=evidence()))
    await store.add(work(), done(id="mnt_2"), going_on(id="mnt_3"))
    await store.add(person(), SENT)
    paths = [
        f"/desk/cases/{known.id}",
        f"/desk/subscribers/{person().id}",
        "/desk/incidents/inc_1",
        "/desk/signals/sig_1",
        *await linked(desk),
    ]
    paths += [f"/desk/maintenance/mnt_{number}" for number in (1, 2, 3)]
    files = {}
    for place, path in enumerate(dict.fromkeys((*ROOMS, *paths))):
        page = await desk.get(path)
        assert page.status in (200, 404)
        files[f"{place}{path.partition('?')[0].replace('/', '-')}.html"] = page.text
    declared = await desk.press(await desk.get("/desk/incidents/declare"), "/declare")
    assert declared.status == 422
    files["refused.html"] = declared.text
    found = complaints(files | {path.name: path.read_text() for path in STATIC.glob("*.css")}, tmp_path)
    assert [line for line in found if not _HTMX.search(line)] == []


async def linked(desk: Browser) -> list[str]:
    """Give the rooms that the desk leads to, and those below them."""
    found = [str(link["href"]) for room in ROOMS for link in (await desk.get(room)).soup.find_all("a", href=True)]
    return [path for path in found if path.startswith("/desk") and "#" not in path]


@pytest.mark.slow
async def test_the_checker_finds_no_error_at_the_door(open_desk: Opened, tmp_path: Path) -> None:
    command()
    browser = await open_desk()
    link = one_time_link(browser.application, browser.origin).removeprefix(browser.origin)
    files = {
        "sign-in.html": (await browser.get("/desk")).text,
        "enter.html": (await browser.get(link)).text,
        "entered.html": (await browser.get(link + "x")).text,
    }
    assert complaints(files, tmp_path) == []
