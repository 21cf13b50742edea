"""A model of one's own: run where torch is installed (extra `[torch]`), on a tiny network made here."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import ConfigError
from domain.heard.classification import Sentiment
from sentiment.load import load_classifier

torch = pytest.importorskip("torch", reason="the extra [torch] is not installed")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "app", "is", "down", "great"]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A folder as `save_pretrained` leaves it: random weights, two labels."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(1)
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    BertTokenizerFast(vocab_file=str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        id2label={0: "LABEL_0", 1: "LABEL_1"},
        label2id={"LABEL_0": 0, "LABEL_1": 1},
    )
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    return tmp_path


def test_it_classifies_with_the_owners_labels(tiny: Path) -> None:
    classifier = load_classifier(str(tiny), labels={"LABEL_0": "negative", "LABEL_1": "positive"})
    found = classifier.classify(["the app is down", "", "great " * 500])
    assert len(found) == 3
    for each in found:
        assert each.sentiment_scores[Sentiment.NEUTRAL] == 0
        assert sum(each.sentiment_scores.values()) == pytest.approx(1, abs=1e-5)
        assert each.complaint == each.sentiment_scores[Sentiment.NEGATIVE]
        assert each.model == tiny.name


def test_labels_that_do_not_map_are_refused_at_the_start(tiny: Path) -> None:
    with pytest.raises(ConfigError, match="LABEL_0, LABEL_1 do not map"):
        load_classifier(str(tiny))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no usable sequence-classification model"):
        load_classifier(str(tmp_path))
