"""How the components stand on the page: those without a group first, then the groups, all in the owner's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.component import Component, Group


@dataclass(frozen=True, slots=True)
class Section:
    """A group with its components; `group` is None for those that stand alone."""

    group: Group | None
    components: tuple[Component, ...]  # at least one


def sections(components: Sequence[Component], groups: Sequence[Group]) -> tuple[Section, ...]:
    """Put every component into exactly one section; a group that nobody declared counts as none."""
    known = {group.id for group in groups}
    alone = tuple(c for c in components if c.group not in known)
    grouped = [Section(group, tuple(c for c in components if c.group == group.id)) for group in groups]
    return tuple(section for section in (Section(None, alone), *grouped) if section.components)
