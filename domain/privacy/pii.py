"""What identifies a person in free text is hidden before the text leaves the store. Pure, linear in the text's length.

Numbers are judged by their check digits and their written form, so that order numbers, amounts, dates, versions and
addresses of machines stay readable. Persian and Arabic digits are digits, too; invisible marks among them do not help.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from itertools import pairwise

from domain.privacy.checksums import IBAN_LENGTHS, is_card, is_iban, is_iranian_id, is_turkish_id
from domain.privacy.phones import MOST, Surety, has_the_size, phone


class Kind(StrEnum):
    """What was found; its value is the word that is shown in its place, the same in every language."""

    PHONE = "phone"
    MAIL = "mail"
    CARD = "card"
    IBAN = "IBAN"
    NATIONAL_ID = "national id"


ALL = frozenset(Kind)
NEVER_NEEDED = frozenset({Kind.CARD, Kind.IBAN, Kind.NATIONAL_ID})  # nobody needs these to answer a customer


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may leave, and what was hidden in it (mails first, then IBANs, then numbers, each as it stands)."""

    text: str
    found: tuple[Kind, ...] = ()


def mask(text: str, kinds: Collection[Kind] = ALL) -> Masked:
    """Put a word in brackets, e.g. [phone], in the place of each of `kinds`; masking twice changes nothing more."""
    if not _WORTH_A_LOOK.search(text):
        return Masked(text)
    found: list[Kind] = []
    for stage in (_mails, _ibans, _numbers):
        # Each stage sees the text without what the one before hid: "tel@shop.example 1234567" names no telephone.
        spans = [span for span in stage(fold(text), text) if span.kind in kinds]
        found += [span.kind for span in spans]
        text = _replaced(text, spans)
    return Masked(text, tuple(found))


def fold(text: str) -> str:
    """Write every digit as 0..9 and Arabic ye and kaf as the Persian ones, sign by sign: places stay the same."""
    return text if text.isascii() else text.translate(_FOLDED)


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: Kind


_FOLDED = {ord(zero) + n: str(n) for zero in "٠۰०০０" for n in range(10)} | {0x64A: "ی", 0x649: "ی", 0x643: "ک"}
_WORTH_A_LOOK = re.compile(r"\d|@|[\[(] ?at ?[\])]", re.IGNORECASE)
_LATIN = "A-Za-zÀ-ɏ"
_BLANK = " \0-\t\x0e-\x1f\x7f-\xa0\u00ad\u2000-\u200f\u202a-\u202f\u205f-\u2069\ufeff"  # also marks that cannot be seen
_GAP = rf"[{_BLANK}.\-\u2010-\u2015\u2212]"


def _replaced(text: str, spans: list[_Span]) -> str:
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], f"[{span.kind}]"]
        at = span.end
    return "".join([*parts, text[at:]])


_ADDRESS = (
    rf"[{_LATIN}0-9._%+-]++(?:@| ?[\[(] ?at ?[\])] ?)"
    rf"(?:[{_LATIN}0-9-]++(?:\.| ?[\[(] ?dot ?[\])] ?))+[A-Za-z]{{2,}}"
)
_NEXT_MAIL = re.compile(_ADDRESS, re.IGNORECASE)
# @name@server is a handle: it names a public account, as every post does.
_MAIL = re.compile(rf"(?<![{_LATIN}0-9._%+@-]){_ADDRESS}", re.IGNORECASE)


def _mails(folded: str, text: str) -> Iterator[_Span]:
    at = 0
    while found := _NEXT_MAIL.match(folded, at) or _MAIL.search(folded, at):
        yield _Span(found.start(), found.end(), Kind.MAIL)
        at = found.end()


_IBAN_HEAD = re.compile(rf"(?<![{_LATIN}_])(?:[A-Z]{{2}}{_GAP}?|[A-Za-z]{{2}})[0-9]{{2}}")
_IBAN_BODIES = {
    length: re.compile(rf"(?:{_GAP}{{0,2}}[A-Za-z0-9]){{{length - 4}}}(?![0-9])")
    for length in set(IBAN_LENGTHS.values())
}
_NOT_IBAN = re.compile(r"[^A-Z0-9]")


def _ibans(folded: str, text: str) -> Iterator[_Span]:
    at = 0
    while head := _IBAN_HEAD.search(folded, at):
        body = _iban_body(folded, head)
        if body is not None:
            yield _Span(head.start(), body.end(), Kind.IBAN)
        at = body.end() if body else head.start() + 1


def _iban_body(folded: str, head: re.Match[str]) -> re.Match[str] | None:
    length = IBAN_LENGTHS.get(head[0][:2].upper())
    body = _IBAN_BODIES[length].match(folded, head.end()) if length else None
    return body if body and is_iban(_NOT_IBAN.sub("", (head[0] + body[0]).upper())) else None


_URL = re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)  # the ids in it are addresses of pages, not of people
_URL_PHONE = re.compile(r"(?<=wa\.me/)\+?[0-9]{7,15}|(?<=phone=)(?:\+|%2B)?[0-9]{7,15}", re.IGNORECASE)
_RUN = re.compile(
    rf"(?:(?<!@)[+(]{{1,2}}|(?<![{_LATIN}_0-9@])|(?i:(?<=tel)|(?<=gsm)|(?<=cep)))"
    rf"[0-9](?:(?:{_GAP}|[()]){{0,4}}[0-9])*+"
)
_GROUP = re.compile("[0-9]+")
_MOST_GROUPS, _LEAST_DIGITS, _MOST_DIGITS = 8, 7, 24  # of one number
_BEFORE, _AFTER = 40, 20  # characters around a number in which a word can say what it is


def _numbers(folded: str, text: str) -> Iterator[_Span]:
    at = 0
    for url in _URL.finditer(folded):
        yield from _runs(folded, text, at, url.start())
        for found in _URL_PHONE.finditer(folded, url.start(), url.end()):
            yield _Span(found.start(), found.end(), Kind.PHONE)
        at = url.end()
    yield from _runs(folded, text, at, len(folded))


def _runs(folded: str, text: str, start: int, end: int) -> Iterator[_Span]:
    for found in _RUN.finditer(folded, start, end):
        if found.end() - found.start() >= _LEAST_DIGITS:
            yield from _Run(folded, text, start, found).spans()


class Hint(Enum):
    """What the words around a number say that it is."""

    NONE = "none"
    PHONE = "phone"
    ID = "national id"
    ORDER = "order"  # or a parcel, an invoice, a version
    MONEY = "money"


_NO_PERSON = frozenset({Hint.ORDER, Hint.MONEY})


class _Run:
    """Digits with nothing but blanks, dots, dashes and brackets between them: several numbers may stand in it."""

    def __init__(self, folded: str, text: str, floor: int, found: re.Match[str]) -> None:
        self.folded, self.text, self.found = folded, text, found
        self.places = [group.span() for group in _GROUP.finditer(folded, found.start(), found.end())]
        self.groups = [folded[start:end] for start, end in self.places]
        self.plus = "+" in folded[found.start() : self.places[0][0]]
        before = _last_words(folded[max(floor, found.start() - _BEFORE) : found.start()])
        after = _first_words(folded[found.end() : found.end() + _AFTER])
        self.hints = _before(before), _after(after)

    def _hint(self, first: int, last: int) -> Hint:
        """Say what the words around a number tell of it; those around the run are about its first and its last one."""
        before = self.hints[0] if first == 0 else Hint.NONE
        after = self.hints[1] if last == len(self.groups) - 1 else Hint.NONE
        return after if before is Hint.NONE or after is Hint.MONEY else before

    def spans(self) -> Iterator[_Span]:
        """Find the numbers from left to right, the longest first."""
        first = 0
        while first < len(self.groups):
            last, kind = self._longest(first)
            if kind is not None:
                yield _Span(self._start(first, last), self.places[last][1], kind)
            first = last + 1

    def _longest(self, first: int) -> tuple[int, Kind | None]:
        """Give the last group of the longest number that begins with a group, or that group and None."""
        ends, size = [], 0
        for last in range(first, min(first + _MOST_GROUPS, len(self.groups))):
            size += len(self.groups[last])
            if size > _MOST_DIGITS:
                break
            if size >= _LEAST_DIGITS:
                ends.append((last, size))
        for last, size in reversed(ends):
            kind = self._kind(first, last, size)
            if kind is not None:
                return last, kind
        return first, None

    def _start(self, first: int, last: int) -> int:
        """Say where the number begins: its + belongs to it, a bracket only if it closes within."""
        start = self.places[first][0]
        if first:
            return start
        sign = self.found.start()
        closes = ")" in self.folded[sign : self.places[last][1]]
        return sign if closes or "(" not in self.folded[sign:start] else start - self.plus

    def _kind(self, first: int, last: int, size: int) -> Kind | None:
        groups, hint = self.groups[first : last + 1], self._hint(first, last)
        if size >= 13 and (kind := _long_number(groups, size, hint)) is not None:
            return kind
        if 8 <= size <= 11 and len(groups) <= 4 and self._is_id(groups, size, hint, first):
            return Kind.NATIONAL_ID
        return Kind.PHONE if size <= MOST and self._is_phone(groups, hint, first) else None

    def _is_id(self, groups: list[str], size: int, hint: Hint, first: int) -> bool:
        shape = tuple(map(len, groups))
        if size == 11:
            return shape in ((11,), (3, 3, 3, 2)) and hint not in _NO_PERSON and is_turkish_id("".join(groups))
        if shape not in ((size,), (3, 6, 1)) or hint in _NO_PERSON:
            return False
        # One random number in ten passes: only words, or the digits of the country, make it an id.
        meant = hint is Hint.ID or (size == 10 and not self.text[self.places[first][0]].isascii())
        return meant and is_iranian_id("".join(groups).zfill(10))

    def _is_phone(self, groups: list[str], hint: Hint, first: int) -> bool:
        sure = phone(groups)
        if first == 0 and self.plus:
            sure = max(sure, phone(groups, plus=True))
        if hint is Hint.PHONE:
            return sure > Surety.NO or has_the_size(groups, self._joints(first, len(groups)))
        return sure is Surety.SURE or (sure is Surety.LIKELY and hint not in _NO_PERSON)

    def _joints(self, first: int, count: int) -> list[str]:
        places = self.places[first : first + count]
        return [self.folded[one[1] : other[0]] for one, other in pairwise(places)]


def _long_number(groups: list[str], size: int, hint: Hint) -> Kind | None:
    if size > 19:
        # شبا is often written without its IR, and so is the TR.
        digits = "".join(groups)
        return Kind.IBAN if size == 24 and (is_iban(f"IR{digits}") or is_iban(f"TR{digits}")) else None
    if any(len(group) < 4 for group in groups[:-1]) or not is_card("".join(groups)):
        return None
    return Kind.CARD if size in (15, 16) or hint is not Hint.ORDER else None


_PHONE_WORDS = re.compile(
    r"\b(?:tel\b|telefon|gsm\b|cep\b|mobil|phone|cell\b|call\b|whats ?app|numaram)|"
    "تلفن|موبایل|همراه|شماره تماس|تماس|واتس[ \u200c]?اپ|هاتف|جوال",
    re.IGNORECASE,
)
_ORDER_WORDS = re.compile(  # "numaram" alone is a telephone, "sipariş numaram" is not
    r"\b(?:order|sipari[sş]|takip|kargo|track|parcel|shipment|fatura|invoice|receipt|dekont|i[sş]lem|talep|ticket|ref\b|"
    r"refer|seri|sn\b|imei|barkod|barcode|ean\b|isbn|m[uü][sş]teri|abone|poli[cç]e|s[uü]r[uü]m|version|build)"
    r"\w*(?: num\w*)?|"
    "سفارش|پیگیری|رهگیری|فاکتور|مرسوله|بارنامه|اشتراک|نسخه|شناسه|تراکنش",
    re.IGNORECASE,
)
_ID_WORDS = re.compile(
    r"\b(?:national[ _-]?(?:id|code|number)|(?:kod|code|shomare)[ _-]?(?:e[ _-])?melli|kimlik|t\.?c\.?\b|tckn)|"
    "(?:کد|شماره)[ \u200c]*ملی",
    re.IGNORECASE,
)
_MONEY = re.compile(
    rf"[{_BLANK}]*'?(?:TL\b|TRY\b|₺|lira|[$€£%]|USD\b|EUR\b|GBP\b|IRR\b|تومان|تومن|ریال|toman|rial)", re.IGNORECASE
)
_COINS = re.compile(rf"[$€£₺][{_BLANK}]*$")


def _before(before: str) -> Hint:
    if _COINS.search(before):
        return Hint.MONEY
    words = (_ORDER_WORDS, Hint.ORDER), (_PHONE_WORDS, Hint.PHONE), (_ID_WORDS, Hint.ID)
    ends = [(found.end(), hint) for pattern, hint in words for found in pattern.finditer(before)]
    return max(ends, key=lambda end: end[0])[1] if ends else Hint.NONE


def _after(after: str) -> Hint:
    if _MONEY.match(after):
        return Hint.MONEY
    return Hint.ID if _ID_WORDS.search(after) else Hint.NONE


def _last_words(before: str) -> str:
    # What stands before another number, or before a word of ours in its place, is about that one.
    return re.split(r"[0-9\]]", before)[-1]


def _first_words(after: str) -> str:
    return re.split(r"[0-9\[]", after)[0]
