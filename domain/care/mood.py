"""Passive recovery: how the people who suffered speak during an incident, and how the same people speak after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from domain.heard.classification import Classification, Sentiment
from domain.heard.mention import MentionRecord

AFTERMATH = timedelta(days=7)  # what is said later than this is about something else


@dataclass(frozen=True, slots=True)
class Mood:
    """The tone of the same people before and after the end, each -1 (all negative) .. 1; None without such people."""

    people: int
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        """How much friendlier (above 0) or angrier they speak after it, -2..2."""
        return None if self.before is None or self.after is None else self.after - self.before


def mood(records: Iterable[MentionRecord], people: Collection[str], began: datetime, ended: datetime | None) -> Mood:
    """Compare how `people` (ids) spoke from `began` to `ended` with how they spoke in the 7 days after `ended`.

    Both windows are by the moment of writing; `ended` itself belongs to the first. Tone is P(positive) - P(negative),
    averaged per person first, so that one who writes a lot weighs no more than others. Only those count who wrote in
    both windows; mentions without a classification and those taken back by their author are left out.
    """
    if ended is None:
        return Mood(0, None, None)
    wanted = frozenset(people)
    during: dict[str, list[float]] = {}
    after: dict[str, list[float]] = {}
    for record in records:
        at, meaning = record.mention.created_at, record.classification
        if meaning is None or record.deleted_at is not None or record.person_id not in wanted:
            continue
        if began <= at <= ended:
            during.setdefault(record.person_id, []).append(tone(meaning))
        elif ended < at <= ended + AFTERMATH:
            after.setdefault(record.person_id, []).append(tone(meaning))
    both = sorted(during.keys() & after.keys())
    if not both:
        return Mood(0, None, None)
    return Mood(len(both), fmean(fmean(during[p]) for p in both), fmean(fmean(after[p]) for p in both))


def tone(meaning: Classification) -> float:
    """Give the tone of one mention: P(positive) - P(negative), -1..1."""
    scores = meaning.sentiment_scores
    return scores.get(Sentiment.POSITIVE, 0.0) - scores.get(Sentiment.NEGATIVE, 0.0)
