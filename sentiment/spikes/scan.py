"""Is there more than expected? Sums over five windows, judged by a Poisson-lognormal deviance, total and slices.

The expectation itself wobbles (talk comes in waves), so each window has its own learned relative variance, and the
score asks how unlikely the count is even if the wave is high. A slice (a region, a language, a source) is judged
against *the other slices of the same minutes*: a wave that everybody shares cancels out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log, log1p

WINDOWS = (4, 10, 25, 60, 150)  # minutes
RING = WINDOWS[-1] + 1
FLOOR = 0.0005  # expected reports per minute, at least
CONTINUITY = 0.5
PRIOR_VARIANCE, PRIOR_WEIGHT = 0.25, 20.0
CLIP = 2.5  # standard deviations
SLICE_VARIANCE = 0.01  # drift of a slice's share
MAX_SLICES = 16
KEEP_SHARE = 0.5 ** (1 / (48 * 10))  # per half hour: half-life 10 days


@dataclass(slots=True)
class Slice:
    """Reports of one region, language or source: running sums and its usual share of all reports."""

    cumulative: float
    ring: list[float]
    reports: float = 1.25  # decayed; starts as a quarter of all
    half_hour: float = 0.0
    share: float = 0.25


@dataclass(slots=True)
class Windows:
    """Running sums of reports and expectation, and the learned variance of each window."""

    reports: float = 0.0
    expected: float = 0.0
    report_ring: list[float] = field(default_factory=lambda: [0.0] * RING)
    expected_ring: list[float] = field(default_factory=lambda: [0.0] * RING)
    variance: list[float] = field(default_factory=lambda: [PRIOR_VARIANCE] * len(WINDOWS))
    variance_sum: list[float] = field(default_factory=lambda: [0.0] * len(WINDOWS))
    variance_weight: list[float] = field(default_factory=lambda: [0.0] * len(WINDOWS))
    since: int = 0  # minute of the last restart; older minutes do not count
    slices: dict[str, Slice] = field(default_factory=dict)
    sliced_reports: float = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """The most striking window: `slice` is "" for all reports; `people` and `expected` refer to `minutes`."""

    score: float
    minutes: int
    people: float
    expected: float
    slice: str = ""


NOTHING = Finding(0.0, WINDOWS[1], 0.0, 0.0)


def deviance(count: float, expected: float, variance: float) -> float:
    """Natural-log evidence that `count` (> expected > 0) is more than a rate wobbling by `variance` explains.

    The rate is expected x e^x with x normal, var(e^x) about `variance`; the best x is found by Newton's method. It
    rises slower with the ratio than that of the usual negative binomial, as waves of talk have long tails.
    """
    spread = log1p(variance)
    x = log(count / expected) * (expected * spread / (1 + expected * spread))
    rate = expected * exp(x)
    x += (count - rate - x / spread) / (rate + 1 / spread)
    rate = expected * exp(x)
    x += (count - rate - x / spread) / (rate + 1 / spread)
    rate = expected * exp(x)
    x += (count - rate - x / spread) / (rate + 1 / spread)
    rate = expected * exp(x)
    return count * (log(count) - log(rate)) - (count - rate) + x * x / (2 * spread)


def add(windows: Windows, minute: int, reports: float, expected: float, slices: dict[str, int] | None) -> None:
    """Append one minute to the running sums (in place; minutes must not be skipped)."""
    at = minute % RING
    windows.reports += reports
    windows.expected += expected
    windows.report_ring[at] = windows.reports
    windows.expected_ring[at] = windows.expected
    if slices:
        for name, count in slices.items():
            part = windows.slices.get(name) or _new_slice(windows, name)
            if part is not None:
                part.cumulative += count
                part.half_hour += count
    for part in windows.slices.values():
        part.ring[at] = part.cumulative


def restart(windows: Windows, minute: int) -> None:
    """Forget the recent minutes, not the learned variances: after an incident, a gap or a backlog."""
    windows.report_ring = [windows.reports] * RING
    windows.expected_ring = [windows.expected] * RING
    for part in windows.slices.values():
        part.ring = [part.cumulative] * RING
    windows.since = minute


def strongest(windows: Windows, minute: int) -> Finding:
    """Find the window and slice that speak loudest in `minute`."""
    total, report_ring, expected_ring, variances = (
        windows.reports, windows.report_ring, windows.expected_ring, windows.variance,
    )  # fmt: skip
    best, found = 0.0, NOTHING
    for i, width in enumerate(WINDOWS):
        then = (minute - width) % RING
        count = total - report_ring[then]
        expected = windows.expected - expected_ring[then] + FLOOR * width
        over = count - CONTINUITY - expected
        if over > 0:
            # half of Pearson's statistic is never below the deviance: most minutes end here
            limit = 0.5 * over * over / (expected + variances[i] * expected * expected)
            if limit > best and (score := deviance(count - CONTINUITY, expected, variances[i])) > best:
                best, found = score, Finding(score, width, count, expected)
    return _strongest_slice(windows, minute, found) if windows.slices else found


def slice_expectation(windows: Windows, part: Slice, i: int, then: int) -> tuple[float, float, float]:
    """Reports of a slice since `then`, those expected from the other slices, and the relative variance of that."""
    expected = windows.expected - windows.expected_ring[then] + FLOOR * WINDOWS[i]
    count = part.cumulative - part.ring[then]
    others = max(windows.reports - windows.report_ring[then] - count, 0.0)
    prior = 1 / windows.variance[i]
    usual = expected * (1 - part.share)
    mean = expected * part.share * (prior + others) / (prior + usual) + FLOOR * WINDOWS[i]
    return count, mean, 1 / (prior + others) + SLICE_VARIANCE


def _strongest_slice(windows: Windows, minute: int, found: Finding) -> Finding:
    best, penalty = found.score, log(len(windows.slices))
    parts = [(name, part, part.cumulative, part.ring, part.share) for name, part in windows.slices.items()]
    for i, width in enumerate(WINDOWS):
        then = (minute - width) % RING
        reports = windows.reports - windows.report_ring[then]
        if reports < 2:
            continue
        expected = windows.expected - windows.expected_ring[then]
        prior = 1 / windows.variance[i]
        for name, part, total, ring, share in parts:
            count = total - ring[then]
            # cheap refusal of nearly every slice: not above its share of the expectation shrunk towards the others
            if count < 2 or count * (prior + expected * (1 - share)) <= expected * share * (prior + reports - count):
                continue
            count, mean, variance = slice_expectation(windows, part, i, then)
            over = count - CONTINUITY - mean
            if over > 0 and 0.5 * over * over / (mean + variance * mean * mean) - penalty > best:
                score = deviance(count - CONTINUITY, mean, variance) - penalty
                if score > best:
                    best, found = score, Finding(score, width, count, mean, name)
    return found


def learn_variance(windows: Windows, minute: int) -> None:
    """Learn how far each window that ends now strays from its expectation, cut at 2.5 sigma."""
    for i, width in enumerate(WINDOWS):
        if minute % width or minute - windows.since < width:
            continue
        then = (minute - width) % RING
        expected = windows.expected - windows.expected_ring[then] + FLOOR * width
        _learn_one(windows, i, windows.reports - windows.report_ring[then] - expected, expected)


def _learn_one(windows: Windows, i: int, over: float, expected: float) -> None:
    square, variance = expected * expected, windows.variance[i]
    limit = CLIP * CLIP * (expected + variance * square)
    observed = (min(over * over, limit) - expected) / square
    weight = min(1 / (2 / square + 2 * variance * variance), 50.0)
    keep = 0.5 ** (WINDOWS[i] / (1440 * 14))
    windows.variance_sum[i] = windows.variance_sum[i] * keep + observed * weight
    windows.variance_weight[i] = windows.variance_weight[i] * keep + weight
    learned = (windows.variance_sum[i] + PRIOR_VARIANCE * PRIOR_WEIGHT) / (windows.variance_weight[i] + PRIOR_WEIGHT)
    windows.variance[i] = min(3.0, max(0.01, learned))


def learn_shares(windows: Windows, reports: float, plausible: bool) -> None:
    """Close the half hour of the slices; their shares of all `reports` move only if it was a `plausible` one."""
    if plausible:
        windows.sliced_reports = windows.sliced_reports * KEEP_SHARE + reports
    for part in windows.slices.values():
        if plausible:
            part.reports = part.reports * KEEP_SHARE + part.half_hour
            part.share = min(0.98, max(0.02, part.reports / windows.sliced_reports))
        part.half_hour = 0.0


def _new_slice(windows: Windows, name: str) -> Slice | None:
    if len(windows.slices) >= MAX_SLICES:
        return None
    part = windows.slices[name] = Slice(0.0, [0.0] * RING)
    return part
