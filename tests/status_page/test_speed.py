"""Rendering stays fast, and a longer history costs in proportion; `python -m bench.page` prints the real figures."""

from __future__ import annotations

import time

from bench.page import big_site
from status_page.render import render_site


def cpu_seconds(incidents: int) -> float:
    """Measure processor time, so that a busy machine does not fail the test."""
    made = big_site(10, incidents)
    began = time.process_time()
    render_site(made)
    return time.process_time() - began


def test_time_grows_no_faster_than_the_history() -> None:
    cpu_seconds(20)  # templates and catalogues are loaded once
    short, long = cpu_seconds(100), cpu_seconds(400)
    assert long < 10 * short + 0.2
    assert long < 4
