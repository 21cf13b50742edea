"""The same detector for ten thousand components at once: numpy arrays instead of one state each.

Expectation, scan and learning are those of `detector` (a test holds them together) without slices and without the state
machine: only the few components whose score is over the watch line need one, take them out with `state_of`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sentiment.spikes import baseline as one
from sentiment.spikes import scan
from sentiment.spikes.baseline import Baseline, HalfHour
from sentiment.spikes.detector import HIGHEST, HOLD, LEARN_VARIANCE_AFTER, State
from sentiment.spikes.settings import Leak

Array = NDArray[np.float64]
_SUMS = tuple(f.name for f in fields(HalfHour) if f.name not in ("id", "minutes"))
_LISTS = ("slot_sum", "slot_weight", "shape", "day_sum", "day_weight", "days")
_NUMBERS = tuple(f.name for f in fields(Baseline) if f.name not in (*_LISTS, "half", "minutes"))
_VARIANCES = ("variance", "variance_sum", "variance_weight")


@dataclass(frozen=True, slots=True)
class Counts:
    """One minute of all components, each array of shape (components,)."""

    outage: Array
    complaint: Array
    neutral: Array
    duplicate: Array


class Fleet:
    """Many components in step, one minute at a time."""

    def __init__(self, states: Sequence[State], leak: Leak | None = None) -> None:
        """Gather warmed-up `states` that all stand at the same minute; their slices are left out."""
        minutes = {(s.minute, s.baseline.minutes, s.baseline.half.id, s.baseline.half.minutes) for s in states}
        if len(minutes) != 1:
            raise ValueError("The components of a fleet must stand at the same minute.")
        if next(iter(minutes))[1] <= one.FAST_DAYS * 1440:
            raise ValueError("The components of a fleet must have learned for two days.")
        self.minute, self.age, self.half, self.half_minutes = minutes.pop()
        self.leak = leak or Leak()
        self.base = {n: np.array([getattr(s.baseline, n) for s in states], float) for n in (*_NUMBERS, *_LISTS)}
        self.sums = {n: np.array([getattr(s.baseline.half, n) for s in states], float) for n in _SUMS}
        self.variances = {n: np.array([getattr(s.windows, n) for s in states], float).T.copy() for n in _VARIANCES}
        self.reports = np.array([s.windows.reports for s in states], float)
        self.expected = np.array([s.windows.expected for s in states], float)
        self.report_ring = np.array([s.windows.report_ring for s in states], float).T.copy()
        self.expected_ring = np.array([s.windows.expected_ring for s in states], float).T.copy()
        self.since = max(s.windows.since for s in states)
        self.score = np.array([s.score for s in states], float)

    def step(self, counts: Counts) -> tuple[Array, Array]:
        """Take in the next minute; scores and expected reports of all components."""
        self.minute += 1
        self.age += 1
        if self.minute // 30 != self.half:
            self._learn_half_hour()
        expected = self._expect(counts)
        self.reports += counts.outage
        self.expected += expected
        self.report_ring[self.minute % scan.RING] = self.reports
        self.expected_ring[self.minute % scan.RING] = self.expected
        found = self._strongest()
        if self.age > LEARN_VARIANCE_AFTER:
            self._learn_variance()
        self.score = np.maximum(np.minimum(found, HIGHEST), self.score * HOLD)
        return self.score, expected

    def state_of(self, i: int) -> State:
        """Take component `i` out as a state of its own."""
        state = State(minute=self.minute, score=float(self.score[i]))
        for name in _NUMBERS:
            setattr(state.baseline, name, float(self.base[name][i]))
        for name in _LISTS:
            setattr(state.baseline, name, self.base[name][i].tolist())
        state.baseline.minutes = self.age
        sums = {name: float(self.sums[name][i]) for name in _SUMS}
        state.baseline.half = HalfHour(id=self.half, minutes=self.half_minutes, **sums)
        windows = state.windows
        windows.reports, windows.expected = float(self.reports[i]), float(self.expected[i])
        windows.report_ring, windows.expected_ring = self.report_ring[:, i].tolist(), self.expected_ring[:, i].tolist()
        windows.since = self.since
        for name in _VARIANCES:
            setattr(windows, name, self.variances[name][:, i].tolist())
        return state

    def _expect(self, counts: Counts) -> Array:
        base, leak = self.base, self.leak
        usual = self._audience()
        neutral = counts.neutral + one.UNHEARD
        base["now_seen"] += one.AUDIENCE * (neutral - base["now_seen"])
        base["now_expected"] += one.AUDIENCE * (usual - base["now_expected"])
        present = (10 + 20 * base["now_seen"]) / (10 + 20 * base["now_expected"])
        awake = usual * np.clip(present, one.LOW_AUDIENCE, one.HIGH_AUDIENCE)
        known = base["mentions_weight"]
        rate = (base["reports"] + one.PRIOR_REPORTS) / (known + one.PRIOR_MENTIONS)
        complaints = (base["complaints"] + 0.35) / (known + 5) * awake
        misread = leak.neutral * (neutral - awake) + leak.complaint * (counts.complaint - complaints)
        copied = leak.duplicate * (counts.duplicate - base["duplicates"] / (known + 5) * usual)
        expected = rate * awake + np.where(present > 1, misread, one.DIP * misread) + copied
        floored: Array = np.maximum(expected, one.FLOOR * rate * usual)
        self.half_minutes += 1
        new = (counts.outage, counts.complaint, neutral, counts.duplicate, usual, floored)
        for name, values in zip(_SUMS, new, strict=True):
            self.sums[name] += values
        return floored

    def _audience(self) -> Array:
        slot, into = divmod(self.minute % 1440, 30)
        phase = (into + 0.5) / 30 - 0.5
        beside = (slot + 1) % one.SLOTS if phase > 0 else slot - 1
        shape = self.base["shape"]
        mixed = shape[:, slot] * (1 - abs(phase)) + shape[:, beside] * abs(phase)
        weekday = (self.minute // 1440 + one.EPOCH_WEEKDAY) % 7
        usual: Array = np.maximum(self.base["level"], 1e-4) * mixed * self.base["days"][:, weekday]
        return usual

    def _window(self, i: int) -> tuple[Array, Array]:
        width = scan.WINDOWS[i]
        then = (self.minute - width) % scan.RING
        count: Array = self.reports - self.report_ring[then]
        return count, self.expected - self.expected_ring[then] + scan.FLOOR * width

    def _strongest(self) -> Array:
        best = np.zeros_like(self.reports)
        for i in range(len(scan.WINDOWS)):
            count, expected = self._window(i)
            over = np.flatnonzero(count - scan.CONTINUITY > expected)
            score = _deviance(count[over] - scan.CONTINUITY, expected[over], self.variances["variance"][i][over])
            best[over] = np.maximum(best[over], score)
        return best

    def _learn_variance(self) -> None:
        for i, width in enumerate(scan.WINDOWS):
            if self.minute % width or self.minute - self.since < width:
                continue
            count, expected = self._window(i)
            square, variance = expected * expected, self.variances["variance"][i]
            limit = scan.CLIP**2 * (expected + variance * square)
            observed = (np.minimum((count - expected) ** 2, limit) - expected) / square
            weight = np.minimum(1 / (2 / square + 2 * variance * variance), 50.0)
            keep = 0.5 ** (width / (1440 * 14))
            sums, weights = self.variances["variance_sum"], self.variances["variance_weight"]
            sums[i] = sums[i] * keep + observed * weight
            weights[i] = weights[i] * keep + weight
            prior = scan.PRIOR_VARIANCE * scan.PRIOR_WEIGHT
            self.variances["variance"][i] = np.clip((sums[i] + prior) / (weights[i] + scan.PRIOR_WEIGHT), 0.01, 3.0)

    def _learn_half_hour(self) -> None:
        if self.half_minutes >= 20:
            slot, weekday = self.half % one.SLOTS, (self.half // one.SLOTS + one.EPOCH_WEEKDAY) % 7
            self._learn_season(slot, weekday)
        self.half, self.half_minutes = self.minute // 30, 0
        for values in self.sums.values():
            values[:] = 0.0

    def _learn_season(self, slot: int, weekday: int) -> None:
        base, sums, minutes = self.base, self.sums, self.half_minutes
        usual, shape, day, before = sums["audience"], base["shape"][:, slot], base["days"][:, weekday], base["level"]
        spread = 2 * (np.sqrt(usual + 0.15 * usual * usual) + 0.5)
        neutral = np.clip(sums["neutral"], usual - spread, usual + spread)
        base["mentions"] += sums["neutral"] + sums["reports"] + sums["complaints"]
        base["level_sum"] = base["level_sum"] * one.KEEP_LEVEL + neutral
        base["level_weight"] = base["level_weight"] * one.KEEP_LEVEL + minutes * shape * day
        base["slot_sum"][:, slot] = base["slot_sum"][:, slot] * one.KEEP_SLOT + neutral
        base["slot_weight"][:, slot] = base["slot_weight"][:, slot] * one.KEEP_SLOT + before * minutes * day
        self._learn_rates()
        base["level"] = base["level_sum"] / np.maximum(base["level_weight"], 1.0)
        if self.age > 7 * 1440:
            kept, weight = base["day_sum"][:, weekday], base["day_weight"][:, weekday]
            kept[:] = kept * one.KEEP_WEEKDAY + neutral
            weight[:] = weight * one.KEEP_WEEKDAY + base["level"] * minutes * shape
            base["days"][:, weekday] = (kept + 30) / (weight + 30)
        shapes = (base["slot_sum"] + 10) / (base["slot_weight"] + 10)
        base["shape"] = shapes / shapes.mean(axis=1, keepdims=True)

    def _learn_rates(self) -> None:
        base, sums = self.base, self.sums
        usual, known, expected = sums["audience"], base["mentions_weight"], sums["expected"]
        roofs = {
            "reports": expected + 3 * np.sqrt(expected + 0.3 * expected * expected) + 1,
            "complaints": 3 * usual * (base["complaints"] + 0.35) / (known + 5) + 3,
            "duplicates": 3 * usual * base["duplicates"] / (known + 5) + 1,
        }
        for name, roof in roofs.items():
            base[name] = base[name] * one.KEEP_RATE + np.minimum(sums[name], roof)
        base["mentions_weight"] = known * one.KEEP_RATE + usual


def _deviance(count: Array, expected: Array, variance: Array) -> Array:
    spread = np.log1p(variance)
    x = np.log(count / expected) * (expected * spread / (1 + expected * spread))
    for _ in range(3):
        rate = expected * np.exp(x)
        x = x + (count - rate - x / spread) / (rate + 1 / spread)
    rate = expected * np.exp(x)
    deviance: Array = count * (np.log(count) - np.log(rate)) - (count - rate) + x * x / (2 * spread)
    return deviance
