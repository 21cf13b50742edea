"""A notice: something worth a look that never calls anybody, told once in the channel of the people on call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.work import Card, Line, card_due

REST = timedelta(hours=24)  # between two notices about the same
DAY, MOST_A_DAY = timedelta(hours=24), 4  # of all kinds together


class NoticeKind(StrEnum):
    """What a notice is about."""

    VOLUME = "volume"  # much more talk about the brand than usual, good or bad
    WATCH = "watch"  # a few more complaints about a component than usual
    SOURCE = "source"  # a source cannot be heard, or can be again
    MAINTENANCE = "maintenance"  # planned work begins soon, has begun or has ended
    QUEUE = "queue"  # what is to go out to subscribers stands still, or moves again


@dataclass(frozen=True, slots=True)
class Notice:
    """One quiet line for the people on call, with no buttons."""

    id: str
    kind: NoticeKind
    component: str | None  # None: the whole brand
    at: datetime
    text: str
    card: Card | None = None
    history: tuple[Line, ...] = ()  # cards of all kinds have one; that of a notice stays empty
    revision: int = 0
    version: int = 0

    @property
    def work_at(self) -> datetime | None:
        """When the notice is to be posted, None once it was."""
        return card_due(self.card, self.revision, len(self.history))


def why_no_notice(kind: NoticeKind, component: str | None, earlier: Iterable[Notice], now: datetime) -> str | None:
    """Say why another notice would be one too many, None if it may be told."""
    recent = [n for n in earlier if now - n.at < DAY and n.kind not in _EXPECTED]
    if any((n.kind, n.component) == (kind, component) and now - n.at < REST for n in recent):
        return "this was told within the last day"
    if len(recent) >= MOST_A_DAY:
        return f"{MOST_A_DAY} notices were told within the last day"
    return None


_EXPECTED = frozenset({NoticeKind.SOURCE, NoticeKind.MAINTENANCE, NoticeKind.QUEUE})  # told whenever it happens
