"""What words and letters alone say of sentiment: a linear model of each set, asked only of texts it has not read.

On short texts such models are hard to beat (Wang and Manning, "Baselines and Bigrams", 2012). A teacher is better than
they are, but its mean with them is better than itself on nearly every set: they err elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union

from sentiment.training.rows import FOLDS, MISSING, Row
from sentiment.training.sets import OWN_POSTS_WORDS, SETS

_FEWEST = 700
_SHARES = {public.path: public.words for public in SETS}


def heeding_words(logits: NDArray[np.float32], rows: Sequence[Row]) -> NDArray[np.float32]:
    """Logits (rows x 12) whose sentiment heeds the words of the set; sets of too few labels stay as they are.

    Altered texts are asked about in the fold of the text they were made from.
    """
    heeded = logits.copy()
    for source, members in _by_source(rows).items():
        share = _SHARES.get(source, OWN_POSTS_WORDS)
        labelled = [row for row in members if rows[row].sentiment != MISSING]
        if share and len(labelled) >= _FEWEST:
            for fold in range(FOLDS):
                asked = [row for row in members if rows[row].fold == fold]
                read = [rows[row] for row in labelled if rows[row].fold != fold]
                heeded[asked, :3] = _heeding(logits[asked, :3], [rows[row].text for row in asked], read, share)
    return heeded


def mixed(logits: NDArray[np.float32], said: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Log probabilities of a teacher and of a linear model in one, for the classes (columns) that both know.

    Their odds move to the weighted mean; all of them together stay as likely as the teacher says.
    """
    odds = (1 - share) * logits + share * said
    return np.asarray(odds + _together(logits) - _together(odds))


def _heeding(
    logits: NDArray[np.float32], texts: Sequence[str], read: Sequence[Row], share: float
) -> NDArray[np.float32]:
    labels = [row.sentiment for row in read]
    if not texts or len(set(labels)) < 2:
        return logits
    model = _linear().fit([row.text for row in read], labels)
    known = model.classes_
    heeded: NDArray[np.float32] = logits - _together(logits)
    heeded[:, known] = mixed(heeded[:, known], model.predict_log_proba(texts), share)
    return heeded


def _together(logits: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    return np.asarray(np.logaddexp.reduce(logits, axis=1, keepdims=True))


def _linear() -> Pipeline:
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=3)
    return make_pipeline(make_union(words, letters), LogisticRegression(C=4, max_iter=150, class_weight="balanced"))


def _by_source(rows: Sequence[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        found[row.source].append(position)
    return found
