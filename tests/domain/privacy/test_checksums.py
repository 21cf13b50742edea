"""Check digits decide what is a card, an IBAN or a national id."""

from __future__ import annotations

import pytest

from domain.privacy.checksums import IBAN_LENGTHS, is_card, is_iban, is_iranian_id, is_turkish_id, luhn

CARDS = [
    "4111111111111111", "4222222222222", "5555555555554444", "2223003122003222", "378282246310005", "371449635398431",
    "30569309025904", "38520000023237", "3530111333300000", "6011111111111117", "6200000000000005", "9792030394440796",
    "6037991234567893", "5022291012345672", "6304000000000000", "2200000000000004",
]  # fmt: skip
IBANS = [
    "TR330006100519786457841326", "IR820540102680020817909002", "DE89370400440532013000", "GB82WEST12345698765432",
    "FR1420041010050500013M02606", "NL91ABNA0417164300", "NO9386011117947", "MT84MALT011000012345MTLCAST001S",
    "AE070331234567890123456", "SA0380000000608010167519", "CH9300762011623852957", "IR062960000000100324200001",
]  # fmt: skip


@pytest.mark.parametrize("digits", CARDS)
def test_cards_of_known_issuers_are_known(digits: str) -> None:
    assert is_card(digits)


@pytest.mark.parametrize("digits", CARDS)
def test_a_card_with_a_changed_digit_is_none(digits: str) -> None:
    changed = digits[:7] + str((int(digits[7]) + 1) % 10) + digits[8:]
    assert not is_card(changed)


@pytest.mark.parametrize(
    ("digits", "why"),
    [
        ("1234567812345670", "no issuer begins with 1"), ("0000000000000000", "zeros pass Luhn"),
        ("79927398713", "too short"), ("411111111111116", "15 digits are no Visa"),
        ("9400111899223397623910", "a parcel"), ("490154203237518", "an IMEI, which passes Luhn too"),
        ("2720992720992721", "just above the range of Mastercard"),
    ],
)  # fmt: skip
def test_other_numbers_are_no_cards(digits: str, why: str) -> None:
    assert not is_card(digits), why


def test_luhn_doubles_every_second_digit_from_the_right() -> None:
    assert luhn("79927398713") and not any(luhn(f"7992739871{n}") for n in "012456789")


@pytest.mark.parametrize("code", IBANS)
def test_ibans_of_many_countries_are_known(code: str) -> None:
    assert is_iban(code)


@pytest.mark.parametrize("code", IBANS)
def test_two_exchanged_signs_break_an_iban(code: str) -> None:
    at = next(n for n in range(5, len(code)) if code[n] != code[n - 1])
    assert not is_iban(code[: at - 1] + code[at] + code[at - 1] + code[at + 1 :])


@pytest.mark.parametrize(
    "code", ["TR33000610051978645784132", "XX330006100519786457841326", "DE8937040044053201300", ""]
)
def test_a_wrong_length_or_country_is_no_iban(code: str) -> None:
    assert not is_iban(code)


def test_every_country_has_a_sane_length() -> None:
    assert len(IBAN_LENGTHS) > 80 and all(15 <= length <= 33 for length in IBAN_LENGTHS.values())
    assert (IBAN_LENGTHS["TR"], IBAN_LENGTHS["IR"]) == (26, 26)


@pytest.mark.parametrize("digits", ["10000000146", "12345678950", "11111111110", "19191919190", "76558242278"])
def test_turkish_ids_pass_both_check_digits(digits: str) -> None:
    assert is_turkish_id(digits)


@pytest.mark.parametrize(
    "digits", ["10000000147", "10000000156", "01234567890", "1234567895", "123456789500", "11111111111", "05321234567"]
)
def test_other_numbers_are_no_turkish_ids(digits: str) -> None:
    assert not is_turkish_id(digits)


@pytest.mark.parametrize("digits", ["0084575948", "0013542419", "0499370899", "0790419904", "0684159414", "0067749828"])
def test_iranian_ids_pass_their_check_digit(digits: str) -> None:
    assert is_iranian_id(digits)


@pytest.mark.parametrize("digits", ["0084575949", "1111111111", "0000000000", "008457594", "00845759480", "0684159415"])
def test_other_numbers_are_no_iranian_ids(digits: str) -> None:
    assert not is_iranian_id(digits)


def test_one_random_number_in_ten_passes_as_an_iranian_id() -> None:
    passed = sum(is_iranian_id(f"{n:010d}") for n in range(1_234_000_000, 1_234_010_000))
    assert passed == 1000
