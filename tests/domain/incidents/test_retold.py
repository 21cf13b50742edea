"""Which merged incidents lead on, and where to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.incidents.incident import Incident
from domain.incidents.merging import retold
from tests.domain.make import incident


def link(name: str, into: str | None = None, *, private: bool = False) -> Incident:
    return replace(incident(id=name), merged_into=into, private=private)


@pytest.mark.parametrize(
    ("known", "pairs"),
    [
        ([link("a", "b"), link("b")], [("a", "b")]),
        ([link("a", "b"), link("b", "c"), link("c")], [("a", "c"), ("b", "c")]),
        ([link("c"), link("b", "c"), link("a", "b")], [("b", "c"), ("a", "c")]),
        ([link("a"), link("b")], []),
        ([link("a", "b"), link("b", private=True)], []),
        ([link("a", "b", private=True), link("b")], []),
        ([link("a", "b"), link("b", "c", private=True), link("c")], []),
        ([link("a", "b"), link("b", "c"), link("c", private=True)], []),
        ([link("a", "gone")], []),
        ([link("a", "b"), link("b", "a")], []),
        ([link("a", "a")], []),
    ],
)  # fmt: skip
def test_each_merged_incident_is_paired_with_the_one_that_tells_it(
    known: list[Incident], pairs: list[tuple[str, str]]
) -> None:
    assert [(one.id, other.id) for one, other in retold(known)] == pairs
