"""Reaches the people behind an escalation: in Slack, by webhook, by mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from alerts.client import SlackClient
from alerts.escalation import Call, Target, Way
from alerts.second_channel import MailServer, send_mail, send_webhook
from domain.component import Component
from domain.errors import PermanentError
from domain.signal import Signal


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
        await _WAYS[call.target.way](self, signal, call.target, self._text(signal, call.reason))

    def _text(self, signal: Signal, reason: str) -> str:
        component = self.components.get(signal.component)
        name, seen = component.name("en") if component else signal.component, signal.evidence
        return (
            f"Customers report: {name}. {seen.people} people in {seen.minutes} min, expected {seen.expected:.1f}, "
            f"since {seen.since:%H:%M} UTC; {reason}. {self.desk_url}/desk/signals/{signal.id}"
        )

    async def _slack(self, signal: Signal, target: Target, text: str) -> None:
        if self.slack is None:
            raise PermanentError("Slack is not set up.")
        await self.slack.tell("", target.address, text)

    async def _webhook(self, signal: Signal, target: Target, text: str) -> None:
        payload = {
            "signal": signal.id, "component": signal.component, "state": str(signal.state), "text": text,
            "people": signal.evidence.people, "expected": signal.evidence.expected,
            "since": signal.evidence.since.isoformat(),
        }  # fmt: skip
        key = f"{signal.id}:{signal.escalations}"
        await send_webhook(self.session, target.address, payload, self.webhook_secret, key=key, now=self.now())

    async def _mail(self, signal: Signal, target: Target, text: str) -> None:
        if self.mail is None:
            raise PermanentError("No mail server is set up.")
        key = f"{signal.id}-{signal.escalations}"
        await send_mail(self.mail, target.address, "Customers report a problem", text, key=key, now=self.now())


_WAYS = {Way.SLACK: Calls._slack, Way.WEBHOOK: Calls._webhook, Way.MAIL: Calls._mail}
