"""Reaches the people behind an escalation: in Slack, by webhook, by mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from alerts.client import SlackClient
from alerts.escalation import Call, Target, Way
from alerts.second_channel import MailServer, send_mail, send_webhook
from alerts.text import fit, phrase
from domain.component import Component
from domain.errors import PermanentError
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal

_PERSON = re.compile(r"[UW][A-Z0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Message:
    """What a target is told, in the forms its way needs; `key` keeps a repeat from being told twice."""

    title: str
    text: str
    payload: Mapping[str, object]
    key: str


@dataclass(frozen=True, slots=True)
class Calls:
    """Knows every way there is; a way that is not set up is an error with words."""

    session: aiohttp.ClientSession
    slack: SlackClient | None
    mail: MailServer | None
    webhook_secret: str
    components: Mapping[str, Component]
    desk_url: str
    now: Callable[[], datetime]

    def __repr__(self) -> str:
        """Leave the webhook's secret out of logs."""
        return "Calls()"

    async def call(self, signal: Signal, call: Call) -> None:
        """Tell one target about one signal. Raises ServiceError when that fails."""
        text = self._text(signal, call.reason)
        payload = {
            "signal": signal.id, "component": signal.component, "state": str(signal.state), "text": text,
            "people": signal.evidence.people, "expected": signal.evidence.expected,
            "since": signal.evidence.since.isoformat(),
        }  # fmt: skip
        key = f"{signal.id}:{signal.escalations}"
        await self._tell(call.target, Message("Customers report a problem", text, payload, key))

    def _text(self, signal: Signal, reason: str) -> str:
        component = self.components.get(signal.component)
        name, seen = component.name("en") if component else signal.component, signal.evidence
        return (
            f"Customers report: {name}. {seen.people} people in {seen.minutes} min, expected {seen.expected:.1f}, "
            f"since {seen.since:%H:%M} UTC; {reason}. {self.desk_url}/desk/signals/{signal.id}"
        )

    async def call_about(self, incident: Incident, call: Call) -> None:
        """Tell one target that a promise to customers is broken. Raises ServiceError when that fails."""
        due, calls = (incident.watch.due, incident.watch.calls) if incident.watch else (incident.declared_at, 0)
        text = f"{incident.title('en')}: {call.reason}. {self._desk(incident)}"
        payload = {"incident": incident.id, "title": incident.title("en"), "due": due.isoformat(), "text": text}
        key = f"{incident.id}:{int(due.timestamp())}:{calls}"
        await self._tell(call.target, Message("A promise to customers is broken", text, payload, key))

    async def remind(self, incident: Incident, due: datetime, targets: Sequence[Target]) -> None:
        """Ask whoever cares for an incident to write before `due`: in the card's thread, else the first target."""
        promised = incident.public and incident.next_update_by is not None
        why = "customers are promised the next word by" if promised else "it is time for the next word:"
        words = f"{why} {due:%H:%M} UTC. {self._desk(incident)}"
        card, key = incident.card, f"{incident.id}@{int(due.timestamp())}"
        if self.slack is not None and card is not None and card.ts:
            who = " ".join(mentions(incident, targets))
            await self.slack.thread(
                card.channel, card.ts, f":hourglass: {who} {fit(words, 500)}".replace("  ", " "), key
            )
        elif targets:
            text = f"{incident.title('en')}: {words}"
            payload = {"incident": incident.id, "title": incident.title("en"), "due": due.isoformat(), "text": text}
            await self._tell(targets[0], Message("Time for the next word to customers", text, payload, key))

    def _desk(self, incident: Incident) -> str:
        return f"{self.desk_url}/desk/incidents/{incident.id}"

    async def _tell(self, target: Target, message: Message) -> None:
        await _WAYS[target.way](self, target, message)

    async def _slack(self, target: Target, message: Message) -> None:
        if self.slack is None:
            raise PermanentError("Slack is not set up.")
        await self.slack.tell("", target.address, message.text)

    async def _webhook(self, target: Target, message: Message) -> None:
        await send_webhook(
            self.session, target.address, message.payload, self.webhook_secret, key=message.key, now=self.now()
        )

    async def _mail(self, target: Target, message: Message) -> None:
        if self.mail is None:
            raise PermanentError("No mail server is set up.")
        key = message.key.replace(":", "-")
        await send_mail(self.mail, target.address, message.title, message.text, key=key, now=self.now())


def mentions(incident: Incident, targets: Sequence[Target]) -> list[str]:
    """Name who is to write: communications and lead, else whoever is called first; in Slack by their mention."""
    people = dict.fromkeys(who for who in (incident.comms, incident.lead) if who is not None)
    if people:
        return [f"<@{who.id}>" if _PERSON.fullmatch(who.id) else phrase(who.name, 60) for who in people]
    called = [target.address for target in targets if target.way is Way.SLACK][:1]
    return [f"<@{address}>" if _PERSON.fullmatch(address) else phrase(address, 60) for address in called]


_WAYS = {Way.SLACK: Calls._slack, Way.WEBHOOK: Calls._webhook, Way.MAIL: Calls._mail}
