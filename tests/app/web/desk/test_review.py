"""The review of an incident and the scorecard on the desk, and as files to take along."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.store import Store
from tests.app.review.hostile import TEXTS, complaints
from tests.app.web.desk.conftest import Opened
from tests.app.web.desk.hall import Browser, Clock
from tests.domain.make import incident
from tests.domain.review.review_story import LATER, case_of, records, story, told

REVIEW = "/desk/incidents/inc_1/review"


@pytest.fixture
async def lived(desk: Browser, store: Store, clock: Clock) -> Browser:
    """A desk six hours after the story of tests/domain/review_story.py began."""
    await store.add(*records(story()))
    clock.at = LATER
    return desk


async def test_the_review_stands_in_the_frame_of_the_desk(lived: Browser) -> None:
    page = await lived.get(REVIEW)
    assert page.status == 200
    assert page.part("nav [aria-current]") == "Incidents"
    assert "4 people complained. The first public word came 10 min after" in page.part(".rv-lead")
    assert page.part(".rv-who dd") == "English 3, Persian 1, Turkish 1"
    assert "Payments 4" in page.part(".rv-who")
    assert len(page.soup.select("svg.rv-chart")) == 2
    assert page.soup.select_one(".rv-minutes time[data-form]") is not None, "times stand in the reader's own zone"


async def test_its_style_is_a_file_of_the_desk_that_may_be_cached(lived: Browser) -> None:
    page = await lived.get(REVIEW)
    links = [str(link["href"]) for link in page.soup.select("link[rel=stylesheet]")]
    style = await lived.get(links[1])
    assert links[1].startswith("/desk/review.css?v=")
    assert style.response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in style.response.headers["Cache-Control"]
    assert ".rv-figures" in style.text
    assert page.soup.select("style, [style]") == []


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [("html", "text/html", "<!doctype html>"), ("md", "text/markdown", "# Payments fail"),
     ("json", "application/json", "{")],
)  # fmt: skip
async def test_the_review_is_taken_along_as_a_file(lived: Browser, form: str, kind: str, begins: str) -> None:
    page = await lived.get(REVIEW)
    assert f"{REVIEW}.{form}" in [str(link["href"]) for link in page.soup.select("a[download]")]
    file = await lived.get(f"{REVIEW}.{form}")
    assert file.response.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert file.response.headers["Content-Disposition"] == f'attachment; filename="review-inc_1.{form}"'
    assert file.text.startswith(begins)


async def test_the_incident_leads_to_its_review_and_the_desk_to_the_scorecard(lived: Browser) -> None:
    page = await lived.get("/desk/incidents/inc_1")
    links = [str(link["href"]) for link in page.soup.select("a")]
    assert REVIEW in links
    assert "/desk/scorecard" in links


async def test_the_scorecard_lists_the_incidents_of_its_days(lived: Browser, clock: Clock) -> None:
    page = await lived.get("/desk/scorecard")
    assert page.part("nav[aria-label=Desk] [aria-current]") == "Scorecard"
    assert page.part(".tabs [aria-current]") == "30 days"
    assert "10 min" in page.part(".rv-score tbody")
    assert [str(link["href"]) for link in page.soup.select(".rv-score a")] == [REVIEW]
    clock.wind(days=20)
    assert "No incident was declared in this time." in (await lived.get("/desk/scorecard?days=7")).text
    assert (await lived.get("/desk/scorecard?days=-1")).part(".tabs [aria-current]") == "30 days"


@pytest.mark.parametrize("form", ["html", "md", "json"])
async def test_the_scorecard_is_taken_along_as_a_file(lived: Browser, form: str) -> None:
    file = await lived.get(f"/desk/scorecard.{form}?days=90")
    assert file.status == 200
    name = f'attachment; filename="scorecard-2026-03-06-90-days.{form}"'
    assert file.response.headers["Content-Disposition"] == name
    assert "Payments fail" in file.text


async def test_a_desk_without_incidents_says_what_will_stand_here(desk: Browser) -> None:
    page = await desk.get("/desk/scorecard")
    assert page.status == 200
    assert "No incident was ever declared, so there is nothing to report." in page.part(".nothing")
    assert (await desk.get("/desk/scorecard.md")).status == 404


async def test_an_unknown_incident_is_not_found(lived: Browser) -> None:
    assert "This incident is not known" in (await lived.get("/desk/incidents/inc_9/review")).text
    assert (await lived.get("/desk/incidents/inc_9/review")).status == 404
    assert (await lived.get("/desk/incidents/inc_9/review.md")).status == 404
    assert (await lived.get(f"{REVIEW}.exe")).status == 405  # only actions have such addresses


async def test_a_merged_incident_leads_to_the_one_that_tells_its_story(lived: Browser, store: Store) -> None:
    await store.add(incident(id="inc_2", merged_into="inc_1"))
    page = await lived.get("/desk/incidents/inc_2/review")
    assert page.status == 404
    assert page.soup.select_one(f'.nothing a[href="{REVIEW}"]') is not None
    file = await lived.get("/desk/incidents/inc_2/review.html")
    assert file.text == "inc_2 was merged into inc_1 (Payments fail), which tells its story; ask for that one.\n"


async def test_a_private_incident_is_marked_and_an_open_one_has_no_end(desk: Browser, store: Store) -> None:
    known = told()
    await store.add(replace(known, private=True, updates=known.updates[:1], resolved_at=None, deliveries=()))
    page = await desk.get(REVIEW)
    assert page.part(".rv-hot") == "private"
    assert "it is still open" in page.part(".rv-top")
    assert "Nothing was said in public." in page.text


async def test_hostile_words_are_shown_as_words(desk: Browser, store: Store, clock: Clock) -> None:
    said = complaints()
    await store.add(told(), *said, *(case_of(each) for each in said))
    clock.at = LATER
    page = await desk.get(REVIEW)
    assert TEXTS[0] in [quote.get_text() for quote in page.soup.select("blockquote")]
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text


async def test_nobody_sees_any_of_it_without_signing_in(open_desk: Opened, store: Store) -> None:
    await store.add(*records(story()))
    stranger = await open_desk()
    for path in (REVIEW, f"{REVIEW}.html", f"{REVIEW}.json", "/desk/scorecard", "/desk/scorecard.md"):
        page = await stranger.get(path)
        assert page.response.url.path == "/desk/sign-in", path
        assert "Payments fail" not in page.text
