"""What looks like a telephone number, and how sure the written form makes us."""

from __future__ import annotations

import pytest

from domain.privacy.phones import Surety, has_the_size, is_international, phone


@pytest.mark.parametrize(
    ("written", "sure"),
    [
        ("05321234567", Surety.SURE), ("0532 123 45 67", Surety.SURE), ("0912 123 4567", Surety.SURE),
        ("0090 532 1234567", Surety.SURE), ("00989121234567", Surety.SURE),
        ("905321234567", Surety.LIKELY), ("02125551234", Surety.LIKELY), ("0212 555 12 34", Surety.LIKELY),
        ("0 212 555 12 34", Surety.LIKELY), ("532 123 45 67", Surety.LIKELY), ("212 555 0123", Surety.LIKELY),
        ("06 12 34 56 78", Surety.LIKELY), ("0151 23456789", Surety.LIKELY), ("07700 900123", Surety.LIKELY),
        ("5321234567", Surety.NO), ("08502220222", Surety.NO), ("0800 123 45 67", Surety.NO), ("4441234", Surety.NO),
        ("12 12 12 12", Surety.NO), ("212 155 0123", Surety.NO), ("0012345678901", Surety.NO), ("123456", Surety.NO),
        ("021 25 55 12 34", Surety.LIKELY), ("02 12 55 51 23 4", Surety.NO), ("123456789012345678", Surety.NO),
    ],
)  # fmt: skip
def test_the_written_form_says_how_sure(written: str, sure: Surety) -> None:
    assert phone(written.split()) is sure


@pytest.mark.parametrize(
    "digits",
    ["905321234567", "989121234567", "442079460958", "4402079460958", "12125550123", "4930123456", "971501234567",
     "390612345678", "22507123456", "33612345678"],
)  # fmt: skip
def test_numbers_of_many_countries_are_known_after_a_plus(digits: str) -> None:
    assert is_international(digits) and phone([digits], plus=True) is Surety.SURE


@pytest.mark.parametrize("digits", ["", "0", "05321234567", "1", "100000000", "10000000000", "9053212345678", "905321"])
def test_other_digits_after_a_plus_are_none(digits: str) -> None:
    assert not is_international(digits)


@pytest.mark.parametrize(
    ("groups", "joints", "fits"),
    [
        (["1234567"], [], True), (["444", "1", "234"], [" ", " "], True), (["123456"], [], False),
        (["1234567890123456"], [], False), (["2026", "03", "21"], ["-", "-"], False),
        (["1", "500", "000"], [" ", " "], False),
        (["2", "24", "10", "78"], [".", ".", "."], False), (["21", "03", "1405"], ["-", "-"], False),
    ],
)  # fmt: skip
def test_dates_amounts_and_versions_are_not_the_size_of_a_number(
    groups: list[str], joints: list[str], fits: bool
) -> None:
    assert has_the_size(groups, joints) is fits
