"""Rendering stays fast, and a longer history costs in proportion; `python -m bench.page` prints the real figures."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from bench.page import big_site
from status_page.memory import Memory
from status_page.render import Site, render_site


def cpu_seconds(made: Site, memory: Memory | None = None) -> float:
    """Measure processor time, so that a busy machine does not fail the test."""
    began = time.process_time()
    render_site(made, memory)
    return time.process_time() - began


def test_time_and_size_grow_no_faster_than_the_history() -> None:
    render_site(big_site(10, 20))  # templates and catalogues are loaded once
    short, long = cpu_seconds(big_site(10, 100)), cpu_seconds(big_site(10, 400))
    assert long < 10 * short + 0.2
    assert long < 4
    sizes = [sum(map(len, render_site(big_site(10, count)).values())) for count in (100, 400)]
    assert sizes[1] < 5 * sizes[0]


def test_a_refresh_costs_a_fraction_of_the_first_print() -> None:
    made, memory = big_site(10, 400), Memory()
    first = cpu_seconds(made, memory)
    assert cpu_seconds(replace(made, now=made.now + timedelta(minutes=10)), memory) < first / 2
