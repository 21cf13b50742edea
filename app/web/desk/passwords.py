"""Passwords of desk users: argon2 off the event loop, the same time for unknown names, slower with each failure."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

FREE = 3  # typing errors that cost nothing
LONGEST_S = 900.0
FORGET_S = 3600.0  # quiet for so long: forgiven
KEPT = 10_000  # pairs of name and address
LONGEST_PASSWORD = 1000
MOST_WAITING, BUSY_S = 20, 5


@dataclass(slots=True)
class Attempts:
    """Counts failures per name and address; each one after the third doubles the wait, memory is bounded."""

    seen: OrderedDict[tuple[str, str], tuple[int, float]] = field(default_factory=OrderedDict)

    def wait_s(self, key: tuple[str, str], at: float) -> int:
        """Say for how many whole seconds `key` must wait before the next try; 0 when it may try now."""
        failures, last = self.seen.get(key, (0, at))
        if failures < FREE:
            return 0
        return max(0, ceil(last + min(2.0 ** (failures - FREE + 1), LONGEST_S) - at))

    def count(self, key: tuple[str, str], at: float) -> None:
        """Count a try as failed, before the password is checked: a hundred tries at once gain nothing."""
        failures, last = self.seen.get(key, (0, at))
        failures = 0 if at - last > FORGET_S else failures
        self.seen[key] = (failures + 1, at)
        self.seen.move_to_end(key)
        while len(self.seen) > KEPT:
            self.seen.popitem(last=False)

    def forgive(self, key: tuple[str, str]) -> None:
        """Forget the failures after the right password."""
        self.seen.pop(key, None)


@dataclass(slots=True)
class Passwords:
    """Checks the configured users' passwords; two at a time, since each check takes 64 MiB."""

    users: Mapping[str, str] = field(repr=False)  # name -> argon2id hash
    clock: Callable[[], float]  # seconds, monotonic
    attempts: Attempts = field(default_factory=Attempts)
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    waiting: int = 0
    nobody: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Make the hash that unknown names are checked against, as slow as the users' own."""
        known = next(iter(self.users.values()), "")
        with suppress(InvalidHashError):
            self.hasher = PasswordHasher.from_parameters(extract_parameters(known))
        self.nobody = self.hasher.hash(secrets.token_urlsafe(32)) if self.users else ""

    async def check(self, name: str, password: str, address: str) -> tuple[bool, int]:
        """Give (is it right, seconds to wait before the next try); with a wait nothing was checked."""
        key = (name.casefold()[:80], address)
        wait = self.attempts.wait_s(key, self.clock())
        if wait:
            return False, wait
        if self.waiting >= MOST_WAITING:  # somebody tries many names: nobody is to wait behind them for minutes
            return False, BUSY_S
        self.attempts.count(key, self.clock())
        self.waiting += 1
        try:
            async with self.at_once:
                right = await asyncio.to_thread(self._verify, self.users.get(name), password[:LONGEST_PASSWORD])
        finally:
            self.waiting -= 1
        if right:
            self.attempts.forgive(key)
        return right, 0

    def _verify(self, known: str | None, password: str) -> bool:
        try:
            return self.hasher.verify(known or self.nobody, password) and known is not None
        except (Argon2Error, InvalidHashError):
            return False
