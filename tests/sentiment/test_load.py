"""From the `model:` setting to a classifier."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from domain.errors import ConfigError
from sentiment.classifier import BUNDLED
from sentiment.hugging_face import columns
from sentiment.load import load_classifier, load_or_fallback

HAS_TORCH = importlib.util.find_spec("torch") is not None


def test_the_bundled_model_is_the_default() -> None:
    assert load_classifier().model.startswith("hubbub")


def test_a_folder_made_by_our_training_is_loaded_without_torch(tmp_path: Path) -> None:
    (tmp_path / "mine").symlink_to(BUNDLED)
    assert load_classifier(str(tmp_path / "mine")).model == load_classifier().model


def test_a_damaged_folder_is_named_in_one_sentence(tmp_path: Path) -> None:
    shutil.copy(BUNDLED / "labels.json", tmp_path)
    shutil.copy(BUNDLED / "tokenizer.json", tmp_path)
    for name in ("model.onnx", "model.onnx.data"):
        (tmp_path / name).write_bytes(b"not a graph")
    with pytest.raises(ConfigError, match="cannot be loaded") as caught:
        load_classifier(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    shutil.copy(BUNDLED / "labels.json", tmp_path)
    with pytest.raises(ConfigError, match=r"has no model\.onnx"):
        load_classifier(str(tmp_path))


def test_an_empty_setting_is_refused() -> None:
    with pytest.raises(ConfigError, match="empty"):
        load_classifier(" ")


@pytest.mark.skipif(HAS_TORCH, reason="torch is installed here")
def test_a_model_of_ones_own_without_torch_says_what_to_install() -> None:
    with pytest.raises(ConfigError, match=r"hubbub\[torch\]"):
        load_classifier("some-owner/some-model")


@pytest.mark.skipif(HAS_TORCH, reason="torch is installed here")
def test_the_fallback_comes_with_the_reason_it_is_in_use() -> None:
    classifier, reason = load_or_fallback("some-owner/some-model")
    assert classifier.model == "fallback"
    assert reason is not None
    assert "torch" in reason


def test_no_fallback_no_reason() -> None:
    classifier, reason = load_or_fallback()
    assert classifier.model.startswith("hubbub")
    assert reason is None


def test_labels_of_the_model_map_by_name_without_a_mapping() -> None:
    assert columns({0: "positive", 1: "Neutral", 2: "NEGATIVE"}, None) == [2, 1, 0]


def test_labels_map_as_the_owner_says() -> None:
    mapping = {"LABEL_0": "negative", "label_1": "Positive"}
    assert columns({0: "LABEL_0", 1: "LABEL_1"}, mapping) == [0, 2]


def test_several_labels_may_mean_one_sentiment() -> None:
    meanings = ["negative", "negative", "neutral", "positive", "positive"]
    stars = {f"{n} stars": meaning for n, meaning in enumerate(meanings, 1)}
    assert columns(dict(enumerate(stars)), stars) == [0, 0, 1, 2, 2]


@pytest.mark.parametrize("mapping", [None, {"LABEL_0": "negative"}, {"LABEL_0": "negative", "LABEL_1": "great"}])
def test_labels_that_do_not_map_are_named(mapping: dict[str, str] | None) -> None:
    with pytest.raises(ConfigError, match="LABEL_1 do not map"):
        columns({0: "LABEL_0" if mapping else "neutral", 1: "LABEL_1"}, mapping)
