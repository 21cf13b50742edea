"""A component: a part of the service that customers can name, e.g. payments or delivery."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.heard.classification import Kind


class ComponentStatus(StrEnum):
    """How a component is, from good to bad (the order of Atlassian Statuspage v2)."""

    OPERATIONAL = "operational"
    UNDER_MAINTENANCE = "under_maintenance"
    DEGRADED_PERFORMANCE = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the service: its names and keywords per language, and the problem kinds that point to it."""

    id: str
    names: Mapping[str, str]  # language -> name
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # language -> words
    kinds: tuple[Kind, ...] = ()
    group: str | None = None  # id of the group it stands in on the page
    help: Mapping[str, str] = field(default_factory=dict)  # language -> address of help about it

    def name(self, language: str) -> str:
        """Give the name in `language`, else in English, else the first there is, else the id."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()), self.id)


@dataclass(frozen=True, slots=True)
class Group:
    """Components that stand together on the page."""

    id: str
    names: Mapping[str, str]  # language -> name

    def name(self, language: str) -> str:
        """Give the name in `language`, else in English, else the first there is, else the id."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()), self.id)


def fold(text: str) -> str:
    """Make words comparable: lower case, no accents, one form of Turkish i and of Arabic ye and kaf."""
    text = text.translate(_SAME).casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).translate(_SAME)


# "İ".lower() is two characters and "ı" has no accent to strip, so both are mapped by hand.
_SAME = str.maketrans({"İ": "i", "I": "i", "ı": "i", "ي": "ی", "ك": "ک", "\u200c": " ", "ـ": None})


def match_component(text: str, kind: Kind, components: Iterable[Component]) -> str | None:
    """Say which component a mention is about: most keyword hits first, then the component of its kind."""
    folded = fold(text)
    best, best_hits = None, 0
    by_kind = None
    for component in components:
        hits = sum(fold(word) in folded for words in component.keywords.values() for word in words)
        if hits > best_hits:
            best, best_hits = component.id, hits
        if by_kind is None and kind in component.kinds:
            by_kind = component.id
    return best or by_kind
