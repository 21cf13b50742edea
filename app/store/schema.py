"""What can be asked of each kind of record: its collection, the fields that are indexed, its unique keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args

from app.store.protocol import Op, Record, Value, Where
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.heard.mention import MentionRecord
from domain.incidents.incident import Incident
from domain.incidents.notice import Notice
from domain.incidents.planned import PlannedWork
from domain.incidents.signal import Signal
from domain.lease import Lease
from domain.records import AuditEntry, Correction, DetectorRecord, Kept, MonitorAlert, Person, SetAsideItem, SourceState
from domain.told.mailing import Mailing, Owed
from domain.told.subscriber import Subscriber

SCHEMA_VERSION = 5  # raise it with every change below: a store rebuilds its fields from the records at the next start


@dataclass(frozen=True, slots=True)
class Field:
    """One field that can be asked for, and the way to it inside the record (None on the way gives None)."""

    name: str
    type: type[str] | type[bool] | type[datetime]
    path: tuple[str, ...]

    def read(self, record: Record) -> Value:
        """Take the value out of a record; words of an enum become plain text."""
        value: Any = record
        for step in self.path:
            if value is None:
                return None
            value = getattr(value, step)
        return str(value) if isinstance(value, StrEnum) else value


@dataclass(frozen=True, slots=True)
class Table:
    """How one kind of record is kept."""

    kind: type[Any]
    name: str
    fields: tuple[Field, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[str, ...] = ()  # each alone; records without a value do not collide
    words: Callable[[Any], str] | None = None  # the text to search in

    def field(self, name: str) -> Field:
        """Give a declared field; ValueError names those there are."""
        if name == "id":
            return _ID
        for field in self.fields:
            if field.name == name:
                return field
        known = ", ".join(["id", *(field.name for field in self.fields)])
        raise ValueError(f"{self.name} cannot be asked for {name!r}; declared are: {known}")

    def text_field(self, name: str) -> Field:
        """Give a declared text field, e.g. to count by it; ValueError for others."""
        field = self.field(name)
        if field.type is not str:
            raise ValueError(f"{self.name}.{name} is a {field.type.__name__}; only text can be counted by value")
        return field

    def check(self, where: Where) -> None:
        """Raise ValueError if the field, the operator or the type of the value is not declared."""
        field = self.field(where.field)
        if where.op not in _OPS:
            raise ValueError(f"{where.op!r} is no operator; known are: {', '.join(_OPS)}")
        if (where.op == "in_") == (isinstance(where.value, str) or not hasattr(where.value, "__iter__")):
            raise ValueError(f"{self.name}.{where.field} {where.op}: in_ takes a collection, the others one value")
        values: Any = where.value if where.op == "in_" else (where.value,)
        for value in values:
            if value is not None and not isinstance(value, field.type):
                raise ValueError(f"{self.name}.{where.field} is a {field.type.__name__}, not {value!r}")


_OPS = get_args(Op)


def table_of(kind: type[Any]) -> Table:
    """Give the table of a kind of record; ValueError for kinds that are not kept."""
    try:
        return _BY_KIND[kind]
    except KeyError:
        raise ValueError(f"{kind.__name__} is not a kind of record that is kept") from None


def text(name: str, path: str = "") -> Field:
    """Declare a text or enum field, at `path` if that differs from its name."""
    return Field(name, str, tuple((path or name).split(".")))


def flag(name: str, path: str = "") -> Field:
    """Declare a yes-or-no field."""
    return Field(name, bool, tuple((path or name).split(".")))


def moment(name: str, path: str = "") -> Field:
    """Declare a moment (UTC, to the millisecond)."""
    return Field(name, datetime, tuple((path or name).split(".")))


_ID = text("id")

TABLES: tuple[Table, ...] = (
    Table(
        MentionRecord, "mentions",
        (
            text("stage"), text("person_id"), moment("received_at"), text("case_id"),
            moment("created_at", "mention.created_at"), text("source", "mention.source"),
            text("component", "classification.component"), flag("is_complaint", "classification.is_complaint"),
            text("kind", "classification.kind"), text("language", "classification.language"),
            text("sentiment", "classification.sentiment"), text("model", "classification.model"),
            flag("own"), text("role"), flag("history"), text("duplicate_of"), moment("deleted_at"),
        ),
        indexes=(
            ("stage", "received_at"), ("person_id", "created_at"), ("component", "created_at"),
            ("source", "created_at"), ("created_at",), ("received_at",), ("case_id",), ("duplicate_of",),
            ("deleted_at", "created_at"),
        ),
        words=lambda record: record.mention.text,
    ),
    Table(
        Case, "cases",
        (
            text("status"), moment("due_at"), text("incident_id"), text("person_id"), text("component"),
            text("kind"), text("language"), text("source"), moment("work_at"), moment("updated_at"),
            moment("opened_at"), moment("attend_at"), moment("first_response_at"),
            text("assignee", "assignee.id"), text("open_key"),
        ),
        indexes=(
            ("status", "due_at"), ("incident_id",), ("person_id",), ("component", "opened_at"), ("work_at",),
            ("updated_at",), ("opened_at",), ("assignee", "due_at"), ("attend_at",),
        ),
        unique=("open_key",),
    ),
    Table(
        Signal, "signals",
        (
            text("component"), text("state"), moment("work_at"), text("active_key"), text("incident_id"),
            moment("opened_at"), moment("escalate_at"), moment("closed_at"),
            moment("silenced_until"),
        ),
        indexes=(("component", "opened_at"), ("state",), ("work_at",), ("incident_id",), ("opened_at",),
                 ("escalate_at",), ("silenced_until",)),
        unique=("active_key",),
    ),
    Table(
        Incident, "incidents",
        (moment("work_at"), flag("is_open"), moment("declared_at"), flag("follow_up"), text("impact"),
         moment("resolved_at")),
        indexes=(("work_at",), ("is_open", "declared_at"), ("declared_at",), ("follow_up",)),
    ),
    Table(
        PlannedWork, "planned",
        (moment("work_at"), moment("starts_at"), moment("turns_at"), moment("finished_at")),
        indexes=(("work_at",), ("starts_at",), ("turns_at",)),
    ),
    Table(
        FollowUp, "follow_ups",
        (text("incident_id"), text("person_id"), moment("work_at"), text("state", "delivery.state"),
         text("remote_id", "delivery.remote_id"), text("answer")),
        indexes=(("incident_id", "state"), ("person_id",), ("work_at",), ("remote_id",)),
    ),
    Table(Person, "people", (moment("last_seen"),), indexes=(("last_seen",),)),
    Table(SourceState, "sources", (moment("last_success"), moment("not_before"))),
    Table(SetAsideItem, "set_aside", (text("source"), moment("at")), indexes=(("source", "at"), ("at",))),
    Table(DetectorRecord, "detectors", (moment("through"),)),
    Table(Correction, "corrections", (text("language"), moment("at"), text("mention_id")),
          indexes=(("language", "at"), ("at",), ("mention_id",))),
    Table(AuditEntry, "audit", (moment("at"), text("subject"), text("actor"), text("action")),
          indexes=(("at",), ("subject", "at"), ("actor", "at"))),
    Table(Kept, "kept"),
    Table(Lease, "leases"),
    Table(MonitorAlert, "monitor_alerts", (text("component"), flag("firing"), moment("received_at")),
          indexes=(("component", "received_at"),)),
    Table(
        Subscriber, "subscribers",
        (text("lane"), text("channel"), text("state"), moment("work_at"), moment("asked_at"), moment("ended_at"),
         text("language"), text("confirmed_on"), text("ended_on")),
        indexes=(("lane",), ("work_at",), ("channel", "work_at"), ("state", "asked_at"), ("state", "ended_at"),
                 ("state", "language"), ("confirmed_on",), ("ended_on",)),
    ),
    Table(
        Mailing, "mailings",
        (text("lane"), text("thread"), moment("work_at"), moment("created_at"), moment("finished_at")),
        indexes=(("lane", "work_at"), ("thread", "created_at"), ("finished_at",), ("created_at",)),
    ),
    Table(Owed, "owed", (text("channel"), text("mailing_id"), text("subscriber_id"), moment("not_before")),
          indexes=(("channel", "not_before"), ("mailing_id",), ("subscriber_id",))),
    Table(Notice, "notices", (text("kind"), moment("at"), moment("work_at")), indexes=(("at",), ("work_at",))),
)  # fmt: skip
_BY_KIND = {table.kind: table for table in TABLES}
