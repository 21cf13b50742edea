"""The training loop: bf16 on the CPU, length-sorted batches, checkpoints every few minutes, resumable, seeded."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, distributed
from tqdm import tqdm  # type: ignore[import-untyped,unused-ignore]

from sentiment.training.batches import Batch, Corpus, by_length, draw
from sentiment.training.losses import Targets, far_from
from sentiment.training.network import MultiHead

Loss = Callable[[Tensor, Targets], Tensor]
"""From logits and labels to the loss of the batch."""
Weights = dict[str, Tensor]
_AVERAGE_EVERY, _AVERAGE_STEP = 4, 0.01


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how hard: `passes` over the drawn data, peak learning rate, padded tokens of a batch."""

    passes: float
    rate: float = 1e-4
    tokens: int = 1100
    scale: float = 1.0
    seed: int = 20
    save_every: float = 180.0
    decay: float = 0.01
    averaged: float = 0.35
    """The share of the steps, at the end, whose weights are averaged into those that are kept."""


def seed_everything(seed: int) -> None:
    """Makes two runs on one machine draw the same rows and the same dropout."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def fit(model: MultiHead, corpus: Corpus, loss_of: Loss, recipe: Recipe, checkpoint: Path) -> MultiHead:
    """Trains in place and leaves the best known state in `checkpoint`; starts from it when it is there."""
    seed_everything(recipe.seed)
    steps = plan(corpus, recipe, together())
    optimiser = _optimiser(model, recipe)
    done, mean = _resume(model, optimiser, checkpoint)
    saved = time.monotonic()
    model.train()
    bar = tqdm(
        range(done, len(steps)),
        initial=done,
        total=len(steps),
        desc=checkpoint.stem,
        mininterval=10,
        disable=rank() > 0,
    )
    average = 0.0
    for step in bar:
        batch = corpus.batch(steps[step][rank()])
        rate = recipe.rate * _slope(step, len(steps))
        loss = _step(model, optimiser, batch, loss_of, rate)
        average = loss if step == done else 0.98 * average + 0.02 * loss
        bar.set_postfix(loss=f"{average:.3f}", refresh=False)
        if step >= (1 - recipe.averaged) * len(steps) and step % _AVERAGE_EVERY == 0:
            mean = _towards(mean, model)
        if rank() == 0 and time.monotonic() - saved > recipe.save_every:
            _save(model, optimiser, step + 1, checkpoint, mean)
            saved = time.monotonic()
    if rank() == 0:
        _save(model, optimiser, len(steps), checkpoint, mean)
    model.eval()
    return model


def best_weights(checkpoint: Path) -> Weights:
    """The averaged weights of a checkpoint, or the last ones where none were averaged yet."""
    state = torch.load(checkpoint, weights_only=True)
    weights: Weights = {**state["model"], **state.get("mean", {})}
    return weights


def _towards(mean: Weights, model: MultiHead) -> Weights:
    """A moving average of the trained weights: the noise of the last batches does not reach what is shipped."""
    now = {name: weight.detach() for name, weight in model.named_parameters() if weight.requires_grad}
    if not mean:
        return {name: weight.clone() for name, weight in now.items()}
    for name, weight in now.items():
        mean[name].lerp_(weight, _AVERAGE_STEP)
    return mean


def tensors(batch: Batch) -> tuple[Tensor, Tensor]:
    """Ids and mask for the network."""
    return torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)


def targets(batch: Batch) -> Targets:
    """Labels of a batch for the losses."""
    return Targets(
        torch.from_numpy(batch.sentiment),
        torch.from_numpy(batch.complaint),
        torch.from_numpy(batch.kind),
        torch.from_numpy(batch.not_outage),
        None if batch.taught is None else torch.from_numpy(batch.taught),
        None if batch.states is None else torch.from_numpy(batch.states),
    )


def rank() -> int:
    """The number of this process among those that train together (0 when alone)."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def together() -> int:
    """How many processes train together, one batch each at every step.

    Two processes of one thread beat one of two threads on a busy machine: they wait for each other once a step
    instead of once an operator.
    """
    return distributed.get_world_size() if distributed.is_initialized() else 1


def plan(corpus: Corpus, recipe: Recipe, workers: int) -> list[list[list[int]]]:
    """The rows of every step, one batch for each of the `workers`."""
    chance = random.Random(recipe.seed)
    batches: list[list[int]] = []
    for turn in range(math.ceil(recipe.passes)):
        part = min(1.0, recipe.passes - turn)
        batches += by_length(corpus, draw(corpus.rows, chance, recipe.scale * part), recipe.tokens, chance)
    return [batches[start : start + workers] for start in range(0, len(batches) - workers + 1, workers)]


def _average(weights: Sequence[Tensor]) -> None:
    grads = [weight.grad for weight in weights if weight.grad is not None]
    flat = torch.cat([grad.flatten() for grad in grads])
    distributed.all_reduce(flat)
    flat /= together()
    for grad, mean in zip(grads, flat.split([grad.numel() for grad in grads]), strict=True):
        grad.copy_(mean.view_as(grad))


def _optimiser(model: MultiHead, recipe: Recipe) -> torch.optim.Optimizer:
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    heads = [*model.heads.parameters(), *model.project.parameters()]
    apart = {id(weight) for weight in (*heads, *model.wide.parameters())}
    groups = [
        _group([w for w in trained if w.ndim > 1 and id(w) not in apart], recipe.decay, gain=1.0),
        _group([w for w in trained if w.ndim == 1 and id(w) not in apart], 0.0, gain=1.0),
        _group(heads, 0.0, gain=5.0),
        # A line of a wide table learns only when its words come by, so it takes larger steps.
        _group([model.wide.tone.weight], 0.0, gain=10.0),
        _group([model.wide.widen.weight], 0.0, gain=2.0),
        _group([model.wide.pairs.weight], 1e-3, gain=40.0),
    ]
    return torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98), fused=True)


def _group(weights: list[Tensor], decay: float, gain: float) -> dict[str, Any]:
    return {"params": weights, "weight_decay": decay, "gain": gain}


def _slope(step: int, total: int) -> float:
    warm = max(1, round(0.06 * total))
    if step < warm:
        return (step + 1) / warm
    return 0.02 + 0.98 * (total - step) / max(1, total - warm)


def _step(model: MultiHead, optimiser: torch.optim.Optimizer, batch: Batch, loss_of: Loss, rate: float) -> float:
    for group in optimiser.param_groups:
        group["lr"] = rate * group["gain"]
    ids, mask = tensors(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits, states = model.seen(ids, mask)
    wanted = targets(batch)
    loss = loss_of(logits.float(), wanted) + far_from(states[mask.bool()].float(), wanted)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    if together() > 1:
        _average(trained)
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimiser.step()
    return float(loss.detach())


def _resume(model: MultiHead, optimiser: torch.optim.Optimizer, checkpoint: Path) -> tuple[int, Weights]:
    if not checkpoint.is_file():
        return 0, {}
    state = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(state["model"], strict=False)
    if "optimiser" in state:
        optimiser.load_state_dict(state["optimiser"])
    return int(state["step"]), state.get("mean", {})


def _save(model: MultiHead, optimiser: torch.optim.Optimizer, step: int, checkpoint: Path, mean: Weights) -> None:
    frozen = "encoder.embeddings.word_embeddings.weight"
    state = {name: weight for name, weight in model.state_dict().items() if name != frozen}
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    partial = checkpoint.with_suffix(".partial")
    torch.save({"model": state, "optimiser": optimiser.state_dict(), "step": step, "mean": mean}, partial)
    partial.replace(checkpoint)
