"""The model folder as it is shipped: graph, tokenizer, config, labels with thresholds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from sentiment.training.batches import Corpus, Teaching, by_length
from sentiment.training.export import build
from sentiment.training.network import MultiHead
from sentiment.training.rows import KINDS, SENTIMENTS
from sentiment.verdict import Calibration

_TABLE, _LARGE = "model.onnx.data", 1_000_000


def write_graph(model: MultiHead, base: Path, folder: Path, tokens: int = 128, with_states: bool = False) -> None:
    """The graph for up to `tokens` tokens, a tokenizer and a config that `AutoTokenizer` and `AutoConfig` read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _TABLE).unlink(missing_ok=True)
    # The table of word pieces in a file of its own is mapped, not read: only the pieces that occur take memory.
    graph = build(model, tokens, with_states)
    onnx.save(graph, folder / "model.onnx", save_as_external_data=True, location=_TABLE, size_threshold=_LARGE)
    (folder / _TABLE).chmod(0o644)  # onnx makes it readable for its owner only
    shutil.copyfile(base / "tokenizer_config.json", folder / "tokenizer_config.json")
    (folder / "tokenizer.json").write_text(_compact(base / "tokenizer.json"), encoding="utf-8")
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    config |= {
        "architectures": ["BertForSequenceClassification"],
        "num_hidden_layers": model.encoder.config.num_hidden_layers,
        "dtype": "float32",
        "max_position_embeddings": tokens,
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _compact(path: Path) -> str:
    """The tokenizer with log probabilities of three decimals: a third of the file is digits that decide nothing.

    Not written by `save_pretrained`, which nearly doubles the file.
    """
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    tokenizer["model"]["vocab"] = [[piece, round(score, 3)] for piece, score in tokenizer["model"]["vocab"]]
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))


def write_labels(calibration: Calibration, folder: Path) -> None:
    """What the classifier needs beside the graph, in one small readable file."""
    raw = asdict(calibration)
    stored = {
        "model": raw["model"],
        "max_tokens": raw["max_tokens"],
        "labels": {"sentiment": list(SENTIMENTS), "complaint": ["complaint"], "kind": list(KINDS)},
        "temperatures": raw["temperatures"],
        "lean": raw["lean"],
        "thresholds": {"complaint": raw["complaint"], "outage": raw["outage"], "doubt": raw["doubt"]},
    }
    (folder / "labels.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def predict(folder: Path, corpus: Corpus, threads: int = 2) -> NDArray[np.float32]:
    """Logits of the shipped graph for a corpus, in its order."""
    found = np.empty((len(corpus.rows), 12), dtype=np.float32)
    for index, (logits,) in _answers(folder, corpus, ["logits"], threads):
        found[index] = logits
    return found


def teach(folder: Path, corpus: Corpus, path: Path, threads: int = 2) -> Teaching:
    """What a graph written `with_states` says of a corpus; the states of the word pieces go to the file `path`."""
    lengths = [len(tokens) for tokens in corpus.tokens]
    first = np.concatenate([[0], np.cumsum(lengths)])
    width = int(json.loads((folder / "config.json").read_text(encoding="utf-8"))["hidden_size"])
    found = np.empty((len(corpus.rows), 12), dtype=np.float32)
    stored = np.memmap(path, np.float16, "w+", shape=(int(first[-1]), width))
    for index, (logits, states) in _answers(folder, corpus, ["logits", "last_states"], threads):
        found[index] = logits
        for line, row in enumerate(index):
            stored[first[row] : first[row + 1]] = states[line, : lengths[row]]
    stored.flush()
    return Teaching(found, path, first[:-1], width)


def _answers(
    folder: Path, corpus: Corpus, outputs: list[str], threads: int
) -> Iterator[tuple[list[int], list[NDArray[np.float32]]]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    for index in by_length(corpus, range(len(corpus.rows)), 2048):
        batch = corpus.batch(index)
        yield index, session.run(outputs, {"input_ids": batch.ids, "attention_mask": batch.mask})
