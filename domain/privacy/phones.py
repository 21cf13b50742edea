"""What a telephone number looks like in writing: Turkish, Iranian, international, and some local forms. Pure.

Not a directory of number plans: it decides how sure we may be that digits in a customer's text are somebody's number.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class Surety(IntEnum):
    """How sure the written form alone makes us."""

    NO = 0
    LIKELY = 1  # unless it is introduced as an order or a parcel
    SURE = 2


# Digits after the calling code (ITU-T E.164, national plans as of 2026); other codes: 6 to 12.
_NATIONAL = (
    "1:10 7:10 20:8-10 27:9 30:10 31:9 32:8-9 33:9 34:9 36:8-9 39:6-11 40:9 41:9 43:7-13 44:9-10 45:8 46:7-10 47:8 "
    "48:9 49:7-12 51:8-9 52:10 54:10-11 55:10-11 56:9 57:8-10 60:8-10 61:9 62:8-12 63:8-10 64:8-10 65:8 66:8-9 81:9-10 "
    "82:8-10 84:9-10 86:10-11 90:10 91:10 92:9-10 93:9 94:9 98:10 212:9 213:8-9 216:8 218:8-9 249:9 251:9 254:9 351:9 "
    "353:7-9 354:7 355:8-9 357:8 358:5-12 359:7-9 370:8 371:8 372:7-8 373:8 374:8 375:9 380:9 381:7-10 385:8-9 386:8 "
    "387:8 389:8 420:9 421:9 852:8 880:8-10 886:8-9 960:7 961:7-8 962:8-9 963:8-9 964:8-10 965:8 966:8-9 967:7-9 968:8 "
    "970:8-9 971:8-9 972:8-9 973:8 974:8 976:8 977:8-10 992:9 993:8 994:9 995:9 996:9 998:9"
)
_ELSEWHERE = (6, 12)
_DIAL_THEIR_ZERO = frozenset({"39", "225"})  # Italy and Ivory Coast dial it from abroad, too
_SHORT_CODES = frozenset(
    str(code)
    for span in ((1, 1), (7, 7), (20, 20), (27, 27), (30, 34), (36, 36), (39, 41), (43, 49), (51, 58), (60, 66),
                 (81, 82), (84, 84), (86, 86), (90, 95), (98, 98))
    for code in range(span[0], span[1] + 1)
)  # fmt: skip
_YEARS = ("13", "14", "19", "20")
MOST = 17  # digits of the longest number: 00, and 15 of E.164


def _lengths() -> dict[str, tuple[int, int]]:
    plans = (entry.split(":") for entry in _NATIONAL.split())
    return {code: (int(span.split("-")[0]), int(span.split("-")[-1])) for code, span in plans}


_LENGTHS = _lengths()


def phone(groups: Sequence[str], *, plus: bool = False) -> Surety:
    """Say how sure groups of digits are a telephone number, e.g. ("0532", "123", "45", "67"); `plus`: after a +."""
    digits = "".join(groups)
    if plus:
        return Surety.SURE if is_international(digits) else Surety.NO
    if not 7 <= len(digits) <= MOST:
        return Surety.NO
    if digits[0] == "0":
        return _after_a_zero(digits, groups)
    bare = len(digits) == 12 and digits[:3] in ("905", "989")
    return Surety.LIKELY if bare or _is_grouped(groups) else Surety.NO


def is_international(digits: str) -> bool:
    """Check the digits after + (or 00): a calling code and as many digits as that country has; a (0) is passed over."""
    if digits[:1] in ("", "0"):
        return False
    code = next((digits[:size] for size in (1, 2) if digits[:size] in _SHORT_CODES), digits[:3])
    national = digits[len(code) :]
    if code not in _DIAL_THEIR_ZERO:
        national = national.removeprefix("0")
    least, most = _LENGTHS.get(code, _ELSEWHERE)
    return least <= len(national) <= most and not national.endswith("000000")


def _after_a_zero(digits: str, groups: Sequence[str]) -> Surety:
    if digits[1] == "0":
        # 001... and 007... are more often numbers that were filled up with zeros.
        return Surety.SURE if digits[2] not in "17" and is_international(digits[2:]) else Surety.NO
    if len(digits) == 11 and digits[1] in "59":  # a mobile of Turkey or Iran
        return Surety.SURE
    if digits[1] == "8":  # 0800, 0850: those of companies
        return Surety.NO
    in_pairs = [len(group) for group in groups] == [2, 2, 2, 2, 2]
    return Surety.LIKELY if in_pairs or _is_whole(digits, groups[0]) else Surety.NO


def _is_whole(digits: str, first: str) -> bool:
    """Recognise 0 and ten digits (German mobiles have eleven) whose first group is an area or a provider."""
    whole = len(digits) == 11 or (len(digits) == 12 and digits[1:3] in ("15", "16", "17"))
    return whole and len(first) in (1, 3, 4, 5, len(digits))


def _is_grouped(groups: Sequence[str]) -> bool:
    """Recognise a number that lacks its 0 by the way it is grouped: 532 123 45 67, 212-555-0123."""
    if not 3 <= len(groups) <= 4 or len(groups[0]) != 3:
        return False
    shape = [len(group) for group in groups]
    return (shape == [3, 3, 2, 2] and groups[0][0] in "23459") or (
        shape == [3, 3, 4] and (groups[0][0] in "59" or (groups[0][0] in "234678" and groups[1][0] not in "01"))
    )


def has_the_size(groups: Sequence[str], joints: Sequence[str]) -> bool:
    """Say whether digits may be a number where a word like "phone" introduces them.

    `joints` is what stands between the groups; what is written like a date, an amount, a version or the address of a
    machine is none.
    """
    shape = [len(group) for group in groups]
    dotted = any("." in joint for joint in joints)
    amount = len(shape) > 2 and shape[0] <= 3 and set(shape[1:]) == {3}
    date = 2 in shape and any(len(group) == 4 and group[:2] in _YEARS for group in groups)
    return 7 <= sum(shape) <= 15 and not (dotted or amount or date)
