"""What one print made is kept for the next, so that a page of years costs no more than what changed on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Memory:
    """Keeps results by name together with what they were made from; anything else is made anew.

    Where the surroundings (brand, look, components, languages) change, all of it is forgotten.
    """

    kept: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    surroundings: object = None

    def begin(self, surroundings: object) -> None:
        """Begin a print."""
        if surroundings != self.surroundings:
            self.kept.clear()
        self.surroundings = surroundings
        self.used.clear()

    def keep(self, name: str, made_from: object, make: Callable[[], T]) -> T:
        """Give what was made of the same the last time, or make it."""
        self.used.add(name)
        known = self.kept.get(name)
        if known is not None and known[0] == made_from:
            found: T = known[1]
            return found
        made = make()
        self.kept[name] = (made_from, made)
        return made

    def end(self) -> None:
        """End a print: what it did not ask for is gone."""
        for name in self.kept.keys() - self.used:
            del self.kept[name]
