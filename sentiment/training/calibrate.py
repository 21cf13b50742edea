"""Temperatures and thresholds from dev data: what makes the shipped probabilities honest and its outages rare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from domain.classification import Kind
from sentiment.training.rows import KINDS, MISSING, Row
from sentiment.verdict import Calibration, choose_kind, scores

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]
OUTAGE = KINDS.index(Kind.OUTAGE)
LANGUAGES = ("en", "tr", "fa")
# What the outage label may be wrong about: shares of posts that are no complaints, and of other complaints.
_FALSE_AMONG_CALM, _FALSE_AMONG_COMPLAINTS = 0.003, 0.04


def calibrate(logits: Floats, rows: Sequence[Row], name: str, max_tokens: int) -> Calibration:
    """Fits one temperature a head, then thresholds per language on the calibrated scores of dev rows."""
    temperatures = {
        "sentiment": _temperature(logits[:, 0:3], _labels(rows, "sentiment")),
        "complaint": _temperature(_two_columns(logits[:, 3]), _labels(rows, "complaint")),
        "kind": _temperature(logits[:, 4:12], _labels(rows, "kind")),
    }
    start = Calibration(name, max_tokens, temperatures, {"default": 0.5}, {"default": 0.5})
    languages = np.array([row.language for row in rows])
    posts = np.array([is_post(row) for row in rows])
    complaint = {
        language: _complaint_threshold(logits, rows, _of(language, languages) & posts, start)
        for language in (*LANGUAGES, "default")
    }
    start = replace(start, complaint=complaint)
    outage = {
        language: _outage_threshold(logits, rows, _of(language, languages) & posts, start)
        for language in (*LANGUAGES, "default")
    }
    return replace(start, outage=outage)


def is_post(row: Row) -> bool:
    """Whether the row is a public post with labels given by a person: what thresholds are chosen on."""
    return "kind_seed" in row.group or "posts" in row.group or "+kind" in row.group


def _of(language: str, languages: NDArray[np.str_]) -> NDArray[np.bool_]:
    return np.ones(len(languages), dtype=bool) if language == "default" else languages == language


def _labels(rows: Sequence[Row], head: str) -> Labels:
    return np.array([MISSING if row.weak else getattr(row, head) for row in rows])


def _two_columns(logit: Floats) -> Floats:
    return np.stack([np.zeros_like(logit), logit], axis=1)


def _temperature(logits: Floats, labels: Labels) -> float:
    known = labels != MISSING
    chosen, wanted = logits[known], labels[known]

    def loss(temperature: float) -> float:
        scaled = chosen / temperature
        peak = scaled.max(1, keepdims=True)
        logs = scaled - peak - np.log(np.exp(scaled - peak).sum(1, keepdims=True))
        return float(-logs[np.arange(len(wanted)), wanted].mean())

    return round(float(minimize_scalar(loss, bounds=(0.3, 4.0), method="bounded").x), 3)


def _complaint_threshold(logits: Floats, rows: Sequence[Row], chosen: NDArray[np.bool_], start: Calibration) -> float:
    wanted = np.array([row.complaint for row in rows])
    known = chosen & (wanted != MISSING)
    found = scores(logits[known], start).complaint
    candidates = np.arange(0.2, 0.81, 0.02)
    measured = np.array([_f1(found >= candidate, wanted[known] == 1) for candidate in candidates])
    # The middle of all nearly best thresholds: the single best one of a few hundred rows is luck.
    return round(float(candidates[measured >= measured.max() - 0.006].mean()), 3)


def _outage_threshold(logits: Floats, rows: Sequence[Row], chosen: NDArray[np.bool_], start: Calibration) -> float:
    for candidate in np.arange(0.2, 0.96, 0.02):
        trial = replace(start, outage={"default": float(candidate)})
        said = _says_outage(logits, rows, chosen, trial)
        calm = np.array([row.complaint == 0 for row in rows])[chosen]
        others = np.array([row.complaint == 1 and row.kind not in (OUTAGE, MISSING) for row in rows])[chosen]
        if said[calm].mean() <= _FALSE_AMONG_CALM and said[others].mean() <= _FALSE_AMONG_COMPLAINTS:
            return round(float(candidate), 3)
    return 0.95


def _says_outage(logits: Floats, rows: Sequence[Row], chosen: NDArray[np.bool_], trial: Calibration) -> NDArray[np.bool_]:
    found = scores(logits[chosen], trial)
    languages = [row.language for row, used in zip(rows, chosen, strict=True) if used]
    pairs = zip(found.kind, found.complaint, languages, strict=True)
    return np.array([choose_kind(kind, float(share), lang, trial) is Kind.OUTAGE for kind, share, lang in pairs])


def _f1(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    both = float((said & true).sum())
    return 2 * both / max(1.0, float(said.sum() + true.sum()))
