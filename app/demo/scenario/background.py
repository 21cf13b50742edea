"""Three quiet weeks before the scenario, generated: they warm the detector's idea of a normal day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import NamedTuple

WEEKS = 3
BACKGROUND_MINUTES = WEEKS * 7 * 24 * 60
CUSTOMERS_AHEAD = timedelta(hours=3)  # most customers live at UTC+3

# People a day about a component, as on the scenario's quiet days: with its own problem, with another one, content.
DAILY: Mapping[str, tuple[float, float, float]] = {
    "payments": (2.5, 1.0, 14.0),
    "accounts": (8.0, 2.5, 12.0),
    "delivery": (8.5, 3.0, 30.0),
    "support": (6.0, 1.5, 10.0),
    "app": (11.0, 4.0, 24.0),
}
OTHERS = (5.0, 2.0, 15.0)  # a component the scenario does not know

# Share of a day's posts in each local hour: thin nights, a morning peak, a long evening.
NIGHT = (1.6, 1.0, 0.6, 0.4, 0.4, 0.5)  # from midnight
MORNING = (1.2, 3.4, 5.6, 6.4, 6.4, 6.2)
AFTERNOON = (6.0, 5.8, 5.6, 5.6, 5.6, 5.8)
EVENING = (6.2, 6.4, 6.4, 5.8, 4.4, 2.7)
HOURS = NIGHT + MORNING + AFTERNOON + EVENING
WEEKEND = 0.75  # Saturday and Sunday, against a weekday


class PastMinute(NamedTuple):
    """How many people spoke about a component in one minute; `minute` counts from the start, so it is negative."""

    minute: int
    component: str
    outage_like: int
    other: int
    neutral: int


def background(components: Sequence[str], start: datetime, seed: int) -> Iterator[PastMinute]:
    """Give every minute of the three weeks before `start` for each component, oldest first; same seed, same past."""
    chance = Random(seed)  # noqa: S311 -- a reproducible past, no secret
    for hour in range(-BACKGROUND_MINUTES // 60, 0):
        limits = _limits(components, start + timedelta(hours=hour) + CUSTOMERS_AHEAD)
        for minute in range(hour * 60, hour * 60 + 60):
            for component, own, other, neutral in limits:
                yield PastMinute(
                    minute, component, _poisson(chance, own), _poisson(chance, other), _poisson(chance, neutral)
                )


def _limits(components: Sequence[str], local: datetime) -> list[tuple[str, float, float, float]]:
    """Give exp(-expected people a minute) for each component and sort of post at that local hour."""
    share = HOURS[local.hour] / sum(HOURS) / 60 * (WEEKEND if local.weekday() >= 5 else 1.0)
    rates = ((name, *DAILY.get(name, OTHERS)) for name in components)
    return [
        (name, exp(-own * share), exp(-other * share), exp(-neutral * share)) for name, own, other, neutral in rates
    ]


def _poisson(chance: Random, limit: float) -> int:
    """Draw a Poisson number from exp(-mean); Knuth's method (TAOCP 2, 3.4.1), quick because means are far below 1."""
    count, product = 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return count
