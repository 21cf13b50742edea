"""Which signals are one story: components that begin to fail together call people once."""

from __future__ import annotations

from collections.abc import Sequence

from domain.incidents.signal import Signal
from sentiment.spikes import minute_of
from sentiment.spikes.rollup import Opening, roll_up

TOGETHER = 15  # minutes between two openings of one story


def parent_of(signal: Signal, live: Sequence[Signal]) -> Signal | None:
    """Find the live signal whose story a new one belongs to: the earliest of those that opened shortly before it.

    A silenced one calls nobody, and one that is only for a look neither, so nothing may hide behind them.
    """
    near = {s.component: s for s in live if s.component != signal.component and _together(s, signal)}
    openings = {s.component: Opening(s.state, minute_of(s.opened_at), s.evidence.score) for s in near.values()}
    openings[signal.component] = Opening(signal.state, minute_of(signal.opened_at), signal.evidence.score)
    story = roll_up(openings)
    if story is None or signal.component not in story.components:
        return None
    first = min((near[name] for name in story.components if name in near), key=lambda s: (s.opened_at, s.id))
    # Its own parent may have opened a little too early for this one: it is the same story all the same.
    return next((s for s in live if s.id == first.parent_id and not s.over), first)


def _together(earlier: Signal, later: Signal) -> bool:
    apart = minute_of(later.opened_at) - minute_of(earlier.opened_at)
    silenced = earlier.silenced_until is not None and earlier.silenced_until > later.opened_at
    silenced = silenced or bool(earlier.evidence.quiet)
    return 0 <= apart <= TOGETHER and not silenced and not earlier.over
