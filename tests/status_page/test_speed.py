"""Rendering stays fast, and a longer history costs in proportion; `python -m bench.page` prints the real figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bench.page import big_site
from status_page.pages.memory import Memory
from status_page.render import Site, render_site


def cpu_seconds(made: Site) -> float:
    """Measure processor time, so that a busy machine does not fail the test."""
    began = time.process_time()
    render_site(made)
    return time.process_time() - began


def test_time_and_size_grow_no_faster_than_the_history() -> None:
    render_site(big_site(10, 20))  # templates and catalogues are loaded once
    short, long = cpu_seconds(big_site(10, 100)), cpu_seconds(big_site(10, 400))
    assert long < 10 * short + 0.2
    assert long < 4
    sizes = [sum(map(len, render_site(big_site(10, count)).values())) for count in (100, 400)]
    assert sizes[1] < 5 * sizes[0]


class Counted(Memory):
    """A memory that counts what it had to make."""

    made = 0

    def keep(self, name: str, made_from: object, make: Callable[[], Any]) -> Any:
        """Keep as ever, and count."""

        def counted() -> Any:
            self.made += 1
            return make()

        return Memory.keep(self, name, made_from, counted)


def test_a_refresh_makes_only_what_is_about_the_open_incident() -> None:
    made, memory = big_site(10, 400), Counted()
    render_site(made, memory)
    assert memory.made > 3 * 400
    memory.made = 0
    render_site(replace(made, now=made.now + timedelta(minutes=10)), memory)
    assert memory.made <= 3 * 4, "in each language: what is shown of it, its page, its month, the search"
