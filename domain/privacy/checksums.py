"""Check digits of cards, IBANs and national ids: what tells a number worth hiding from an order number. Pure.

Every function takes plain digits "0".."9" (the IBAN also letters) without blanks and says yes or no.
"""

from __future__ import annotations

# Total length per country: SWIFT IBAN registry, release 98 (2024), and Iran, which uses the format without an entry.
_IBAN_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 "
    "ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IR26 IS26 IT27 JO30 KW30 "
    "KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 "
    "PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 "
    "XK20 YE30"
)
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _IBAN_LENGTHS.split()}

# First and last prefix of an issuer, and how many digits its cards have (ISO/IEC 7812 ranges as published by the
# schemes; Turkey's Troy is 9792, Iran's banks issue 16 digits with 50, 58, 60..63 and 99).
_BRANDS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)), ("2221", "2720", (16,)),  # Mastercard
    ("34", "34", (15,)), ("37", "37", (15,)),  # American Express
    ("300", "305", (14,)), ("36", "36", (14,)), ("38", "39", (14,)),  # Diners Club
    ("3528", "3589", (16,)),  # JCB
    ("6011", "6011", (16, 19)), ("644", "659", (16, 19)),  # Discover
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("2200", "2204", (16, 17, 18, 19)),  # Mir
    ("9792", "9792", (16,)),  # Troy
    ("50", "50", (16, 19)), ("56", "58", (16, 19)), ("60", "63", (16, 19)),  # Maestro and the banks of Iran
    ("991975", "991975", (16,)),  # Bank Mellat
)  # fmt: skip


def is_card(digits: str) -> bool:
    """Say whether 13 to 19 digits are a payment card: a known issuer, its length, and the Luhn digit."""
    known = any(len(digits) in lengths and first <= digits[: len(first)] <= last for first, last, lengths in _BRANDS)
    return known and luhn(digits)


def luhn(digits: str) -> bool:
    """Check the last digit by Luhn's formula (ISO/IEC 7812-1)."""
    total = sum(int(digit) for digit in digits[-1::-2])
    return (total + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])) % 10 == 0


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_iban(code: str) -> bool:
    """Check a whole IBAN in upper case: a known country, its length, and the remainder 1 by 97 (ISO 13616)."""
    return len(code) == IBAN_LENGTHS.get(code[:2]) and _by_97(code[4:] + code[:4]) == 1


def _by_97(code: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in code)) % 97


def is_turkish_id(digits: str) -> bool:
    """Check a T.C. kimlik number: 11 digits, the first not 0, and both check digits."""
    if len(digits) != 11 or digits[0] == "0":
        return False
    d = [int(digit) for digit in digits]
    tenth = (7 * sum(d[0:9:2]) - sum(d[1:8:2])) % 10
    return d[9] == tenth and d[10] == sum(d[:10]) % 10


def is_iranian_id(digits: str) -> bool:
    """Check an Iranian national id (کد ملی): 10 digits that are not all the same, the last is the check digit.

    One random number in ten passes, so the words around it have to decide as well.
    """
    if len(digits) != 10 or digits == digits[0] * 10:
        return False
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return int(digits[9]) == (rest if rest < 2 else 11 - rest)
