"""Brings Socket Mode's payloads to the Slack desk; refusals go to the person as a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.slack.desk import SlackDesk


@dataclass(frozen=True, slots=True)
class SocketDesk:
    """One callback for `alerts.socket.SlackSocket`."""

    desk: SlackDesk

    async def take(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Handle one acknowledged envelope."""
        if kind == "slash_commands":
            answer = await self.desk.command(payload)
            await self._tell(payload.get("channel_id"), payload.get("user_id"), str(answer["text"]))
        elif kind == "events_api":
            await self.desk.event(payload)
        elif kind == "interactive":
            # The envelope is acknowledged already, so a refused modal cannot show its error itself.
            refused = await self.desk.interaction(payload)
            if (refused or {}).get("response_action") == "update":  # the modal is gone already, so it comes anew
                await self.desk.slack.open_modal(str(payload.get("trigger_id")), (refused or {})["view"])
            for reason in (refused or {}).get("errors", {}).values():
                await self._tell("", (payload.get("user") or {}).get("id"), str(reason))

    async def _tell(self, channel: Any, user: Any, text: str) -> None:
        if isinstance(user, str) and user:
            await self.desk.slack.tell(channel if isinstance(channel, str) else "", user, text)
