"""The stages from base and data to the shipped folder; each leaves a file, so a broken run goes on where it was."""

from __future__ import annotations

import json
import os
import pickle
import socket
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import multiprocessing

from sentiment.training.batches import Corpus, encode
from sentiment.training.calibrate import calibrate
from sentiment.training.card import write_card
from sentiment.training.evaluate import judge, score_all
from sentiment.training.fit import Recipe, best_weights, fit
from sentiment.training.losses import labelled
from sentiment.training.network import cut
from sentiment.training.package import predict, write_graph, write_labels
from sentiment.training.rows import Row, key, read_all

HERE = Path(__file__).parent
_TRAIN_TOKENS, _SERVED_TOKENS = 72, 128


@dataclass(frozen=True, slots=True)
class Job:
    """One run: where things are, and how much of everything (`share` below 1 is for trying the pipeline out)."""

    base: Path
    data: Path
    work: Path
    out: Path
    card: Path
    name: str = "hubbub-multilingual 1.2"
    layers: int = 8
    processes: int = 2
    seed: int = 20
    share: float = 1.0
    most_dev_rows: int = 2000

    @property
    def recipe(self) -> Recipe:
        """One long stage."""
        return Recipe(passes=5, rate=1.3e-4, seed=self.seed, scale=self.share)


def run(job: Job) -> None:
    """Trains, quantises, calibrates on dev rows, evaluates and writes the model card."""
    job.work.mkdir(parents=True, exist_ok=True)
    rows = read_all(job.data, HERE / "posts", HERE / "labels.jsonl")
    train(job, _sample([row for row in rows if row.split == "train"], job.share))
    ship(job, capped([row for row in rows if row.split == "dev"], job.most_dev_rows))


def train(job: Job, rows: list[Row]) -> None:
    """In `job.processes` processes of their own; a finished training is not repeated, a broken one goes on."""
    corpus = encode(_tokenizer(job.base), rows, _TRAIN_TOKENS)
    (job.work / "corpus.pkl").write_bytes(pickle.dumps(corpus))
    if not (job.work / "main.done").exists():
        multiprocessing.spawn(_train, (job, _free_port()), nprocs=job.processes)
        (job.work / "main.done").touch()


def ship(job: Job, rows: list[Row]) -> None:
    """The model folder from the trained weights, its thresholds and the card from dev rows."""
    model = cut(job.base, job.layers).eval()
    # The frozen word table is not in checkpoints: it comes from the base.
    model.load_state_dict(best_weights(job.work / "main.pt"), strict=False)
    write_graph(model, job.base, job.out, _SERVED_TOKENS)
    logits = predict(job.out, encode(_tokenizer(job.base), rows, _SERVED_TOKENS))
    calibration = calibrate(logits, rows, job.name, _SERVED_TOKENS)
    write_labels(calibration, job.out)
    judged = judge(logits, rows, calibration)
    scores = score_all(judged)
    (job.work / "scores.json").write_text(json.dumps([asdict(score) for score in scores], indent=1), encoding="utf-8")
    write_card(job.card, judged, scores, calibration, job.out)


def _train(rank: int, job: Job, port: int) -> None:
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // job.processes))
    torch.distributed.init_process_group(
        "gloo", f"tcp://127.0.0.1:{port}", rank=rank, world_size=job.processes, timeout=timedelta(minutes=30)
    )
    corpus: Corpus = pickle.loads((job.work / "corpus.pkl").read_bytes())  # noqa: S301  # written by this very run
    torch.manual_seed(job.seed)
    fit(cut(job.base, job.layers), corpus, labelled, job.recipe, job.work / "main.pt")
    torch.distributed.destroy_process_group()


def _tokenizer(base: Path) -> Tokenizer:
    return Tokenizer.from_file(str(base / "tokenizer.json"))


def _sample(rows: list[Row], share: float) -> list[Row]:
    if share >= 1:
        return rows
    chance = np.random.default_rng(3)
    return [row for row in rows if chance.random() < share]


def capped(rows: list[Row], most: int) -> list[Row]:
    """At most `most` rows of each set, always the same ones: more would only take time."""
    counts: Counter[str] = Counter()
    kept = []
    for row in sorted(rows, key=lambda each: key(each.text)):
        counts[row.group] += 1
        if counts[row.group] <= most:
            kept.append(row)
    return kept


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def smoke(job: Job) -> Job:
    """The same run on a fiftieth of the rows: minutes instead of hours, to see that every stage works."""
    return replace(job, share=0.02, most_dev_rows=60, name=f"{job.name}-smoke")
