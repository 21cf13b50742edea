from __future__ import annotations

import pytest

from app.standin.faces import colour, direction, initials


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada Karaca", "AK"),
        ("ayşe", "A"),
        ("نگار مرادی", "ن"),
        ("", "·"),
        ("🙂 !!", "·"),
        ("<b>x</b>", "B"),
        ("jo", "J"),
    ],
)
def test_initials_are_letters_of_the_name(name: str, shown: str) -> None:
    assert initials(name) == shown


def test_a_name_keeps_its_colour() -> None:
    assert colour("Ada") == colour("Ada")
    assert 0 <= colour("\ud800") < 8


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("Card declined", "ltr"),
        ("پرداخت انجام نمی‌شود", "rtl"),
        ("@negar_m سلام نگار", "rtl"),
        ("#parcelpay پرداخت", "rtl"),
        ("https://example.com/a پرداخت", "rtl"),
        ("<https://example.com/a|باز کن> post", "rtl"),
        (":red_circle: پرداخت", "rtl"),
        ("“\u2068از صبح\u2069” — App Store", "ltr"),
        ("\u2068از صبح\u2069", "rtl"),
        ("123 !?", "auto"),
        ("#parcelpay", "ltr"),
        ("", "auto"),
    ],
)
def test_a_line_runs_as_its_own_words_do(text: str, runs: str) -> None:
    assert direction(text) == runs
