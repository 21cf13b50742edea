"""A subscriber: an address that asked to be told of news, what it wants, and whether it said yes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.ids import stable_id


class Channel(StrEnum):
    """How news reaches a subscriber."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    SLACK = "slack"  # an incoming webhook of their workspace
    PUSH = "push"  # a browser


class Standing(StrEnum):
    """How far a subscriber is."""

    PENDING = "pending"  # asked; nobody has proven yet that the address wants it
    ACTIVE = "active"
    STOPPED = "stopped"  # wants no more
    BOUNCED = "bounced"  # the address does not take what we send


class Errand(StrEnum):
    """A message of its own that a subscriber is owed, beside the news."""

    CONFIRM = "confirm"  # is this really wanted?
    REMIND = "remind"  # you get our news already, here is the link to change that


REST = timedelta(minutes=10)  # between two errands to one address
REMIND_REST = timedelta(days=1)
MOST_ASKS = 3  # mails that strangers can cause before the record expires
OTHER_REFUSALS = 3  # in a row, of any kind but "no such user"
FORGIVEN = timedelta(days=30)  # a refusal as old as that counts no more
KEPT_AFTER = timedelta(days=30)  # stopped and bounced ones: mails on their way still find their link, then it is gone


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One address on one channel; the id follows from both, so there is never a second one."""

    id: str
    channel: Channel
    address: str  # as it is sent to: a mail address in ASCII, a URL
    language: str
    asked_at: datetime
    components: tuple[str, ...] = ()  # none: all of them
    state: Standing = Standing.PENDING
    keys: Mapping[str, str] = field(default_factory=dict)  # of a browser: p256dh and auth
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None  # stopped or bounced
    failures: int = 0  # refusals in a row
    refused_at: datetime | None = None
    late: bool = False  # the last refusal came back by mail after the message had been taken
    error: str | None = None  # the last refusal
    errand: Errand | None = None
    errand_at: datetime | None = None
    errand_tries: int = 0
    asks: int = 1
    told_at: datetime | None = None  # when the last errand was done
    version: int = 0

    def __repr__(self) -> str:
        """Leave the address out of logs: it is a person's, or a secret in itself."""
        return f"Subscriber({self.id}, {self.channel}, {self.state})"

    @property
    def lane(self) -> str:
        """Channel and state in one word, to ask for both with one index."""
        return lane(self.channel, self.state)

    @property
    def confirmed_on(self) -> str | None:
        """The day it said yes (UTC), as 2026-11-21."""
        return _day(self.confirmed_at)

    @property
    def ended_on(self) -> str | None:
        """The day it was over (UTC), as 2026-11-21."""
        return _day(self.ended_at)

    @property
    def work_at(self) -> datetime | None:
        """When an errand is due."""
        return self.errand_at if self.errand is not None else None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for on the page; the address is checked and in its one form."""

    channel: Channel
    address: str
    language: str
    components: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Leave the address out of logs."""
        return f"Wish({self.channel})"


def lane(channel: Channel, state: Standing) -> str:
    """Name the shelf of all subscribers of a channel in a state."""
    return f"{channel} {state}"


def subscriber_id(channel: Channel, address: str) -> str:
    """Name an address; capitals make no other subscriber of a mail address."""
    return stable_id("sub", channel, address.casefold() if channel is Channel.MAIL else address)


def asked(known: Subscriber | None, wish: Wish, now: datetime) -> Subscriber:
    """Take what somebody asked for. Whoever is subscribed already is never changed by it, only reminded."""
    if known is None:
        made = Subscriber(
            subscriber_id(wish.channel, wish.address), wish.channel, wish.address, wish.language, now,
            wish.components, keys=wish.keys,
        )  # fmt: skip
        return _owing(made, Errand.CONFIRM, now)
    if known.state is Standing.ACTIVE:
        rested = known.told_at is None or now - known.told_at >= REMIND_REST
        return _owing(known, Errand.REMIND, now) if rested else known
    wanted = replace(known, components=wish.components, language=wish.language, keys=wish.keys, address=wish.address)
    if known.state is not Standing.PENDING:
        fresh = replace(wanted, state=Standing.PENDING, asked_at=now, asks=1, ended_at=None, failures=0, error=None)
        return _owing(fresh, Errand.CONFIRM, now)
    if known.asks >= MOST_ASKS:
        return known
    return _owing(replace(wanted, asks=known.asks + 1), Errand.CONFIRM, now)


def _owing(subscriber: Subscriber, errand: Errand, now: datetime) -> Subscriber:
    at = now if subscriber.told_at is None else max(now, subscriber.told_at + REST)
    return replace(subscriber, errand=errand, errand_at=at, errand_tries=0)


def confirmed(subscriber: Subscriber, now: datetime) -> Subscriber:
    """Say yes; repeating it changes nothing."""
    if subscriber.state is not Standing.PENDING:
        return subscriber
    return replace(
        subscriber, state=Standing.ACTIVE, confirmed_at=now, ended_at=None, failures=0, error=None, errand=None,
        errand_at=None,
    )  # fmt: skip


def changed(subscriber: Subscriber, components: tuple[str, ...], language: str) -> Subscriber:
    """Choose other components or another language."""
    return replace(subscriber, components=components, language=language)


def stopped(subscriber: Subscriber, now: datetime) -> Subscriber:
    """Want no more; repeating it changes nothing."""
    if subscriber.state is Standing.STOPPED:
        return subscriber
    return replace(subscriber, state=Standing.STOPPED, ended_at=now, errand=None, errand_at=None)


def resumed(subscriber: Subscriber, now: datetime) -> Subscriber:
    """Want news again after all: only for whoever had confirmed before."""
    if subscriber.state not in _OVER or subscriber.confirmed_at is None:
        return subscriber
    return replace(
        subscriber, state=Standing.ACTIVE, confirmed_at=now, ended_at=None, failures=0, error=None
    )  # fmt: skip


def refused(
    subscriber: Subscriber, error: str, now: datetime, *, gone: bool, most: int = OTHER_REFUSALS, late: bool = False
) -> Subscriber:
    """Note that the address did not take our message; `gone`: there is nobody, so the first time is enough."""
    if subscriber.state is not Standing.ACTIVE:
        return subscriber
    is_old = subscriber.refused_at is not None and now - subscriber.refused_at > FORGIVEN
    failures = 1 if is_old else subscriber.failures + 1
    noted = replace(subscriber, failures=failures, error=error[:200], refused_at=now, late=late)
    if gone or noted.failures >= most:
        return replace(noted, state=Standing.BOUNCED, ended_at=now)
    return noted


def reached(subscriber: Subscriber) -> Subscriber:
    """Forget earlier refusals: it took a message. Those that came back later are not disproved by that."""
    if not subscriber.failures or subscriber.late:
        return subscriber
    return replace(subscriber, failures=0, error=None, refused_at=None)


def why_not(subscriber: Subscriber, touched: Collection[str], said_at: datetime) -> str | None:
    """Say why a word about the components `touched` (none: about everything) is not for a subscriber; None if it is."""
    if subscriber.state is not Standing.ACTIVE or subscriber.confirmed_at is None:
        return f"is {subscriber.state}"
    if subscriber.confirmed_at > said_at:
        return "subscribed after it was said"
    if subscriber.components and touched and not set(subscriber.components) & set(touched):
        return "wants other components"
    return None


def _day(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d}" if at is not None else None


_OVER = frozenset({Standing.STOPPED, Standing.BOUNCED})
