"""Triggers: the right to open one modal, good for three real seconds after a press."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

from app.standin.slack.errors import SlackRefusal

LIFE_S = 3.0  # https://docs.slack.dev/surfaces/modals: "must be used within 3 seconds" (2026-11)


@dataclass(slots=True)
class Trigger:
    """One press; `opened` is done when its modal is there."""

    id: str
    user: str
    channel: str
    expires: float  # the event loop's time
    opened: asyncio.Future[dict[str, Any]]

    async def view(self, wait_s: float) -> dict[str, Any] | None:
        """Wait for the modal, at most `wait_s` and never beyond the trigger's life; None when none comes."""
        left = min(wait_s, self.expires - asyncio.get_running_loop().time())
        if not self.opened.done() and left > 0:
            await asyncio.wait([self.opened], timeout=left)
        return self.opened.result() if self.opened.done() else None


class Triggers:
    """Hands triggers out and takes each back once."""

    def __init__(self, life_s: float = LIFE_S) -> None:
        """`life_s` is real time, whatever clock the demo runs on."""
        self._life_s = life_s
        self._known: dict[str, Trigger] = {}

    def issue(self, user: str, channel: str = "") -> Trigger:
        """Make a trigger for a press of `user`."""
        loop = asyncio.get_running_loop()
        self._forget_old(loop.time())
        id_ = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        trigger = Trigger(id_, user, channel, loop.time() + self._life_s, loop.create_future())
        self._known[id_] = trigger
        return trigger

    def redeem(self, id_: str) -> Trigger:
        """Find the trigger of a modal that is to be opened; refuses a wrong, old or used one."""
        trigger = self._known.get(id_)
        if trigger is None:
            raise SlackRefusal("invalid_trigger_id")
        if trigger.opened.done():
            raise SlackRefusal("exchanged_trigger_id")
        if asyncio.get_running_loop().time() > trigger.expires:
            raise SlackRefusal("expired_trigger_id")
        return trigger

    def _forget_old(self, time: float) -> None:
        # Kept for a minute beyond their life, so that a late call hears "expired" and not "invalid".
        self._known = {id_: known for id_, known in self._known.items() if known.expires + 60 > time}
