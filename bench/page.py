"""How long the whole site takes: `python -m bench.page [COMPONENTS INCIDENTS]` prints seconds, files and bytes.

Aim: 50 components, 1,000 incidents, 3 languages rendered in less than 2 s on 2 cores, and a history twice as long in
twice the time. Seconds vary with the machine and what else it does; the ratio, of processor time, hardly does.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.component import Component, ComponentStatus
from domain.incidents.incident import Impact, Incident, IncidentStatus, Update
from domain.work import Actor
from status_page.pages.memory import Memory
from status_page.publish import publish_site
from status_page.render import Site, render_site

NOW = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
LANGUAGES = ("en", "tr", "fa")
_STATES = tuple(ComponentStatus)[2:]
_PHASES = tuple(IncidentStatus)


def big_site(components: int = 50, incidents: int = 1000) -> Site:
    """Make a site like that of a firm with years of history; every incident has its own words."""
    parts = [Component(f"c{n}", {lang: f"{lang} component {n}" for lang in LANGUAGES}) for n in range(components)]
    return Site(
        brand="Example", brand_url="https://example.com", public_url="https://status.example.com", components=parts,
        incidents=[_incident(n, components) for n in range(incidents)], languages=LANGUAGES, now=NOW, report_form=True,
    )  # fmt: skip


def _incident(number: int, components: int) -> Incident:
    start = NOW - timedelta(hours=13 * number + 1, minutes=number % 60)
    ended = start + timedelta(minutes=90)
    is_open = number == 0
    updates = tuple(_update(number, step, start, components) for step in range(3 if is_open else 4))
    return Incident(
        id=f"inc_{number:020x}", titles={lang: f"{lang}: problem {number}" for lang in LANGUAGES}, impact=Impact.MINOR,
        started_at=start, declared_at=start, declared_by=Actor("u", "Somebody"), updates=updates,
        resolved_at=None if is_open else ended,
    )  # fmt: skip


def _update(number: int, step: int, start: datetime, components: int) -> Update:
    at = start + timedelta(minutes=30 * step)
    text = f"We have had reports since {start:%H:%M} about problem {number}. {_mark(step)}.\n\nSorry."
    state = ComponentStatus.OPERATIONAL if step == 3 else _STATES[(number + step) % 3]
    touched = {f"c{(number + k) % components}": state for k in range(2)}
    return Update(
        f"upd_{number:x}_{step}", at, _PHASES[step], {lang: f"{lang} {text}" for lang in LANGUAGES}, "Somebody",
        touched, None if step == 3 else at + timedelta(minutes=30),
    )  # fmt: skip


def _mark(step: int) -> str:
    return f"**Step {step}**: we are on it" if step == 2 else f"Step {step}: we are on it"


def main() -> None:
    """Print a first time, ten minutes later, and after an incident ended; then a history twice as long."""
    components, incidents = (int(arg) for arg in sys.argv[1:3]) if len(sys.argv) > 2 else (50, 1000)
    site, memory = big_site(components, incidents), Memory()
    files = _timed("first print", lambda: render_site(site, memory))
    later = replace(site, now=site.now + timedelta(minutes=10))
    _timed("ten minutes later", lambda: render_site(later, memory))
    ended = replace(later, incidents=later.incidents[1:])
    after = _timed("one incident fewer", lambda: render_site(ended, memory))
    once, twice = _growth(components, incidents)
    print(f"{incidents:,} incidents {once:.2f} s, twice as many {twice:.2f} s of one core: {twice / once:.2f} times")
    front = [name for name in files if name == "index.html" or name.startswith(("assets/page", "assets/time"))]
    small = sum(len(gzip.compress(files[name])) for name in front)
    print(f"first view: {sum(len(files[name]) for name in front) / 1000:.1f} kB, {small / 1000:.1f} kB compressed")
    with tempfile.TemporaryDirectory() as folder:
        _timed("publish", lambda: publish_site(files, Path(folder) / "site"))
        _timed("publish what changed", lambda: publish_site(after, Path(folder) / "site"))


def _growth(components: int, incidents: int) -> tuple[float, float]:
    """Give the processor time of a print that remembers nothing, for so many incidents and for twice as many."""
    sites = [big_site(components, times * incidents) for times in (1, 2)]
    found: list[list[float]] = [[], []]
    for _ in range(3):  # in turn, and the best counts: a busy machine's caches are cold
        for site, seconds in zip(sites, found, strict=True):
            begun = time.process_time()
            render_site(site)
            seconds.append(time.process_time() - begun)
    return min(found[0]), min(found[1])


def _timed(name: str, step: Callable[[], Any]) -> Any:
    began, worked = time.perf_counter(), time.process_time()
    made = step()
    took, cpu = time.perf_counter() - began, time.process_time() - worked
    size = f", {len(made)} files, {sum(map(len, made.values())) / 1e6:.1f} MB" if isinstance(made, dict) else ""
    print(f"{name}: {took:.2f} s ({cpu:.2f} s of one core){size}")
    return made


if __name__ == "__main__":
    main()
