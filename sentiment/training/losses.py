"""What the network is punished for: wrong labels where they are known, and false outages everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from domain.classification import Kind
from sentiment.training.network import COMPLAINT, KIND, SENTIMENT
from sentiment.training.rows import KINDS, MISSING

OUTAGE = KINDS.index(Kind.OUTAGE)
_SMOOTHING = 0.05
_NOT_OUTAGE_WEIGHT = 0.2
_KIND_WEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Targets:
    """Labels of one batch as tensors."""

    sentiment: Tensor
    complaint: Tensor
    kind: Tensor
    not_outage: Tensor


def labelled(logits: Tensor, targets: Targets) -> Tensor:
    """Loss per batch over the labels that are there; a missing label costs nothing."""
    return (
        _categories(logits[:, SENTIMENT], targets.sentiment)
        + _complaint(logits[:, COMPLAINT].squeeze(1), targets)
        + _KIND_WEIGHT * _categories(logits[:, KIND], targets.kind)
        + _NOT_OUTAGE_WEIGHT * _not_outage(logits[:, KIND], targets.not_outage)
    )


def _categories(logits: Tensor, target: Tensor) -> Tensor:
    known = (target != MISSING).sum()
    if not known:
        return logits.sum() * 0
    return (
        functional.cross_entropy(logits, target, ignore_index=MISSING, label_smoothing=_SMOOTHING, reduction="sum")
        / target.numel()
    )


def _complaint(logits: Tensor, targets: Targets) -> Tensor:
    known = targets.complaint != MISSING
    wanted = targets.complaint.clamp(min=0).to(logits.dtype)
    loss = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return (loss * known).sum() / known.numel()


def _not_outage(logits: Tensor, certain: Tensor) -> Tensor:
    outage = functional.log_softmax(logits, dim=1)[:, OUTAGE].exp().clamp(max=0.999)
    return (-torch.log1p(-outage) * certain).sum() / certain.numel()
