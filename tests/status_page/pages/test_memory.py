"""What one print made is kept for the next: the same bytes, much sooner, and nothing stale."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.component import Component
from domain.incidents.incident import IncidentStatus
from status_page.look.theme import Look
from status_page.pages.memory import Memory
from status_page.render import render_site
from tests.status_page.builders import DELIVERY, NOW, PAYMENTS, incident, minutes, resolved, site, update
from tests.status_page.works import done, going_on, work

OLD = [resolved(f"inc_{n}", NOW - minutes(60 * 24 * 9 * n)) for n in range(2, 9)]


def test_what_did_not_change_is_the_very_same_bytes() -> None:
    memory = Memory()
    first = render_site(site(incident(), *OLD), memory)
    again = render_site(site(incident(), *OLD, now=NOW + minutes(10)), memory)
    same = {path for path in first if again.get(path) is first[path]}
    assert {f"fa/incidents/inc_{n}.html" for n in range(2, 9)} <= same
    assert "tr/history/2026-09.html" in same
    assert "en/incidents/inc_1.html" not in same, "it is open and says how old it is"
    assert "en/index.html" not in same


def test_only_what_changed_is_made_anew() -> None:
    memory = Memory()
    render_site(site(*OLD), memory)
    edited = replace(OLD[0], titles={"en": "Another title"})
    assert b"Another title" in render_site(site(edited, *OLD[1:]), memory)["en/incidents/inc_2.html"]


@pytest.mark.parametrize(
    "change",
    [
        {"brand": "Other"}, {"look": Look(css="a{}")}, {"languages": ("tr", "en")}, {"index": False},
        {"components": (replace(PAYMENTS, names={"en": "Paying"}), DELIVERY)}, {"public_url": "https://x.example"},
        {"report_form": False}, {"subscribe": True},
    ],
)  # fmt: skip
def test_a_change_of_the_surroundings_reaches_every_page(change: dict[str, Any]) -> None:
    memory = Memory()
    render_site(site(*OLD), memory)
    assert render_site(site(*OLD, **change), memory) == render_site(site(*OLD, **change))


def test_a_month_with_something_open_is_told_as_of_now() -> None:
    memory = Memory()
    render_site(site(incident()), memory)
    tomorrow = site(incident(), now=NOW + minutes(24 * 60))
    assert render_site(tomorrow, memory) == render_site(tomorrow)


STATES = st.lists(
    st.tuples(
        st.lists(st.sampled_from([*OLD, incident(), incident(update(), update(2, IncidentStatus.RESOLVED, at=NOW))]),
                 unique_by=lambda known: known.id),
        st.lists(st.sampled_from([work(), going_on(), done(id="mnt_2")]), unique_by=lambda known: known.id),
        st.integers(0, 10_000),
        st.sampled_from([(PAYMENTS, DELIVERY), (DELIVERY,), (Component("payments", {"en": "Paying"}),)]),
    ),
    min_size=2, max_size=4,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(STATES)
def test_with_and_without_memory_every_byte_is_the_same(states: list[Any]) -> None:
    memory = Memory()
    for incidents, planned, later, components in states:
        made = site(
            *incidents, planned=planned, now=NOW + minutes(later), components=components, languages=("en", "fa")
        )
        assert render_site(made, memory) == render_site(made)


def test_what_is_not_asked_for_any_more_is_forgotten() -> None:
    memory = Memory()
    render_site(site(*OLD), memory)
    most = len(memory.kept)
    render_site(site(OLD[0]), memory)
    assert len(memory.kept) < most
    assert not [name for name in memory.kept if "inc_8" in name]
