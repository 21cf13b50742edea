"""What the team taught us: corrections as training rows, and how often a flag was right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.heard.classification import Kind


class Correction(Protocol):
    """A person's verdict on a classified mention, as stored; None where the person left the value as it was."""

    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def model(self) -> str:
        """Name and version of the model that was corrected."""

    @property
    def is_complaint(self) -> bool | None: ...
    @property
    def kind(self) -> Kind | None: ...


@dataclass(frozen=True, slots=True)
class Precision:
    """How many flagged mentions of a language people left standing; `value` is None while nothing was judged."""

    language: str
    flagged: int
    wrong: int

    @property
    def value(self) -> float | None:
        """Share of the flagged mentions that were complaints, 0..1."""
        return 1 - self.wrong / self.flagged if self.flagged else None


def training_rows(corrections: Iterable[Correction]) -> list[dict[str, str]]:
    """Corrections in the format of `sentiment/training/posts` (text, lang, complaint, kind), plus `model`.

    The last correction of a text wins; one that says nothing, or whose text was erased, is left out. A changed kind
    alone means that it is a complaint: only complaints have a kind.
    """
    latest: dict[str, dict[str, str]] = {}
    for correction in corrections:
        row = _row(correction)
        if row is not None:
            latest.pop(correction.text, None)
            latest[correction.text] = row
    return list(latest.values())


def precision_by_language(flagged: Mapping[str, int], wrong: Mapping[str, int]) -> list[Precision]:
    """Per language, from counts of flagged mentions and of those marked *not a complaint*."""
    return [
        Precision(language, count, min(count, wrong.get(language, 0))) for language, count in sorted(flagged.items())
    ]


def count_wrong(corrections: Iterable[Correction]) -> dict[str, int]:
    """How often *not a complaint* was said, per language."""
    counts: dict[str, int] = defaultdict(int)
    for correction in corrections:
        if correction.is_complaint is False:
            counts[correction.language] += 1
    return dict(counts)


def _row(correction: Correction) -> dict[str, str] | None:
    if not correction.text or (correction.is_complaint is None and correction.kind is None):
        return None
    row = {"text": correction.text, "lang": correction.language, "model": correction.model}
    if correction.is_complaint is False:
        return {**row, "complaint": "no", "kind": Kind.OTHER.value}
    return {**row, "complaint": "yes"} | ({"kind": correction.kind.value} if correction.kind else {})
