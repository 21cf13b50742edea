"""The classifier every mention goes through, and the bundled one: onnxruntime on the CPU, no torch, no network."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.heard.classification import Classification
from sentiment.language import detect_languages
from sentiment.normalise import normalise
from sentiment.verdict import Calibration, scores, verdicts

BUNDLED = Path(__file__).parent / "model"
_PAD = 1
_PASS_TOKENS = 512
_MOST_THREADS = 4
_FILES = ("model.onnx", "model.onnx.data", "tokenizer.json", "labels.json")


class Classifier(Protocol):
    """Says what texts are about. Bound to the CPU: call it from one owner thread, never from the event loop."""

    model: str

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        """One classification for each text, in order; takes any str and never raises for its content."""


class BundledClassifier:
    """Sentiment, complaint and kind from one pass through the quantised network of a model folder."""

    def __init__(self, folder: Path = BUNDLED, *, threads: int = 0) -> None:
        """Loads `folder` (some .3 s). `threads` work on one pass (0: one for each core, at most 4) and sleep between.


        Raises FileNotFoundError when a file is missing and ValueError when one is damaged.
        """
        for name in _FILES:
            if not (folder / name).is_file():
                raise FileNotFoundError(f"the model folder {folder.name} has no {name}")
        self._calibration = Calibration.read(folder / "labels.json")
        self._tokenizer = _tokenizer(folder / "tokenizer.json", self._calibration.max_tokens)
        self._session = _session(folder / "model.onnx", threads or min(_MOST_THREADS, os.cpu_count() or 1))
        self._known_emoji = frozenset(piece.lstrip("▁") for piece in self._tokenizer.get_vocab() if not piece.isascii())
        self.model: str = self._calibration.model

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        """One classification for each text, in order."""
        if not texts:
            return []
        languages = detect_languages(texts)
        found = scores(self.logits(texts, languages), languages, self._calibration)
        return verdicts(found, languages, self._calibration)

    def logits(self, texts: Sequence[str], languages: Sequence[str]) -> NDArray[np.float32]:
        """The network's 12 numbers for each text (before calibration): 3 sentiments, 1 complaint, 8 kinds."""
        ready = [
            normalise(text, language, known_emoji=self._known_emoji)
            for text, language in zip(texts, languages, strict=True)
        ]
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(ready)]
        found = np.empty((len(tokens), 12), dtype=np.float32)
        for rows in passes([len(numbers) for numbers in tokens]):
            found[rows] = self._run([tokens[i] for i in rows])
        return found

    def _run(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        ids = np.full((len(tokens), max(map(len, tokens))), _PAD, dtype=np.int64)
        for row, numbers in enumerate(tokens):
            ids[row, : len(numbers)] = numbers
        found: NDArray[np.float32] = self._session.run(
            ["logits"], {"input_ids": ids, "attention_mask": (ids != _PAD).astype(np.int64)}
        )[0]
        return found


def passes(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions of texts of like length, shortest first, so that a pass holds some 512 tokens with little padding.

    Larger passes were no quicker (their numbers leave the CPU's cache) and took 100 MB more (measured 2026-11).
    """
    rows: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if rows and (len(rows) + 1) * lengths[i] > _PASS_TOKENS:
            yield rows
            rows = []
        rows.append(i)
    if rows:
        yield rows


def _tokenizer(path: Path, max_tokens: int) -> Any:
    # `tokenizers` reads the same file as transformers.AutoTokenizer (a test compares them) without its 1.6 s.
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def _session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads made everything else on two cores 20 times slower (measured 2026-11).
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena keeps the largest batch ever seen; without it memory goes back after a long text.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
