"""Temperatures and thresholds from dev data: what makes the shipped probabilities honest and its outages rare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar  # type: ignore[import-untyped,unused-ignore]

from domain.heard.classification import Kind
from sentiment.training.rows import KIND_LABELLED, KINDS, MISSING, Row
from sentiment.verdict import Calibration, choose_kind, scores

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]
OUTAGE = KINDS.index(Kind.OUTAGE)
LANGUAGES = ("en", "tr", "fa")
_ENOUGH_TO_LEAN = 250
# Sets for evaluation only are not tuned on either; en/kind_seed is the one meant for dev.
_LOOKED_AT_ONLY = frozenset({"en/us_airline", "fa/parsinlu_food"})
# What the outage label may be wrong about: shares of posts that are no complaints, and of other complaints.
_FALSE_AMONG_CALM, _FALSE_AMONG_COMPLAINTS = 0.003, 0.05
# Our own calm posts are written to be mistaken for complaints: in life hardly one calm post in ten is like them.
_OURS_IN_LIFE = 0.1


def calibrate(logits: Floats, rows: Sequence[Row], name: str, max_tokens: int) -> Calibration:
    """Fits one temperature a head, the lean of sentiment, then thresholds per language, on dev rows."""
    used = np.array([row.group not in _LOOKED_AT_ONLY for row in rows])
    logits, rows = logits[used], [row for row, is_used in zip(rows, used, strict=True) if is_used]
    temperatures = {
        "sentiment": _temperature(logits[:, 0:3], _labels(rows, "sentiment")),
        "complaint": _temperature(_two_columns(logits[:, 3]), _labels(rows, "complaint")),
        "kind": _temperature(logits[:, 4:12], _labels(rows, "kind")),
    }
    result = Calibration(name, max_tokens, temperatures, {"default": 0.5}, {"default": 0.5})
    result = replace(result, lean=_leans(logits[:, 0:3] / temperatures["sentiment"], rows))
    languages = np.array([row.language for row in rows])
    spoken = {each: _of(each, languages) for each in (*LANGUAGES, "default")}
    posts = np.array([is_post(row) for row in rows])
    complaint = {each: _complaint_threshold(logits, rows, mask & posts, result) for each, mask in spoken.items()}
    result = replace(result, complaint=complaint)
    return replace(
        result, outage={each: _outage_threshold(logits, rows, mask, result) for each, mask in spoken.items()}
    )


def is_post(row: Row) -> bool:
    """Whether the row is a public post with labels given by a person: what thresholds are chosen on."""
    return "kind_seed" in row.group or "posts" in row.group or row.group.endswith(KIND_LABELLED)


def _leans(logits: Floats, rows: Sequence[Row]) -> dict[str, Sequence[float]]:
    """What to add to the sentiments of each language so that classes are found equally well in its sets."""
    languages = np.array([row.language for row in rows])
    # Not on complaint posts: nearly all are negative, and the few others would push every language away from that.
    labels = np.array([MISSING if is_post(row) else row.sentiment for row in rows])
    groups = np.array([row.group for row in rows])
    common = _lean(logits, labels, groups, labels != MISSING, np.zeros(3, dtype=np.float32))
    leans: dict[str, Sequence[float]] = {"default": _rounded(common)}
    for language in np.unique(languages):
        known = (languages == language) & (labels != MISSING)
        if known.sum() >= _ENOUGH_TO_LEAN:
            leans[str(language)] = _rounded(_lean(logits, labels, groups, known, common))
    return leans


def _lean(logits: Floats, labels: Labels, groups: NDArray[np.str_], known: NDArray[np.bool_], start: Floats) -> Floats:
    logits, labels, groups = logits[known], labels[known], groups[known]
    weights = np.zeros(len(labels))
    for group in np.unique(groups):
        here = groups == group
        for label in np.unique(labels[here]):
            cell = here & (labels == label)
            # A cell weighs as the root of its set: a hundred rows say something, a thousand not ten times as much.
            weights[cell] = here.sum() ** 0.5 / cell.sum()
    weights /= weights.sum()

    def loss(lean: Floats) -> float:
        scaled = logits + lean
        logs = scaled - scaled.max(1, keepdims=True)
        logs = logs - np.log(np.exp(logs).sum(1, keepdims=True))
        return float(-(weights * logs[np.arange(len(labels)), labels]).sum() + 0.05 * ((lean - start) ** 2).sum())

    found: Floats = minimize(loss, start, method="L-BFGS-B").x
    centred: Floats = found - found.mean()
    return centred


def _rounded(lean: Floats) -> tuple[float, ...]:
    return tuple(round(float(each), 3) for each in lean)


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
    languages = [row.language for row, used in zip(rows, known, strict=True) if used]
    found = scores(logits[known], languages, start).complaint
    candidates = np.arange(0.2, 0.81, 0.02)
    measured = np.array([_f1(found >= candidate, wanted[known] == 1) for candidate in candidates])
    # The middle of all nearly best thresholds: the single best one of a few hundred rows is luck.
    return round(float(candidates[measured >= measured.max() - 0.006].mean()), 3)


def _outage_threshold(logits: Floats, rows: Sequence[Row], chosen: NDArray[np.bool_], start: Calibration) -> float:
    """The best F1 among the thresholds that keep false outages rare; the middle of those nearly as good."""
    calm = np.array([row.not_outage for row in rows])[chosen]
    ours = np.array([row.group.endswith("/posts") for row in rows])[chosen]
    posts = np.array([is_post(row) for row in rows])[chosen]
    true = np.array([row.kind == OUTAGE for row in rows])[chosen]
    others = np.array([row.complaint == 1 and row.kind not in (OUTAGE, MISSING) for row in rows])[chosen] & posts
    measured: dict[float, float] = {}
    for candidate in np.arange(0.2, 0.91, 0.02):
        said = _says_outage(logits, rows, chosen, replace(start, outage={"default": float(candidate)}))
        in_life = (1 - _OURS_IN_LIFE) * _share(said, calm & ~ours) + _OURS_IN_LIFE * _share(said, calm & ours)
        if in_life <= _FALSE_AMONG_CALM and _share(said, others) <= _FALSE_AMONG_COMPLAINTS:
            measured[float(candidate)] = _f1(said[posts], true[posts])
    near = [candidate for candidate, value in measured.items() if value >= max(measured.values()) - 0.01]
    return round(float(np.mean(near)), 3) if near else 0.9


def _says_outage(
    logits: Floats, rows: Sequence[Row], chosen: NDArray[np.bool_], trial: Calibration
) -> NDArray[np.bool_]:
    languages = [row.language for row, used in zip(rows, chosen, strict=True) if used]
    found = scores(logits[chosen], languages, trial)
    pairs = zip(found.kind, found.complaint, languages, strict=True)
    said = (choose_kind(kind, float(share), lang, trial) is Kind.OUTAGE for kind, share, lang in pairs)
    return np.fromiter(said, dtype=np.bool_)


def _share(said: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(said[among].mean()) if among.any() else 0.0


def _f1(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    both = float((said & true).sum())
    return 2 * both / max(1.0, float(said.sum() + true.sum()))
