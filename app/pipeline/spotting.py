"""Complaints become signals: people per minute and component go to the detector, its findings to the incident desk."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from app.desk.incidents import IncidentDesk
from app.pipeline.proof import Proof
from app.store.protocol import Store, Where, update
from domain.classification import Kind
from domain.component import Component
from domain.mention import MentionRecord, Stage
from domain.records import DetectorRecord
from domain.signal import Signal, SignalState
from sentiment.people import Crowd, close, count
from sentiment.spikes import Bucket, Reading, Settings, State, learn, minute_of, moment_of, observe
from sentiment.spikes.persist import dump, load

KEEP_EVERY = 10  # minutes between two writes of the detector's memory; what is newer is replayed after a crash
RENEW_EVERY = 5  # minutes between two looks at a live signal whose state stays
SERIES = 180  # minutes shown on the card
LIVE = frozenset({SignalState.OPEN, SignalState.RECOVERING})


class Past(NamedTuple):
    """A minute of history of one component: people with its problem, with another one, posts of the content."""

    minute: datetime
    component: str
    reports: int
    others: int
    neutral: int


@dataclass(slots=True)
class Spotting:
    """Counts understood mentions and asks the detector once a minute, component by component."""

    store: Store
    desk: IncidentDesk
    proof: Proof
    components: Mapping[str, Component]
    settings: Settings
    now: Callable[[], datetime]
    crowd: Crowd
    states: dict[str, State] = field(default_factory=dict)
    series: dict[str, deque[tuple[int, float]]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=SERIES))
    )
    live: set[str] = field(default_factory=set)
    kept: int = 0  # minute of the last write

    def hear(self, record: MentionRecord) -> None:
        """Count one understood mention."""
        count(self.crowd, as_report(record, self.components), self.now())

    async def run(self) -> None:
        """Judge every minute that is over; the detector's memory is written from time to time and on each change."""
        await self._judge(self.now())

    async def _judge(self, at: datetime) -> None:
        changed, last = False, 0
        for component, bucket in close(self.crowd, at):
            changed |= await self._minute(component, bucket)
            last = bucket.minute
        if last and (changed or last - self.kept >= KEEP_EVERY):
            await self._keep(last)

    async def _minute(self, component: str, bucket: Bucket) -> bool:
        state = self.states.setdefault(component, State())
        before = state.machine.state
        reading = observe(state, bucket, self.settings)
        self.series[component].append((bucket.outage, reading.expected))
        changed = reading.state is not before
        # A card that is edited each minute tires its readers (and Slack): between changes every fifth will do.
        if changed or bucket.minute % RENEW_EVERY == 0:
            await self._tell_if_live(component, reading)
        return changed

    async def _tell_if_live(self, component: str, reading: Reading) -> None:
        if reading.state in LIVE or component in self.live:
            await self._tell(component, reading)

    async def _tell(self, component: str, reading: Reading) -> None:
        state = reading.state if reading.state in LIVE else SignalState.CLOSED
        found = await self.proof.gather(component, reading, tuple(self.series[component]))
        if found is not None:
            await self.desk.observe(component, state, found.evidence, found.mentions)
        if state in LIVE:
            self.live.add(component)
        else:
            self.live.discard(component)

    async def _keep(self, minute: int) -> None:
        self.kept, through = minute, moment_of(minute)
        for component, state in self.states.items():
            memory = dump(state)
            if not (await self.store.add(DetectorRecord(component or "-", memory, through)))[0]:
                await update(
                    self.store, DetectorRecord, component or "-",
                    lambda r, m=memory: replace(r, state=m, through=through),  # type: ignore[misc]
                )  # fmt: skip

    async def restore(self) -> None:
        """Take up the memory after a start: load it, then replay the stored mentions that came after it."""
        through: datetime | None = None
        for record in await self.store.find(DetectorRecord):
            try:
                self.states["" if record.id == "-" else record.id] = load(dict(record.state))
            except ValueError:
                continue  # another version wrote it: this component learns again
            through = record.through if through is None else max(through, record.through)
        self.live = {s.component for s in await self.store.find(Signal, Where("active_key", "ne", None))}
        if through is not None:
            self.crowd.closed = self.kept = minute_of(through)
            await self._replay(through)

    async def _replay(self, through: datetime) -> None:
        heard = await self.store.find(
            MentionRecord, Where("received_at", "gt", through), Where("stage", "eq", str(Stage.UNDERSTOOD)),
            order="received_at",
        )  # fmt: skip
        for record in heard:
            await self._judge(record.received_at)
            count(self.crowd, as_report(record, self.components), record.received_at)

    async def learn(self, past: Iterable[Past], until: datetime) -> None:
        """Warm up from history, unless something is known already."""
        if self.states:
            return
        minutes: dict[str, list[Bucket]] = defaultdict(list)
        for component, bucket in buckets_of(past):
            minutes[component].append(bucket)
        self.states = {component: learn(history, self.settings) for component, history in minutes.items()}
        self.crowd.closed = minute_of(until) - 1
        await self._keep(self.crowd.closed)


def as_report(record: MentionRecord, components: Mapping[str, Component]) -> MentionRecord:
    """Let a complaint of a kind that its component is about count as a report of an outage there.

    "My card was declined" is a payment complaint, and a hundred of them in ten minutes are a payment outage.
    """
    meaning = record.classification
    component = components.get(meaning.component or "") if meaning else None
    if meaning is None or component is None or meaning.kind not in component.kinds:
        return record
    return replace(record, classification=replace(meaning, kind=Kind.OUTAGE))


def buckets_of(past: Iterable[Past]) -> list[tuple[str, Bucket]]:
    """Shape history into the detector's minutes; content posts belong to none, so they count for each."""
    past = list(past)
    neutral = Counter[datetime]()
    for minute in past:
        neutral[minute.minute] += minute.neutral
    return [(m.component, Bucket(minute_of(m.minute), m.reports, m.others, neutral[m.minute], 0)) for m in past]
