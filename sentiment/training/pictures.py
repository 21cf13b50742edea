"""The pictures of the model card: is a probability what it says, and what is mistaken for what."""

from __future__ import annotations

from pathlib import Path

import matplotlib  # type: ignore[import-not-found,unused-ignore]
import numpy as np
from numpy.typing import NDArray

from sentiment.training.evaluate import Judged, Labels
from sentiment.training.rows import KINDS, MISSING, SENTIMENTS

matplotlib.use("Agg")
from matplotlib import pyplot  # the backend has to be chosen first

_BINS = 10


def draw_calibration(judged: Judged, path: Path) -> float:
    """Said probability against how often it was so, for complaint and sentiment; gives back the complaint's error."""
    figure, axes = pyplot.subplots(1, 2, figsize=(8, 3.8))
    known = judged.complaint != MISSING
    error = _curve(axes[0], judged.chances[known][:, 3], judged.complaint[known] == 1, "complaint")
    known = judged.sentiment != MISSING
    best = judged.chances[known][:, :3]
    _curve(axes[1], best.max(1), best.argmax(1) == judged.sentiment[known], "sentiment (of the label given)")
    _save(figure, path)
    return error


def expected_error(chance: NDArray[np.float32], true: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten bins: mean distance of said and seen, weighted by rows."""
    which = np.clip((chance * _BINS).astype(int), 0, _BINS - 1)
    gaps = [abs(chance[which == b].mean() - true[which == b].mean()) * (which == b).mean() for b in np.unique(which)]
    return float(np.sum(gaps))


def draw_confusion(judged: Judged, path: Path) -> None:
    """Sentiment over all sets and kind over posts with a kind, as shares of the true label."""
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.8), gridspec_kw={"width_ratios": [1, 1.8]})
    known = judged.sentiment != MISSING
    _matrix(axes[0], judged.sentiment[known], judged.said_sentiment[known], [str(each) for each in SENTIMENTS])
    known = judged.kind != MISSING
    _matrix(axes[1], judged.kind[known], judged.said_kind[known], [str(each) for each in KINDS])
    _save(figure, path)


def _curve(axes: pyplot.Axes, chance: NDArray[np.float32], true: NDArray[np.bool_], title: str) -> float:
    which = np.clip((chance * _BINS).astype(int), 0, _BINS - 1)
    bins = [b for b in range(_BINS) if (which == b).sum() >= 10]
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
    axes.plot([chance[which == b].mean() for b in bins], [true[which == b].mean() for b in bins], marker="o")
    error = expected_error(chance, true)
    axes.set(title=f"{title}, error {error:.3f}", xlabel="said", ylabel="seen", xlim=(0, 1), ylim=(0, 1))
    return error


def _matrix(axes: pyplot.Axes, true: Labels, said: Labels, names: list[str]) -> None:
    counts = np.zeros((len(names), len(names)))
    np.add.at(counts, (true, said), 1)
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="said", ylabel="true")
    for row in range(len(names)):
        for column in range(len(names)):
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{shares[row, column]:.2f}", ha="center", va="center", color=colour, fontsize=8)


def _save(figure: pyplot.Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
