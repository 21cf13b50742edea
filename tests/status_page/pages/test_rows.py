"""The list of components: groups with the state of their worst, open where something is wrong."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup

from domain.component import Component, ComponentStatus, Group
from status_page.pages.rows import FEW, bad_days, percent
from status_page.pages.uptime import Record
from tests.status_page.builders import PAYMENTS, incident, page, site, update

MONEY = Group("money", {"en": "Money", "tr": "Para", "fa": "پول"})
SHOP = Group("shop", {"en": "Shop", "tr": "Mağaza", "fa": "فروشگاه"})
PAY = Component("payments", PAYMENTS.names, group="money")


def many(count: int, group: str | None) -> tuple[Component, ...]:
    """Make some components of one group."""
    return tuple(Component(f"{group}{n}", {"en": f"{group} {n}"}, group=group) for n in range(count))


def groups(soup: BeautifulSoup) -> list[tuple[str, list[str], bool]]:
    """Give (name, classes, open) of every group."""
    found = []
    for group in soup.select("details.group"):
        assert group.summary is not None
        assert group.summary.h3 is not None
        found.append((group.summary.h3.get_text(), list(group["class"]), group.has_attr("open")))
    return found


def test_groups_stand_in_the_owners_order_with_their_state_in_words() -> None:
    soup = page(site(components=(*many(FEW, "shop"), PAY), groups=(MONEY, SHOP)))
    assert groups(soup) == [
        ("Money", ["card", "group", "operational"], False), ("Shop", ["card", "group", "operational"], False),
    ]  # fmt: skip
    states = [state.get_text() for state in soup.select("summary .state")]
    assert states == ["Operational", "Operational"]


def test_a_group_is_open_while_something_in_it_is_wrong() -> None:
    parts = (*many(FEW, "shop"), PAY)
    broken = incident(update(components={"payments": ComponentStatus.PARTIAL_OUTAGE}))
    assert groups(page(site(broken, components=parts, groups=(MONEY, SHOP)))) == [
        ("Money", ["card", "group", "partial_outage"], True), ("Shop", ["card", "group", "operational"], False),
    ]  # fmt: skip


def test_a_page_with_few_components_hides_none() -> None:
    assert [is_open for _, _, is_open in groups(page(site(components=(PAY,), groups=(MONEY,))))] == [True]


def test_components_without_a_group_stand_open_without_a_heading() -> None:
    alone = Component("alone", {"en": "Alone"})
    soup = page(site(components=(*many(FEW, "shop"), alone), groups=(SHOP,)))
    lists = soup.select("ul.components")
    assert [row.get_text() for row in lists[0].select("bdi")] == ["Alone"]
    assert lists[0].find_parent("details") is None


def test_a_list_of_days_has_the_comma_of_the_language() -> None:
    days = dict.fromkeys((date(2026, 11, 17), date(2026, 11, 18)), ComponentStatus.PARTIAL_OUTAGE)
    record = Record(date(2026, 8, 24), days, 99.0)
    assert [bad_days(record, language)[0][2] for language in ("en", "fa")] == ["17 Nov, 18 Nov", "۲۶ آبان، ۲۷ آبان"]


def test_group_names_follow_the_language_of_the_page() -> None:
    made = site(components=(PAY,), groups=(MONEY,))
    assert [name for name, _, _ in groups(page(made, "tr/index.html"))] == ["Para"]
    assert [name for name, _, _ in groups(page(made, "fa/index.html"))] == ["پول"]


@pytest.mark.parametrize(
    ("share", "language", "words"),
    [(100.0, "en", "100"), (99.999, "en", "99.99"), (99.5, "tr", "99,5"), (99.5, "fa", "۹۹٫۵"), (0.0, "en", "0")],
)
def test_shares_are_rounded_down_and_written_in_the_readers_form(share: float, language: str, words: str) -> None:
    assert percent(share, language) == words
