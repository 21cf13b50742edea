"""Slack's side of the front desk: buttons, modals and `/hubbub`, however they arrive (HTTP or Socket Mode)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from alerts import modals
from alerts.actions import Command, OpenModal, Word, parse_command, parse_interaction
from alerts.client import SlackClient
from alerts.members import who_pressed, who_typed
from alerts.pins import Pin, parse_shortcut
from alerts.second_look import second_look
from alerts.text import phrase
from app.desk.drafts import drafts, touched
from app.desk.front import FrontDesk
from app.desk.telling import telling
from app.desk.wording import HEARD, proofread, suggested, words_for
from app.privacy.masking import Mask, hide_all, masked_case
from app.slack.members import Members
from app.slack.pins import SlackPins
from app.store.protocol import Store, Where
from domain.action import Action, Verb
from domain.care.case import ACTIVE, Case
from domain.component import Component
from domain.errors import PermanentError, Refused, ServiceError
from domain.incidents.incident import Incident, IncidentStatus, next_phase
from domain.incidents.merging import why_not_merge
from domain.incidents.planned import PlannedWork, words
from domain.incidents.signal import Signal
from domain.told.posting import post_of
from status_page.words.incident_words import reply_draft

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
    hide: Mask = hide_all

    async def interaction(self, payload: Mapping[str, Any]) -> dict[str, Any] | None:
        """Handle a press or a submitted modal; the return value is the HTTP answer (None: an empty 200)."""
        wanted = parse_shortcut(payload) or parse_interaction(payload)
        if wanted is None:
            return None
        if (why_not := await self.members.why_not(who_pressed(payload))) is not None:
            return await self._refuse(payload, why_not)
        if isinstance(wanted, Action):
            return await self._act(payload, wanted)
        await (self._pin(payload, wanted) if isinstance(wanted, Pin) else self._open(wanted))
        return None

    async def _act(self, payload: Mapping[str, Any], parsed: Action) -> dict[str, Any] | None:
        if doubts := proofread(parsed):
            return {"response_action": "update", "view": second_look(payload["view"], doubts, HEARD)}
        try:
            word = await self.front.act(await self._named(parsed))
        except (Refused, ServiceError) as err:
            return await self._refuse(payload, str(err))
        finally:
            self.wake()
        if payload.get("type") == "block_actions" and parsed.verb not in _SEEN_ON_THE_CARD:
            await self._tell(payload, word)
        return None

    @property
    def members(self) -> Members:
        """Who tells our people from guests."""
        return Members(self.slack)

    @property
    def pins(self) -> SlackPins:
        """Who adds what people pick out of the talk to a timeline."""
        return SlackPins(self.store, self.front, self.slack, self.members)

    async def event(self, payload: Mapping[str, Any]) -> None:
        """Take an event of Slack's Events API; most are none of ours."""
        if await self.pins.event(payload):
            self.wake()

    async def _pin(self, payload: Mapping[str, Any], pin: Pin) -> None:
        try:
            word = await self.pins.shortcut(pin)
        except (Refused, ServiceError) as err:
            word = str(err)
        self.wake()
        if word is not None:
            await self._tell(payload, word)

    async def _named(self, action: Action) -> Action:
        """Write the people somebody chose in a modal as the desks read them."""
        if action.verb is not Verb.ORGANISE:
            return action
        named = {role: action.values[role] for role in ("lead", "comms") if action.values.get(role)}
        people = {role: f"slack|{id}|{await self.slack.name_of(id)}" for role, id in named.items()}
        return replace(action, values={**action.values, **people})

    async def _refuse(self, payload: Mapping[str, Any], reason: str) -> dict[str, Any] | None:
        if payload.get("type") == "view_submission":
            return {"response_action": "errors", "errors": {_first_field(payload): reason}}
        await self._tell(payload, reason)
        return None

    async def _tell(self, payload: Mapping[str, Any], text: str) -> None:
        channel = (payload.get("channel") or {}).get("id") or ""
        user = (payload.get("user") or {}).get("id") or ""
        await self._say(channel, user, text)

    async def _say(self, channel: str, user: str, text: str) -> None:
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
            await self._say(wanted.channel, wanted.actor.id, str(err))

    async def _modal(self, wanted: OpenModal) -> dict[str, Any]:
        return await _MODALS[wanted.verb](self, wanted)

    async def _reply_modal(self, wanted: OpenModal) -> dict[str, Any]:
        case: Case = await self._get(Case, wanted.subject)
        incident = await telling(self.store, case.incident_id)  # None for a private one: an answer must not tell of it
        decision = await self.front.care.decision(case)
        draft = reply_draft(case, incident, self.page_url)
        return modals.reply_modal(masked_case(case, self.hide), draft, decision.reason, decision.verdict)

    async def _declare_modal(self, wanted: OpenModal) -> dict[str, Any]:
        signal = await self.store.get(Signal, wanted.subject) if wanted.subject else None
        affected = [self.components[signal.component]] if signal and signal.component in self.components else []
        words = self.front.begun(
            IncidentStatus.INVESTIGATING, affected, signal.evidence.since if signal else None, self.languages
        )
        if title := wanted.values.get("title"):
            words[f"title.{self.languages[0]}"] = title
        return modals.declare_modal(signal, list(self.components.values()), self.languages, words)

    async def _update_modal(self, wanted: OpenModal) -> dict[str, Any]:
        incident: Incident = await self._get(Incident, wanted.subject)
        phase = IncidentStatus.RESOLVED if wanted.verb is Verb.RESOLVE else next_phase(incident.status)
        template = words_for(f"{wanted.values.get('status')}.0", self.front.templates)
        affected = touched(list(incident.components), self.components)
        if template is None:
            words = self.front.begun(phase, affected, incident.started_at, self.languages)
            return modals.update_modal(incident, self.languages, phase, words)
        words = suggested(template, affected, incident.started_at, self.front.now(), self.languages)
        return modals.update_modal(incident, self.languages, template.phase, words)

    async def _organise_modal(self, wanted: OpenModal) -> dict[str, Any]:
        return modals.organise_modal(await self._get(Incident, wanted.subject))

    async def _note_modal(self, wanted: OpenModal) -> dict[str, Any]:
        return modals.note_modal(await self._get(Incident, wanted.subject))

    async def _publish_modal(self, wanted: OpenModal) -> dict[str, Any]:
        incident: Incident = await self._get(Incident, wanted.subject)
        affected = touched(list(incident.components), self.components)
        # Never the private words: they would be told with one careless press.
        words = self.front.begun(IncidentStatus.INVESTIGATING, affected, incident.started_at, self.languages)
        return modals.publish_modal(incident, self.languages, words)

    async def _merge_modal(self, wanted: OpenModal) -> dict[str, Any]:
        incident: Incident = await self._get(Incident, wanted.subject)
        others = await self.store.find(Incident, Where("is_open", "eq", True), order="-declared_at", limit=50)
        fitting = [other for other in others if why_not_merge(incident, other) is None]
        if not fitting:
            raise Refused("There is no other open incident that could tell this story.")
        return modals.merge_modal(incident, fitting)

    async def _split_modal(self, wanted: OpenModal) -> dict[str, Any]:
        incident: Incident = await self._get(Incident, wanted.subject)
        names = {key: known.name("en") for key, known in self.components.items()}
        words = drafts([], IncidentStatus.INVESTIGATING, self.languages)
        return modals.split_modal(incident, names, self.languages, words)

    async def _edit_modal(self, wanted: OpenModal) -> dict[str, Any]:
        known = await self.store.get(Incident, wanted.subject)
        record = known or await self._work(wanted)
        return modals.edit_post_modal(record, post_of(record, wanted.values.get("delivery", "")))

    async def _work(self, wanted: OpenModal) -> PlannedWork:
        work: PlannedWork = await self._get(PlannedWork, wanted.subject)
        return work

    async def _open_work(self, wanted: OpenModal) -> PlannedWork:
        """Give planned work of which there is still something to tell."""
        work = await self._work(wanted)
        if work.is_over:
            raise Refused(f"This work is {words(work.status)} already.")
        return work

    async def _work_update_modal(self, wanted: OpenModal) -> dict[str, Any]:
        return modals.work_update_modal(await self._open_work(wanted), self.languages)

    async def _work_time_modal(self, wanted: OpenModal) -> dict[str, Any]:
        return modals.work_time_modal(await self._open_work(wanted), self.languages)

    async def _dismiss_modal(self, wanted: OpenModal) -> dict[str, Any]:
        return modals.dismiss_modal(await self._get(Signal, wanted.subject))

    async def _get(self, kind: type[Any], record_id: str) -> Any:
        record = await self.store.get(kind, record_id)
        if record is None:
            raise Refused("This record is not known (any more).")
        return record

    async def command(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Answer `/hubbub ...` with a word only its sender sees."""
        try:
            command = parse_command(form)
        except PermanentError as err:
            return _whisper(str(err))
        if (why_not := await self.members.why_not(who_typed(form))) is not None:
            return _whisper(why_not)
        if command.word is Word.HELP:
            return _whisper(command.help)
        if command.word is Word.STATUS:
            return _whisper(await self._status())
        wanted = await self._wanted(command)
        if wanted is None:
            return _whisper("There is no such open incident (or more than one: then use the buttons on its card).")
        await self._open(wanted)
        return _whisper("Opening the form …")

    async def _wanted(self, command: Command) -> OpenModal | None:
        if command.word is Word.DECLARE:
            values = {"title": command.argument} if command.argument else {}
            return OpenModal(Verb.DECLARE, "", command.trigger_id, command.actor, values, command.channel)
        known = await self.store.find(Incident, Where("is_open", "eq", True))
        asked = command.argument.casefold()
        named = [i for i in known if asked in i.id or asked in i.title("en").casefold()]
        if len(named) != 1:
            return None
        return OpenModal(Verb(command.word), named[0].id, command.trigger_id, command.actor, {}, command.channel)

    async def _status(self) -> str:
        incidents = [i for i in await self.store.find(Incident, Where("is_open", "eq", True)) if i.public]
        cases = await self.store.count(Case, Where("status", "in_", sorted(ACTIVE)))
        lines = [f"• {phrase(i.title('en'), 150)}: {i.status}, {i.affected} people affected" for i in incidents]
        head = "Open incidents:" if lines else "No incident is open."
        return "\n".join([head, *lines, f"{cases} cases wait for an answer.", self.page_url])


def _first_field(payload: Mapping[str, Any]) -> str:
    """Name the block of a modal where an error can be shown: Slack wants the id of an input block."""
    blocks = (payload.get("view") or {}).get("blocks") or []
    return next((str(b.get("block_id")) for b in blocks if b.get("type") == "input"), "text")


def _whisper(text: str) -> dict[str, Any]:
    return {"response_type": "ephemeral", "text": text}


_SEEN_ON_THE_CARD = frozenset({Verb.CLAIM, Verb.ACKNOWLEDGE, Verb.APPROVE_POST, Verb.SKIP_POST})
_MODALS: dict[Verb, Callable[[SlackDesk, OpenModal], Awaitable[dict[str, Any]]]] = {
    Verb.REPLY: SlackDesk._reply_modal,
    Verb.DECLARE: SlackDesk._declare_modal,
    Verb.UPDATE: SlackDesk._update_modal,
    Verb.RESOLVE: SlackDesk._update_modal,
    Verb.EDIT_POST: SlackDesk._edit_modal,
    Verb.CORRECT_POST: SlackDesk._edit_modal,
    Verb.DISMISS: SlackDesk._dismiss_modal,
    Verb.ORGANISE: SlackDesk._organise_modal,
    Verb.TIMELINE: SlackDesk._note_modal,
    Verb.PUBLISH: SlackDesk._publish_modal,
    Verb.MERGE: SlackDesk._merge_modal,
    Verb.SPLIT: SlackDesk._split_modal,
    Verb.MOVE_WORK: SlackDesk._work_time_modal,
    Verb.UPDATE_WORK: SlackDesk._work_update_modal,
}
