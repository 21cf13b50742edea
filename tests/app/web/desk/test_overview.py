"""Sources and their health, the day in pictures, the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.store import Store
from app.web.desk.day import people_by_half_hour
from app.web.desk.health import hearing
from domain.records import AuditEntry, SetAsideItem, SourceState
from tests.app.web.desk.hall import Browser
from tests.domain.make import NOW, incident, meaning, mention, record

EVERY = timedelta(minutes=2)


@pytest.mark.parametrize(
    ("kind", "state", "level", "words"),
    [
        ("mastodon", SourceState("s", last_success=NOW), "hears", "Answers"),
        ("mastodon", SourceState("s"), "waits", "Not asked yet"),
        ("mastodon", SourceState("s", last_success=NOW, not_before=NOW + 3 * EVERY), "hears",
         "Answers; its quota allows the next question at 16:51 UTC"),
        ("mastodon", SourceState("s", last_success=NOW - timedelta(hours=2)), "deaf",
         "We are deaf here: it is not asked any more"),
        ("mastodon", SourceState("s", failing_since=NOW, error="it answers 503", trouble="permanent"), "deaf",
         "We are deaf here: it answers 503"),
        ("form", SourceState("s", last_success=NOW - timedelta(days=9)), "hears", "Brought to us: nothing to ask for"),
    ],
)  # fmt: skip
def test_how_well_a_source_is_heard(kind: str, state: SourceState, level: str, words: str) -> None:
    heard = hearing("s", kind, EVERY, state, NOW, None)
    assert (heard.level, heard.words) == (level, words)


async def test_sources_that_are_deaf_stand_first_with_since_when_and_why(desk: Browser, store: Store) -> None:
    await store.add(
        SourceState("mastodon", last_success=NOW, fetched=1290, stored=1104, set_aside=2),
        SourceState("app-store-tr", last_success=NOW - timedelta(minutes=48), failing_since=NOW - timedelta(minutes=46),
                    error="it answers <b>503</b>", failures=23),
        SourceState("old-feed"),
    )  # fmt: skip
    page = await desk.get("/desk/sources")
    cards = [" ".join(card.get_text(" ").split()) for card in page.soup.select(".source")]
    assert "We are deaf here: it answers <b>503</b> · since 15:57 UTC" in cards[0]
    assert "23 times in a row" in cards[0]
    assert any("1,290, new and kept 1,104, set aside 2" in card for card in cards)
    assert "Not in the settings any more" in cards[-1]


async def test_what_is_brought_to_us_is_counted(desk: Browser, store: Store) -> None:
    await store.add(record(mention(source="form", source_type="form")))
    form = next(card for card in (await desk.get("/desk/sources")).soup.select(".source") if "form" in card.get_text())
    assert " ".join(form.get_text(" ").split()).endswith("Brought to us: nothing to ask for Heard 1")


async def test_a_classifier_that_fell_back_is_said(desk: Browser) -> None:
    desk.hubbub.classifier_note = "the model file is missing"
    assert "the model file is missing" in (await desk.get("/desk/sources")).part(".problem")


def at(hour: int, minute: int, native: str, **changes: object) -> object:
    """A complaint at a time of the day."""
    said = mention(native=native, created_at=datetime(2026, 3, 6, hour, minute, tzinfo=UTC))
    return record(said, person_id=f"per_{native[0]}", **changes)


def test_each_person_counts_once_per_half_hour() -> None:
    found = people_by_half_hour([at(13, 29, "a"), at(13, 30, "a2"), at(13, 59, "a3"), at(13, 31, "b")])  # type: ignore[list-item]
    counts = {half: len(people) for half, people in enumerate(found["payments"]) if people}
    assert counts == {26: 1, 27: 2}


async def test_a_day_is_drawn_per_component_with_a_table(desk: Browser, store: Store) -> None:
    other = meaning(component="delivery", is_complaint=False)
    await store.add(at(9, 5, "a"), at(13, 31, "b"), at(13, 32, "c"), at(10, 0, "d", classification=other),
                    at(10, 0, "e", own=True), incident())  # fmt: skip
    page = await desk.get("/desk/day")
    payments, delivery = page.soup.select(".days .box")
    assert "Payments 3 people" in " ".join(payments.get_text(" ").split())
    assert payments.select_one("title").get_text() == (  # type: ignore[union-attr]
        "Payments: 3 people complained, most (2) in the half hour from 13:30"
    )
    assert [cell.get_text() for cell in payments.select("td")] == ["09:00", "1", "13:30", "2"]
    assert "Nobody complained yet" in delivery.get_text()
    assert "Payments fail" in page.part("main"), "incidents of the day stand above the charts"
    assert not (await desk.get("/desk/day?date=2026-03-05")).soup.select("rect")


@pytest.mark.parametrize("date", ["nonsense", "2999-01-01", ""])
async def test_a_day_that_cannot_be_shown_is_today(desk: Browser, date: str) -> None:
    assert "Today, 06 Mar 2026" in (await desk.get(f"/desk/day?date={date}")).part("h1")


async def test_the_log_has_pages_and_shows_hostile_detail_as_text(desk: Browser, store: Store) -> None:
    for number in range(105):
        entry = AuditEntry(f"a{number:03}", NOW - timedelta(minutes=number), "Ada (U1)", "slack", "claim", "case_1",
                           "<script>alert(1)</script>" if number == 0 else "")  # fmt: skip
        await store.add(entry)
    first = await desk.get("/desk/audit?subject=case_1")
    assert len(first.soup.select(".log li")) == 100
    assert "<script>alert(1)" not in first.text and "<script>alert(1)" in first.part(".log")
    older = first.soup.select_one(".pager a")
    assert older is not None
    assert len((await desk.get(str(older["href"]))).soup.select(".log li")) == 5


async def test_an_empty_log_says_so(desk: Browser) -> None:
    assert "Nothing was done yet" in (await desk.get("/desk/audit?subject=case_9")).part(".nothing")


async def test_what_could_not_be_read_is_shown_as_text_without_numbers_of_people(desk: Browser, store: Store) -> None:
    await store.add(
        SourceState("mastodon", last_success=NOW, set_aside=1),
        SetAsideItem("a1", "mastodon", '{"text": "<script>x</script> call +90 532 123 45 67"}', "no date", NOW),
    )
    page = await desk.get("/desk/sources")
    shown = page.part(".source details")
    assert "no date" in shown
    assert "<script>x</script>" in shown
    assert "532" not in shown
