"""The model folder as it is shipped: graph, tokenizer, config, labels with thresholds."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from sentiment.training.batches import Corpus, by_length
from sentiment.training.export import build
from sentiment.training.network import MultiHead
from sentiment.training.rows import KINDS, SENTIMENTS
from sentiment.verdict import Calibration

_TABLE, _LARGE = "model.onnx.data", 1_000_000


def write_graph(model: MultiHead, base: Path, folder: Path) -> None:
    """The graph beside the base's own tokenizer files and a config that `AutoConfig` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _TABLE).unlink(missing_ok=True)
    # The table of word pieces in a file of its own is mapped, not read: only the pieces that occur take memory.
    onnx.save(build(model), folder / "model.onnx", save_as_external_data=True, location=_TABLE, size_threshold=_LARGE)
    (folder / _TABLE).chmod(0o644)  # onnx makes it readable for its owner only
    for name in ("tokenizer.json", "tokenizer_config.json"):
        # Copied, not saved anew: `save_pretrained` nearly doubles the file.
        shutil.copyfile(base / name, folder / name)
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    config |= {
        "architectures": ["BertForSequenceClassification"],
        "num_hidden_layers": model.encoder.config.num_hidden_layers,
        "dtype": "float32",
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


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
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    found = np.empty((len(corpus.rows), 12), dtype=np.float32)
    for index in by_length(corpus, range(len(corpus.rows)), 2048):
        batch = corpus.batch(index)
        found[index] = session.run(["logits"], {"input_ids": batch.ids, "attention_mask": batch.mask})[0]
    return found
