"""What a normal minute looks like: the audience by time of day and weekday, and how much of it reports trouble.

Everything is learned per component from half hours cut to what is plausible (winsorised), so an outage, a campaign or
a holiday hardly moves it. The audience is learned from neutral mentions, because reports alone are too rare to show a
season.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, sqrt

from sentiment.spikes.settings import Leak

SLOTS = 48  # half hours of a day
FAST_DAYS = 2  # so long the plain mean is taken, without cutting
KEEP_LEVEL = 0.5 ** (1 / (48 * 3))  # per half hour: half-life 3 days
KEEP_RATE = 0.5 ** (1 / (48 * 10))  # per half hour: half-life 10 days
KEEP_SLOT = 0.5 ** (1 / 10)  # per visit of a slot: half-life 10 days
KEEP_WEEKDAY = KEEP_LEVEL**0.3  # per half hour of that weekday
AUDIENCE = 1 - exp(-1 / 20)  # weight of the newest minute in the present audience, time constant 20 min
PRIOR_REPORTS, PRIOR_MENTIONS = 0.04, 2.0
LOW_AUDIENCE, HIGH_AUDIENCE = 0.75, 1.25
DIP = 0.5  # how far a quiet audience lowers the expectation: a holiday must not turn ordinary reports into a spike
UNHEARD = 0.002  # neutral posts a minute nobody counted: a stream without neutral talk has an audience, too
FLOOR = 0.4  # of the seasonal expectation
EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday; Monday is 0


@dataclass(slots=True)
class HalfHour:
    """Sums of the half hour that is being filled."""

    id: int = -1
    minutes: int = 0
    reports: float = 0.0
    complaints: float = 0.0
    neutral: float = 0.0
    duplicates: float = 0.0
    audience: float = 0.0  # expected neutral mentions
    expected: float = 0.0  # expected reports


@dataclass(slots=True)
class Baseline:
    """The learned season, level and rates of one component. Lists are replaced when learning, never changed."""

    minutes: int = 0
    mentions: float = 0.0
    level: float = 0.0
    level_sum: float = 0.0
    level_weight: float = 0.0
    slot_sum: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    slot_weight: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    shape: list[float] = field(default_factory=lambda: [1.0] * SLOTS)
    day_sum: list[float] = field(default_factory=lambda: [0.0] * 7)
    day_weight: list[float] = field(default_factory=lambda: [0.0] * 7)
    days: list[float] = field(default_factory=lambda: [1.0] * 7)
    reports: float = 0.0
    complaints: float = 0.0
    duplicates: float = 0.0
    mentions_weight: float = 0.0
    now_seen: float = 0.0
    now_expected: float = 0.0
    half: HalfHour = field(default_factory=HalfHour)


def audience(base: Baseline, minute: int) -> float:
    """Neutral mentions expected in `minute` (since the epoch): level x time of day (between slot centres) x weekday."""
    of_day = minute % 1440
    slot, into = divmod(of_day, 30)
    phase = (into + 0.5) / 30 - 0.5
    shape = base.shape
    if phase > 0:
        mixed = shape[slot] * (1 - phase) + shape[(slot + 1) % SLOTS] * phase
    else:
        mixed = shape[slot] * (1 + phase) - shape[slot - 1] * phase
    level = base.level if base.level > 1e-4 else 1e-4
    return level * mixed * base.days[(minute // 1440 + EPOCH_WEEKDAY) % 7]


def expect(
    base: Baseline, leak: Leak, minute: int, reports: float, complaints: float, neutral: float, duplicates: float
) -> float:
    """Reports expected in this minute, given everything else that was said in it; fills the running half hour.

    Args:
        base: changed in place (the caller owns a copy).
        minute: minutes since the epoch, UTC.
    """
    usual = audience(base, minute)
    neutral += UNHEARD
    base.now_seen += AUDIENCE * (neutral - base.now_seen)
    base.now_expected += AUDIENCE * (usual - base.now_expected)
    present = (10 + 20 * base.now_seen) / (10 + 20 * base.now_expected)
    awake = usual * (LOW_AUDIENCE if present < LOW_AUDIENCE else min(HIGH_AUDIENCE, present))
    known = base.mentions_weight
    rate = (base.reports + PRIOR_REPORTS) / (known + PRIOR_MENTIONS)
    seasonal = rate * usual
    misread = leak.neutral * (neutral - awake) + leak.complaint * (
        complaints - (base.complaints + 0.35) / (known + 5) * awake
    )
    copied = leak.duplicate * (duplicates - base.duplicates / (known + 5) * usual)
    expected = rate * awake + (misread if present > 1 else DIP * misread) + copied
    if expected < FLOOR * seasonal:
        expected = FLOOR * seasonal
    half = base.half
    half.minutes += 1
    half.reports += reports
    half.complaints += complaints
    half.neutral += neutral
    half.duplicates += duplicates
    half.audience += usual
    half.expected += expected
    return expected


def learn_half_hour(base: Baseline, *, frozen: bool) -> None:
    """Take the finished half hour into the baseline; `frozen` (an incident is open) keeps the report rate."""
    half = base.half
    if half.minutes >= 20:
        slot = half.id % SLOTS
        base.mentions += half.neutral + half.reports + half.complaints
        if base.minutes <= FAST_DAYS * 1440:
            _learn_fast(base, half, slot)
        else:
            _learn_slow(base, half, slot, frozen)
    base.half = HalfHour()


def _learn_fast(base: Baseline, half: HalfHour, slot: int) -> None:
    base.level_sum += half.neutral
    base.level_weight += half.minutes
    base.level = base.level_sum / base.level_weight
    base.slot_sum = _with(base.slot_sum, slot, base.slot_sum[slot] + half.neutral)
    base.slot_weight = _with(base.slot_weight, slot, base.slot_weight[slot] + base.level * half.minutes)
    base.shape = [(s + 20) / (w + 20) for s, w in zip(base.slot_sum, base.slot_weight, strict=True)]
    base.reports += half.reports
    base.complaints += half.complaints
    base.duplicates += half.duplicates
    base.mentions_weight += half.neutral


def _learn_slow(base: Baseline, half: HalfHour, slot: int, frozen: bool) -> None:
    usual, shape = half.audience, base.shape[slot]
    spread = 2 * (sqrt(usual + 0.15 * usual * usual) + 0.5)
    neutral = min(usual + spread, max(usual - spread, half.neutral))
    weekday = (half.id // SLOTS + EPOCH_WEEKDAY) % 7
    day = base.days[weekday]
    before = base.level
    base.level_sum = base.level_sum * KEEP_LEVEL + neutral
    base.level_weight = base.level_weight * KEEP_LEVEL + half.minutes * shape * day
    base.slot_sum = _with(base.slot_sum, slot, base.slot_sum[slot] * KEEP_SLOT + neutral)
    base.slot_weight = _with(base.slot_weight, slot, base.slot_weight[slot] * KEEP_SLOT + before * half.minutes * day)
    _learn_rates(base, half, frozen)
    base.level = base.level_sum / max(base.level_weight, 1.0)
    if base.minutes > 7 * 1440:
        _learn_weekday(base, weekday, neutral, base.level * half.minutes * shape)
    shapes = [(s + 10) / (w + 10) for s, w in zip(base.slot_sum, base.slot_weight, strict=True)]
    mean = sum(shapes) / SLOTS
    base.shape = [s / mean for s in shapes]


def _learn_rates(base: Baseline, half: HalfHour, frozen: bool) -> None:
    usual, known = half.audience, base.mentions_weight
    expected = half.expected
    roof = expected if frozen else expected + 3 * sqrt(expected + 0.3 * expected * expected) + 1
    complaints = 3 * usual * (base.complaints + 0.35) / (known + 5) + 3
    duplicates = 3 * usual * base.duplicates / (known + 5) + 1
    base.reports = base.reports * KEEP_RATE + min(half.reports, roof)
    base.complaints = base.complaints * KEEP_RATE + min(half.complaints, complaints)
    base.duplicates = base.duplicates * KEEP_RATE + min(half.duplicates, duplicates)
    base.mentions_weight = known * KEEP_RATE + usual


def _learn_weekday(base: Baseline, weekday: int, neutral: float, usual: float) -> None:
    base.day_sum = _with(base.day_sum, weekday, base.day_sum[weekday] * KEEP_WEEKDAY + neutral)
    base.day_weight = _with(base.day_weight, weekday, base.day_weight[weekday] * KEEP_WEEKDAY + usual)
    day = (base.day_sum[weekday] + 30) / (base.day_weight[weekday] + 30)
    base.days = _with(base.days, weekday, day)


def _with(values: list[float], index: int, value: float) -> list[float]:
    changed = values.copy()
    changed[index] = value
    return changed
