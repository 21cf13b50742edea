"""What customers saw of an incident: which complaints belong to it, how many people when. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.care.case import Case, CaseStatus
from domain.heard.mention import MentionRecord
from domain.incidents.incident import Incident

LOOK_BACK = timedelta(minutes=30)  # before it began, as far back as cases are linked by themselves
BY_HAND = timedelta(hours=24)  # before it began, where a person linked an older case
TAIL = timedelta(hours=1)  # after the end, in which new complaints are still drawn and counted
MOST_BARS = 120
A_MINUTE = timedelta(minutes=1)
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)  # minutes
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Axis:
    """The time axis of a picture: `slots` bars of `step` minutes, the first one from `start` (UTC)."""

    start: datetime
    step: int
    slots: int

    @property
    def end(self) -> datetime:
        """When the last bar ends."""
        return self.moment(self.slots)

    def moment(self, slot: int) -> datetime:
        """Say when a bar begins."""
        return self.start + slot * self.step * A_MINUTE

    def slot(self, at: datetime) -> int | None:
        """Say in which bar a moment falls, None beside the picture."""
        slot = (at - self.start) // (self.step * A_MINUTE)
        return slot if 0 <= slot < self.slots else None

    def counts(self, moments: Iterable[datetime]) -> tuple[int, ...]:
        """Count moments per bar."""
        found = Counter(self.slot(at) for at in moments)
        return tuple(found[slot] for slot in range(self.slots))


def axis(first: datetime, last: datetime) -> Axis:
    """Lay an axis over a span: the finest step that needs no more than `MOST_BARS` bars; very long ones, whole days."""
    minutes = max(last - first, timedelta(0)) // A_MINUTE + 1
    days = -(-minutes // (1440 * (MOST_BARS - 1)))
    step = next((step for step in _STEPS if minutes <= step * (MOST_BARS - 1)), 1440 * days)
    start = _EPOCH + (first - _EPOCH) // (step * A_MINUTE) * step * A_MINUTE
    return Axis(start, step, max(last - start, timedelta(0)) // (step * A_MINUTE) + 1)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which complaints belong: from when to when, about what; the sets are ids of mentions."""

    began: datetime
    until: datetime
    components: frozenset[str]
    linked: frozenset[str] = frozenset()
    by_hand: frozenset[str] = frozenset()  # linked, and surely by a person
    off: frozenset[str] = frozenset()  # taken off, dismissed, or part of another incident

    def holds(self, record: MentionRecord) -> bool:
        """Say whether a mention is a complaint about the incident; what its people linked or took off decides."""
        at, meaning = record.mention.created_at, record.classification
        if record.id in self.linked:
            back = BY_HAND if record.id in self.by_hand else LOOK_BACK
            return self.began - back <= at <= self.until
        if record.id in self.off or not record.heard_as_customer or meaning is None:
            return False
        return meaning.is_complaint and meaning.component in self.components and self.began <= at <= self.until


def scope(incident: Incident, cases: Iterable[Case], began: datetime, now: datetime) -> Scope:
    """Draw the line around an incident that began then; `cases` are the linked ones and all that may be in doubt."""
    ended = None if incident.is_open else incident.resolved_at
    until = min(now, ended + TAIL) if ended is not None else now
    linked, by_hand, off = set[str](), set[str](), set[str]()
    for case in cases:
        elsewhere = case.incident_id not in (None, incident.id)
        if elsewhere or case.status is CaseStatus.DISMISSED or case.id in incident.not_about:
            off.update(case.mention_ids)
        elif case.incident_id == incident.id:
            linked.update(case.mention_ids)
            if case.opened_at < began - LOOK_BACK:
                by_hand.update(case.mention_ids)
    return Scope(
        began, until, frozenset(incident.components), frozenset(linked), frozenset(by_hand), frozenset(off - linked)
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What customers saw; everything counts people, each once per bar, per language and so on."""

    axis: Axis
    bars: tuple[int, ...]
    newly: tuple[int, ...]  # those of the bar who had not complained before
    people: int = 0
    complaints: int = 0  # of these people
    copies: int = 0  # of what others wrote: not counted
    first: datetime | None = None
    last: datetime | None = None
    after_end: int = 0  # people who complained after it was called solved
    languages: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    components: Mapping[str, int] = field(default_factory=dict)  # "": names none
    cut: bool = False  # there were more complaints than were read


def own_words(complaints: Iterable[MentionRecord]) -> list[MentionRecord]:
    """Leave out copies of what others wrote; oldest first."""
    kept = [record for record in complaints if record.duplicate_of is None]
    return sorted(kept, key=lambda record: (record.mention.created_at, record.id))


def seen(complaints: Collection[MentionRecord], shape: Axis, ended: datetime | None, *, cut: bool = False) -> Seen:
    """Count the people behind complaints."""
    own = own_words(complaints)
    firsts: dict[str, datetime] = {}
    for record in own:
        firsts.setdefault(record.person_id, record.mention.created_at)
    bars = {(shape.slot(record.mention.created_at), record.person_id) for record in own}
    return Seen(
        shape, _per_slot(bars, shape), shape.counts(firsts.values()), len(firsts), len(own),
        len(complaints) - len(own), own[0].mention.created_at if own else None,
        own[-1].mention.created_at if own else None,
        people_when(own, lambda at: ended is not None and at > ended), people_by(own, language_of),
        people_by(own, lambda record: record.mention.source_type), people_by(own, _component), cut,
    )  # fmt: skip


def people_when(complaints: Iterable[MentionRecord], when: Callable[[datetime], bool]) -> int:
    """Count the people who complained at such times."""
    return len({record.person_id for record in complaints if when(record.mention.created_at)})


def language_of(record: MentionRecord) -> str:
    """Give the language a mention is written in, as far as anybody knows."""
    known = record.classification.language if record.classification else None
    return known or record.mention.language or "unknown"


def _component(record: MentionRecord) -> str:
    return (record.classification.component if record.classification else None) or ""


def _per_slot(pairs: Iterable[tuple[int | None, str]], shape: Axis) -> tuple[int, ...]:
    found = Counter(slot for slot, _ in pairs)
    return tuple(found[slot] for slot in range(shape.slots))


def people_by(records: Iterable[MentionRecord], name: Callable[[MentionRecord], str]) -> dict[str, int]:
    """Count people by a property, most people first."""
    people: dict[str, set[str]] = defaultdict(set)
    for record in records:
        people[name(record)].add(record.person_id)
    ranked = sorted(people.items(), key=lambda item: (-len(item[1]), item[0]))
    return {key: len(persons) for key, persons in ranked}
