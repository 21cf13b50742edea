"""What would have paged? Minutes of the past go through the detector with other settings; nothing is written. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.desk.stories import TOGETHER
from domain.incidents.maintenance import Maintenance, muted_until
from domain.incidents.signal import SignalState
from sentiment.people import Counting, lateness_of
from sentiment.spikes import Bucket, Reading, Settings, State, moment_of, observe

LIVE = frozenset({SignalState.OPEN, SignalState.RECOVERING})
LONGEST = 150  # minutes the detector looks back at most


@dataclass(frozen=True, slots=True)
class Alarm:
    """One rise of one component, as the people on call would have seen it; `people` have one vote an hour."""

    component: str  # "" for reports that name none
    opened: datetime  # when the alarm would have been raised: a minute is judged two minutes after its end
    first_report: datetime  # minute of the first report in the window that raised it
    peak: datetime
    peak_people: int  # most people in any 25 minutes
    people: int
    score: float  # highest
    closed: datetime | None = None  # None: it lives at the end of the back-test
    part_of: str | None = None  # component of the earlier alarm that would have paged for this one
    muted: bool = False  # under planned maintenance

    @property
    def delay(self) -> timedelta:
        """From the first report of this rise to the alarm."""
        return self.opened - self.first_report

    @property
    def pages(self) -> bool:
        """True if this one would have called people."""
        return self.part_of is None and not self.muted


@dataclass(slots=True)
class Backtest:
    """Takes minutes, oldest first; those before `begin` warm the detector up and raise no alarm."""

    settings: Settings
    begin: datetime
    maintenance: Sequence[Maintenance] = ()
    alarms: list[Alarm] = field(default_factory=list)  # in the order of their opening
    notes: Counter[str] = field(default_factory=Counter)  # component -> how often it was only watched
    states: dict[str, State] = field(default_factory=dict)
    _live: dict[str, int] = field(default_factory=dict)  # component -> place in `alarms`
    _recent: dict[str, deque[tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=LONGEST))
    )
    _open: dict[str, SignalState] = field(default_factory=dict)

    def take(self, minutes: Iterable[tuple[str, Bucket]]) -> None:
        """Judge some minutes."""
        for component, bucket in minutes:
            reading = observe(self.states.setdefault(component, State()), bucket, self.settings)
            self._recent[component].append((bucket.minute, bucket.outage))
            if moment_of(bucket.minute) >= self.begin:
                self._note(component, bucket, reading)
            self._open[component] = reading.state

    def _note(self, component: str, bucket: Bucket, reading: Reading) -> None:
        before = self._open.get(component, SignalState.WARMING)
        if reading.state in LIVE and before not in LIVE:
            self.notes[component] -= before is SignalState.WATCH and self.notes[component] > 0
            self.alarms.append(self._opened(component, reading))
            self._live[component] = len(self.alarms) - 1
        elif component in self._live:
            place = self._live[component]
            self.alarms[place] = self._grown(self.alarms[place], bucket, reading)
            if reading.state not in LIVE:
                del self._live[component]
        elif reading.state is SignalState.WATCH and before is not SignalState.WATCH:
            self.notes[component] += 1

    def _opened(self, component: str, reading: Reading) -> Alarm:
        at, width = _raised(reading.minute), max(reading.found.minutes, 1)
        window = [(minute, n) for minute, n in self._recent[component] if minute > reading.minute - width]
        first = next((minute for minute, n in window if n), reading.minute)
        return Alarm(
            component, at, moment_of(first), at, self._last_25(component), sum(n for _, n in window), reading.score,
            part_of=self._story(at), muted=muted_until(component, self.maintenance, at) is not None,
        )  # fmt: skip

    def _story(self, at: datetime) -> str | None:
        """Name the component whose alarm would have called people for one that opens now (as app.desk.stories does)."""
        live = [self.alarms[place] for place in self._live.values()]
        near = [a for a in live if at - a.opened <= timedelta(minutes=TOGETHER) and not a.muted]
        first = min(near, key=lambda a: a.opened, default=None)
        return None if first is None else first.component if first.part_of is None else first.part_of

    def _grown(self, alarm: Alarm, bucket: Bucket, reading: Reading) -> Alarm:
        at, now = _raised(bucket.minute), self._last_25(alarm.component)
        if now > alarm.peak_people:
            alarm = replace(alarm, peak=at, peak_people=now)
        closed = at if reading.state not in LIVE else None
        people, score = alarm.people + bucket.outage, max(alarm.score, reading.score)
        return replace(alarm, people=people, score=score, closed=closed)

    def _last_25(self, component: str) -> int:
        recent = self._recent[component]
        return sum(n for minute, n in recent if minute > recent[-1][0] - 25)


@dataclass(frozen=True, slots=True)
class Month:
    """What one calendar month (UTC) would have brought."""

    month: str  # "2026-03"
    alarms: int
    pages: int
    median_delay: timedelta


def months(alarms: Iterable[Alarm]) -> list[Month]:
    """Sum alarms up per month, oldest first; months without one are left out."""
    grouped: dict[str, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        grouped[f"{alarm.opened:%Y-%m}"].append(alarm)
    return [
        Month(month, len(group), sum(a.pages for a in group), sorted(a.delay for a in group)[len(group) // 2])
        for month, group in sorted(grouped.items())
    ]


def _raised(minute: int) -> datetime:
    return moment_of(minute + 1) + lateness_of(Counting())
