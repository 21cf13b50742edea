"""What every record that causes messages shares: its card, its deliveries, its history, when work is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: a person (by their id at `via`) or hubbub itself."""

    id: str
    name: str
    via: str = "hubbub"  # slack | desk | hubbub


HUBBUB = Actor("hubbub", "hubbub")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a record's history: who did what, when; shown in the thread of its card."""

    at: datetime
    who: str
    text: str


class DeliveryState(StrEnum):
    """How far a message to the outside has come."""

    DRAFT = "draft"  # waits for a person's approval
    PENDING = "pending"  # to be sent, now or at `not_before`
    SENT = "sent"
    ASSISTED = "assisted"  # the platform wants a person to send it: open the post, then mark as answered
    SKIPPED = "skipped"
    FAILED = "failed"  # given up; `error` says why
    WITHDRAWN = "withdrawn"  # was sent, and taken back at the platform
    REHEARSED = "rehearsed"  # a dry run: it would have been sent


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to customers that is to be sent once; `id` is also the idempotency key at the platform."""

    id: str
    channel: str  # name of the publisher
    text: str
    language: str
    state: DeliveryState
    created_at: datetime
    reply_to: str | None = None  # remote id of the post it answers or threads under
    root: str | None = None  # remote id of the first post of that thread
    to: str | None = None  # mail address, where the channel is mail
    handle: str | None = None  # whom it answers; some platforms tell only those who are named
    attempts: int = 0
    not_before: datetime | None = None
    remote_id: str | None = None
    url: str | None = None
    error: str | None = None
    decided_by: str | None = None  # who approved, edited or skipped it
    sent_at: datetime | None = None
    subject: str | None = None  # id of the update, case or person it tells about
    unsure_since: datetime | None = None  # a try began then whose outcome we never learned: it may be out already
    correction: str | None = None  # the words that are to replace what was sent
    withdraw: bool = False  # what was sent is to be taken back
    edits: int = 0  # how often its words were replaced at the platform

    @property
    def is_due(self) -> bool:
        """True while something is to be done about it at the platform, now or at `not_before`."""
        changes = self.withdraw or self.correction is not None
        return self.state is DeliveryState.PENDING or (self.state is DeliveryState.SENT and changes)


@dataclass(frozen=True, slots=True)
class Card:
    """The one Slack message that shows a record, edited in place: where it is and what it shows."""

    channel: str
    ts: str | None = None  # None: not posted yet
    shown: int = -1  # revision of the record that the card shows
    lines: int = 0  # how many history lines are in its thread
    attempts: int = 0
    not_before: datetime | None = None
    error: str | None = None


def card_due(card: Card | None, revision: int, lines: int) -> datetime | None:
    """Say since when a card is out of date (the earliest moment to try), or None when it is current."""
    if card is None or (card.shown == revision and card.lines == lines and card.ts):
        return None
    return card.not_before or _AT_ONCE


def deliveries_due(deliveries: Iterable[Delivery]) -> datetime | None:
    """Give the earliest moment at which a delivery may be sent, corrected or withdrawn; None when none is due."""
    return min((d.not_before or _AT_ONCE for d in deliveries if d.is_due), default=None)


def earliest(*moments: datetime | None) -> datetime | None:
    """Give the first of the moments that are set."""
    return min((moment for moment in moments if moment is not None), default=None)


_AT_ONCE = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
