"""The lists and tables of a review: steps, public words, quotes, promises, and minute by minute. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.cards import source_name
from app.review import words
from domain.incidents.incident import IncidentStatus
from domain.incidents.promises import Promise
from domain.review.said import Means, Word
from domain.review.seen import A_MINUTE
from domain.review.story import Review, Step
from domain.work import DeliveryState
from status_page.markup import plain

LONGEST = 4000  # characters of one public word


@dataclass(frozen=True, slots=True)
class Echo:
    """Where else a public word was said, and when."""

    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """One numbered public word with its posts."""

    number: int
    heading: str
    at: datetime
    minutes: str
    texts: tuple[tuple[str, str, str], ...]  # (code, language, text)
    echoes: tuple[Echo, ...] = ()
    promise: datetime | None = None
    told_by: str = ""
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Took:
    """One step, with how long it took from the first complaint and from the step before."""

    words: str
    at: datetime
    minutes: str
    since_last: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise and what became of it."""

    made_at: datetime
    due: datetime
    answered_at: datetime | None
    outcome: str
    late: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What one customer said."""

    text: str
    code: str
    about: str  # language, platform
    at: datetime


@dataclass(frozen=True, slots=True)
class Beat:
    """One bar as a row of the table; only those in which anybody spoke."""

    at: datetime
    minute: int  # since the first complaint
    people: int
    newly: int
    so_far: int
    ours: tuple[str, ...]  # what we said and did
    answers: int  # words to single customers


def steps(review: Review) -> tuple[Took, ...]:
    """List the steps in the order in which they came."""
    return tuple(
        Took(words.milestone(known), known.at, words.since_first(known) if review.seen.first else "–",
             words.minutes(known.since_last) if place else "")
        for place, known in enumerate(review.milestones)
    )  # fmt: skip


def said(review: Review, zero: datetime) -> tuple[Said, ...]:
    """Number the public words; posts that repeat an update stand with it."""
    groups: dict[str, list[Word]] = {}
    for n, word in enumerate(review.words):
        groups.setdefault(word.about or f"word {n}", []).append(word)
    ordered = sorted(groups.values(), key=lambda group: group[0].at)
    return tuple(_one_said(number, group, zero) for number, group in enumerate(ordered, 1))


def _one_said(number: int, group: Sequence[Word], zero: datetime) -> Said:
    first = next((word for word in group if word.means is Means.PAGE), group[0])
    at = min(word.at for word in group)
    gone = max(at - zero, 0 * A_MINUTE) // A_MINUTE
    return Said(
        number, words.heading(first), at, "before the first complaint" if at < zero else words.minutes(gone),
        tuple((code, words.language(code), _shown(text)) for code, text in first.texts.items()),
        tuple(Echo(_echo(word), word.at) for word in group if word is not first), first.next_update_by, first.told_by,
        first.means is Means.PAGE and first.status == IncidentStatus.RESOLVED,
    )  # fmt: skip


def _shown(text: str) -> str:
    return words.paragraphs(plain(text), LONGEST)


def _echo(word: Word) -> str:
    spoken = ", ".join(words.language(code) for code in word.texts)
    taken = ", taken back later" if word.status == DeliveryState.WITHDRAWN else ""
    return f"{words.channel(word.channel)} ({spoken}){taken}" if spoken else f"{words.channel(word.channel)}{taken}"


def quotes(review: Review) -> tuple[Heard, ...]:
    """Show a few people's words."""
    return tuple(
        Heard(words.line(quote.text, 300), "" if quote.language == "unknown" else quote.language,
              f"{words.language(quote.language)}, {source_name(quote.source)}", quote.at)
        for quote in review.quotes
    )  # fmt: skip


def kept(promise: Promise, review: Review) -> Kept:
    """Say what became of a promise."""
    late = math.ceil(promise.late(review.as_of) / A_MINUTE)
    if promise.answered_at is None:
        outcome = f"broken, {late} min late so far" if late else "still open"
    else:
        outcome = f"broken, {late} min late" if late else "kept"
    return Kept(promise.made_at, promise.due, promise.answered_at, outcome, late > 0)


def beats(review: Review, spoken: Sequence[Said], zero: datetime) -> tuple[Beat, ...]:
    """Go through the picture bar by bar; `spoken` are the numbered words, minutes count from `zero`."""
    axis, so_far, found = review.axis, 0, []
    ours, start = _ours(review, spoken), axis.moment(axis.slot(zero) or 0)
    figures = zip(review.seen.bars, review.seen.newly, review.answers, strict=True)
    for slot, (bar, newly, answers) in enumerate(figures):
        so_far += newly
        if bar or answers or slot in ours:
            at = axis.moment(slot)
            found.append(Beat(at, (at - start) // A_MINUTE, bar, newly, so_far, tuple(ours.get(slot, ())), answers))
    return tuple(found)


def _ours(review: Review, spoken: Sequence[Said]) -> dict[int | None, list[str]]:
    """Put what we did and said into the bars of its time."""
    dated = [(known.at, words.STEPS[known.step]) for known in review.milestones if known.step in _DEEDS]
    dated += [(word.at, f"word {word.number}: {word.heading}") for word in spoken]
    found: dict[int | None, list[str]] = {}
    for at, said_or_done in sorted(dated, key=lambda known: known[0]):
        found.setdefault(review.axis.slot(at), []).append(said_or_done)
    return found


_DEEDS = frozenset({Step.MONITOR, Step.ALERT, Step.ACKNOWLEDGED, Step.DECLARED, Step.LAST_FOLLOW_UP})
