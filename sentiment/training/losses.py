"""What the network is punished for: wrong labels where they are known, and false outages everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from domain.heard.classification import Kind
from sentiment.training.network import COMPLAINT, KIND, SENTIMENT
from sentiment.training.rows import KINDS, MISSING

OUTAGE = KINDS.index(Kind.OUTAGE)
_SMOOTHING = 0.05
_NOT_OUTAGE_WEIGHT = 0.2
_KIND_WEIGHT = 1.5
_OWN_LABELS = 0.5
_STATES_WEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Targets:
    """Labels of one batch as tensors; `taught`: a teacher's logits (rows x 12), `states`: those of its word pieces."""

    sentiment: Tensor
    complaint: Tensor
    kind: Tensor
    not_outage: Tensor
    taught: Tensor | None = None
    states: Tensor | None = None


def labelled(logits: Tensor, targets: Targets) -> Tensor:
    """Loss per batch over the labels that are there; a missing label costs nothing."""
    return (
        _categories(logits[:, SENTIMENT], targets.sentiment)
        + _complaint(logits[:, COMPLAINT].squeeze(1), targets)
        + _KIND_WEIGHT * _categories(logits[:, KIND], targets.kind)
        + _NOT_OUTAGE_WEIGHT * _not_outage(logits[:, KIND], targets.not_outage)
    )


def distilled(logits: Tensor, targets: Targets) -> Tensor:
    """Loss of a student: every head follows the teacher on every row; the labels have half a say.

    Plain soft targets (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015) without a temperature: the
    teacher was trained with smoothed labels already. Kinds count as far as the teacher sees a complaint.
    """
    if targets.taught is None:
        raise ValueError("a student needs the logits of a teacher")
    is_complaint = torch.sigmoid(targets.taught[:, COMPLAINT])
    sentiment = _follow(logits[:, SENTIMENT], targets.taught[:, SENTIMENT])
    kind = _follow(logits[:, KIND], targets.taught[:, KIND]) * is_complaint.squeeze(1)
    complaint = functional.binary_cross_entropy_with_logits(logits[:, COMPLAINT], is_complaint)
    return sentiment.mean() + complaint + kind.mean() + _OWN_LABELS * labelled(logits, targets)


def far_from(states: Tensor, targets: Targets) -> Tensor:
    """How far what a student makes of each word piece lies from what its teacher makes of it; 0 without a teacher.

    One minus the cosine, over the pieces (pieces x width) of a batch: hundreds of numbers a piece say more of why the
    teacher answers as it does than its twelve logits (Jiao et al., "TinyBERT", 2020).
    """
    if targets.states is None:
        return states.sum() * 0
    near = functional.cosine_similarity(states, targets.states, dim=-1)
    return _STATES_WEIGHT * (1 - near).mean()


def _follow(logits: Tensor, taught: Tensor) -> Tensor:
    return functional.cross_entropy(logits, taught.softmax(1), reduction="none")


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
