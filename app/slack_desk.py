"""Slack's side of the front desk: buttons, modals and `/hubbub`, however they arrive (HTTP or Socket Mode)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from alerts import modals
from alerts.actions import Command, OpenModal, parse_command, parse_interaction
from alerts.client import SlackClient
from app.desk.front import FrontDesk
from app.store.protocol import Store, Where
from domain.action import Action, Verb
from domain.case import Case
from domain.component import Component
from domain.errors import PermanentError, Refused, ServiceError
from domain.incident import Incident, IncidentStatus
from domain.signal import Signal
from status_page.words import incident_words, reply_draft

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SlackDesk:
    """Answers what people do in Slack; `wake` tells the outbox that cards have changed."""

    store: Store
    front: FrontDesk
    slack: SlackClient
    components: Mapping[str, Component]
    languages: tuple[str, ...]
    page_url: str
    wake: Callable[[], None]

    async def interaction(self, payload: Mapping[str, Any]) -> dict[str, Any] | None:
        """Handle a press or a submitted modal; the return value is the HTTP answer (None: an empty 200)."""
        parsed = parse_interaction(payload)
        if isinstance(parsed, OpenModal):
            await self._open(parsed)
            return None
        if parsed is None:
            return None
        try:
            word = await self.front.act(parsed)
        except Refused as err:
            return await self._refuse(payload, parsed, str(err))
        finally:
            self.wake()
        if payload.get("type") == "block_actions" and parsed.verb not in _SEEN_ON_THE_CARD:
            await self._tell(payload, word)
        return None

    async def _refuse(self, payload: Mapping[str, Any], action: Action, reason: str) -> dict[str, Any] | None:
        if payload.get("type") == "view_submission":
            return {"response_action": "errors", "errors": {modals.first_block(payload): reason}}
        await self._tell(payload, reason)
        return None

    async def _tell(self, payload: Mapping[str, Any], text: str) -> None:
        channel = (payload.get("channel") or {}).get("id") or ""
        user = (payload.get("user") or {}).get("id") or ""
        if not channel:
            return
        try:
            await self.slack.tell(channel, user, text)
        except ServiceError as err:
            log.warning("a word to a Slack user was lost: %s", err)

    async def _open(self, wanted: OpenModal) -> None:
        try:
            view = await self._modal(wanted)
            await self.slack.open_modal(wanted.trigger_id, view)
        except (Refused, ServiceError) as err:
            log.warning("no modal for %s %s: %s", wanted.verb, wanted.subject, err)

    async def _modal(self, wanted: OpenModal) -> dict[str, Any]:
        return await _MODALS[wanted.verb](self, wanted)

    async def _reply_modal(self, wanted: OpenModal) -> dict[str, Any]:
        case = await self._get(Case, wanted.subject)
        incident = await self.store.get(Incident, case.incident_id) if case.incident_id else None
        decision = await self.front.care.decision(case)
        return modals.reply_modal(case, reply_draft(case, incident, self.page_url), decision.reason)

    async def _declare_modal(self, wanted: OpenModal) -> dict[str, Any]:
        signal = await self.store.get(Signal, wanted.subject) if wanted.subject else None
        affected = [self.components[signal.component]] if signal and signal.component in self.components else []
        drafts = incident_words(affected, IncidentStatus.INVESTIGATING, self.languages)
        return modals.declare_modal(signal, list(self.components.values()), self.languages, drafts)

    async def _update_modal(self, wanted: OpenModal) -> dict[str, Any]:
        incident = await self._get(Incident, wanted.subject)
        phase = IncidentStatus.RESOLVED if wanted.verb is Verb.RESOLVE else IncidentStatus.IDENTIFIED
        affected = [self.components[c] for c in incident.components if c in self.components]
        drafts = incident_words(affected, phase, self.languages)
        return modals.update_modal(incident, self.languages, wanted.verb, drafts)

    async def _edit_modal(self, wanted: OpenModal) -> dict[str, Any]:
        incident = await self._get(Incident, wanted.subject)
        delivery = next((d for d in incident.deliveries if d.id == wanted.detail), None)
        if delivery is None:
            raise Refused("This post is not known.")
        return modals.edit_post_modal(incident, delivery)

    async def _dismiss_modal(self, wanted: OpenModal) -> dict[str, Any]:
        return modals.dismiss_modal(await self._get(Signal, wanted.subject))

    async def _get(self, kind: type[Any], record_id: str) -> Any:
        record = await self.store.get(kind, record_id)
        if record is None:
            raise Refused("This record is not known (any more).")
        return record

    async def command(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer `/hubbub ...` with a word only its sender sees."""
        try:
            command = parse_command(form)
        except PermanentError as err:
            return _whisper(str(err))
        if command.verb is None:
            return _whisper(await self._status())
        subject = "" if command.verb is Verb.DECLARE else await self._only_open_incident(command)
        if subject is None:
            return _whisper("There is no open incident (or more than one: then use the buttons on its card).")
        await self._open(OpenModal(command.verb, subject, command.trigger_id, command.actor))
        return _whisper("Opening the form …")

    async def _only_open_incident(self, command: Command) -> str | None:
        known = await self.store.find(Incident, Where("is_open", "eq", True))
        named = [i for i in known if not command.rest or command.rest in i.id or command.rest in i.title("en")]
        return named[0].id if len(named) == 1 else None

    async def _status(self) -> str:
        incidents = await self.store.find(Incident, Where("is_open", "eq", True))
        cases = await self.store.count(Case, Where("status", "in_", ["open", "snoozed"]))
        lines = [f"• {i.title('en')}: {i.status}, {i.affected} people affected" for i in incidents]
        head = "No incident is open." if not lines else "Open incidents:"
        return "\n".join([head, *lines, f"{cases} cases wait for an answer.", self.page_url])


def _whisper(text: str) -> dict[str, Any]:
    return {"response_type": "ephemeral", "text": text}


_SEEN_ON_THE_CARD = frozenset({Verb.CLAIM, Verb.ACKNOWLEDGE, Verb.APPROVE_POST, Verb.SKIP_POST})
_MODALS: dict[Verb, Callable[[SlackDesk, OpenModal], Awaitable[dict[str, Any]]]] = {
    Verb.REPLY: SlackDesk._reply_modal,
    Verb.DECLARE: SlackDesk._declare_modal,
    Verb.UPDATE: SlackDesk._update_modal,
    Verb.RESOLVE: SlackDesk._update_modal,
    Verb.EDIT_POST: SlackDesk._edit_modal,
    Verb.DISMISS: SlackDesk._dismiss_modal,
}
