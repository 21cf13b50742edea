"""From the network's numbers to a `Classification`: calibrated probabilities, thresholds of the language, caution."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.heard.classification import Classification, Kind, Sentiment

Floats = NDArray[np.float32]
SENTIMENTS = tuple(Sentiment)
KINDS = tuple(Kind)
_OUTAGE = KINDS.index(Kind.OUTAGE)
_OTHERS = "default"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns logits into probabilities and probabilities into labels; stored with the model as `labels.json`.

    Temperatures divide logits; `lean` is added to the three sentiments after that, so that no class is preferred for
    being common in the training data. Thresholds and lean are per language, with `default` for all others. `doubt` is
    the share of the complaint threshold below which a text is too little of a complaint to be reported as an outage.
    """

    model: str
    max_tokens: int
    temperatures: Mapping[str, float]
    complaint: Mapping[str, float]
    outage: Mapping[str, float]
    lean: Mapping[str, Sequence[float]] = field(default_factory=lambda: {"default": (0.0, 0.0, 0.0)})
    doubt: float = 0.5

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """From the `labels.json` of a model folder."""
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            model=raw["model"],
            max_tokens=raw["max_tokens"],
            temperatures=raw["temperatures"],
            complaint=raw["thresholds"]["complaint"],
            outage=raw["thresholds"]["outage"],
            lean=raw["lean"],
            doubt=raw["thresholds"]["doubt"],
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """Calibrated probabilities of some texts: sentiment (rows x 3), complaint (rows), kind (rows x 8)."""

    sentiment: Floats
    complaint: Floats
    kind: Floats


def scores(logits: Floats, languages: Sequence[str], calibration: Calibration) -> Scores:
    """Probabilities from the network's 12 logits a row."""
    warmth, lean = calibration.temperatures, calibration.lean
    leaning = np.array([lean.get(language, lean[_OTHERS]) for language in languages], dtype=np.float32)
    return Scores(
        sentiment=_softmax(logits[:, 0:3] / warmth["sentiment"] + leaning.reshape(-1, 3)),
        complaint=1 / (1 + np.exp(-np.clip(logits[:, 3] / warmth["complaint"], -30, 30))),
        kind=_softmax(logits[:, 4:12] / warmth["kind"]),
    )


def verdicts(found: Scores, languages: Sequence[str], calibration: Calibration) -> list[Classification]:
    """One classification for each row of `found`."""
    return [_verdict(found, row, language, calibration) for row, language in enumerate(languages)]


def choose_kind(kind: Floats, complaint: float, language: str, calibration: Calibration) -> Kind:
    """An outage where it is sure enough of that, else the likeliest other kind: a false outage costs most of all."""
    doubtful = complaint < calibration.doubt * _for(calibration.complaint, language)
    if not doubtful and kind[_OUTAGE] >= _for(calibration.outage, language):
        return Kind.OUTAGE
    return max((other for other in KINDS if other is not Kind.OUTAGE), key=lambda other: kind[KINDS.index(other)])


def _verdict(found: Scores, row: int, language: str, calibration: Calibration) -> Classification:
    sentiment, kind = found.sentiment[row], found.kind[row]
    complaint = float(found.complaint[row])
    return Classification(
        language=language,
        sentiment=SENTIMENTS[int(sentiment.argmax())],
        sentiment_scores={label: float(share) for label, share in zip(SENTIMENTS, sentiment, strict=True)},
        complaint=complaint,
        is_complaint=complaint >= _for(calibration.complaint, language),
        kind=choose_kind(kind, complaint, language, calibration),
        kind_scores={label: float(share) for label, share in zip(KINDS, kind, strict=True)},
        model=calibration.model,
    )


def _for(thresholds: Mapping[str, float], language: str) -> float:
    return thresholds.get(language, thresholds[_OTHERS])


def _softmax(logits: Floats) -> Floats:
    powers: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
