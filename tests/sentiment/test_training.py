"""The whole way from a base and data to a folder that classifies, on a tiny network (needs the extra `[torch]`)."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

for needed in ("torch", "onnx", "sklearn", "scipy", "tqdm", "matplotlib"):
    pytest.importorskip(needed, reason=f"{needed} is needed for training only and is not installed")

from transformers import BertConfig, BertModel  # noqa: E402

from sentiment.classifier import BUNDLED, BundledClassifier  # noqa: E402
from sentiment.training.__main__ import main  # noqa: E402
from sentiment.training.sets import SETS  # noqa: E402

SENTIMENTS = ("negative", "neutral", "positive")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    config = BertConfig(
        vocab_size=100_000,
        hidden_size=64,
        num_hidden_layers=6,
        num_attention_heads=2,
        intermediate_size=64,
        pad_token_id=1,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(BUNDLED / name, folder)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for public in SETS:
        path = folder / f"{public.path}.jsonl.gz"
        path.parent.mkdir(exist_ok=True)
        with gzip.open(path, "wt", encoding="utf-8") as out:
            for number in range(60):
                row = {"text": f"{public.path} says {number}", "lang": public.path[:2], "src": "x"}
                row |= {"sentiment": SENTIMENTS[number % 3], "split": "dev" if number % 5 == 0 else "train"}
                out.write(json.dumps(row) + "\n")
    return folder


def test_a_smoke_run_leaves_a_model_folder_and_a_card(base: Path, data: Path, tmp_path: Path) -> None:
    out, card = tmp_path / "model", tmp_path / "docs" / "card.md"
    arguments = ["--base", str(base), "--data", str(data), "--work", str(tmp_path / "work"), "--out", str(out)]
    assert main([*arguments, "--card", str(card), "--processes", "1", "--smoke"]) == 0
    (found,) = BundledClassifier(out).classify(["the app is down"])
    assert found.model.endswith("smoke")
    text = card.read_text(encoding="utf-8")
    assert "$" not in text
    assert (card.parent / "images" / "model-confusion.png").stat().st_size > 1000
    assert main([*arguments, "--card", str(card), "--processes", "1", "--smoke"]) == 0, "a second run goes on at once"


def test_missing_folders_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--base", str(tmp_path / "no"), "--data", str(tmp_path)]) == 2
    assert "There is nothing at" in capsys.readouterr().err
