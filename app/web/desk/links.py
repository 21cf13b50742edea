"""One-time links: whoever holds the console may come in, once, for a quarter of an hour."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Links:
    """Remembers the links that were given out, by their hash; a restart forgets them."""

    wall: Callable[[], datetime]
    open: dict[str, tuple[str, datetime]] = field(default_factory=dict, repr=False)  # hash -> (name, good until)

    def make(self, name: str) -> str:
        """Make the token of a link for somebody called `name`."""
        now = self.wall()
        for key in [key for key, (_, until) in self.open.items() if until <= now]:
            del self.open[key]
        token = secrets.token_urlsafe(24)
        self.open[_hash(token)] = (name, now + LIFE)
        return token

    def is_good(self, token: str) -> bool:
        """Say whether a link still opens, without using it up: looking (also by a preview robot) changes nothing."""
        _, until = self.open.get(_hash(token), ("", self.wall()))
        return until > self.wall()

    def use(self, token: str) -> str | None:
        """Use a link up and give the name it was made for; None when it is unknown, used or too old."""
        if not self.is_good(token):
            return None
        name, _ = self.open.pop(_hash(token))
        return name


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
