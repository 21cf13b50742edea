"""Planned work: maintenance that customers are told about before, while and after it happens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.component import ComponentStatus
from domain.errors import Refused
from domain.incident import Impact
from domain.maintenance import Maintenance
from domain.work import Actor, Card, Delivery, Line, card_due, deliveries_due, earliest


class WorkStatus(StrEnum):
    """How far the work is (the words of Atlassian Statuspage v2, and `cancelled`, which that format hides)."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


OVER = frozenset({WorkStatus.COMPLETED, WorkStatus.CANCELLED})
_NEXT: Mapping[WorkStatus, frozenset[WorkStatus]] = {
    WorkStatus.SCHEDULED: frozenset({WorkStatus.IN_PROGRESS, WorkStatus.COMPLETED, WorkStatus.CANCELLED}),
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
    impact: Impact = Impact.NONE  # Statuspage calls it "maintenance" in its API
    deliveries: tuple[Delivery, ...] = ()
    finished_at: datetime | None = None  # completed or cancelled
    begins_by_itself: bool = True  # in progress at `starts_at` and completed at `ends_at` without a person's press
    history: tuple[Line, ...] = ()
    card: Card | None = None
    revision: int = 0
    version: int = 0

    @property
    def status(self) -> WorkStatus:
        """The status of the newest update."""
        return self.updates[-1].status

    @property
    def is_over(self) -> bool:
        """True once it is completed or cancelled."""
        return self.status in OVER

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
        """Give the time in which reports about its components call nobody; None when it was called off."""
        if self.status is WorkStatus.CANCELLED:
            return None
        return Maintenance(self.components, self.starts_at, self.finished_at or self.ends_at)


def say(work: PlannedWork, update: WorkUpdate, drafts: Iterable[Delivery], who: Actor, now: datetime) -> PlannedWork:
    """Say the next word about it; repeats of the same update change nothing. Raises Refused for a step that is none."""
    if any(known.id == update.id for known in work.updates):
        return work
    if update.status is not work.status and update.status not in _NEXT[work.status]:
        raise Refused(f"Work that is {_words(work.status)} cannot become {_words(update.status)}.")
    if work.is_over:
        raise Refused(f"This work is {_words(work.status)} already.")
    finished = now if update.status in OVER else None
    changed = replace(
        work, updates=(*work.updates, update), deliveries=(*work.deliveries, *drafts), finished_at=finished
    )
    return noted(changed, now, who.name, f"{_words(update.status)}")


def moved(work: PlannedWork, starts_at: datetime, ends_at: datetime, who: Actor, now: datetime) -> PlannedWork:
    """Change when it happens. Raises Refused once it has begun, or for an end before the start."""
    if work.status is not WorkStatus.SCHEDULED:
        raise Refused(f"This work is {_words(work.status)} already; say what changes in an update.")
    if ends_at <= starts_at:
        raise Refused("The end must be later than the start.")
    return noted(replace(work, starts_at=starts_at, ends_at=ends_at), now, who.name, "changed the time")


def noted(work: PlannedWork, now: datetime, who: str, text: str) -> PlannedWork:
    """Add a line to the history, which the card's thread shows."""
    return replace(work, history=(*work.history, Line(now, who, text)), revision=work.revision + 1)


def under_maintenance(works: Iterable[PlannedWork]) -> Mapping[str, ComponentStatus]:
    """Name the components that are being worked on now."""
    active = (w for w in works if w.status in (WorkStatus.IN_PROGRESS, WorkStatus.VERIFYING))
    return dict.fromkeys((c for work in active for c in work.components), ComponentStatus.UNDER_MAINTENANCE)


def _words(status: WorkStatus) -> str:
    return status.value.replace("_", " ")
