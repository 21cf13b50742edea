"""Complaints become signals: people per minute and component go to the detector, its findings to the incident desk."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.desk.incidents import IncidentDesk
from app.pipeline.notices import Notices
from app.pipeline.others import KEPT_AS, LIVE, Others
from app.pipeline.past import WARM_UP, as_report, buckets_of, minutes_of
from app.pipeline.past import Past as Past  # what a history to learn from is given as
from app.pipeline.proof import Beat, Proof
from app.store.protocol import Store, Where, update
from domain.component import Component
from domain.heard.mention import MentionRecord, Stage
from domain.incidents.signal import Signal, SignalState
from domain.records import DetectorRecord, SourceState
from sentiment.people import Correction, Crowd, close, count
from sentiment.spikes import Bucket, Reading, Settings, State, learn, minute_of, moment_of, observe
from sentiment.spikes.baseline import audience
from sentiment.spikes.persist import dump, load

log = logging.getLogger(__name__)

KEEP_EVERY = 60  # minutes between two writes of the detector's memory; what is newer is replayed after a crash
RENEW_EVERY = 5  # minutes between two looks at a live signal whose state stays
SERIES = 180  # minutes shown on the card
BLIND_AFTER = timedelta(minutes=4)  # every source fails for so long: the minute that closes now was not seen


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
    notices: Notices
    others: Others  # the same without our own form
    polled: frozenset[str] = frozenset()  # the sources we ask; when all of them fail, silence says nothing
    states: dict[str, State] = field(default_factory=dict)
    series: dict[str, deque[Beat]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=SERIES)))
    live: set[str] = field(default_factory=set)
    muted: frozenset[str] = frozenset()  # components about which nobody is called now
    turned: set[str] = field(default_factory=set)  # components whose mute has begun or ended since they were looked at
    kept: int = 0  # minute of the last write

    def hear(self, record: MentionRecord) -> None:
        """Count one understood mention."""
        late = count(self.crowd, as_report(record, self.components), self.now())
        if late is not None and record.duplicate_of is None:
            self._correct(late)
        self.notices.hear(record)

    def _correct(self, late: Correction) -> None:
        """Let a report that came too late to be judged stand in the chart, where it was said."""
        series = self.series[late.component]
        for place, beat in enumerate(series):
            if beat.minute == late.minute:
                series[place] = beat._replace(people=beat.people + 1)

    async def run(self) -> None:
        """Judge every minute that is over; the detector's memory is written from time to time and on each change."""
        at = self.now()
        muted = await self.desk.muted()
        self.turned |= muted ^ self.muted
        self.muted = muted
        await self._judge(at, seen=await self._sees(at))
        await self.notices.run()

    async def _sees(self, at: datetime) -> bool:
        """Say whether any source answered lately; pushed mentions alone prove nothing about the others."""
        states = await self.store.find(SourceState, Where("id", "in_", sorted(self.polled))) if self.polled else []
        failing = [s.failing_since for s in states if s.failing_since is not None]
        return not failing or len(failing) < len(self.polled) or at - max(failing) < BLIND_AFTER

    async def _judge(self, at: datetime, *, seen: bool = True) -> None:
        changed, last = False, 0
        for component, bucket in close(self.crowd, at, seen=seen):
            changed |= await self._minute(component, bucket)
            last = bucket.minute
        if last and (changed or last - self.kept >= KEEP_EVERY):
            await self._keep(last)

    async def _minute(self, component: str, bucket: Bucket) -> bool:
        state = self.states.setdefault(component, State())
        before, muted = self._stands(component), component in self.muted
        quiet = self.others.why_quiet(component)
        form = self.crowd.form.of(component, bucket.minute)
        bucket = self.others.observe(component, bucket, form, state, muted=muted)
        reading = observe(state, bucket, self.settings, muted=muted)
        usual = audience(state.baseline, bucket.minute)
        self.series[component].append(
            Beat(bucket.minute, bucket.outage, reading.expected, bucket.neutral, usual, bucket.duplicate)
        )
        changed = self._stands(component) != before
        await self.notices.watch(component, reading, muted=muted)
        # A card that is edited each minute tires its readers (and Slack): between changes every fifth will do.
        turned = component in self.turned or self.others.why_quiet(component) != quiet
        if changed or bucket.minute % RENEW_EVERY == 0 or turned:
            self.turned.discard(component)
            await self._tell_if_live(component, self.others.louder(component, reading))
        return changed

    def _stands(self, component: str) -> tuple[SignalState | None, ...]:
        """Say how a component stands, with our own form and without it."""
        beside = self.others.states.get(component)
        return self.states[component].machine.state, beside.machine.state if beside else None

    async def _tell_if_live(self, component: str, reading: Reading) -> None:
        if reading.state in LIVE or component in self.live:
            await self._tell(component, reading)

    async def _tell(self, component: str, reading: Reading) -> None:
        state = reading.state if reading.state in LIVE else SignalState.CLOSED
        quiet = self.others.why_quiet(component)
        found = await self.proof.gather(component, reading, tuple(self.series[component]), quiet)
        if found is not None:
            await self.desk.observe(component, state, found.evidence, found.mentions)
        if state in LIVE:
            self.live.add(component)
        else:
            self.live.discard(component)

    async def _keep(self, minute: int) -> None:
        await self.notices.keep()
        self.kept, through = minute, moment_of(minute)
        named = {component or "-": state for component, state in self.states.items()}
        named |= {(component or "-") + KEPT_AS: state for component, state in self.others.states.items()}
        for name, state in named.items():
            memory = dump(state)
            if not (await self.store.add(DetectorRecord(name, memory, through)))[0]:
                await update(
                    self.store, DetectorRecord, name,
                    lambda r, m=memory: replace(r, state=m, through=through),  # type: ignore[misc]
                )  # fmt: skip

    async def restore(self) -> None:
        """Take up the memory after a start: load it, then replay the stored mentions that came after it."""
        through = await self._restore_states()
        self.live = {s.component for s in await self.store.find(Signal, Where("active_key", "ne", None))}
        await self.notices.restore()
        if through is not None:
            self.crowd.closed = self.kept = minute_of(through)
            await self._replay(through)
        else:
            await self._relearn(self.now())

    async def _restore_states(self) -> datetime | None:
        """Load what both ears remember; gives the moment up to which they have heard."""
        through, known, beside = None, dict[str, State](), dict[str, State]()
        for record in await self.store.find(DetectorRecord):
            name, kept = record.id.removesuffix(KEPT_AS), record.id.endswith(KEPT_AS)
            try:
                (beside if kept else known)["" if name == "-" else name] = load(dict(record.state))
            except ValueError:
                continue  # another version wrote it: this component learns again
            through = record.through if through is None else max(through, record.through)
        self.states |= known
        self.others.restore(self.states, beside)
        return through

    async def _relearn(self, now: datetime) -> None:
        """Learn from stored mentions where no memory can be used: a new version, or mentions from elsewhere."""
        told = await minutes_of(self.store, self.components, now - WARM_UP, now)
        self.states = {component: learn(history, self.settings) for component, history in told.items()}
        if self.states:
            log.info("learned %s components anew from %s of mentions", len(self.states), WARM_UP)
            self.crowd.closed = max(state.minute for state in self.states.values())

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
        talk = Counter[datetime]()
        for component, bucket in buckets_of(past := tuple(past)):
            minutes[component].append(bucket)
        for minute in past:
            five = minute.minute - timedelta(minutes=minute.minute.minute % 5)
            talk[five] += minute.reports + minute.others + minute.neutral
        self.states = {component: learn(history, self.settings) for component, history in minutes.items()}
        self.notices.learn(sorted(talk.items()))
        self.crowd.closed = minute_of(until) - 1
        await self._keep(self.crowd.closed)
