"""The chart of what customers tell us: beside what is usual, in words too, and never about fewer than three people."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from status_page.pages.reports import (
    EVERYTHING,
    FEWEST,
    HEIGHT,
    SLOT,
    SLOTS,
    Line,
    Reports,
    draw,
    rows,
    scale_of,
    shown,
)
from status_page.render import render_site
from status_page.site import Site
from tests.status_page.builders import NOW, page, site, words

SINCE = NOW.replace(minute=0) - (SLOTS - 1) * SLOT


def line(*last: int, usual: float | None = 4.0, base: int = 0, hour: int | None = None) -> Line:
    """Make a day that ends with `last`."""
    observed = (base,) * (SLOTS - len(last)) + last
    return Line(observed, (usual,) * SLOTS if usual is not None else (), sum(last[-2:]) if hour is None else hour)


def with_reports(**lines: Line) -> Site:
    """Make a site whose owner shows the chart; `all` is the line of everything."""
    return site(reports=Reports(SINCE, {EVERYTHING if name == "all" else name: told for name, told in lines.items()}))


def test_without_the_owners_wish_there_is_no_chart_and_no_page_of_it() -> None:
    files = render_site(site())
    assert "customer-reports" not in files["en/index.html"].decode()
    assert not [path for path in files if "customer-reports" in path]


def test_the_words_say_how_many_people_and_what_is_usual() -> None:
    text = words(page(with_reports(all=line(9, 20, 27))))
    assert "47 people told us about a problem in the last hour. Usual at this time: 8." in text
    assert "It is not checked yet." in text
    assert "در یک ساعت گذشته ۴۷ نفر" in words(page(with_reports(all=line(9, 20, 27)), "fa/index.html"))


def test_the_drawing_has_a_name_and_a_table_that_says_the_same() -> None:
    soup = page(with_reports(all=line(9, 20, 27)))
    drawing = soup.select_one("svg.chart")
    assert drawing is not None
    assert (drawing["role"], drawing["aria-label"]) == ("img", "Reports from customers in the last 24 hours")
    table = BeautifulSoup(str(soup.select_one("details.more table")), "lxml")  # as a browser: end tags may be left out
    cells = [[cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
    assert cells[0] == ["Half hour from", "People", "Usual"]
    assert cells[-3:] == [["13:00 UTC", "9", "4"], ["13:30 UTC", "20", "4"], ["14:00 UTC", "27", "4"]]
    assert cells[1] == ["20 Nov, 14:30 UTC", "fewer than 3", "4"]


@pytest.mark.parametrize("few", range(FEWEST))
def test_fewer_than_three_people_are_never_counted_aloud(few: int) -> None:
    many, none = (render_site(with_reports(all=line(base=count, usual=0))) for count in (few, 0))
    for path in ("en/index.html", "fa/index.html", "en/customer-reports.html"):
        assert many[path] == none[path], "not even the drawing tells one person from nobody"
    assert "Fewer than 3 people told us about a problem in the last hour." in words(page(with_reports(all=line(few))))


@given(st.lists(st.integers(0, 200), min_size=SLOTS, max_size=SLOTS), st.floats(0, 50))
def test_no_number_below_three_leaves_the_house(observed: list[int], usual: float) -> None:
    told = Line(tuple(observed), (usual,) * SLOTS, observed[-1])
    for _, count, normal in rows(Reports(SINCE), told):
        assert count is None or count >= FEWEST
        assert normal is None or normal >= FEWEST
    drawing = draw(told, scale_of([told]))
    bars = {int(x) // 10: HEIGHT - int(y) for x, y in re.findall(r"M(\d+) 96V(\d+)", drawing.bars + drawing.now)}
    assert set(bars) == {place for place, count in enumerate(observed) if count >= FEWEST}
    assert all(0 <= height <= HEIGHT for height in bars.values())


@pytest.mark.parametrize(
    ("hour", "usual", "high"),
    [(4, 0.0, False), (5, 0.0, True), (10, 4.0, False), (11, 4.0, True), (60, None, False), (60, 29.0, False)],
)
def test_more_than_usual_is_said_only_when_it_clearly_is(hour: int, usual: float | None, high: bool) -> None:
    assert line(usual=None if usual is None else usual / 2, hour=hour).is_high is high


def test_components_with_clearly_more_reports_are_named_where_people_ask_whether_it_is_only_them() -> None:
    made = with_reports(all=line(30, 40), payments=line(28, 38), delivery=line(2, 2))
    box = page(made).select_one(".report")
    assert box is not None
    assert "More people than usual report: Payments." in words(box)  # type: ignore[arg-type]
    quiet = page(with_reports(all=line(4), payments=line(4))).select_one(".report")
    assert "More people" not in str(quiet)


def test_too_little_history_shows_no_usual_at_all() -> None:
    soup = page(with_reports(all=line(9, 20, usual=None)))
    assert "Usual" not in words(soup)
    assert soup.select_one("path.usual") is None


def test_every_component_has_its_chart_on_one_scale_and_the_quiet_ones_are_only_named() -> None:
    soup = page(with_reports(all=line(30), payments=line(30), delivery=line(1, usual=1)), "en/customer-reports.html")
    assert [h.get_text() for h in soup.find_all("h2")] == ["Payments"]
    assert "Fewer than 3 people in every half hour: Deliveries." in words(soup)


def test_the_running_half_hour_is_drawn_apart() -> None:
    drawing = draw(line(20, 27), 30)
    assert drawing.now.startswith("M475 96V")
    assert "M475" not in drawing.bars


def test_a_number_is_rounded_before_it_is_judged() -> None:
    assert [shown(count) for count in (0, 2.4, 2.6, 3, 7.5)] == [None, None, 3, 3, 8]
