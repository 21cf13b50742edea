"""What every channel to customers can do, and what some can do besides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from domain.errors import TemporaryError
from domain.work import Delivery


@dataclass(frozen=True, slots=True)
class Published:
    """Where the words stand now; `remote_id` is what a later post of the thread refers to."""

    remote_id: str
    url: str | None = None


class NotTaken(TemporaryError):
    """It surely was not posted: we never got through. Any other TemporaryError may have come after it was."""


class Publisher(Protocol):
    """A channel. `publish` may be repeated with the same delivery; how it is kept from doubling, see `Finds`."""

    @property
    def name(self) -> str:
        """The name in the settings."""

    @property
    def limit(self) -> int | None:
        """How long one post may be, by the channel's own measure; None if there is no limit worth naming."""

    async def publish(self, delivery: Delivery) -> Published:
        """Send it. Raises TemporaryError (try again), PermanentError (never), AuthError."""


@runtime_checkable
class Finds(Protocol):
    """A channel that forgets our keys, or has none: before it is tried again it is asked what was posted."""

    @property
    def remembers(self) -> timedelta:
        """How long after the first try the same delivery cannot be doubled; zero: never safe without asking."""

    async def find(self, delivery: Delivery) -> Published | None:
        """Look for a post with its words since `delivery.unsure_since`; PermanentError when nobody can tell."""


@runtime_checkable
class Measures(Protocol):
    """A channel that counts otherwise than by characters."""

    def measure(self, text: str) -> int:
        """Count as the channel does."""


@runtime_checkable
class Charges(Protocol):
    """A channel that costs money."""

    def cost_of(self, text: str) -> float:
        """Give the price of posting `text` in US dollars."""


@runtime_checkable
class Edits(Protocol):
    """A channel where sent words can be replaced."""

    async def edit(self, delivery: Delivery) -> None:
        """Put `delivery.correction` in the place of what was sent; repeating it changes nothing."""


@runtime_checkable
class Withdraws(Protocol):
    """A channel where sent words can be taken back."""

    async def withdraw(self, delivery: Delivery) -> None:
        """Take it back; what is gone already is no error."""


@runtime_checkable
class Learns(Protocol):
    """A channel whose server says itself how long a post may be."""

    async def learn(self) -> None:
        """Ask for the limits. Raises ServiceError; what was known before stays."""
