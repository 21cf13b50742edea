"""From the trained network to the shipped folder: an ONNX graph of few, large operators in int8 with a 4-bit table.

The graph is written operator by operator instead of traced: query, key and value become one product (the input is
quantised once instead of three times), and the operators are the ones onnxruntime has quick CPU kernels for
(https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md, read 2026-11-21).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from sentiment.training.network import OUTPUTS, MultiHead
from sentiment.training.wide import FIRST, PAIRS, SECOND

Floats = NDArray[np.float32]
_BLOCK = 32
_CONTRIB = "com.microsoft"
# 7 bits: CPUs without VNNI add pairs of products in 16 bits, which 8-bit weights would overflow.
_INT8_TOP = 63.0
_FAR = 10.0
_BEGIN, _END = 0, 2


@dataclass(slots=True)
class Graph:
    """Nodes and constants collected while the graph is written."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Stores an array and gives back its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        """Adds one operator with one output and gives back the output's name."""
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output


def build(model: MultiHead, tokens: int, with_states: bool = False) -> onnx.ModelProto:
    """The whole classifier as ONNX for texts of up to `tokens` tokens.

    `with_states`: also gives out what the last layer makes of each word piece (`last_states`), for a student.
    """
    weights = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}
    config = model.encoder.config
    far = outliers(model)
    graph = Graph()
    states = _embed(graph, weights, tokens, config.layer_norm_eps)
    padding = graph.node("Cast", ["attention_mask"], "padding", to=TensorProto.INT32)
    for layer in range(config.num_hidden_layers):
        states = _layer(graph, weights, layer, states, padding, config, far[layer])
    _head(graph, weights, states)
    if with_states:
        graph.node("Identity", [states], "last_states")
    return _model(graph, config.hidden_size if with_states else None)


def outliers(model: MultiHead) -> list[list[int]]:
    """For each layer the neurons that go far beyond all others; they are counted in floats.

    One neuron of most layers answers with 13 to 70 where no other goes beyond 9: the eight bits of all would stretch
    to it (Dettmers et al., "LLM.int8()", 2022). Word pieces drawn at random show the same neurons as texts do.
    """
    ids = torch.randint(4, model.encoder.config.vocab_size, (64, 32), generator=torch.Generator().manual_seed(1))
    ids[:, 0], ids[:, -1] = _BEGIN, _END
    peaks: list[Tensor] = []
    products = [layer.output.dense for layer in model.encoder.encoder.layer]
    hooks = [each.register_forward_pre_hook(lambda _, given: peaks.append(given[0].amax((0, 1)))) for each in products]
    with torch.inference_mode():
        model(ids, torch.ones_like(ids))
    for hook in hooks:
        hook.remove()
    return [torch.nonzero(peak > _FAR).flatten().tolist() for peak in peaks]


def grid(table: Floats) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Integers -8..7 and a scale for each block of 32 that give `table` back; lossless when it lies on such a grid."""
    blocks = table.reshape(-1, _BLOCK)
    peak = blocks[np.arange(len(blocks)), np.abs(blocks).argmax(1)]
    best = np.full(len(blocks), np.inf, dtype=np.float32)
    scales = np.ones(len(blocks), dtype=np.float32)
    for steps in range(8, 0, -1):
        scale = np.where(peak == 0, 1.0, peak / -steps).astype(np.float16).astype(np.float32)
        scale[scale == 0] = 1.0
        error = np.abs(blocks - np.clip(np.round(blocks / scale[:, None]), -8, 7) * scale[:, None]).max(1)
        better = error < best * 0.9
        best[better], scales[better] = error[better], scale[better]
    numbers = np.clip(np.round(blocks / scales[:, None]), -8, 7).astype(np.int8)
    return numbers.reshape(table.shape), scales.reshape(len(table), -1).astype(np.float16)


def packed(numbers: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Numbers -8..7, two a byte: the first half of each line in the low bits, the second half in the high bits."""
    half = numbers.shape[1] // 2
    bits: NDArray[np.uint8] = (numbers + 8).astype(np.uint8)
    both: NDArray[np.uint8] = bits[:, :half] | (bits[:, half:] << np.uint8(4))
    return both


def _embed(graph: Graph, weights: dict[str, Floats], tokens: int, epsilon: float) -> str:
    prefix = "encoder.embeddings."
    words = _words(graph, weights[f"{prefix}word_embeddings.weight"])
    toned = _tones(graph, weights, words)
    places = weights[f"{prefix}position_embeddings.weight"] + weights[f"{prefix}token_type_embeddings.weight"][0]
    graph.constant("places", places[:tokens])
    graph.constant("one", np.array([1], dtype=np.int64))
    graph.constant("two", np.array([2], dtype=np.int64))
    graph.constant("zero", np.array([0], dtype=np.int64))
    graph.node("Shape", ["input_ids"], "shape")
    graph.node("Slice", ["shape", "one", "two", "zero"], "width")
    graph.node("Slice", ["places", "zero", "width", "zero"], "places_used")
    graph.node("Add", [toned, "places_used"], "embedded")
    gamma = graph.constant("embed_gamma", weights[f"{prefix}LayerNorm.weight"])
    beta = graph.constant("embed_beta", weights[f"{prefix}LayerNorm.bias"])
    return graph.node("LayerNormalization", ["embedded", gamma, beta], "states", axis=-1, epsilon=epsilon)


def _words(graph: Graph, table: Floats) -> str:
    """The vectors of the word pieces out of a table of two 4-bit numbers a byte.

    Plain operators: GatherBlockQuantized does the same in one, but is slower (3 to 6% of a pass, onnxruntime 1.31).
    """
    numbers, scales = grid(table)
    width = table.shape[1]
    graph.constant("words", packed(numbers))
    graph.constant("word_scales", scales)
    graph.constant("low_bits", np.array(0xF, dtype=np.uint8))
    graph.constant("four", np.array(4, dtype=np.uint8))
    graph.constant("middle", np.array(8, dtype=np.float32))
    graph.constant("in_blocks", np.array([0, 0, width // _BLOCK, _BLOCK], dtype=np.int64))
    graph.constant("in_line", np.array([0, 0, width], dtype=np.int64))
    graph.constant("last", np.array([-1], dtype=np.int64))
    graph.node("Gather", ["words", "input_ids"], "word_bytes")
    graph.node("BitwiseAnd", ["word_bytes", "low_bits"], "word_lows")
    graph.node("BitShift", ["word_bytes", "four"], "word_highs", direction="RIGHT")
    graph.node("Concat", ["word_lows", "word_highs"], "word_bits", axis=-1)
    graph.node("Cast", ["word_bits"], "word_floats", to=TensorProto.FLOAT)
    graph.node("Sub", ["word_floats", "middle"], "word_numbers")
    graph.node("Reshape", ["word_numbers", "in_blocks"], "word_blocks")
    graph.node("Gather", ["word_scales", "input_ids"], "word_halves")
    graph.node("Cast", ["word_halves"], "word_scale_floats", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["word_scale_floats", "last"], "word_factors")
    graph.node("Mul", ["word_blocks", "word_factors"], "word_scaled")
    return graph.node("Reshape", ["word_scaled", "in_line"], "words_float")


def _tones(graph: Graph, weights: dict[str, Floats], words: str) -> str:
    """The vectors of the word pieces and what our own narrow table adds to them."""
    numbers, scale = _bytes(weights["wide.tone.weight"])
    graph.constant("tones", numbers)
    graph.constant("tones_widen", (weights["wide.widen.weight"].T * scale).astype(np.float32))
    graph.node("Gather", ["tones", "input_ids"], "tone_bytes")
    graph.node("Cast", ["tone_bytes"], "tone_floats", to=TensorProto.FLOAT)
    graph.node("MatMul", ["tone_floats", "tones_widen"], "tones_wide")
    return graph.node("Add", [words, "tones_wide"], "words_toned")


def _pairs(graph: Graph, weights: dict[str, Floats]) -> str:
    """What pairs of word pieces add to the sentiment, with zeros for the other heads (rows x 12)."""
    numbers, scale = _bytes(weights["wide.pairs.weight"])
    for name, number in (("pair_first", FIRST), ("pair_second", SECOND), ("pair_lines", PAIRS), ("end", 2**62)):
        graph.constant(name, np.array([number], dtype=np.int64))
    graph.constant("pairs", numbers)
    graph.constant("pairs_scale", np.array([scale], dtype=np.float32))
    graph.constant("pairs_padding", np.array([0, 0, 0, OUTPUTS - numbers.shape[1]], dtype=np.int64))
    graph.node("Slice", ["input_ids", "zero", "last", "one"], "pair_lefts")
    graph.node("Slice", ["input_ids", "one", "end", "one"], "pair_rights")
    graph.node("Mul", ["pair_lefts", "pair_first"], "pair_left_part")
    graph.node("Mul", ["pair_rights", "pair_second"], "pair_right_part")
    graph.node("Add", ["pair_left_part", "pair_right_part"], "pair_sum")
    graph.node("Mod", ["pair_sum", "pair_lines"], "pair_line")
    graph.node("Gather", ["pairs", "pair_line"], "pair_bytes")
    graph.node("Cast", ["pair_bytes"], "pair_floats", to=TensorProto.FLOAT)
    graph.node("Slice", ["mask_row", "one", "end", "two"], "pair_mask")
    graph.node("MatMul", ["pair_mask", "pair_floats"], "pairs_row")
    graph.node("Squeeze", ["pairs_row", "one"], "pairs_total")
    graph.node("Sqrt", ["length"], "length_root")
    graph.node("Div", ["pairs_total", "length_root"], "pairs_even")
    graph.node("Mul", ["pairs_even", "pairs_scale"], "pairs_said")
    return graph.node("Pad", ["pairs_said", "pairs_padding"], "pairs_padded")


def _bytes(table: Floats) -> tuple[NDArray[np.int8], float]:
    """The numbers of a table in a byte each, and the one step between them."""
    step = max(float(np.abs(table).max()), 1e-8) / 127
    return np.round(table / step).astype(np.int8), step


def _layer(
    graph: Graph, weights: dict[str, Floats], number: int, states: str, padding: str, config: Any, far: list[int]
) -> str:
    prefix, name = f"encoder.encoder.layer.{number}.", f"l{number}_"
    parts = [f"{prefix}attention.self.{part}." for part in ("query", "key", "value")]
    weight = np.concatenate([weights[f"{part}weight"] for part in parts])
    bias = np.concatenate([weights[f"{part}bias"] for part in parts])
    together = _product(graph, f"{name}qkv", states, weight, bias)
    heads = [f"{name}query", f"{name}key", f"{name}value"]
    graph.nodes.append(helper.make_node("Split", [together], heads, name=f"{name}split", axis=-1, num_outputs=3))
    attended = graph.node(
        "MultiHeadAttention", [*heads, "", padding], f"{name}attended", _CONTRIB, num_heads=config.num_attention_heads
    )
    out = _linear(graph, weights, f"{prefix}attention.output.dense.", f"{name}attention_out", attended)
    states = _normal(graph, weights, f"{prefix}attention.output.LayerNorm.", f"{name}attention_norm", out, states)
    narrow = _neurons(graph, weights, prefix, name, states, far)
    return _normal(graph, weights, f"{prefix}output.LayerNorm.", f"{name}norm", narrow, states)


def _neurons(graph: Graph, weights: dict[str, Floats], prefix: str, name: str, states: str, far: list[int]) -> str:
    """What the neurons of a layer say of `states`: those in `far` in floats, all others in bytes."""
    outer, inner = f"{prefix}intermediate.dense.", f"{prefix}output.dense."
    weight, bias, back = (weights[part].copy() for part in (f"{outer}weight", f"{outer}bias", f"{inner}weight"))
    weight[far], bias[far], back[:, far] = 0, 0, 0
    wide = _product(graph, f"{name}wide", states, weight, bias)
    bent = graph.node("Gelu", [wide], f"{name}bent", _CONTRIB)
    narrow = _product(graph, f"{name}narrow", bent, back, weights[f"{inner}bias"])
    if not far:
        return narrow
    exact = [weights[f"{outer}weight"][far], weights[f"{outer}bias"][far], weights[f"{inner}weight"][:, far]]
    return _exactly(graph, exact, name, states, narrow)


def _exactly(graph: Graph, weights: list[Floats], name: str, states: str, narrow: str) -> str:
    """Adds to `narrow` what a few neurons say of `states`, in floats."""
    weight, bias, back = weights
    apart = graph.node("MatMul", [states, graph.constant(f"{name}far_weight", weight.T)], f"{name}far_wide")
    apart = graph.node("Add", [apart, graph.constant(f"{name}far_bias", bias)], f"{name}far_biased")
    apart = graph.node("Gelu", [apart], f"{name}far_bent", _CONTRIB)
    apart = graph.node("MatMul", [apart, graph.constant(f"{name}far_back", back.T)], f"{name}far_narrow")
    return graph.node("Add", [narrow, apart], f"{name}whole")


def _linear(graph: Graph, weights: dict[str, Floats], prefix: str, name: str, states: str) -> str:
    return _product(graph, name, states, weights[f"{prefix}weight"], weights[f"{prefix}bias"])


def _product(graph: Graph, name: str, states: str, weight: Floats, bias: Floats) -> str:
    scale = np.maximum(np.abs(weight).max(1), 1e-8) / _INT8_TOP
    numbers = np.clip(np.round(weight / scale[:, None]), -64, 63).astype(np.int8).T
    inputs = [
        states,
        graph.constant(f"{name}_weight", numbers),
        graph.constant(f"{name}_scale", scale.astype(np.float32)),
        graph.constant(f"{name}_offset", np.zeros(len(scale), dtype=np.int8)),
        graph.constant(f"{name}_bias", bias),
    ]
    return graph.node("DynamicQuantizeMatMul", inputs, name, _CONTRIB)


def _normal(graph: Graph, weights: dict[str, Floats], prefix: str, name: str, states: str, skipped: str) -> str:
    gamma = graph.constant(f"{name}_gamma", weights[f"{prefix}weight"])
    beta = graph.constant(f"{name}_beta", weights[f"{prefix}bias"])
    # Two plain operators: SkipLayerNormalization is slower than the pair by far (a fifth of a pass, onnxruntime 1.31).
    graph.node("Add", [states, skipped], f"{name}_sum")
    return graph.node("LayerNormalization", [f"{name}_sum", gamma, beta], name, axis=-1, epsilon=1e-12)


def _head(graph: Graph, weights: dict[str, Floats], states: str) -> None:
    graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["mask", "one"], "mask_row")
    graph.node("MatMul", ["mask_row", states], "sum_row")
    graph.node("Squeeze", ["sum_row", "one"], "sum")
    graph.node("ReduceSum", ["mask", "one"], "length", keepdims=1)
    graph.node("Div", ["sum", "length"], "pooled")
    graph.node("Gelu", [_linear(graph, weights, "project.", "projected", "pooled")], "projected_bent", _CONTRIB)
    heads = [graph.constant(f"heads_{part}", weights[f"heads.{part}"]) for part in ("weight", "bias")]
    graph.node("Gemm", ["projected_bent", *heads], "deep_logits", transB=1)
    graph.node("Add", ["deep_logits", _pairs(graph, weights)], "logits")


def _model(graph: Graph, states_width: int | None) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["rows", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["rows", 12])]
    if states_width is not None:
        shape = ["rows", "tokens", states_width]
        outputs.append(helper.make_tensor_value_info("last_states", TensorProto.FLOAT, shape))
    whole = helper.make_graph(graph.nodes, "hubbub", inputs, outputs, graph.constants)
    imports = [helper.make_opsetid("", 21), helper.make_opsetid(_CONTRIB, 1)]
    return helper.make_model(whole, opset_imports=imports, ir_version=10, producer_name="hubbub")
