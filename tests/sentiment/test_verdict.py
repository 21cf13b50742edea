"""Thresholds and temperatures, on numbers chosen for the purpose."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from domain.heard.classification import Kind, Sentiment
from sentiment.verdict import KINDS, Calibration, choose_kind, scores, verdicts

CALIBRATION = Calibration(
    model="test 1",
    max_tokens=128,
    temperatures={"sentiment": 1.0, "complaint": 1.0, "kind": 1.0},
    complaint={"default": 0.5, "tr": 0.7},
    outage={"default": 0.6, "fa": 0.8, "de": 0.25},
    doubt=0.5,
)


def kinds(**shares: float) -> np.ndarray:
    rest = (1 - sum(shares.values())) / (len(KINDS) - len(shares))
    return np.array([shares.get(kind.value, rest) for kind in KINDS], dtype=np.float32)


KIND_TABLE = [
    ("sure of an outage", kinds(outage=0.7), 0.9, "en", Kind.OUTAGE),
    ("not sure enough: next best", kinds(outage=0.5, app_bug=0.3), 0.9, "en", Kind.APP_BUG),
    ("sure enough though not the likeliest", kinds(outage=0.3, app_bug=0.4), 0.9, "de", Kind.OUTAGE),
    ("its language asks for more", kinds(outage=0.7, login_account=0.2), 0.9, "fa", Kind.LOGIN_ACCOUNT),
    ("hardly a complaint", kinds(outage=0.9, other=0.05), 0.2, "en", Kind.OTHER),
    ("another kind needs no threshold", kinds(price=0.3), 0.1, "en", Kind.PRICE),
    ("unknown language takes the default", kinds(outage=0.65), 0.9, "unknown", Kind.OUTAGE),
]


@pytest.mark.parametrize(("why", "kind", "complaint", "language", "wanted"), KIND_TABLE, ids=[r[0] for r in KIND_TABLE])
def test_outage_is_said_only_when_sure(
    why: str, kind: np.ndarray, complaint: float, language: str, wanted: Kind
) -> None:
    assert choose_kind(kind, complaint, language, CALIBRATION) is wanted, why


def test_a_complaint_is_measured_by_the_threshold_of_its_language() -> None:
    logits = np.zeros((2, 12), dtype=np.float32)
    logits[:, 3] = 0.5  # a probability of .62
    english, turkish = verdicts(scores(logits, ["en", "tr"], CALIBRATION), ["en", "tr"], CALIBRATION)
    assert english.is_complaint
    assert not turkish.is_complaint
    assert english.complaint == turkish.complaint == pytest.approx(0.622, abs=1e-3)


def test_temperature_softens_without_changing_the_order() -> None:
    logits = np.array([[2.0, 0.0, -1.0] + [0.0] * 9], dtype=np.float32)
    warm = Calibration("t", 128, {"sentiment": 3.0, "complaint": 1.0, "kind": 1.0}, {"default": 0.5}, {"default": 0.5})
    sharp, soft = (scores(logits, ["en"], each).sentiment[0] for each in (CALIBRATION, warm))
    assert sharp.argmax() == soft.argmax() == 0
    assert soft[0] < sharp[0]


def test_sentiment_leans_as_its_language_needs() -> None:
    lean = {"default": (0.0, 0.0, 0.0), "en": (0.0, 1.0, 0.0)}
    leaning = replace(CALIBRATION, lean=lean)
    found = scores(np.zeros((2, 12), dtype=np.float32), ["en", "tr"], leaning).sentiment
    assert found[0].argmax() == 1
    assert found[1] == pytest.approx([1 / 3] * 3)


def test_scores_are_probabilities_even_for_absurd_logits() -> None:
    found = scores(1e6 * np.array([[1, -1, 1] * 4], dtype=np.float32), ["en"], CALIBRATION)
    assert found.sentiment.sum() == pytest.approx(1)
    assert found.kind.sum() == pytest.approx(1)
    assert 0 <= found.complaint[0] <= 1


def test_a_verdict_names_every_label_and_its_model() -> None:
    zeros = np.zeros((1, 12), dtype=np.float32)
    (found,) = verdicts(scores(zeros, ["unknown"], CALIBRATION), ["unknown"], CALIBRATION)
    assert set(found.sentiment_scores) == set(Sentiment)
    assert set(found.kind_scores) == set(Kind)
    assert found.model == "test 1"
    assert found.language == "unknown"
    assert found.component is None
    assert found.why == ()


def test_labels_file_is_read_back(tmp_path: Path) -> None:
    raw = {
        "model": "m 2",
        "max_tokens": 96,
        "temperatures": {"sentiment": 1.1, "complaint": 0.9, "kind": 1.3},
        "lean": {"default": [0.0, 0.2, 0.0]},
        "thresholds": {"complaint": {"default": 0.4}, "outage": {"default": 0.7}, "doubt": 0.3},
    }
    (tmp_path / "labels.json").write_text(json.dumps(raw), encoding="utf-8")
    found = Calibration.read(tmp_path / "labels.json")
    assert (found.model, found.max_tokens, found.doubt) == ("m 2", 96, 0.3)
    assert found.temperatures["kind"] == 1.3
    assert found.outage["default"] == 0.7
