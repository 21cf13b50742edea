"""The teacher's answers as targets for a shallower student, kept on disk so that the teacher is asked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from sentiment.training.batches import Corpus, by_length
from sentiment.training.fit import Loss, tensors
from sentiment.training.losses import Targets, distilled, labelled
from sentiment.training.network import MultiHead

_LABELS = 0.6
"""Weight of the labels beside the teacher: they correct it where it is wrong."""


@dataclass(frozen=True, slots=True)
class Soft:
    """The teacher's logits (rows x 12) and pooled vectors (rows x hidden) for a corpus, half precision."""

    logits: NDArray[np.float16]
    pooled: NDArray[np.float16]

    @classmethod
    def read(cls, path: Path) -> Soft:
        """From the file that `write` made."""
        with np.load(path) as arrays:
            return cls(arrays["logits"], arrays["pooled"])

    def write(self, path: Path) -> None:
        """Compressed, in one file."""
        with path.open("wb") as target:
            np.savez_compressed(target, logits=self.logits, pooled=self.pooled)


def ask(teacher: MultiHead, corpus: Corpus, index: Sequence[int] | None = None) -> Soft:
    """The teacher's answers for the rows at `index` (all by default); rows left out stay zero."""
    teacher.eval()
    hidden = teacher.project.in_features
    logits = np.zeros((len(corpus.rows), 12), dtype=np.float16)
    pooled = np.zeros((len(corpus.rows), hidden), dtype=np.float16)
    order = list(range(len(corpus.rows))) if index is None else list(index)
    for chosen in tqdm(list(by_length(corpus, order, 2048)), desc="teacher answers", mininterval=10):
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            answer, vector = teacher(*tensors(corpus.batch(chosen)))
        logits[chosen] = answer.float().numpy()
        pooled[chosen] = vector.float().numpy()
    return Soft(logits, pooled)


def loss_from(soft: Soft) -> Loss:
    """The student's loss: near the teacher everywhere, and right where a label is known."""

    def loss(logits: Tensor, pooled: Tensor, targets: Targets, index: NDArray[np.int64]) -> Tensor:
        answers = torch.from_numpy(soft.logits[index].astype(np.float32))
        vectors = torch.from_numpy(soft.pooled[index].astype(np.float32))
        return distilled(logits, pooled, answers, vectors) + _LABELS * labelled(logits, targets)

    return loss
