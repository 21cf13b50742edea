"""A Slack channel for each incident, where the owner wants it: made once, the right people in it, never archived."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.client import SlackClient
from app.store.protocol import Store, Where, update
from domain.component import fold
from domain.errors import ServiceError
from domain.incidents.incident import Incident, told
from domain.work import HUBBUB
from status_page.words.incident_words import incident_url

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IncidentRooms:
    """Opens what is missing; a failure is said once and tried again with every round."""

    store: Store
    slack: SlackClient
    public_url: str
    now: Callable[[], datetime]
    language: str = "en"  # of the page a room leads to
    failing: set[str] = field(default_factory=set)

    async def run(self) -> int:
        """Open a channel for each open incident that has none; returns how many were opened."""
        going = await self.store.find(Incident, Where("is_open", "eq", True))
        return sum([await self._try(incident) for incident in going if incident.room is None])

    async def _try(self, incident: Incident) -> bool:
        try:
            await self._open(incident)
        except ServiceError as err:
            if incident.id not in self.failing:
                log.warning("incident %s has no channel of its own: %s", incident.id, err)
            self.failing.add(incident.id)
            return False
        self.failing.discard(incident.id)
        return True

    async def _open(self, incident: Incident) -> None:
        name = room_name(incident)
        # The name carries the incident's id: if it is taken, a kill came between this and the note below.
        room = await self.slack.open_room(name, private=incident.private)
        people = [who.id for who in (incident.lead, incident.comms, incident.declared_by) if who and who.via == "slack"]
        for person in dict.fromkeys(people):
            await self.slack.invite(room, person)
        await self.slack.set_topic(room, f"{incident.title('en')} · {self._link(incident)}")
        at = self.now()
        await update(self.store, Incident, incident.id, lambda i: _with_room(i, room, name, at))

    def _link(self, incident: Incident) -> str:
        if incident.public:
            return incident_url(self.public_url, self.language, incident)
        return f"{self.public_url}/desk/incidents/{incident.id}"


def room_name(incident: Incident) -> str:
    """Name the channel of an incident: day, a few words, the end of its id; at most 80 signs that Slack takes."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(incident.title("en"))).strip("-")[:40].strip("-")
    parts = ["inc", f"{incident.declared_at:%m%d}", "" if incident.private else words, incident.id[-6:].lower()]
    return "-".join(part for part in parts if part)


def _with_room(incident: Incident, room: str, name: str, now: datetime) -> Incident:
    if incident.room is not None:
        return incident
    return told(replace(incident, room=room), now, HUBBUB.name, f"opened the channel #{name}")
