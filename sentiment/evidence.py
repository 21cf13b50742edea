"""Why we believe something is wrong: what people say more than usual, in whose words, where, and what we cannot see."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt

from domain.heard.mention import MentionRecord
from domain.incidents.signal import Evidence, Quote
from sentiment.spikes import Reading

MOST_TERMS, MOST_QUOTES, LONGEST_QUOTE = 6, 4, 200
PRIOR, LEAST = 50.0, 0.5  # weight of the usual vocabulary, and of a word never heard before, in words
TELLING = 1.96  # z-score from which a term is more than chance
TOO_ALIKE = 0.5  # Jaccard similarity of the words of two quotes
_MASKS = (
    (re.compile(r"(?<![\w@])@[\w.]+(?:@[\w.-]+)?"), "@…"),
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[mail]"),
    (re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE), "[link]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"), "[number]"),
    (re.compile(r"\+?\d(?:[ ().-]{0,2}\d){6,}"), "[number]"),
)
_WORD = re.compile(r"[^\W\d_][\w\u200c'’]+", re.UNICODE)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the pipeline knows beside the mentions themselves."""

    usual_words: Mapping[str, int]  # word counts of an ordinary day's mentions
    folded: int = 0
    unseen: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    observed_series: tuple[int, ...] = ()
    expected_series: tuple[float, ...] = ()


def gather(reading: Reading, reports: Sequence[MentionRecord], around: Surroundings) -> Evidence:
    """Build the evidence of a signal from the reports of its window (not empty, without duplicates and own posts)."""
    reports = sorted(reports, key=lambda record: record.mention.created_at)
    if not reports:
        raise ValueError("A signal without a report has no evidence.")
    said = [record.mention for record in reports]
    return Evidence(
        since=said[0].created_at,
        people=len({record.person_id for record in reports}),
        minutes=reading.found.minutes,
        expected=reading.found.expected,
        score=reading.score,
        quotes=quotes_of(reports),
        terms=telling_terms((mention.text for mention in said), around.usual_words),
        languages=_counted(_language(record) for record in reports),
        sources=_counted(mention.source for mention in said),
        regions=_counted(mention.region or "" for mention in said),
        folded=around.folded,
        unseen=around.unseen,
        checked=around.checked,
        observed_series=around.observed_series,
        expected_series=around.expected_series,
    )


@lru_cache(maxsize=4096)
def words_of(text: str) -> frozenset[str]:
    """Split a text into its distinct words, masked and case-folded; for counting usual vocabulary too."""
    return frozenset(word.strip("'’").casefold() for word in _WORD.findall(mask(text)))


def telling_terms(texts: Iterable[str], usual: Mapping[str, int]) -> tuple[str, ...]:
    """Find words said more than usual, strongest first.

    Log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn, "Fightin' Words", 2008): rare words need
    more proof than frequent ones.
    """
    now = Counter(word for text in texts for word in words_of(text))
    total, before = sum(now.values()), sum(usual.values())
    ranked = sorted(((_surprise(n, total, usual.get(w, 0), before), w) for w, n in now.items() if n > 1), reverse=True)
    return tuple(word for z, word in ranked[:MOST_TERMS] if z >= TELLING)


def quotes_of(reports: Sequence[MentionRecord]) -> tuple[Quote, ...]:
    """Choose up to four masked quotes that differ in words, and in language and source where they can."""
    shared = Counter(word for record in reports for word in words_of(record.mention.text))
    chosen: list[MentionRecord] = []
    pool = list(reports)
    while pool and len(chosen) < MOST_QUOTES:
        best = max(pool, key=lambda record: _worth(record, chosen, shared))
        pool.remove(best)
        if words_of(best.mention.text) and not any(_alike(best, other) > TOO_ALIKE for other in chosen):
            chosen.append(best)
    return tuple(_quote(record) for record in sorted(chosen, key=lambda record: record.mention.created_at))


def mask(text: str) -> str:
    """Hide mail addresses, links, handles and long numbers; the rest stays as it was said."""
    for pattern, shown in _MASKS:
        text = pattern.sub(shown, text)
    return text


def other_causes(*, neutral: float, usual_neutral: float, duplicates: int, reports: int, holiday: str | None = None,
                 provider: str | None = None) -> tuple[str, ...]:  # fmt: skip
    """Name what else could explain the rise, in words for the card."""
    causes = []
    if neutral > 3 * max(usual_neutral, 1.0):
        times = neutral / max(usual_neutral, 1.0)
        causes.append(f"A campaign or viral topic: other talk is {times:.0f} times the usual.")
    if duplicates > max(reports, 5):
        causes.append(f"A bot flood: {duplicates} near-identical posts were folded and not counted.")
    if holiday:
        causes.append(f"Today is {holiday}: the usual volume may not apply.")
    if provider:
        causes.append(f"An upstream provider reports trouble: {provider}")
    return tuple(causes)


def _surprise(count: int, total: int, usual: int, before: int) -> float:
    prior = LEAST + PRIOR * usual / (before + 1)
    here = (count + prior) / max(total + PRIOR - count - prior, 1.0)
    there = (usual + prior) / max(before + PRIOR - usual - prior, 1.0)
    return (log(here) - log(there)) / sqrt(1 / (count + prior) + 1 / (usual + prior))


def _worth(record: MentionRecord, chosen: Sequence[MentionRecord], shared: Counter[str]) -> float:
    words = words_of(record.mention.text)
    typical = sum(shared[word] for word in words) / (len(words) + 3) / max(shared.values(), default=1)
    new_language = all(_language(record) != _language(other) for other in chosen)
    new_source = all(record.mention.source != other.mention.source for other in chosen)
    return typical + 0.5 * new_language + 0.3 * new_source - max((_alike(record, other) for other in chosen), default=0)


def _alike(one: MentionRecord, other: MentionRecord) -> float:
    a, b = words_of(one.mention.text), words_of(other.mention.text)
    return len(a & b) / max(len(a | b), 1)


def _quote(record: MentionRecord) -> Quote:
    text = _SPACE.sub(" ", mask(record.mention.text)).strip()
    if len(text) > LONGEST_QUOTE:
        text = text[: LONGEST_QUOTE - 1].rsplit(" ", 1)[0] + "…"
    mention = record.mention
    return Quote(text, mention.source, _language(record), mention.created_at, mention.id)


def _language(record: MentionRecord) -> str:
    meaning = record.classification
    return meaning.language if meaning is not None else record.mention.language or "unknown"


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(name for name in names if name).most_common())
