"""Figures for the model card: scores per set and language on dev rows, with counts and confidence intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.heard.classification import Kind
from sentiment.training.rows import KIND_LABELLED, KINDS, MISSING, Row
from sentiment.verdict import Calibration, choose_kind, scores

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]
Measure = Callable[[Labels, Labels], float]
OUTAGE = KINDS.index(Kind.OUTAGE)
_TWEETS = ("en/tweeteval_sentiment", "en/umsab")


@dataclass(frozen=True, slots=True)
class Score:
    """One figure: what was measured, on how many rows, and its 95% bootstrap interval."""

    what: str
    rows: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Dev rows beside the labels the shipped model gives them."""

    groups: NDArray[np.str_]
    languages: NDArray[np.str_]
    sentiment: Labels
    complaint: Labels
    kind: Labels
    said_sentiment: Labels
    said_complaint: Labels
    said_kind: Labels
    chances: Floats
    """Probabilities: 3 sentiments, complaint, 8 kinds."""


def judge(logits: Floats, rows: Sequence[Row], calibration: Calibration) -> Judged:
    """What the shipped model says about each row, thresholds included."""
    found = scores(logits, [row.language for row in rows], calibration)
    thresholds = [calibration.complaint.get(row.language, calibration.complaint["default"]) for row in rows]
    triples = zip(found.kind, found.complaint, rows, strict=True)
    return Judged(
        groups=np.array([row.group for row in rows]),
        languages=np.array([row.language for row in rows]),
        sentiment=np.array([row.sentiment for row in rows]),
        complaint=np.array([row.complaint for row in rows]),
        kind=np.array([row.kind for row in rows]),
        said_sentiment=found.sentiment.argmax(1),
        said_complaint=(found.complaint >= np.array(thresholds)).astype(np.int64),
        said_kind=np.array([KINDS.index(choose_kind(k, float(c), r.language, calibration)) for k, c, r in triples]),
        chances=np.concatenate([found.sentiment, found.complaint[:, None], found.kind], axis=1),
    )


def score_all(judged: Judged) -> list[Score]:
    """Every figure of the card."""
    return [*_sentiment_scores(judged), *_complaint_scores(judged), *_kind_scores(judged), *_false_outages(judged)]


def macro_f1(true: Labels, said: Labels) -> float:
    """Mean F1 over the classes that occur in `true`."""
    return float(np.mean([_f1(true == label, said == label) for label in np.unique(true)]))


def macro_recall(true: Labels, said: Labels) -> float:
    """Mean recall over the classes that occur in `true` (the TweetEval measure)."""
    return float(np.mean([(said[true == label] == label).mean() for label in np.unique(true)]))


def accuracy(true: Labels, said: Labels) -> float:
    """Share of rows with the right label."""
    return float((true == said).mean())


def hit_f1(true: Labels, said: Labels) -> float:
    """F1 of label 1."""
    return _f1(true == 1, said == 1)


def rate(_true: Labels, said: Labels) -> float:
    """Share of rows that got label 1."""
    return float((said == 1).mean()) if len(said) else 0.0


def measured(what: str, measure: Measure, true: Labels, said: Labels, draws: int = 300) -> Score:
    """`measure` with a 95% interval from `draws` bootstrap samples (seeded)."""
    chance = np.random.default_rng(7)
    samples = [chance.integers(0, len(true), len(true)) for _ in range(draws)]
    values = [measure(true[sample], said[sample]) for sample in samples]
    low, high = np.quantile(values, (0.025, 0.975))
    return Score(what, len(true), measure(true, said), float(low), float(high))


def _sentiment_scores(judged: Judged) -> Iterator[Score]:
    # What got a kind from us still is a row of its set: the complaints would be missing from it.
    sets = np.array([group.removesuffix(KIND_LABELLED) for group in judged.groups.tolist()])
    for group in np.unique(sets):
        known = (sets == group) & (judged.sentiment != MISSING)
        if known.sum() < 30 or len(np.unique(judged.sentiment[known])) < 2:
            continue
        true, said = judged.sentiment[known], judged.said_sentiment[known]
        if group == "en/tweeteval_sentiment":
            yield measured(f"{group}: sentiment macro-recall", macro_recall, true, said)
        yield measured(f"{group}: sentiment macro-F1", macro_f1, true, said)
        poles = true != 1
        side = np.where(judged.chances[known][:, 2] > judged.chances[known][:, 0], 2, 0)
        yield measured(f"{group}: pos/neg accuracy (3-way answer)", accuracy, true[poles], said[poles])
        yield measured(f"{group}: pos/neg accuracy (likelier pole)", accuracy, true[poles], side[poles])


def _complaint_scores(judged: Judged) -> Iterator[Score]:
    for group in np.unique(judged.groups):
        known = (judged.groups == group) & (judged.complaint != MISSING)
        if known.sum() >= 30 and len(np.unique(judged.complaint[known])) == 2:
            yield measured(f"{group}: complaint F1", hit_f1, judged.complaint[known], judged.said_complaint[known])


def _kind_scores(judged: Judged) -> Iterator[Score]:
    for group in np.unique(judged.groups):
        known = (judged.groups == group) & (judged.kind != MISSING)
        if known.sum() < 30 or len(np.unique(judged.kind[known])) < 4:
            continue
        yield measured(f"{group}: kind macro-F1", macro_f1, judged.kind[known], judged.said_kind[known])
        posts = (judged.groups == group) & ((judged.kind != MISSING) | (judged.complaint == 0))
        true = (judged.kind[posts] == OUTAGE).astype(np.int64)
        said = (judged.said_kind[posts] == OUTAGE).astype(np.int64)
        yield measured(f"{group}: outage against the rest F1", hit_f1, true, said)


def _false_outages(judged: Judged) -> Iterator[Score]:
    said = (judged.said_kind == OUTAGE).astype(np.int64)
    for group in (*np.unique(judged.groups),):
        here = judged.groups == group
        calm = here & ((judged.sentiment == 1) | (judged.sentiment == 2)) & (judged.complaint != 1)
        others = here & (judged.complaint == 1) & (judged.kind != OUTAGE) & (judged.kind != MISSING)
        if calm.sum() >= 20:
            yield measured(f"{group}: outage said of neutral or positive posts", rate, said[calm], said[calm])
        if others.sum() >= 20:
            yield measured(f"{group}: outage said of other complaints", rate, said[others], said[others])


def _f1(true: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    return 2 * float((true & said).sum()) / max(1.0, float(true.sum() + said.sum()))
