"""The shipped graph against the torch network it was written from (needs the extra `[torch]` and onnx)."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [torch] is not installed")
onnx = pytest.importorskip("onnx", reason="onnx is not installed")

import onnxruntime  # noqa: E402
from transformers import BertConfig, BertModel  # noqa: E402

from sentiment.training.export import build, grid, outliers, packed  # noqa: E402
from sentiment.training.network import MultiHead  # noqa: E402
from sentiment.training.wide import Wide  # noqa: E402


def on_grid(rows: int, width: int) -> np.ndarray:
    chance = np.random.default_rng(4)
    scales = chance.uniform(0.001, 0.1, (rows, width // 32, 1)).astype(np.float16).astype(np.float32)
    numbers = chance.integers(-8, 8, (rows, width // 32, 32))
    return (numbers * scales).reshape(rows, width).astype(np.float32)


@pytest.fixture(scope="module")
def network() -> MultiHead:
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=300,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=128,
        pad_token_id=1,
    )
    model = MultiHead(BertModel(config, add_pooling_layer=False)).eval()
    table = model.encoder.embeddings.word_embeddings.weight
    table.data.copy_(torch.from_numpy(on_grid(*table.shape)))
    model.wide.widen.weight.data.normal_(std=0.3)
    model.wide.pairs.weight.data.normal_(std=0.3)
    return model


@pytest.fixture(scope="module")
def session(network: MultiHead, tmp_path_factory: pytest.TempPathFactory) -> onnxruntime.InferenceSession:
    path: Path = tmp_path_factory.mktemp("graph") / "model.onnx"
    onnx.save(build(network, 128), path)
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def test_a_table_on_the_grid_comes_back_without_loss() -> None:
    table = on_grid(50, 96)
    numbers, scales = grid(table)
    back = (numbers.reshape(-1, 32) * scales.reshape(-1, 1).astype(np.float32)).reshape(table.shape)
    np.testing.assert_allclose(back, table, atol=1e-4)
    assert numbers.min() >= -8
    assert numbers.max() <= 7


def test_the_graph_answers_like_the_network(network: MultiHead, session: onnxruntime.InferenceSession) -> None:
    ids = torch.randint(4, 300, (6, 20))
    ids[2, 7:] = 1
    mask = (ids != 1).long()
    with torch.inference_mode():
        wanted = network(ids, mask).numpy()
    (found,) = session.run(["logits"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    assert np.abs(found - wanted).max() < 0.1 * wanted.std() + 0.02
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.995


def test_a_neuron_that_goes_far_beyond_the_others_does_not_coarsen_them(network: MultiHead) -> None:
    far = copy.deepcopy(network)
    outer, inner = far.encoder.encoder.layer[1].intermediate.dense, far.encoder.encoder.layer[1].output.dense
    outer.weight.data *= 8
    inner.weight.data *= 20
    outer.bias.data[5] = 2000.0
    inner.weight.data[:, 5] = torch.linspace(-0.004, 0.004, 64)
    assert outliers(far) == [[], [5]]
    ids = torch.randint(4, 300, (6, 20))
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        wanted = far(ids, mask).numpy()
    session = onnxruntime.InferenceSession(build(far, 128).SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(["logits"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    assert np.abs(found - wanted).max() < 0.1 * wanted.std() + 0.02


def test_words_and_pairs_have_a_say_of_their_own(network: MultiHead) -> None:
    ids = torch.tensor([[0, 7, 8, 2], [0, 8, 7, 2]])
    said = network.wide.said(ids, torch.ones_like(ids))
    one, other = said.detach().numpy()
    assert not np.allclose(one, other), "the order of two words changes their pairs"
    assert not np.allclose(network.wide.tones(ids).detach().numpy(), 0)


def test_a_fresh_wide_part_says_nothing() -> None:
    fresh = Wide(pieces=30, width=64)
    ids = torch.tensor([[0, 7, 8, 2]])
    assert not fresh.tones(ids).detach().any()
    assert not fresh.said(ids, torch.ones_like(ids)).detach().any()


def test_padding_changes_nothing(session: onnxruntime.InferenceSession) -> None:
    ids = np.array([[5, 6, 7, 8]])
    padded = np.array([[5, 6, 7, 8, 1, 1, 1]])
    (short,) = session.run(["logits"], {"input_ids": ids, "attention_mask": (ids != 1).astype(np.int64)})
    (long,) = session.run(["logits"], {"input_ids": padded, "attention_mask": (padded != 1).astype(np.int64)})
    np.testing.assert_allclose(short, long, atol=0.02)


def test_two_numbers_a_byte_hold_every_number() -> None:
    numbers = np.random.default_rng(7).integers(-8, 8, (20, 64)).astype(np.int8)
    bits = packed(numbers)
    assert bits.dtype == np.uint8
    np.testing.assert_array_equal(np.hstack([bits & 15, bits >> 4]).astype(np.int8) - 8, numbers)


def test_a_teacher_also_says_what_it_makes_of_each_word(network: MultiHead) -> None:
    model = build(network, 128, with_states=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ids = torch.randint(4, 300, (3, 9))
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        wanted = network.seen(ids, mask)[1].numpy()
    (found,) = session.run(["last_states"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    assert found.shape == wanted.shape
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.995
