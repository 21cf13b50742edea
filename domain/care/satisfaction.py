"""Asked after the end: what people answer to "is it fixed for you?", read and added up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.care.answer_words import SENSES, SPOKEN_IN, Sense
from domain.component import fold

CONTENT = 4  # ratings from here on count as content
LONGEST = 24  # words; whoever writes more than that has something else to say, too
_ROOM = 1000  # characters, with addresses and handles


class Answer(StrEnum):
    """What a person says about the end of an incident."""

    FIXED = "fixed"
    STILL_BROKEN = "still_broken"


class Answered(Protocol):
    """What is added up: a follow-up, with what came back."""

    @property
    def asked(self) -> bool:
        """True once the question reached the person."""

    @property
    def answer(self) -> Answer | None:
        """What they said, None while they said nothing clear."""

    @property
    def rating(self) -> int | None:
        """How well we kept them informed, 1..5."""


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How those who complained see the end of an incident."""

    asked: int
    answered: int  # with an answer, a rating or both
    fixed: int
    still_broken: int
    ratings: tuple[int, ...] = ()  # each 1..5

    @property
    def score(self) -> float | None:
        """Share of ratings of 4 and 5 (the usual CSAT), 0..1; None without ratings."""
        if not self.ratings:
            return None
        return sum(rating >= CONTENT for rating in self.ratings) / len(self.ratings)


def tally(follow_ups: Iterable[Answered]) -> Satisfaction:
    """Add up what came back from those who were asked."""
    known = tuple(follow_ups)
    answers = [each.answer for each in known]
    return Satisfaction(
        asked=sum(each.asked for each in known),
        answered=sum(each.answer is not None or each.rating is not None for each in known),
        fixed=answers.count(Answer.FIXED),
        still_broken=answers.count(Answer.STILL_BROKEN),
        ratings=tuple(each.rating for each in known if each.rating is not None),
    )


def read_answer(text: str, language: str) -> tuple[Answer | None, int | None]:
    """Read a short answer to "is it fixed for you?" and a rating of 1 to 5; None for what is not clear.

    `language` (ISO 639-1, that of our question) decides only words that mean something else in another language.
    """
    if len(text) > _ROOM:
        return None, None
    plain, rating = _rating(_plain(text))
    words = _TOKEN.findall(plain)
    if len(words) > LONGEST:
        return None, None
    senses = _turned(_senses(words, language))
    if rating is None:
        rating, senses = _bare_number(words, senses)
    answer = _answer(senses)
    return answer, rating if answer is not None or _says_nothing_else(senses) else None


def _bare_number(words: list[str], senses: list[Sense]) -> tuple[int | None, list[Sense]]:
    """Take a number for a rating beside words that we understand: "5", "yes 5", never "5 minutes"."""
    numbers = [word for word in words if word.isdecimal()]
    if len(numbers) != 1 or numbers[0] not in "12345" or senses.count(Sense.UNKNOWN) != 1:
        return None, senses
    return int(numbers[0]), [sense for sense in senses if sense is not Sense.UNKNOWN]


def _says_nothing_else(senses: list[Sense]) -> bool:
    return not set(senses) & (_GOOD | _BAD | _MUDDLED) and senses.count(Sense.UNKNOWN) <= _SPARE


def _answer(senses: list[Sense]) -> Answer | None:
    """Decide; what contradicts itself, asks, or says more than we understand stays open."""
    said, unknown = set(senses), senses.count(Sense.UNKNOWN)
    good, bad = said & _GOOD, said & _BAD
    if Sense.UNCLEAR in said or (good and bad):
        return None
    # Said too much about trouble costs one more look; said too much about joy hides a customer's trouble.
    if not said & _PLAINLY:
        unknown += senses.count(Sense.TOPIC)
    if bad and unknown <= (_TALK if Sense.BROKEN in said else 0):
        return Answer.STILL_BROKEN
    if good and not unknown and not said & _MUDDLED:
        return Answer.FIXED
    return None


def _senses(words: list[str], language: str) -> list[Sense]:
    """Give the sense of each phrase, the longest first."""
    own, found, at = SPOKEN_IN.get(language, {}), [], 0
    while at < len(words):
        for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            if (sense := own.get(phrase) or SENSES.get(phrase)) is not None:
                break
        found.append(sense or Sense.UNKNOWN)
        at += length
    return found


def _turned(senses: list[Sense]) -> list[Sense]:
    """Let each "not" turn what follows within three words, and each "değil" what stands before it."""
    turned = list(senses)
    for place, sense in enumerate(senses):
        if sense in (Sense.NOT, Sense.NOT_YET):
            near = range(place + 1, min(place + 4, len(senses)))
        elif sense is Sense.NOT_BEFORE:
            near = range(place - 1, max(place - 2, -1), -1)
        else:
            continue
        hit = next((each for each in near if senses[each] in _OPPOSITE), None)
        if hit is not None:
            turned[hit], turned[place] = _OPPOSITE[senses[hit]], Sense.FILLER
        elif sense is Sense.NOT_YET:
            turned[place] = Sense.NO
    return [Sense.UNKNOWN if sense is Sense.WORK else sense for sense in turned]


def _plain(text: str) -> str:
    text = fold(_LEAVE_OUT.sub(" ", text))
    text = "".join(str(unicodedata.decimal(c, c)) for c in text if c not in _MARKS)
    return _MI.sub(r"\1\2", _DRAWN_OUT.sub(r"\1", text))


def _rating(plain: str) -> tuple[str, int | None]:
    """Take the one explicit rating out of a text; several are none."""
    found = [match for pattern in _RATINGS for match in pattern.finditer(plain)]
    if not found:
        return plain, None
    for pattern in _RATINGS:
        plain = pattern.sub(" ", plain)
    said = found[0].group(1)
    return plain, (int(said) if said.isdecimal() else len(said)) if len(found) == 1 else None


_GOOD, _BAD = frozenset({Sense.FIXED, Sense.YES}), frozenset({Sense.BROKEN, Sense.NO})
_MUDDLED = frozenset({Sense.UNCLEAR, Sense.HEDGE, Sense.NOT, Sense.NOT_BEFORE})
_PLAINLY = frozenset({Sense.FIXED, Sense.BROKEN})
_OPPOSITE = {Sense.FIXED: Sense.BROKEN, Sense.BROKEN: Sense.FIXED, Sense.WORK: Sense.BROKEN}
_SPARE, _TALK = 2, 6  # words that we need not understand: beside a rating, beside "it is broken"
_LONGEST_PHRASE = max(phrase.count(" ") + 1 for phrase in SENSES)
_LEAVE_OUT = re.compile(r"https?://\S+|(?<!\w)@[\w.@-]+")
_MARKS = frozenset("'’ʼ`´\ufe0f\u200d\u200e\u200f")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")  # yesss, noooo
_MI = re.compile(r"\b(ن?می) (?=(\w))\2")  # the Persian verb's beginning, written apart: نمی کند
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[?؟]|\+1|:\(|[\u2190-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff]")
_RATINGS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d.,/])([1-5]) ?(?:/|out of|of|از) ?5(?![\d/])",
        r"(?<![\d.,/])5 uzerinden ([1-5])(?!\d)",
        r"(?<![\d.,/])([1-5]) ?(?:stars?|yildiz|puan|ستاره|امتیاز)\b",
        r"(?<![⭐★])((?:⭐|★){1,5})☆*(?![⭐★])",
    )
)
