"""What a teacher says of rows: its states lie in a file and come back row by row (needs the extra `[torch]`)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

for needed in ("torch", "onnx"):
    pytest.importorskip(needed, reason=f"{needed} is needed for training only and is not installed")

import onnx  # noqa: E402
import torch  # noqa: E402
from transformers import BertConfig, BertModel  # noqa: E402

from sentiment.training.batches import Corpus, Teaching  # noqa: E402
from sentiment.training.export import build  # noqa: E402
from sentiment.training.network import MultiHead  # noqa: E402
from sentiment.training.package import predict, teach  # noqa: E402
from sentiment.training.rows import Row  # noqa: E402


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    chance = np.random.default_rng(3)
    rows = [Row(f"text {number}", "tr", "tr/posts", "train") for number in range(12)]
    return Corpus(rows, [chance.integers(4, 200, chance.integers(3, 15)) for _ in rows])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=200, hidden_size=64, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64, pad_token_id=1
    )
    network = MultiHead(BertModel(config, add_pooling_layer=False)).eval()
    folder = tmp_path_factory.mktemp("graph")
    onnx.save(build(network, 128, with_states=True), folder / "model.onnx")
    (folder / "config.json").write_text(json.dumps({"hidden_size": 64}))
    return folder


@pytest.fixture(scope="module")
def said(folder: Path, corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Teaching:
    return teach(folder, corpus, tmp_path_factory.mktemp("said") / "states")


def test_a_teacher_gives_the_logits_that_are_evaluated(folder: Path, corpus: Corpus, said: Teaching) -> None:
    np.testing.assert_allclose(said.logits, predict(folder, corpus), atol=1e-5)


def test_each_row_gets_its_own_states_in_whatever_batch_it_comes(corpus: Corpus, said: Teaching) -> None:
    taught = Corpus(corpus.rows, corpus.tokens, said)
    together = taught.batch([7, 2, 11])
    assert together.states is not None
    assert len(together.states) == together.mask.sum()
    alone = taught.batch([2]).states
    assert alone is not None
    first = len(corpus.tokens[7])
    np.testing.assert_array_equal(together.states[first : first + len(corpus.tokens[2])], alone)
    assert not np.allclose(alone[0], alone[1])


def test_a_corpus_without_a_teacher_has_no_states(corpus: Corpus) -> None:
    batch = corpus.batch([0, 1])
    assert batch.taught is None
    assert batch.states is None
