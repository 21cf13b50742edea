"""The stages from base and data to the shipped folder; each leaves a file, so a broken run goes on where it was.

A teacher of all layers learns from the labels; a student of half of them learns from the teacher's logits, from what
the teacher makes of each word, and from the labels; it also sees altered texts. What is shipped goes on from that
student and learns from the mean logits of both, which are better than those of either. What students are told of
sentiment also heeds the words of each set.
"""

from __future__ import annotations

import json
import os
import pickle
import socket
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import multiprocessing

from sentiment.training.alter import altered
from sentiment.training.batches import Corpus, encode
from sentiment.training.calibrate import calibrate
from sentiment.training.card import write_card
from sentiment.training.evaluate import judge, score_all
from sentiment.training.fit import Loss, Recipe, best_weights, fit, plan
from sentiment.training.losses import distilled, labelled
from sentiment.training.network import MultiHead, cut
from sentiment.training.package import predict, teach, write_graph, write_labels
from sentiment.training.rows import Row, key, read_all
from sentiment.training.words import heeding_words

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
    name: str = "hubbub-multilingual 1.7"
    layers: int = 6
    processes: int = 2
    seed: int = 20
    share: float = 1.0
    most_dev_rows: int = 2000

    @property
    def stages(self) -> tuple[Stage, Stage, Stage]:
        """The teacher's, its student's, and that of the student of both, which is shipped."""
        student = partial(Stage, layers=self.layers, loss=distilled)
        return (
            Stage("teacher", self._recipe(4.0, 1.1e-4, 0), layers=12, loss=labelled, frozen=3),
            student("student", self._recipe(2.5, 1.3e-4, 1)),
            student("main", self._recipe(2.0, 1.2e-4, 2), start="student"),
        )

    def _recipe(self, passes: float, rate: float, seed: int) -> Recipe:
        return Recipe(passes=passes, rate=rate, seed=self.seed + seed, scale=self.share)


@dataclass(frozen=True, slots=True)
class Stage:
    """One training of the lowest `layers` of the base, `frozen` of them left as they are.

    `start` names an earlier stage whose weights it takes up.
    """

    name: str
    recipe: Recipe
    layers: int
    loss: Loss
    frozen: int = 0
    start: str | None = None


def run(job: Job) -> None:
    """Trains, quantises, calibrates on dev rows, evaluates and writes the model card."""
    job.work.mkdir(parents=True, exist_ok=True)
    rows = read_all(job.data, HERE / "posts", HERE / "labels.jsonl")
    labelled_rows = _sample([row for row in rows if row.split == "train"], job.share)
    all_rows = [*labelled_rows, *altered(labelled_rows, Random(job.seed))]
    teacher, student, main = job.stages
    train(job, teacher, encode(_tokenizer(job.base), labelled_rows, _TRAIN_TOKENS))
    corpus = encode(_tokenizer(job.base), all_rows, _TRAIN_TOKENS)
    train(job, student, taught(job, (teacher,), student, corpus))
    train(job, main, taught(job, (teacher, student), main, corpus))
    ship(job, capped([row for row in rows if row.split == "dev"], job.most_dev_rows))


def train(job: Job, stage: Stage, corpus: Corpus) -> None:
    """In `job.processes` processes of their own; a finished training is not repeated, a broken one goes on."""
    done = job.work / f"{stage.name}.done"
    if not done.exists():
        (job.work / "corpus.pkl").write_bytes(pickle.dumps(corpus))
        multiprocessing.spawn(_train, (job, stage, _free_port()), nprocs=job.processes)
        done.touch()


def taught(job: Job, teachers: Sequence[Stage], student: Stage, corpus: Corpus) -> Corpus:
    """Rows for the student, with the mean logits of `teachers`, heeding words, and the states of the first.

    The states take some 20 kB a row on disk, in `job.work`: only rows that such a plan draws get them.
    """
    drawn = np.unique([row for step in plan(corpus, student.recipe, job.processes) for part in step for row in part])
    seen = Corpus([corpus.rows[row] for row in drawn], [corpus.tokens[row] for row in drawn])
    stored = job.work / f"{student.name}-taught.pkl"
    if not stored.exists():
        first, *others = teachers
        said = teach(_graph(job, first, with_states=True), seen, job.work / f"{student.name}.states")
        mean = np.mean([said.logits, *(predict(_graph(job, each), seen) for each in others)], axis=0)
        unfinished = stored.with_suffix(".partial")
        unfinished.write_bytes(pickle.dumps(replace(said, logits=heeding_words(mean, seen.rows))))
        unfinished.replace(stored)
    return replace(seen, taught=pickle.loads(stored.read_bytes()))  # noqa: S301  # written by this very run


def _graph(job: Job, teacher: Stage, with_states: bool = False) -> Path:
    graph = job.work / f"{teacher.name}-graph"
    write_graph(_trained(job, teacher), job.base, graph, with_states=with_states)
    return graph


def ship(job: Job, rows: list[Row]) -> None:
    """The model folder from the trained weights, its thresholds and the card from dev rows."""
    model = _trained(job, job.stages[-1])
    write_graph(model, job.base, job.out, _SERVED_TOKENS)
    logits = predict(job.out, encode(_tokenizer(job.base), rows, _SERVED_TOKENS))
    calibration = calibrate(logits, rows, job.name, _SERVED_TOKENS)
    write_labels(calibration, job.out)
    judged = judge(logits, rows, calibration)
    scores = score_all(judged)
    (job.work / "scores.json").write_text(json.dumps([asdict(score) for score in scores], indent=1), encoding="utf-8")
    write_card(job.card, judged, scores, calibration, job.out)


def _trained(job: Job, stage: Stage) -> MultiHead:
    model: MultiHead = cut(job.base, stage.layers).eval()
    # The frozen word table is not in checkpoints: it comes from the base.
    model.load_state_dict(best_weights(job.work / f"{stage.name}.pt"), strict=False)
    return model


def _train(rank: int, job: Job, stage: Stage, port: int) -> None:
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // job.processes))
    torch.distributed.init_process_group(
        "gloo", f"tcp://127.0.0.1:{port}", rank=rank, world_size=job.processes, timeout=timedelta(minutes=30)
    )
    corpus: Corpus = pickle.loads((job.work / "corpus.pkl").read_bytes())  # noqa: S301  # written by this very run
    torch.manual_seed(job.seed)
    model = cut(job.base, stage.layers, stage.frozen)
    if stage.start is not None:
        model.load_state_dict(best_weights(job.work / f"{stage.start}.pt"), strict=False)
    fit(model, corpus, stage.loss, stage.recipe, job.work / f"{stage.name}.pt")
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
