"""What every channel to customers can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.work import Delivery


@dataclass(frozen=True, slots=True)
class Published:
    """Where the words stand now; `remote_id` is what a later post of the thread refers to."""

    remote_id: str
    url: str | None = None


class Publisher(Protocol):
    """A channel. `publish` may be repeated with the same delivery: its id keeps the platform from doubling it."""

    @property
    def name(self) -> str:
        """The name in the settings."""

    @property
    def limit(self) -> int | None:
        """How many characters one post may have, None if there is no limit worth naming."""

    async def publish(self, delivery: Delivery) -> Published:
        """Send it. Raises TemporaryError (try again), PermanentError (never), AuthError."""
