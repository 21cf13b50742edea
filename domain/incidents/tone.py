"""A second look at what customers are about to read: blame, invented times, jargon, vague words, shouting. Pure.

Remarks are advice for the writer. They are shown before publishing and never keep anybody from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.component import fold


class Slip(StrEnum):
    """What may sound wrong to a customer."""

    BLAME = "blame"
    INVENTED_TIME = "invented_time"
    JARGON = "jargon"
    VAGUE = "vague"
    SHOUTING = "shouting"
    NO_NEXT_STEP = "no_next_step"


ADVICE: Mapping[Slip, str] = {
    Slip.BLAME: "this blames somebody; say what is wrong and what we do",
    Slip.INVENTED_TIME: "nobody knows when it is repaired; say when we write again instead",
    Slip.JARGON: "customers do not use this word; say what does not work for them",
    Slip.VAGUE: "this is vague; say who is affected and what exactly fails",
    Slip.SHOUTING: "this shouts; write in a calm voice",
    Slip.NO_NEXT_STEP: "it does not say what we do now or when we write again",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark: what it is about and the words it is about, as they were written (none: the whole text)."""

    slip: Slip
    words: str = ""

    @property
    def advice(self) -> str:
        """Say in words what to do about it."""
        return f"“{self.words}”: {ADVICE[self.slip]}" if self.words else ADVICE[self.slip]


@dataclass(frozen=True, slots=True)
class _Tongue:
    """What to look for in one language; every pattern is written folded (lower case, no accents, ı as i)."""

    blame: re.Pattern[str]
    jargon: re.Pattern[str]
    vague: re.Pattern[str]
    time: re.Pattern[str]  # a moment or span to come
    fix: re.Pattern[str]  # "repaired", "works again"
    future: re.Pattern[str]
    harmless: re.Pattern[str]  # a clause about our next word, or about what is over
    step: re.Pattern[str]  # says what we do, or what the reader can do


def remarks(text: str, language: str, *, promised: bool = False, over: bool = False) -> tuple[Remark, ...]:
    """Look at a text once; `promised` says that the time of the next word stands beside it, `over` that it is the last.

    Languages we do not know are only checked for shouting.
    """
    found = [Remark(Slip.SHOUTING)] if _shouts(text) else []
    tongue = _TONGUES.get(language)
    if tongue is None or not text.strip():
        return tuple(found)
    found += [Remark(slip, words) for slip, words in _matches(text, tongue)]
    if not over and not promised and not tongue.step.search(fold(text)):
        found.append(Remark(Slip.NO_NEXT_STEP))
    return tuple(dict.fromkeys(found))


def _matches(text: str, tongue: _Tongue) -> Iterator[tuple[Slip, str]]:
    folded, places = _folded(text)
    for slip, pattern in ((Slip.BLAME, tongue.blame), (Slip.VAGUE, tongue.vague), (Slip.JARGON, tongue.jargon)):
        for match in pattern.finditer(folded):
            yield slip, _as_written(text, places, match.start(), match.end())
    for clause in _CLAUSE.finditer(folded):
        if _invents_time(clause[0], tongue):
            yield Slip.INVENTED_TIME, _as_written(text, places, clause.start(), clause.end())


def _invents_time(clause: str, tongue: _Tongue) -> bool:
    if not tongue.time.search(clause) or tongue.harmless.search(clause):
        return False
    return bool(tongue.fix.search(clause) or tongue.future.search(clause))


def _folded(text: str) -> tuple[str, list[int]]:
    """Fold a text character by character, with the place each one came from."""
    pairs = [(folded, place) for place, char in enumerate(text) for folded in fold(char)]
    return "".join(char for char, _ in pairs), [place for _, place in pairs]


def _as_written(text: str, places: list[int], start: int, end: int) -> str:
    words = " ".join(text[places[start] : places[end - 1] + 1].split()).strip(" ,;:،؛")
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _shouts(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    capitals = sum(char.isupper() for char in letters)
    return _BANGS.search(text) is not None or (len(letters) >= 12 and capitals > 0.6 * len(letters))


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


_LONGEST = 80
_BANGS = re.compile(r"[!！]\s*[!！?]|[?؟]\s*!")
# A point between digits (14.35) ends nothing.
_CLAUSE = re.compile(r"(?:(?!\band\b|\bbut\b|\bve\b|\bama\b|\sو\s)(?:[^.!?؟;؛,،\n]|(?<=\d)[.,](?=\d)))+")
_FIRMS = "aws|amazon|azure|google|microsoft|cloudflare|stripe|akamai|fastly"
_CODES = r"\bhttp ?\d{3}\b|\b50[0-4]\b|\bapi\b|\bdns\b|\bcdn\b|\bbackend\b|\bsev ?-?[1-4]\b|\bcluster\b|\brollback\b"
_TONGUES: Mapping[str, _Tongue] = {
    "en": _Tongue(
        blame=_any(
            r"\b(?:due to|because of|caused by|fault of)\s+(?:[\w'’-]+\s+){0,3}?"
            rf"(?:{_FIRMS}|vendors?|suppliers?|providers?|partners?|third[ -]part(?:y|ies)|users?|customers?|banks?)\b",
            r"\b(?:user|customer|human|operator) error\b",
            r"\bnot our (?:fault|problem)\b",
            rf"\b(?:{_FIRMS}) (?:is|are|was|has|have) (?:down|to blame|failed|failing|broken)\b",
        ),
        jargon=_any(
            _CODES,
            r"\b(?:latenc(?:y|ies)|throughput|databases?|servers?|nodes?|kubernetes|failover|deploy(?:ment|ed|s)?)\b",
            r"\b(?:upstream|downstream|packet loss|timeouts?|root cause|hotfix|mitigat\w+|elevated error rates?)\b",
            r"\bdegraded performance\b",
        ),
        vague=_any(
            r"\b(?:some|certain|a few|a (?:small )?(?:number|subset) of)(?: of our)? (?:users|customers|people)\b",
            r"\bmay (?:be )?experienc\w+",
            r"\bintermittent\w*(?: \w+)?",
            r"\bany inconvenience\b",
        ),
        time=_any(
            r"\b(?:in|within|by|before|until)\s+(?:about |around |roughly |approximately |less than |the next )?"
            r"(?:\d+|an?|one|two|three|five|ten|half an?|(?:a )?few)"
            r"(?:[:.]\d\d|\s*(?:sec|min|hour|hr|day|week|h\b|am\b|pm\b))",
            r"\b(?:soon|shortly|momentarily|tonight|tomorrow|any (?:moment|minute)|no time)\b",
        ),
        fix=_any(r"\b(?:fix(?:ed)?|resolved?|solved?|back|working|works?|restored?|repaired?|normal|available|over)\b"),
        future=_any(r"\b(?:will|shall|should|expect\w*|hope|going to)\b|['’]ll\b"),
        harmless=_any(
            r"\b(?:write|update|news|tell you|inform|report back|post here|let you know|hear from us)\b",
            r"\b(?:was|were|has been|have been|had|since)\b",
        ),
        step=_any(
            r"\bwe(?: are|['’]re| will|['’]ll| have| continue| keep)\b",
            r"\b(?:look(?:ing)?|investigat\w+|watching|working on)\b",
            r"\b(?:please|write again|next update|try again|you can)\b",
        ),
    ),
    "tr": _Tongue(
        blame=_any(
            rf"\b(?:{_FIRMS}|tedarikci|saglayici|banka|ucuncu taraf|is orta|kullanici|musteri)[\w'’]*"
            r"[^.!?\n]{0,30}?\b(?:yuzunden|kaynakli|kaynaklan\w+|nedeniyle|sebebiyle)",
            r"\b(?:kullanici|musteri) hata\w+",
            r"\bbizim (?:sucumuz|hatamiz) degil",
        ),
        jargon=_any(
            _CODES,
            r"\b(?:sunucu|veri ?taban|altyapi|deploy|zaman asim|kok neden|gecikme sure)\w*",
            r"\b(?:latency|timeout)\b",
        ),
        vague=_any(
            r"\b(?:bazi|kimi|bir kisim) (?:kullanici|musteri)\w*",
            r"\byasa(?:n|y)abil\w+",
            r"\bolasi aksaklik\w*",
        ),
        time=_any(
            r"(?:\d+|\bbir|\biki|\buc|\bbes|\bon|\byarim|\bbirkac)\s*(?:saniye|dakika|dk|saat|gun)\w*"
            r"\s*(?:icinde|icerisinde|sonra|kadar|surecek|surer)",
            r"\d[:.]\d\d(?:\s*utc)?['’]?\w*\s*(?:kadar|itibariyla)",
            r"\b(?:birazdan|yakinda|kisa sure\w*|yarin|bu aksam|hemen)\b",
        ),
        fix=_any(r"(?:duzel|coz|gider|calis|onar|normale|acil|kalmayacak)\w*"),
        future=_any(r"\w+(?:ecek|acak)\w*|\b(?:bekliyor|umuyor|planliyor)\w*"),
        harmless=_any(
            r"\b(?:yaz|bilgi|haber|duyur|guncelle|paylas)\w*", r"\w+(?:lmisti|ildi|uldu|aldi|zeldi|ozuldu)\b"
        ),
        step=_any(r"(?:iyoruz|ıyoruz|uyoruz|ecegiz|acagiz)\b", r"\b(?:lutfen|yazin|bildirin|deneyin|yazabilirsiniz)\b"),
    ),
    "fa": _Tongue(
        blame=_any(
            rf"(?:به (?:دلیل|علت|خاطر)|ناشی از)[^.!?؟\n]{{0,30}}?(?:{_FIRMS}|آمازون|گوگل|کلودفلر|تامین کننده"
            r"|ارایه دهنده|پیمانکار|شخص ثالث|بانک|کاربر|مشتری)\S*",
            r"(?:خطای|اشتباه) (?:کاربر|مشتری)\S*",
            r"تقصیر",
        ),
        jargon=_any(_CODES, r"سرور\S*|دیتابیس|پایگاه داده|بک ?اند|تایم ?اوت|کلاستر|دیپلوی|زیرساخت\S*|ریشه مشکل"),
        vague=_any(
            r"(?:برخی|بعضی|تعدادی|شماری)(?: از)? (?:کاربر|مشتری|مشترک)\S*", r"ممکن است[^.!?؟\n]{0,40}?(?:مواجه|تجربه)"
        ),
        time=_any(
            r"(?:تا|ظرف|طی|در|پس از|بعد از|حداکثر)\s+(?:حدود |کمتر از )?"
            r"(?:\d+|یک|دو|سه|پنج|ده|پانزده|بیست|سی|چند|نیم)\s*(?:دقیقه|ساعت|روز)",
            r"تا (?:ساعت )?\d+[:.٫]\d+",
            r"به ?زودی|فردا|امشب|چند لحظه",
        ),
        fix=_any(r"حل|رفع|درست|برطرف|برقرار|وصل|عادی|کار (?:خواهد|می) ?کند"),
        future=_any(r"دیگر|آینده|اینده|خواهد|خواهیم"),
        harmless=_any(r"نویس|خبر|اطلاع|اعلام|گزارش", r"(?<!خواهد )(?:شد|شده|بود)(?:\s|$)"),
        step=_any(r"بررسی|در حال|می ?(?:نویسیم|کنیم|دهیم)|خواهیم|لطفا|خبر"),
    ),
}
