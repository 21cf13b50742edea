"""Quiet notes: much more talk about the brand than usual, or a component worth a look. They never call anybody."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from app.store.protocol import Store, Where, update
from domain.heard.classification import Sentiment
from domain.heard.mention import MentionRecord
from domain.ids import stable_id
from domain.incidents.notice import DAY, Notice, NoticeKind, why_no_notice
from domain.incidents.signal import Signal, SignalState
from domain.records import Kept
from domain.work import Card
from sentiment.spikes import Reading, minute_of, moment_of
from sentiment.volume import WINDOW, Tone, VolumeState, tone_of, watch_volume

STEP = 5  # minutes of talk that are judged together
SHOWN = WINDOW // timedelta(minutes=STEP)  # steps whose tone a notice tells
HELD = 5  # minutes a component is watched before it is told: what opens at once needs no note before it
WARM_UP = timedelta(days=7)  # of talk; before that every busy morning would be a record
MEMORY = "volume"  # the name under which the record of talk is kept
_ADAPTER = TypeAdapter(VolumeState)
_TONES = {
    Tone.GOOD: "Most of it sounds good", Tone.BAD: "Most of it sounds bad", Tone.MIXED: "It sounds mixed",
}  # fmt: skip


class Talk(NamedTuple):
    """What was said in one step."""

    mentions: int = 0
    good: int = 0
    bad: int = 0


@dataclass(slots=True)
class Notices:
    """Listens beside the detector; the notes it writes are posted by the outbox."""

    store: Store
    channel: str
    now: Callable[[], datetime]
    volume: VolumeState = field(default_factory=VolumeState)
    steps: dict[int, Talk] = field(default_factory=dict)  # not judged yet, by number since the epoch
    recent: deque[tuple[int, Talk]] = field(default_factory=lambda: deque(maxlen=SHOWN))
    judged: int | None = None  # the last step
    watched: dict[str, int] = field(default_factory=dict)  # component -> since which minute

    def hear(self, record: MentionRecord) -> None:
        """Count one understood mention of now; what customers did not say, and backlogs, are no talk of now.

        Nor is what comes through our own form, where one hand can write a hundred times without anybody seeing it.
        """
        meaning = record.classification
        if not record.heard_as_customer or record.history or meaning is None or record.mention.submission is not None:
            return
        good, bad = meaning.sentiment is Sentiment.POSITIVE, meaning.sentiment is Sentiment.NEGATIVE
        step = minute_of(self.now()) // STEP
        known = self.steps.get(step, Talk())
        self.steps[step] = Talk(known.mentions + 1, known.good + good, known.bad + bad)

    async def run(self) -> None:
        """Judge the steps that are over."""
        present = minute_of(self.now()) // STEP
        first = present - 1 if self.judged is None else max(self.judged + 1, present - SHOWN)
        for step in range(first, present):
            await self._judge(step, self.steps.get(step, Talk()))
        self.steps = {step: talk for step, talk in self.steps.items() if step >= present}

    async def _judge(self, step: int, talk: Talk) -> None:
        self.judged = step
        self.recent.append((step, talk))
        reading = watch_volume(self.volume, moment_of(step * STEP), talk.mentions)
        known_for = reading.at - self.volume.first if self.volume.first else timedelta()
        if reading.notice and known_for >= WARM_UP and not await self._explained():
            said = [t for at, t in self.recent if step - at < SHOWN]
            good, bad = sum(t.good for t in said), sum(t.bad for t in said)
            text = f"{reading.reason} {_TONES[tone_of(good, bad)]} ({good} good, {bad} bad in two hours)."
            await self.tell(NoticeKind.VOLUME, None, text)

    async def _explained(self) -> bool:
        """Say whether customers report an outage right now: then everybody knows why they talk."""
        return await self.store.count(Signal, Where("active_key", "ne", None)) > 0

    async def watch(self, component: str, reading: Reading, *, muted: bool) -> None:
        """Note a component that is watched for some minutes; one that is muted or opens needs no note."""
        if reading.state is not SignalState.WATCH or muted:
            self.watched.pop(component, None)
            return
        since = self.watched.setdefault(component, reading.minute)
        if reading.minute - since == HELD:
            await self.tell(NoticeKind.WATCH, component, f"Worth a look: {reading.reason}.")

    async def tell(self, kind: NoticeKind, component: str | None, text: str) -> bool:
        """Write one notice unless it would be one too many; True if it is written."""
        at = self.now()
        earlier = await self.store.find(Notice, Where("at", "gt", at - DAY), order="-at", limit=50)
        if why_no_notice(kind, component, earlier, at) is not None:
            return False
        named = stable_id("note", kind, component or "", at.isoformat())
        await self.store.add(Notice(named, kind, component, at, text, Card(self.channel)))
        return True

    def learn(self, past: Iterable[tuple[datetime, int]]) -> None:
        """Warm up from talk of the past: (moment, mentions), oldest first."""
        for at, mentions in past:
            watch_volume(self.volume, at, mentions)

    async def keep(self) -> None:
        """Write down what is remembered."""
        value: Mapping[str, Any] = {"volume": _ADAPTER.dump_python(self.volume, mode="json"), "judged": self.judged}
        if not (await self.store.add(Kept(MEMORY, value)))[0]:
            await update(self.store, Kept, MEMORY, lambda known: replace(known, value=value))

    async def restore(self) -> None:
        """Take up what was remembered; what another version wrote is learned again."""
        known = await self.store.get(Kept, MEMORY)
        if known is None:
            return
        try:
            self.volume = _ADAPTER.validate_python(known.value.get("volume"))
        except ValidationError:
            return
        judged = known.value.get("judged")
        self.judged = judged if isinstance(judged, int) else None
