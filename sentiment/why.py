"""The words that carried a decision, found by leaving each out: for flagged mentions only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.heard.classification import Classification
from sentiment.classifier import Classifier

_WORD = re.compile(r"[^\W_](?:[\w'’\u200c-]*\w)?")
_SKIPPED = re.compile(r"^(?:https?|www|user|http|email|number|\d+)$", re.IGNORECASE)
_MOST_TRIED = 6
_WORTH_NAMING = 0.02


class _Judge(Protocol):
    def classify(self, texts: Sequence[str]) -> list[Classification]: ...


@dataclass(frozen=True, slots=True)
class _Place:
    word: str
    start: int
    end: int


def words_that_decided(
    classifier: Classifier | _Judge, text: str, classification: Classification, most: int = 3
) -> tuple[str, ...]:
    """Up to `most` words of `text`, weightiest first, without which complaint and kind would be less likely.

    Costs one pass for each word (at most the six longest are tried), so call it for flagged mentions only, in the owner
    thread of the classifier. Empty when no single word matters, as in a text without letters.
    """
    places = _places(text)
    if not places:
        return ()
    without = [f"{text[: place.start]} {text[place.end :]}" for place in places]
    weights = [_weight(classification) - _weight(other, classification) for other in classifier.classify(without)]
    ranked = sorted(zip(weights, places, strict=True), key=lambda pair: -pair[0])
    return _distinct([place.word for weight, place in ranked if weight >= _WORTH_NAMING], most)


def _places(text: str) -> list[_Place]:
    found = (_Place(match.group(), *match.span()) for match in _WORD.finditer(text))
    candidates = [place for place in found if _is_candidate(text, place)]
    # Short words are mostly glue; each word tried costs a pass.
    tried = sorted(candidates, key=lambda place: -len(place.word))[:_MOST_TRIED]
    return sorted(tried, key=lambda place: place.start)


def _is_candidate(text: str, place: _Place) -> bool:
    is_handle = place.start > 0 and text[place.start - 1] == "@"
    return len(place.word) > 1 and not is_handle and not _SKIPPED.match(place.word)


def _weight(found: Classification, reference: Classification | None = None) -> float:
    """How strongly `found` says what was decided: the complaint, and half as much its kind."""
    kind = (reference or found).kind
    return found.complaint + 0.5 * found.kind_scores[kind]


def _distinct(words: Sequence[str], most: int) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for word in words:
        kept.setdefault(word.casefold(), word)
    return tuple(kept.values())[:most]
