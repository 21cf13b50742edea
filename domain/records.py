"""The small records beside mention, case, signal, incident and follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.heard.classification import Kind
from domain.heard.mention import Quota


@dataclass(frozen=True, slots=True)
class Spending:
    """What a paid source was charged, in US dollars, on one UTC day and in its month."""

    day: str  # 2026-11-22
    today: float = 0.0
    month: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceState:
    """Where a source stands: its cursor and its health; `id` is the name of the source."""

    id: str
    cursor: str | None = None
    last_success: datetime | None = None
    last_attempt: datetime | None = None
    failing_since: datetime | None = None
    error: str | None = None
    failures: int = 0  # in a row
    not_before: datetime | None = None
    fetched: int = 0  # mentions seen so far, duplicates included
    stored: int = 0
    set_aside: int = 0
    back_since: datetime | None = None  # it answered again after a silence: what was said before that is backlog
    trouble: str | None = None  # the kind of the last failure: auth | quota | temporary | permanent | budget
    quota: Quota | None = None
    spent: Spending | None = None
    capped: int = 0  # rounds that ended at the most pages of a round, not at the end of the news
    deleted: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class SetAsideItem:
    """An item of a source that could not be read, kept for people; its id follows from source and raw form."""

    id: str
    source: str  # the name in the settings
    raw: str  # cut to 4,000 characters
    reason: str
    at: datetime  # when it was seen first
    version: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who spoke to us: how often, and whether they want to hear from us."""

    id: str
    name: str
    source_type: str
    first_seen: datetime
    last_seen: datetime
    mentions: int = 0
    complaints: int = 0
    opted_out: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class DetectorRecord:
    """What the detector remembers of a component, and the minute up to which it has counted."""

    id: str  # component
    state: Mapping[str, object]
    through: datetime
    version: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word against the classifier's, kept for training with the model it corrects."""

    id: str
    mention_id: str
    text: str
    language: str
    said_complaint: float
    said_kind: Kind
    is_complaint: bool | None  # None: left as it was
    kind: Kind | None
    model: str
    by: str
    at: datetime
    version: int = 0


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One action that somebody took, append-only."""

    id: str
    at: datetime
    actor: str
    via: str
    action: str
    subject: str
    detail: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A small named value that must survive a restart, e.g. the demo's clock."""

    id: str
    value: Mapping[str, object] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class MonitorAlert:
    """What a technical monitor says about a component: one alert, from its start to its end."""

    id: str
    monitor: str  # the name in the settings
    name: str  # of the alert, e.g. "HighErrorRate"
    component: str | None  # None: the settings tie it to none
    started_at: datetime
    received_at: datetime  # when it was said last
    ended_at: datetime | None = None  # None: it fires
    summary: str = ""
    version: int = 0

    @property
    def firing(self) -> bool:
        """True until the monitor says that it is over."""
        return self.ended_at is None

    @property
    def words(self) -> str:
        """Say in a few words how the alert stands."""
        if self.ended_at is None:
            return f"{self.name} firing since {self.started_at:%H:%M} UTC"
        return f"{self.name} resolved at {self.ended_at:%H:%M} UTC"
