"""Made-up months of mentions with outages whose start is known: the ground truth of the detector's bench.

Every stream is one component of one brand in minutes: an audience with day, week and waves; complaints about other
things; single people with trouble of their own; reposts; a classifier that errs; and, hidden among campaigns, viral
jokes, praise, anger about a price, bots and holidays, outages that start at once, creep in, or hit one region.
Seeded: same seed, same data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
DAY, WEEK = 1440, 10080
SIZES = {"tiny": 2 / 60, "small": 20 / 60, "mid": 5.0, "large": 100.0, "huge": 5000.0}  # mentions a minute
LOUDEST = {"tiny": (1.5, 20.0), "small": (0.6, 10.0), "mid": (0.15, 5.0), "large": (0.04, 2.0), "huge": (0.02, 1.0)}
REGIONS = 4
# share called an outage, share of the rest called another complaint, share left after folding near-duplicates
LABELS = {
    "outage": (0.80, 0.85, 0.93),
    "single": (0.80, 0.85, 0.93),
    "other": (0.10, 0.80, 0.93),
    "neutral": (0.010, 0.05, 0.93),
    "viral": (0.010, 0.05, 0.60),
    "bots": (0.80, 0.90, 0.02),
}


@dataclass(frozen=True, slots=True)
class Outage:
    """A technical outage from minute `start` to `end`; `region` is -1 when everybody suffers."""

    kind: str
    start: int
    end: int
    region: int


@dataclass(slots=True)
class Stream:
    """What a pipeline would count per minute, and the truth behind it (never shown to a detector)."""

    name: str
    size: str
    warm: int
    outage: Counts
    complaint: Counts
    neutral: Counts
    duplicate: Counts
    regions: Counts
    usual: Array  # true expected reports without outages
    extra: Array  # true expected reports of outages
    outages: list[Outage] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """Count the minutes."""
        return len(self.outage)


def suite(seed: int, per_size: int) -> Iterator[Stream]:
    """Make `per_size` streams of each size, one after the other."""
    for place, size in enumerate(SIZES):
        for number in range(per_size):
            yield make(seed * 1000 + place * 100 + number, size)


def make(seed: int, size: str, *, warm_weeks: int = 3, weeks: int = 8) -> Stream:
    """Make one stream: three quiet weeks to learn from, then eight with six outages and ten distractions."""
    rng = np.random.default_rng([seed, 2026])
    total, warm = (warm_weeks + weeks) * WEEK, warm_weeks * WEEK
    base = SIZES[size] * float(np.exp(rng.normal(0, 0.25)))
    audience = _audience(rng, base, total)
    talk = {
        "single": audience * rng.uniform(0.005, 0.02) * np.exp(_wave(rng, total, 0.45, 60)),
        "other": audience * rng.uniform(0.03, 0.12) * np.exp(_wave(rng, total, 0.15, 600)),
        "neutral": audience.copy(),
        "viral": _cascades(rng, base, total),
        "bots": np.zeros(total),
    }
    trouble, split = np.zeros(total), np.zeros((REGIONS, total))
    weights = rng.dirichlet([3.0] * REGIONS)
    outages = []
    slots = rng.permutation(rng.choice(np.arange(warm + 720, total - 1440, 720), 16, replace=False))
    for i, slot in enumerate(slots):
        start = int(slot + rng.integers(0, 200))
        if i < 6:
            outages.append(_break(rng, start, size, audience, trouble, split, weights, talk))
        else:
            _distract(rng, start, base, audience, talk)
    return _label(
        rng, f"{size}-{seed}", size, warm, talk, trouble, split, weights, sorted(outages, key=lambda o: o.start)
    )


def _audience(rng: np.random.Generator, base: float, total: int) -> Array:
    t = np.arange(total)
    phase, swing = rng.uniform(0, 2 * np.pi, 2), rng.uniform(0.4, 0.8)
    day = 1 + swing * np.sin(2 * np.pi * t / DAY + phase[0]) + 0.25 * swing * np.sin(4 * np.pi * t / DAY + phase[1])
    weekend = np.where((t // DAY) % 7 >= 5, rng.uniform(0.5, 1.3), 1.0)
    waves = _wave(rng, total, 0.15, 2 * DAY) + _wave(rng, total, 0.30, 20)
    audience: Array = base * np.clip(day, 0.08, None) * weekend * np.exp(waves)
    return audience


def _wave(rng: np.random.Generator, total: int, deviation: float, minutes: float) -> Array:
    """A wandering log-rate that forgets itself within `minutes` (Ornstein-Uhlenbeck)."""
    stride = max(1, int(minutes / 20))
    points = total // stride + 2
    keep = float(np.exp(-stride / minutes))
    push = rng.normal(0, deviation * np.sqrt(1 - keep * keep), points)
    push[0] = rng.normal(0, deviation)
    for i in range(1, points):
        push[i] += keep * push[i - 1]
    return np.interp(np.arange(total), np.arange(points) * stride, push)


def _cascades(rng: np.random.Generator, base: float, total: int) -> Array:
    viral = np.zeros(total)
    for start in rng.integers(0, total, rng.poisson(8 * total / DAY)):
        t = np.arange(min(90, total - start))
        viral[start : start + t.size] += base * 0.8 * rng.pareto(1.6) * np.exp(-t / rng.uniform(5, 25))
    return viral


def _profile(total: int, start: int, rise: float, hold: float, fall: float) -> Array:
    t = np.arange(total) - start
    up = np.clip(t / max(rise, 1), 0, 1) * (t >= 0)
    profile: Array = np.where(t > rise + hold, np.exp(-np.clip(t - rise - hold, 0, None) / max(fall, 1)), up)
    return profile


def _reported(profile: Array, lag: float) -> Array:
    """People write some minutes after they suffer: Gamma(2) with mean `lag`."""
    t = np.arange(int(lag * 6) + 2) + 0.5
    kernel = t * np.exp(-2 * t / lag)
    return np.convolve(profile, kernel / kernel.sum())[: profile.size]


def _break(
    rng: np.random.Generator, start: int, size: str, audience: Array, trouble: Array, split: Array, weights: Array,
    talk: dict[str, Array],
) -> Outage:  # fmt: skip
    low, high = LOUDEST[size]
    loud = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    kind = str(rng.choice(["sudden", "slow", "regional"], p=[0.5, 0.25, 0.25]))
    rise = rng.uniform(60, 180) if kind == "slow" else rng.uniform(1, 5)
    lasts = max(int(np.exp(rng.uniform(np.log(30), np.log(360)))), int(rise) + 60 if kind == "slow" else 0)
    region = int(rng.integers(REGIONS)) if kind == "regional" else -1
    loud = loud / 3 if region >= 0 else loud
    wave = _reported(_profile(audience.size, start, rise, lasts - rise, rng.uniform(5, 20)), 4.0) * loud * audience
    trouble += wave
    share = np.eye(REGIONS)[region] if region >= 0 else weights
    split += share[:, None] * wave
    talk["viral"] += _reported(wave, 15.0) * rng.uniform(0.2, 1.0)
    return Outage(kind, start, start + lasts, region)


def _distract(rng: np.random.Generator, start: int, base: float, audience: Array, talk: dict[str, Array]) -> None:
    kind, lasts, total = (
        str(rng.choice(["campaign", "viral", "praise", "anger", "bots", "holiday"])),
        rng.uniform(60, 480),
        audience.size,
    )
    if kind == "campaign":
        bump = _profile(total, start, 15, lasts, 90)
        talk["neutral"] += audience * bump * rng.uniform(1, 8)
        talk["other"] += talk["other"] * bump * rng.uniform(0.5, 3)
    elif kind == "viral":
        height = np.exp(rng.uniform(np.log(4), np.log(60)))
        talk["viral"] += base * height * _profile(total, start, 3, 15, rng.uniform(30, 240))
    elif kind == "praise":
        talk["neutral"] += audience * _profile(total, start, 10, lasts, 60) * rng.uniform(2, 12)
    elif kind == "anger":
        talk["other"] += audience * _reported(_profile(total, start, 30, lasts, 120), 10.0) * rng.uniform(0.3, 3)
    elif kind == "bots":
        height = np.exp(rng.uniform(np.log(2), np.log(30)))
        talk["bots"] += max(base, 0.3) * height * _profile(total, start, 1, min(lasts, 90), 10)
    else:
        away = 1 - 0.6 * _profile(total, start, 60, 900, 120)
        talk["neutral"] *= away
        talk["other"] *= away


def _label(
    rng: np.random.Generator, name: str, size: str, warm: int, talk: dict[str, Array], trouble: Array, split: Array,
    weights: Array, outages: list[Outage],
) -> Stream:  # fmt: skip
    total = trouble.size
    complaint, neutral, duplicate = np.zeros((3, total), np.int64)
    background, usual = np.zeros(total, np.int64), np.zeros(total)
    for kind, rate in {**talk, "outage": trouble}.items():
        as_outage, as_complaint, kept = LABELS[kind]
        said = rng.poisson(rate)
        reports = rng.binomial(said, as_outage)
        others = rng.binomial(said - reports, as_complaint)
        unique = rng.binomial(reports, kept)
        duplicate += reports - unique
        complaint += rng.binomial(others, kept)
        neutral += rng.binomial(said - reports - others, kept)
        if kind == "outage":
            affected = unique
        else:
            background += unique
            usual += rate * as_outage * kept
    by_region = rng.multinomial(background, weights).T + _by_region(rng, affected, split)
    extra = trouble * LABELS["outage"][0] * LABELS["outage"][2]
    return Stream(
        name, size, warm, background + affected, complaint, neutral, duplicate, by_region, usual, extra, outages
    )


def _by_region(rng: np.random.Generator, affected: Counts, split: Array) -> Counts:
    whole = split.sum(axis=0)
    shares = np.where(whole > 0, split / np.where(whole > 0, whole, 1), 1 / REGIONS)
    by_region: Counts = rng.multinomial(affected, shares.T).T
    return by_region
