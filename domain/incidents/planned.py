"""Planned work: maintenance that customers are told about before, while and after it happens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.component import ComponentStatus
from domain.errors import Refused
from domain.incidents.maintenance import Maintenance
from domain.told.posting import told
from domain.work import Actor, Card, Delivery, Line, card_due, deliveries_due, earliest

REMIND_BEFORE = timedelta(hours=1)
EXTEND = timedelta(minutes=30)  # one press


class WorkStatus(StrEnum):
    """How far the work is (the words of Atlassian Statuspage v2, and `cancelled`, which that format hides)."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


ACTIVE = frozenset({WorkStatus.IN_PROGRESS, WorkStatus.VERIFYING})
OVER = frozenset({WorkStatus.COMPLETED, WorkStatus.CANCELLED})
_NEXT: Mapping[WorkStatus, frozenset[WorkStatus]] = {
    WorkStatus.SCHEDULED: frozenset({WorkStatus.IN_PROGRESS, WorkStatus.CANCELLED}),
    WorkStatus.IN_PROGRESS: frozenset({WorkStatus.VERIFYING, WorkStatus.COMPLETED}),
    WorkStatus.VERIFYING: frozenset({WorkStatus.IN_PROGRESS, WorkStatus.COMPLETED}),
    WorkStatus.COMPLETED: frozenset(),
    WorkStatus.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class WorkUpdate:
    """One public word about planned work, in each language it was written in."""

    id: str
    at: datetime
    status: WorkStatus
    texts: Mapping[str, str]  # language -> plain text
    by: str  # internal, never shown to customers


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """Maintenance of some components between two moments; updates and the posts they need are one document."""

    id: str
    titles: Mapping[str, str]  # language -> title
    components: tuple[str, ...]  # at least one
    starts_at: datetime
    ends_at: datetime  # as planned
    announced_at: datetime
    announced_by: Actor
    updates: tuple[WorkUpdate, ...]  # oldest first, at least one
    deliveries: tuple[Delivery, ...] = ()
    begun_at: datetime | None = None
    finished_at: datetime | None = None  # completed or cancelled
    begins_by_itself: bool = True  # in progress at `starts_at` and completed at `ends_at` without a person's press
    reminded_of: datetime | None = None  # the start that was reminded of; another start is reminded of anew
    sequence: int = 0  # raised when the plan changes or is called off: calendars take the highest
    history: tuple[Line, ...] = ()
    card: Card | None = None
    revision: int = 0
    version: int = 0

    @property
    def status(self) -> WorkStatus:
        """The status of the newest update."""
        return self.updates[-1].status

    @property
    def is_active(self) -> bool:
        """True while it is being worked on."""
        return self.status in ACTIVE

    @property
    def is_over(self) -> bool:
        """True once it is completed or cancelled."""
        return self.status in OVER

    @property
    def changed_at(self) -> datetime:
        """When customers were last told something about it."""
        return self.updates[-1].at

    @property
    def work_at(self) -> datetime | None:
        """When the next message about it is due."""
        return earliest(card_due(self.card, self.revision, len(self.history)), deliveries_due(self.deliveries))

    @property
    def turns_at(self) -> datetime | None:
        """When it goes on by itself, None when a person does that or nothing is left."""
        if not self.begins_by_itself or self.is_over:
            return None
        return self.starts_at if self.status is WorkStatus.SCHEDULED else self.ends_at

    def title(self, language: str) -> str:
        """Give the title in `language`, else in English, else in the first language there is."""
        return self.titles.get(language) or self.titles.get("en") or next(iter(self.titles.values()))

    def mute(self) -> Maintenance | None:
        """Give the time in which reports about its components call nobody, None when nobody works on them.

        It ends with the work, at the latest when customers were told it would: what they say after that is news.
        """
        if self.status is WorkStatus.CANCELLED or (self.begun_at is None and not self.begins_by_itself):
            return None
        ends = self.ends_at if self.finished_at is None else min(self.finished_at, self.ends_at)
        return Maintenance(self.components, self.begun_at or self.starts_at, ends)


def say(work: PlannedWork, update: WorkUpdate, drafts: Iterable[Delivery], who: Actor, now: datetime) -> PlannedWork:
    """Say the next word about it; repeats of the same update change nothing. Raises Refused for a step that is none."""
    if any(known.id == update.id for known in work.updates):
        return work
    if work.is_over:
        raise Refused(f"This work is {words(work.status)} already.")
    if update.status is not work.status and update.status not in _NEXT[work.status]:
        raise Refused(f"Work that is {words(work.status)} cannot become {words(update.status)}.")
    changed = replace(
        work, updates=(*work.updates, update), deliveries=(*work.deliveries, *drafts),
        begun_at=work.begun_at or (now if update.status in ACTIVE else None),
        finished_at=now if update.status in OVER else None,
        sequence=work.sequence + (update.status is WorkStatus.CANCELLED),
    )  # fmt: skip
    return told(changed, now, who.name, f"told customers: {words(update.status)}")


def moved(work: PlannedWork, starts_at: datetime, ends_at: datetime, update: WorkUpdate, drafts: Iterable[Delivery],
          who: Actor, now: datetime) -> PlannedWork:  # fmt: skip
    """Change when it happens and say so; once it has begun only the end can change. Raises Refused with the reason."""
    if any(known.id == update.id for known in work.updates):
        return work
    if work.begun_at is not None and starts_at != work.starts_at:
        raise Refused("This work has begun already: only its end can be changed.")
    if (problem := why_no_plan(starts_at, ends_at, now)) is not None:
        raise Refused(problem)
    if (starts_at, ends_at) == (work.starts_at, work.ends_at):
        raise Refused("This is the time that is planned already.")
    plan = f"{starts_at:%d %b %H:%M} to {ends_at:%d %b %H:%M} UTC"
    changed = say(replace(work, starts_at=starts_at, ends_at=ends_at), update, drafts, who, now)
    return told(replace(changed, sequence=work.sequence + 1), now, who.name, f"changed the time: {plan}")


def why_no_plan(starts_at: datetime, ends_at: datetime, now: datetime) -> str | None:
    """Say why these two moments are no plan, None if they are."""
    if ends_at <= starts_at:
        return "The end must be later than the start."
    if ends_at <= now:
        return "The end must be in the future."
    if ends_at - starts_at > LONGEST:
        return f"Planned work may last {LONGEST.days} days at most."
    return None


def extended(work: PlannedWork, known_end: datetime, now: datetime) -> datetime:
    """Give the end that one more stretch brings, to the minute; what is late already counts from now.

    `known_end` is the end that whoever asks has seen. Raises Refused when it is another one by now.
    """
    if known_end != work.ends_at.replace(second=0, microsecond=0):
        raise Refused("The end was changed meanwhile; look at it again.")
    started = now.replace(second=0, microsecond=0)
    return max(known_end, started + timedelta(minutes=started != now)) + EXTEND


def next_turn(work: PlannedWork, now: datetime) -> WorkStatus | None:
    """Say what it becomes by itself now, None while it waits for its time or for a person."""
    if work.turns_at is None or work.turns_at > now:
        return None
    return WorkStatus.IN_PROGRESS if work.status is WorkStatus.SCHEDULED else WorkStatus.COMPLETED


def reminder_due(work: PlannedWork, now: datetime) -> bool:
    """Say whether its start is near and was not reminded of; what was announced as late as that needs no reminder."""
    remind_at = work.starts_at - REMIND_BEFORE
    is_near = work.status is WorkStatus.SCHEDULED and remind_at <= now < work.starts_at
    return is_near and work.changed_at < remind_at and work.reminded_of != work.starts_at


def reminded(work: PlannedWork, drafts: Iterable[Delivery], who: Actor, now: datetime) -> PlannedWork:
    """Note that people were reminded of the start that is planned now."""
    if work.reminded_of == work.starts_at:
        return work
    changed = replace(work, reminded_of=work.starts_at, deliveries=(*work.deliveries, *drafts))
    return told(changed, now, who.name, f"begins at {work.starts_at:%H:%M} UTC")


def under_maintenance(works: Iterable[PlannedWork]) -> Mapping[str, ComponentStatus]:
    """Name the components that are being worked on now."""
    active = (work for work in works if work.is_active)
    return dict.fromkeys((c for work in active for c in work.components), ComponentStatus.UNDER_MAINTENANCE)


def words(status: WorkStatus) -> str:
    """Write a status for our own people."""
    return status.value.replace("_", " ")


LONGEST = timedelta(days=31)
