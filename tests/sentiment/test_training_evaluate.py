"""The figures of the model card: what each measure counts, and over which rows."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from domain.heard.classification import Kind
from sentiment.training.evaluate import Judged, Measure, accuracy, hit_f1, macro_f1, macro_recall, measured, score_all
from sentiment.training.rows import KIND_LABELLED, KINDS, MISSING

OUTAGE, OTHER = KINDS.index(Kind.OUTAGE), KINDS.index(Kind.OTHER)
TRUE = np.array([0, 0, 0, 1, 1, 2])
SAID = np.array([0, 0, 1, 1, 0, 2])


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        (accuracy, 4 / 6),
        (macro_recall, (2 / 3 + 1 / 2 + 1) / 3),
        (macro_f1, (2 / 3 + 1 / 2 + 1) / 3),
        (hit_f1, 1 / 2),
    ],
)
def test_the_measures(measure: Measure, value: float) -> None:
    assert measure(TRUE, SAID) == pytest.approx(value)


def test_a_class_that_does_not_occur_counts_in_no_mean() -> None:
    assert macro_f1(np.array([0, 0]), np.array([0, 0])) == 1.0
    assert macro_recall(np.array([0, 2]), np.array([0, 1])) == 0.5


def test_the_interval_holds_the_figure_and_is_the_same_every_time() -> None:
    first = measured("x", accuracy, TRUE, SAID)
    assert first.low <= first.value <= first.high
    assert first == measured("x", accuracy, TRUE, SAID)


def judged(group: str, rows: list[tuple[int, int, int]], said: list[tuple[int, int, int]]) -> Judged:
    """Rows of one set and what the model says of them: sentiment, complaint, kind."""
    real, heard = np.array(rows), np.array(said)
    groups = np.array([group] * len(rows))
    chances = np.zeros((len(rows), 12), dtype=np.float32)
    chances[np.arange(len(rows)), heard[:, 0]] = 1
    languages = np.array(["tr"] * len(rows))
    return Judged(groups, languages, real[:, 0], real[:, 1], real[:, 2], heard[:, 0], heard[:, 1], heard[:, 2], chances)


def joined(*parts: Judged) -> Judged:
    """Several sets as one."""
    names = [field.name for field in fields(Judged)]
    return Judged(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def test_rows_whose_kind_is_ours_count_in_the_sentiment_of_their_set() -> None:
    calm = judged("tr/tweets", [(2, MISSING, MISSING)] * 30, [(2, 0, OTHER)] * 30)
    angry = judged(f"tr/tweets{KIND_LABELLED}", [(0, 1, OUTAGE)] * 30, [(2, 1, OUTAGE)] * 30)
    figures = {score.what: score for score in score_all(joined(calm, angry))}
    found = figures["tr/tweets: pos/neg accuracy (3-way answer)"]
    assert (found.rows, found.value) == (60, 0.5)


def test_an_outage_said_of_calm_posts_and_of_other_complaints_is_counted_apart() -> None:
    calm = judged("tr/posts", [(2, 0, MISSING)] * 20, [(2, 0, OUTAGE)] * 5 + [(2, 0, OTHER)] * 15)
    others = judged("tr/posts", [(0, 1, OTHER)] * 20, [(0, 1, OUTAGE)] * 1 + [(0, 1, OTHER)] * 19)
    figures = {score.what: score.value for score in score_all(joined(calm, others))}
    assert figures["tr/posts: outage said of neutral or positive posts"] == 0.25
    assert figures["tr/posts: outage said of other complaints"] == 0.05


def test_sets_that_are_too_small_give_no_figure() -> None:
    assert score_all(judged("tr/posts", [(0, 1, OUTAGE)] * 5, [(0, 1, OUTAGE)] * 5)) == []
