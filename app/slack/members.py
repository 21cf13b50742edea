"""Lets only our own people act: in a channel shared with other companies their presses are genuine, too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from alerts.client import SlackClient
from alerts.members import Home, Sender
from domain.errors import ServiceError

log = logging.getLogger(__name__)
Found = TypeVar("Found")
PATIENCE_S = 1.2  # Slack waits three seconds for us


@dataclass(frozen=True, slots=True)
class Members:
    """Asks Slack once which workspace is ours, and of people only where what they sent does not say it."""

    slack: SlackClient

    async def why_not(self, who: Sender) -> str | None:
        """Say why somebody may not act here, None for our people; where Slack cannot be asked, nobody is shut out."""
        home = await self._ask(self.slack.home())
        if home is None or await self._is_ours(who, home):
            return None
        log.warning("Slack user %s was refused: not of our workspace but of %s", who.user, sorted(who.ids) or "another")
        return f"Only members of {home.name} can do this."

    async def _is_ours(self, who: Sender, home: Home) -> bool:
        if who.ids & home.ids:
            return True
        # Slack did not say, or they are of another workspace, which may belong to our organisation all the same.
        found = await self._ask(self.slack.ids_of(who.user))
        return not who.ids if found is None else bool(found & home.ids)

    async def _ask(self, question: Awaitable[Found]) -> Found | None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await question
        except (ServiceError, TimeoutError) as err:
            log.warning("Slack cannot be asked who is of our workspace: %s", err or "no answer in time")
            return None
