"""From Slack's talk to the timeline of an incident: whose thread or channel it is, what was said, by whom."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from alerts.client import SlackClient
from alerts.members import Sender, who_reacted
from alerts.modals import pick_modal
from alerts.pins import Pin, parse_reaction
from app.desk.front import FrontDesk
from app.slack.members import Members
from app.store.protocol import Store, Where
from domain.action import Action, Verb
from domain.errors import Refused, ServiceError
from domain.incidents.incident import Incident

log = logging.getLogger(__name__)
LOOKED_AT = 100  # newest incidents whose thread a message may stand in


@dataclass(frozen=True, slots=True)
class SlackPins:
    """Adds messages that people picked to the timeline; what customers read is never touched."""

    store: Store
    front: FrontDesk
    slack: SlackClient
    members: Members

    async def event(self, payload: Mapping[str, Any]) -> bool:
        """Take an event: a :pushpin: in the thread or channel of an incident; False for all else."""
        pin = parse_reaction(payload)
        if pin is None:
            return False
        try:
            await self._react(pin, who_reacted(payload))
        except (Refused, ServiceError) as err:
            log.warning("a pinned message of %s was not noted: %s", pin.channel, err)
        return True

    async def _react(self, pin: Pin, who: Sender) -> None:
        found = await self.slack.message(pin.channel, pin.ts)
        if found is None or found.get("bot_id"):  # our own lines stand in the timeline already
            return
        read = replace(
            pin, thread=str(found.get("thread_ts") or ""), text=str(found.get("text") or ""),
            author=str(found.get("user") or pin.author),
        )  # fmt: skip
        incident = await self._incident(read)
        if incident is None or not read.text.strip():
            return
        if (why_not := await self.members.why_not(who)) is not None:
            await self.slack.tell(pin.channel, pin.actor.id, why_not)
        else:
            named = replace(read, actor=replace(pin.actor, name=await self.slack.name_of(pin.actor.id)))
            await self._note(incident, named)

    async def shortcut(self, pin: Pin) -> str | None:
        """Take the message shortcut; gives the word for the person, None where a modal asks which incident."""
        if not pin.text.strip():
            raise Refused("This message has no words that could stand in a timeline.")
        incident = await self._incident(pin)
        if incident is not None:
            return await self._note(incident, pin)
        going = await self.store.find(Incident, Where("is_open", "eq", True), order="-declared_at", limit=50)
        if not going:
            raise Refused("No incident is open, and this is not the thread of one.")
        await self.slack.open_modal(pin.trigger_id, pick_modal(going, await self._words(pin)))
        return None

    async def _note(self, incident: Incident, pin: Pin) -> str:
        values = {"text": await self._words(pin)}
        return await self.front.act(Action(Verb.TIMELINE, incident.id, pin.actor, values, f"{pin.channel}:{pin.ts}"))

    async def _words(self, pin: Pin) -> str:
        author = await self.slack.name_of(pin.author) if pin.author else "somebody"
        return f"{author}: {pin.text.strip()}"

    async def _incident(self, pin: Pin) -> Incident | None:
        """Find the incident in whose thread or channel a message stands."""
        recent = await self.store.find(Incident, order="-declared_at", limit=LOOKED_AT)
        for incident in recent:
            card = incident.card
            in_thread = card is not None and (card.channel, card.ts) == (pin.channel, pin.thread or pin.ts)
            if in_thread or (incident.room is not None and incident.room == pin.channel):
                return incident
        return None
