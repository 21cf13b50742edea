"""Badges: true words, readable without colour, wide enough, safe to show anywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from domain.component import Component, ComponentStatus
from domain.incidents.incident import Impact
from domain.incidents.planned import PlannedWork
from status_page.machines.badges import _COLOURS, _LABEL, EDGE, badge, width
from status_page.render import Site, render_site
from tests.status_page.builders import incident, site, update
from tests.status_page.works import going_on

OUTAGE = incident(
    update(components={"payments": ComponentStatus.MAJOR_OUTAGE, "delivery": ComponentStatus.DEGRADED_PERFORMANCE}),
    impact=Impact.CRITICAL,
)


def drawn(of: Site, path: str = "badge.svg") -> Any:
    """Render a site and read one of its badges."""
    found = BeautifulSoup(render_site(of)[path], "xml").svg
    assert found is not None
    return found


def texts(of: Site, path: str = "badge.svg") -> list[str]:
    """Give the words of a badge from left to right."""
    return [str(text.text) for text in drawn(of, path).find_all("text")]


def test_the_badge_of_everything_says_the_headline() -> None:
    assert texts(site()) == ["Kiosk", "All systems operational"]
    assert texts(site(OUTAGE)) == ["Kiosk", "Serious outage"]
    assert texts(site(planned=[going_on()])) == ["Kiosk", "Maintenance is under way"]


@pytest.mark.parametrize(
    ("planned", "words"), [([], "Operational"), ([going_on()], "Under maintenance")]
)  # fmt: skip
def test_a_component_has_a_badge_of_its_own(planned: list[PlannedWork], words: str) -> None:
    assert texts(site(planned=planned), "badge/payments.svg") == ["Payments", words]
    assert texts(site(planned=planned), "badge/delivery.svg") == ["Deliveries", "Operational"]


def test_each_language_has_its_badges_and_persian_reads_from_the_right() -> None:
    made = site(OUTAGE)
    assert texts(made, "tr/badge/payments.svg") == ["Ödemeler", "Büyük kesinti"]
    assert texts(made, "fa/badge/payments.svg") == ["قطعی گسترده", "پرداخت"]
    group = drawn(made, "fa/badge/payments.svg").g
    assert group["direction"] == "rtl"
    assert drawn(made, "fa/badge.svg")["lang"] == "fa"


def test_the_words_are_there_for_those_who_cannot_see_the_picture() -> None:
    found = drawn(site(OUTAGE), "badge/delivery.svg")
    assert (found["role"], found["aria-label"]) == ("img", "Deliveries: Slow or unreliable")
    assert found.title.text == "Deliveries: Slow or unreliable"


def contrast(one: str, other: str) -> float:
    """Compare two colours as WCAG does."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", [*_COLOURS.values(), _LABEL])
def test_white_letters_can_be_read_on_every_colour(colour: str) -> None:
    assert contrast(colour, "ffffff") >= 4.5


def test_every_state_has_a_colour_and_the_whole_is_as_wide_as_its_parts() -> None:
    for state in ComponentStatus:
        found = BeautifulSoup(badge("Payments", "words", state, "en"), "xml").svg
        assert found is not None
        whole = width("Payments") + width("words") + 4 * EDGE
        assert (found["width"], found["viewBox"]) == (str(whole), f"0 0 {whole} 22")
        assert found.rect is not None
        assert found.rect["fill"] == f"#{_COLOURS[state]}"


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0), ("iiii", 12, 20), ("WWWW", 36, 42), ("Operational", 70, 85),
        ("پرداخت", 30, 48), ("می\u200cکند", 26, 42), ("کند یا ناپایدار", 68, 92), ("中文", 24, 26),
    ],
)  # fmt: skip
def test_the_guessed_width_is_near_what_fonts_draw(text: str, least: int, most: int) -> None:
    assert least <= width(text) <= most


def test_hostile_names_stay_text_and_nothing_can_run_or_load() -> None:
    nasty = '"><script>alert(1)</script><image href="https://evil.example"/>\x00\u202e&'
    raw = render_site(site(components=(Component("x", {"en": nasty}),)))["badge/x.svg"].decode()
    assert "<script" not in raw
    assert "\u202e" not in raw
    assert not re.search(r"<(image|foreignObject|style|use|a)\b", raw)
    assert "&lt;script&gt;" in raw
    assert not BeautifulSoup(raw, "xml").select("[href], [src], [onload]")


def test_a_strange_id_gets_a_safe_file_name() -> None:
    files = render_site(site(components=(Component("../etc/passwd", {"en": "X"}),)))
    names = [path for path in files if path.startswith("badge/")]
    assert len(names) == 1
    assert re.fullmatch(r"badge/inc_[0-9a-f]{20}\.svg", names[0])
