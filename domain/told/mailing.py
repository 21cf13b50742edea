"""A mailing: one public word on its way to all who subscribed on one channel, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused
from domain.ids import stable_id
from domain.told.subscriber import Channel


class MailingState(StrEnum):
    """How far a mailing is."""

    RUNNING = "running"
    HELD = "held"  # a person let it wait
    DONE = "done"  # everybody had their turn
    SUPERSEDED = "superseded"  # a newer word of the same story goes out instead
    WITHDRAWN = "withdrawn"  # the story is not public any more, or the word is too old


class Verdict(StrEnum):
    """What came of one message to one subscriber."""

    SENT = "sent"
    LATER = "later"  # not now: try again
    REFUSED = "refused"  # not this message; counts against the address
    GONE = "gone"  # there is nobody at this address
    OURS = "ours"  # refused because of us (policy, block list): says nothing about the address


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with its reason."""

    verdict: Verdict
    error: str = ""
    retry_after: timedelta | None = None


SENT = Outcome(Verdict.SENT)
FRESH = timedelta(hours=6)  # what was said longer ago is no news to begin with
OLD = timedelta(hours=24)  # nor is what was held up for so long
TROUBLE_WAITS = (30, 60, 120, 300, 600)  # seconds between tries while a whole channel is down, the last one for good
OWED_WAITS = (60, 300, 900, 2700, 7200)  # seconds between tries for one subscriber; then it is given up
SUSPICIOUS = 20  # of one batch not taken; if they are more than half of it, the fault is on our side


@dataclass(frozen=True, slots=True)
class Mailing:
    """Goes through the subscribers in the order of their ids; a restart goes on behind `position`.

    `done` names those behind `position` that had their turn already: at most one batch of them.
    """

    id: str
    channel: Channel
    about: str  # id of the incident or the planned work
    news: str  # id of the update, or of the reminder
    said_at: datetime
    created_at: datetime
    first: bool = False  # the first word about its story on this channel
    state: MailingState = MailingState.RUNNING
    position: str = ""
    done: tuple[str, ...] = ()
    sent: int = 0
    unwanted: int = 0  # subscribers that want other components or came later
    refused: int = 0
    owed: int = 0  # put off, to be tried again one by one
    given_up: int = 0
    stale: int = 0  # not reached before a newer word of the same story
    moved_at: datetime | None = None  # when something went out last
    not_before: datetime | None = None
    tries: int = 0  # in a row, of a channel that has trouble
    error: str | None = None
    held_by: str | None = None  # a name of ours
    finished_at: datetime | None = None
    version: int = 0

    @property
    def lane(self) -> str:
        """Channel and state in one word."""
        return f"{self.channel} {self.state}"

    @property
    def thread(self) -> str:
        """Channel and story in one word."""
        return f"{self.channel} {self.about}"

    @property
    def work_at(self) -> datetime | None:
        """When it may go on."""
        return (self.not_before or self.created_at) if self.state is MailingState.RUNNING else None

    @property
    def is_over(self) -> bool:
        """Say whether nobody more is reached by it, but for those who were put off."""
        return self.state not in (MailingState.RUNNING, MailingState.HELD)

    def is_old(self, now: datetime) -> bool:
        """Say whether it was held up so long that telling it would only confuse."""
        return now - self.said_at > OLD

    @property
    def waits_since(self) -> datetime:
        """Since when nothing of it has gone out."""
        return max(self.created_at, self.moved_at or self.created_at)


@dataclass(frozen=True, slots=True)
class Owed:
    """A message to one subscriber that could not be sent in its turn."""

    id: str
    channel: Channel
    mailing_id: str
    subscriber_id: str
    not_before: datetime
    attempts: int = 1
    error: str | None = None
    version: int = 0


def mailing_id(channel: Channel, about: str, news: str) -> str:
    """Name the mailing of a word, so that it is planned once."""
    return stable_id("mailing", channel, about, news)


def owe(mailing: Mailing, subscriber_id: str, outcome: Outcome, now: datetime) -> Owed:
    """Put one message off."""
    wait = outcome.retry_after or timedelta(seconds=OWED_WAITS[0])
    named = stable_id("owed", mailing.id, subscriber_id)
    return Owed(named, mailing.channel, mailing.id, subscriber_id, now + wait, 1, outcome.error[:200])


def put_off(owed: Owed, outcome: Outcome, now: datetime) -> Owed | None:
    """Put a message off once more; None when it was tried often enough."""
    if owed.attempts >= len(OWED_WAITS):
        return None
    wait = outcome.retry_after or timedelta(seconds=OWED_WAITS[owed.attempts])
    return replace(owed, attempts=owed.attempts + 1, not_before=now + wait, error=outcome.error[:200])


def noted(mailing: Mailing, ids: Sequence[str], outcomes: Sequence[Outcome], now: datetime) -> Mailing:
    """Write down who had their turn, and what came of it."""
    said = [outcome.verdict for outcome in outcomes]
    return replace(
        mailing, done=(*mailing.done, *ids), sent=mailing.sent + said.count(Verdict.SENT),
        owed=mailing.owed + said.count(Verdict.LATER), moved_at=now, tries=0, error=None, not_before=None,
        refused=mailing.refused + sum(verdict in _REFUSALS for verdict in said),
    )  # fmt: skip


def advanced(mailing: Mailing, position: str, unwanted: int, now: datetime) -> Mailing:
    """Go on behind a batch in which everybody had their turn."""
    # An idle batch is progress too, but not while the channel is silent about the wanted ones.
    return replace(mailing, position=position, done=(), unwanted=mailing.unwanted + unwanted, moved_at=now)


def paused(mailing: Mailing, error: str, now: datetime, wait: timedelta | None = None) -> Mailing:
    """Wait because the channel has trouble."""
    own = timedelta(seconds=TROUBLE_WAITS[min(mailing.tries, len(TROUBLE_WAITS) - 1)])
    return replace(mailing, not_before=now + (wait or own), tries=mailing.tries + 1, error=error[:200])


def finished(mailing: Mailing, state: MailingState, now: datetime, stale: int = 0) -> Mailing:
    """End a mailing; one that ended before stays as it is."""
    if mailing.is_over:
        return mailing
    return replace(
        mailing, state=state, finished_at=now, done=(), not_before=None, stale=mailing.stale + stale,
        held_by=mailing.held_by if state is MailingState.DONE else None,
    )  # fmt: skip


def held(mailing: Mailing, who: str) -> Mailing:
    """Let it wait until a person lets it go on; what is under way still goes out."""
    if mailing.is_over and not mailing.owed:
        raise Refused("This mailing is over.")
    return mailing if mailing.held_by else replace(mailing, state=_held_state(mailing), held_by=who)


def released(mailing: Mailing, now: datetime) -> Mailing:
    """Let it go on where it stopped; the time it was held is not held against it."""
    if mailing.held_by is None:
        raise Refused("This mailing is not paused.")
    state = MailingState.RUNNING if mailing.state is MailingState.HELD else mailing.state
    return replace(mailing, state=state, held_by=None, not_before=None, tries=0, moved_at=now)


def hurried(mailing: Mailing) -> Mailing:
    """Try at once what waits for the channel."""
    if mailing.held_by is not None:
        raise Refused("This mailing is paused; let it go on first.")
    if mailing.state is not MailingState.RUNNING and not mailing.owed:
        raise Refused("Nothing of this mailing waits.")
    return replace(mailing, not_before=None)


def _held_state(mailing: Mailing) -> MailingState:
    return MailingState.HELD if mailing.state is MailingState.RUNNING else mailing.state


def why_suspicious(unsent: Sequence[Outcome], tried: int) -> str | None:
    """Say why a batch looks like a fault on our side (blocked, misconfigured), None while it does not."""
    if len(unsent) < SUSPICIOUS or len(unsent) * 2 <= tried:
        return None
    return f"{len(unsent)} of {tried} were not taken: {unsent[0].error}"[:200]


_REFUSALS = frozenset({Verdict.REFUSED, Verdict.GONE, Verdict.OURS})
