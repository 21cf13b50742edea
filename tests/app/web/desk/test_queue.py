"""The queue page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.store import Store
from app.web.desk.queue import Wanted, read_wanted
from domain.care.case import Case, CaseStatus, FlagCode, FlagReason
from domain.records import SourceState
from domain.work import Actor
from tests.app.web.desk.hall import Browser
from tests.domain.make import NOW, case, incident, mention, record, signal


def other(number: int, **changes: object) -> Case:
    """Another person's case, due a minute after the one before."""
    return replace(
        case(id=f"case_{number}", person_id=f"per_{number}", author=f"person{number}", text=f"text {number}",
             due_at=NOW + timedelta(minutes=number)), **changes,
    )  # fmt: skip


def ids(page: object) -> list[str]:
    """The cases of the queue, in their order."""
    return [str(a["href"]).rsplit("/", 1)[1] for a in page.soup.select("#queue a[data-row]")]  # type: ignore[attr-defined]


async def test_the_case_that_is_due_first_stands_first(desk: Browser, store: Store) -> None:
    await store.add(other(30), other(10), other(20))
    assert ids(await desk.get("/desk")) == ["case_10", "case_20", "case_30"]


async def test_the_clock_is_said_in_words(desk: Browser, store: Store) -> None:
    await store.add(other(51, opened_at=NOW), other(-12, opened_at=NOW - timedelta(hours=1)))
    page = await desk.get("/desk")
    assert "Answer due 17:36 UTC (in 51 min)" in page.part("#queue")
    assert "Late: answer was due 16:33 UTC (12 min ago)" in page.part("#queue")


async def test_tabs_split_the_cases(desk: Browser, store: Store) -> None:
    me = Actor("link:Operator", "Operator", "desk")
    await store.add(
        other(1), other(2, assignee=me), other(3, assignee=Actor("U1", "Ada")),
        other(4, status=CaseStatus.SNOOZED, snoozed_until=NOW + timedelta(hours=1)),
        other(5, status=CaseStatus.ANSWERED),
    )  # fmt: skip
    expected = {
        "waiting": {"case_1", "case_2", "case_3"}, "mine": {"case_2"}, "unassigned": {"case_1", "case_4"},
        "all": {"case_1", "case_2", "case_3", "case_4", "case_5"},
    }  # fmt: skip
    for tab, wanted in expected.items():
        assert set(ids(await desk.get(f"/desk?tab={tab}"))) == wanted, tab
    assert "Mine 1" in (await desk.get("/desk")).part("#tabs")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("language=fa", ["case_2"]), ("source=form", ["case_3"]), ("component=delivery", ["case_1"]), ("language=xx", [])],
)
async def test_filters_narrow_the_queue(desk: Browser, store: Store, query: str, wanted: list[str]) -> None:
    await store.add(other(1, component="delivery"), other(2, language="fa"), other(3, source="form"))
    assert ids(await desk.get(f"/desk?{query}")) == wanted


async def test_search_looks_into_what_people_wrote_whatever_the_state(desk: Browser, store: Store) -> None:
    said = mention("Ödeme ekranı ÇÖKTÜ, sepette bekliyorum")
    await store.add(record(said, case_id="case_1"), other(1, status=CaseStatus.ANSWERED), other(2))
    page = await desk.get("/desk?q=coktu")
    assert ids(page) == ["case_1"]
    assert page.soup.select_one("#q")["value"] == "coktu"  # type: ignore[index]


async def test_a_long_queue_has_pages(desk: Browser, store: Store) -> None:
    await store.add(*[other(number) for number in range(1, 46)])
    first = await desk.get("/desk")
    more = first.soup.select_one(".pager a")
    assert len(ids(first)) == 40 and more is not None
    assert len(ids(await desk.get(str(more["href"])))) == 5


@pytest.mark.parametrize(
    ("path", "says"),
    [("/desk", "Everybody has an answer"), ("/desk?tab=mine", "You have no case"), ("/desk?tab=all", "No case yet"),
     ("/desk?q=nothing", "Nothing fits")],
)  # fmt: skip
async def test_an_empty_view_says_what_to_do_next(desk: Browser, path: str, says: str) -> None:
    page = await desk.get(path)
    assert says in page.part(".nothing")
    assert page.soup.select(".nothing a")


async def test_signals_incidents_and_deaf_sources_are_seen_at_a_glance(desk: Browser, store: Store) -> None:
    state = SourceState("mastodon", last_success=NOW - timedelta(hours=1), failing_since=NOW, error="it answers 503")
    await store.add(signal(), incident(), state)
    glance = (await desk.get("/desk")).part("#glance")
    assert "Customers report: Payments" in glance and "12 people in 10 min" in glance
    assert "Payments fail" in glance
    assert "We are deaf here: it answers 503" in glance


async def test_a_flag_without_words_and_a_person_without_name_are_shown(desk: Browser, store: Store) -> None:
    await store.add(other(1, author="", text="", reason=FlagReason(FlagCode.LOW_RATING, 0.1), component=None))
    assert "no component" in (await desk.get("/desk")).part("#queue")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, Wanted()), ({"tab": "nonsense"}, Wanted()), ({"q": " pay "}, Wanted(tab="all", q="pay")),
        ({"tab": "mine", "q": "pay"}, Wanted(tab="mine", q="pay")), ({"skip": "-1"}, Wanted()),
        ({"skip": "40"}, Wanted(skip=40)), ({"skip": "99999999999"}, Wanted()), ({"skip": "٣"}, Wanted()),
    ],
)  # fmt: skip
def test_an_address_is_read_with_patience(query: dict[str, str], wanted: Wanted) -> None:
    assert read_wanted(query) == wanted


def test_a_view_is_written_as_a_short_address() -> None:
    assert Wanted().query() == ""
    assert Wanted(tab="all", q="a b").query(component="payments") == "tab=all&component=payments&q=a+b"
