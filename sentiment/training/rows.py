"""Rows for training and dev: public sets and the project's own posts, with the labels they lack left open."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from domain.heard.classification import Kind, Sentiment
from sentiment.normalise import normalise
from sentiment.training.sets import SETS, PublicSet

MISSING = -100
SENTIMENTS = tuple(Sentiment)
KINDS = tuple(Kind)
KIND_LABELLED = "+kind"  # ends the group of a public set's rows whose kind is ours
ALTERED = "altered"  # ends, after a stroke, the group of altered texts
FOLDS = 5
_NON_COMMERCIAL_PARENTS = ("parsinlu",)


@dataclass(frozen=True, slots=True)
class Row:
    """One text with label numbers (`MISSING` where unknown); `group` is the set it came from, `split` train or dev.

    `origin`: for an altered text the `key` of the one it was made from.
    """

    text: str
    language: str
    group: str
    split: str
    sentiment: int = MISSING
    complaint: int = MISSING
    kind: int = MISSING
    weak: bool = False
    origin: str = ""

    @property
    def source(self) -> str:
        """The set it came from, whether or not its kind is ours and its text was altered."""
        return self.group.removesuffix(f"/{ALTERED}").removesuffix(KIND_LABELLED)

    @property
    def fold(self) -> int:
        """One of `FOLDS` parts of a set, decided by the text alone; what is made of a text stays in its part."""
        return int((self.origin or key(self.text))[8:], 16) % FOLDS

    @property
    def not_outage(self) -> bool:
        """Whether the row surely reports no outage although its kind is not labelled."""
        return self.kind == MISSING and (self.complaint == 0 or self.sentiment in (1, 2))


def key(text: str) -> str:
    """The name of a text whatever its spacing: to keep one text in one split, and to name it without quoting it."""
    return hashlib.sha256(" ".join(text.split()).casefold().encode("utf-8", "replace")).hexdigest()[:16]


def falls_in_dev(text: str, share: float) -> bool:
    """A split that stays the same when rows are added: decided by the text alone."""
    return int(key(text)[:8], 16) / 0xFFFFFFFF < share


def read_all(data: Path, posts: Path, labels: Path | None = None) -> list[Row]:
    """Every row that may be used: own posts, public sets, our kind labels on public texts; one row for one text.

    Earlier sources win: labels of a person over those a rule gave to the set the text came from.
    """
    rows = [*read_posts(posts), *_seeds_first(data)]
    return list(_merge_labels(_without_repeats(rows), read_labels(labels) if labels else {}))


def read_posts(folder: Path) -> Iterator[Row]:
    """The project's own posts, one file for a language; 15% of them are dev."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield _post(json.loads(line))


def read_labels(path: Path) -> dict[str, dict[str, str]]:
    """Our labels (sentiment, or complaint and kind) for texts of public sets, by `key`: their texts stay out."""
    if not path.is_file():
        return {}
    return {entry["key"]: entry for entry in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


def read_set(data: Path, public: PublicSet) -> Iterator[Row]:
    """The train and dev rows of one public set; files of test splits are never opened."""
    with gzip.open(data / f"{public.path}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for raw in map(json.loads, lines):
            if not any(parent in raw.get("src", "") for parent in _NON_COMMERCIAL_PARENTS) or public.quota == 0:
                yield _row(raw, public)


def _seeds_first(data: Path) -> Iterator[Row]:
    for public in sorted(SETS, key=lambda each: "kind_seed" not in each.path):
        yield from read_set(data, public)


def _post(raw: dict[str, Any]) -> Row:
    split = "dev" if falls_in_dev(raw["text"], 0.15) else "train"
    return _labelled(raw, f"{raw['lang']}/posts", split)


def _row(raw: dict[str, Any], public: PublicSet) -> Row:
    split = raw["split"]
    if public.quota == 0 or (split == "train" and falls_in_dev(raw["text"], public.seed_dev)):
        split = "dev"
    if not public.is_trusted:
        raw = {name: value for name, value in raw.items() if name not in ("sentiment", "complaint", "kind")}
    return _labelled(raw, public.path, split)


def _labelled(raw: dict[str, Any], group: str, split: str) -> Row:
    complaint = str(raw.get("complaint", "")).lower()
    # Praise is no complaint; without this the complaint head would never see small talk.
    unsaid = 0 if raw.get("sentiment") == Sentiment.POSITIVE else MISSING
    is_complaint = {"yes": 1, "true": 1, "no": 0, "false": 0}.get(complaint, unsaid)
    return Row(
        text=normalise(raw["text"], raw["lang"]),
        language=raw["lang"],
        group=group,
        split=split,
        sentiment=SENTIMENTS.index(Sentiment(raw["sentiment"])) if raw.get("sentiment") else MISSING,
        complaint=is_complaint,
        kind=KINDS.index(Kind(raw["kind"])) if raw.get("kind") and is_complaint != 0 else MISSING,
        weak=bool(raw.get("weak")),
    )


def _without_repeats(rows: Iterable[Row]) -> Iterator[Row]:
    seen: set[str] = set()
    for row in rows:
        name = key(row.text)
        if row.text and name not in seen:
            seen.add(name)
            yield row


def _merge_labels(rows: Iterable[Row], labels: dict[str, dict[str, str]]) -> Iterator[Row]:
    for row in rows:
        label = labels.get(key(row.text))
        yield _relabelled(row, label) if label and "kind_seed" not in row.group else row


def _relabelled(row: Row, label: dict[str, str]) -> Row:
    if "sentiment" in label:
        return replace(row, sentiment=SENTIMENTS.index(Sentiment(label["sentiment"])), weak=False)
    complaint = int(label["complaint"] == "yes")
    kind = KINDS.index(Kind(label["kind"])) if label.get("kind") else MISSING
    return replace(row, complaint=complaint, kind=kind, weak=False, group=f"{row.group}{KIND_LABELLED}")
