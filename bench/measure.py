"""How good is a score? Recall, false alarms and delays at a budget, and the clairvoyant bound to compare with."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bench.streams import Array, Counts, Stream

AFTER = 180  # minutes after an outage in which an alarm still belongs to it (no false alarm), but is no catch
GRACE = 30  # minutes after the end in which the first alarm still counts as a catch
GAP = 60  # minutes below the threshold that make the next crossing a new alarm
MONTH = 43_200
BOUND = 8.8  # log-likelihood: one false alarm of the clairvoyant in 30 days (measured on OutageStreams seeds 1-3)
RATIOS = np.array([1.5, 2.0, 4.0, 10.0, 30.0])


@dataclass(slots=True)
class Judged:
    """One stream with what the detector said about each minute."""

    stream: Stream
    score: Array
    state: list[str]
    material: list[bool] = field(default_factory=list)
    bound: list[float] = field(default_factory=list)  # delay of the clairvoyant, minutes


@dataclass(frozen=True, slots=True)
class Figures:
    """What one threshold gives over many streams; delays in minutes from the technical onset (inf: missed)."""

    threshold: float
    false_alarms: float  # per component and 30 days
    recall: float
    delays: Array
    kinds: tuple[str, ...]
    sizes: tuple[str, ...]
    ratios: Array
    alarms_per_outage: float

    def delay(self, kind: str = "") -> float:
        """Median delay over all outages (missed ones too), or of one kind."""
        chosen = [d for d, k in zip(self.delays, self.kinds, strict=True) if kind in ("", k)]
        return float(np.median(chosen)) if chosen else float("nan")

    def caught(self, size: str) -> float:
        """Recall within one size."""
        chosen = [d < np.inf for d, s in zip(self.delays, self.sizes, strict=True) if s == size]
        return float(np.mean(chosen)) if chosen else float("nan")


def prepare(judged: Judged) -> Judged:
    """Decide which outages are material (at least 10 reports and 15 nats to be had) and what a clairvoyant needs."""
    stream = judged.stream
    usual = stream.usual + 1e-9
    for outage in stream.outages:
        part = slice(outage.start, outage.end)
        rate = usual[part] + stream.extra[part]
        nats = float(np.sum(rate * np.log(rate / usual[part]) - stream.extra[part]))
        judged.material.append(bool(stream.extra[part].sum() >= 10 and nats >= 15))
        judged.bound.append(_clairvoyant(stream, outage.start, outage.end + GRACE))
    return judged


def at_budget(all_judged: list[Judged], budget: float) -> Figures:
    """Choose the lowest threshold within a budget of false alarms."""
    low, high = 0.0, 50.0
    for _ in range(14):
        middle = (low + high) / 2
        if figures(all_judged, middle).false_alarms > budget:
            low = middle
        else:
            high = middle
    return figures(all_judged, high)


def figures(all_judged: list[Judged], threshold: float) -> Figures:
    """Measure one threshold."""
    false, minutes, caught, alarms = 0, 0, 0, 0
    delays: list[float] = []
    kinds: list[str] = []
    sizes: list[str] = []
    ratios: list[float] = []
    for judged in all_judged:
        stream = judged.stream
        starts = crossings(judged.score, threshold, stream.warm)
        minutes += stream.minutes - stream.warm
        for outage, material, bound in zip(stream.outages, judged.material, judged.bound, strict=True):
            inside = starts[(starts >= outage.start) & (starts <= outage.end + AFTER)]
            minutes -= outage.end - outage.start + AFTER
            if not material:
                continue
            hit = inside[inside <= outage.end + GRACE]
            delays.append(float(hit[0] - outage.start) if hit.size else np.inf)
            kinds.append(outage.kind)
            sizes.append(stream.size)
            ratios.append(delays[-1] / max(bound, 1.0))
            caught, alarms = caught + bool(hit.size), alarms + (inside.size if hit.size else 0)
        false += sum(not _near(stream, int(start)) for start in starts)
    return Figures(
        threshold, false / (minutes / MONTH), caught / max(len(delays), 1), np.array(delays), tuple(kinds),
        tuple(sizes), np.array(ratios), alarms / max(caught, 1),
    )  # fmt: skip


def crossings(score: Array, threshold: float, warm: int) -> Counts:
    """Minutes at which an alarm begins."""
    above = np.flatnonzero(score[warm:] >= threshold) + warm
    starts: Counts = above[np.diff(above, prepend=-GAP - 1) > GAP].astype(np.int64)
    return starts


@dataclass(frozen=True, slots=True)
class Incidents:
    """What the state machine did at its own thresholds."""

    false_alarms: float
    recall: float
    delay: float
    alarms_per_outage: float
    early_recoveries: float  # share of caught outages called recovering before their true end


def incidents(all_judged: list[Judged]) -> Incidents:
    """Judge the states instead of the score."""
    false, minutes, total, caught, alarms, early = 0, 0, 0, 0, 0, 0
    delays: list[float] = []
    for judged in all_judged:
        stream, states = judged.stream, np.array(judged.state)
        live = np.isin(states, ("open", "recovering")).astype(np.int8)
        opened = np.flatnonzero(np.diff(live, prepend=0) == 1)
        opened = opened[opened >= stream.warm]
        minutes += stream.minutes - stream.warm
        false += sum(not _near(stream, int(start)) for start in opened)
        for outage, material in zip(stream.outages, judged.material, strict=True):
            minutes -= outage.end - outage.start + AFTER
            inside = opened[(opened >= outage.start) & (opened <= outage.end + AFTER)]
            total += material
            if not material:
                continue
            if inside.size and inside[0] <= outage.end + GRACE:
                caught, alarms = caught + 1, alarms + inside.size
                early += bool((states[inside[0] : outage.end] == "recovering").any())
                delays.append(float(inside[0] - outage.start))
            else:
                delays.append(np.inf)
    return Incidents(
        false / (minutes / MONTH), caught / max(total, 1), float(np.median(delays)), alarms / max(caught, 1),
        early / max(caught, 1),
    )  # fmt: skip


def _near(stream: Stream, start: int) -> bool:
    return any(outage.start - 5 <= start <= outage.end + AFTER for outage in stream.outages)


def _clairvoyant(stream: Stream, start: int, end: int) -> float:
    """Delay of a CUSUM bank that knows the true usual rate of every minute."""
    counts, usual = stream.outage[start:end], stream.usual[start:end] + 1e-9
    gains = np.zeros(RATIOS.size)
    for minute in range(end - start):
        gains = np.maximum(0.0, gains + counts[minute] * np.log(RATIOS) - usual[minute] * (RATIOS - 1))
        if gains.max() >= BOUND:
            return float(minute)
    return np.inf
