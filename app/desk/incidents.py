"""The incident desk: the only writer of signals and incidents, for the people on call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.desk import forms
from app.desk.drafts import touched
from app.desk.joining import Farewell, Joining
from app.desk.linking import Linking
from app.desk.monitors import alerts_about, remark
from app.desk.mutes import mutes
from app.desk.stories import parent_of
from app.desk.wording import filled
from app.store.protocol import Store, Where, update
from domain.action import Action, Verb
from domain.component import Component
from domain.errors import NotFound, Refused
from domain.ids import stable_id
from domain.incidents import incident as incidents
from domain.incidents import signal as signals
from domain.incidents.incident import Impact, Incident, IncidentStatus, Update, noted
from domain.incidents.maintenance import Maintenance, ended_since, muted_until
from domain.incidents.merging import published, split_off, updated
from domain.incidents.people import LIKELY, organised
from domain.incidents.severity import Severity
from domain.incidents.signal import Evidence, Signal, SignalState
from domain.work import HUBBUB, Card, Delivery

Drafts = Callable[[Incident, Update], Sequence[Delivery]]
MOST_NOTED = 2000  # characters of a note


@dataclass(frozen=True, slots=True)
class IncidentDesk:
    """Takes the detector's findings and people's decisions; `drafts` writes the posts an update needs."""

    store: Store
    channel: str  # Slack channel of the people on call
    now: Callable[[], datetime]
    drafts: Drafts
    components: Mapping[str, Component]
    languages: Sequence[str]
    escalate_after: timedelta | None
    maintenance: Sequence[Maintenance] = ()  # from the settings; planned work mutes, too
    farewell: Farewell = lambda target, language: target.title(language)  # the last post of a merged incident

    async def observe(self, component: str, state: SignalState, evidence: Evidence, mentions: Sequence[str]) -> None:
        """Open, renew or close the component's signal; while it is muted nothing opens, and a live one calls nobody."""
        live = await self.store.find(Signal, Where("active_key", "eq", component), limit=1)
        if live:
            await self._renew(live[0], state, evidence, mentions)
        elif state is SignalState.OPEN and component not in await self.muted():
            await self._open(component, evidence, mentions)

    async def _renew(self, signal: Signal, state: SignalState, evidence: Evidence, mentions: Sequence[str]) -> None:
        at, wait = self.now(), self.escalate_after
        planned = muted_until(signal.component, await mutes(self.store, self.maintenance, at), at)
        parent = await self.store.get(Signal, signal.parent_id) if signal.parent_id else None
        alone = signal.parent_id is not None and (parent is None or parent.over)

        def changed(now: Signal) -> Signal:
            quiet = now.evidence.quiet
            now = _observed(now, state, evidence, mentions, at)
            now = signals.confirmed(now, wait, at) if quiet and not now.evidence.quiet else now
            now = signals.parted(now, wait, at) if alone else now
            return signals.muted(now, planned, at) if planned else signals.woken(now, wait, at)

        await update(self.store, Signal, signal.id, changed)

    async def muted(self) -> frozenset[str]:
        """Name the components about which nobody is called now: silenced by a person, or under planned maintenance."""
        at = self.now()
        silenced = await self.store.find(Signal, Where("silenced_until", "gt", at))
        known = ("", *self.components)  # "" is what names no component
        work = await mutes(self.store, self.maintenance, at)
        planned = [component for component in known if muted_until(component, work, at)]
        return frozenset([*(signal.component for signal in silenced), *planned])

    async def _open(self, component: str, evidence: Evidence, mentions: Sequence[str]) -> None:
        at = self.now()
        signal = Signal(
            id=stable_id("sig", component, evidence.since.isoformat()), component=component, state=SignalState.OPEN,
            opened_at=at, evidence=evidence, mention_ids=tuple(mentions), card=Card(self.channel),
            escalate_at=at + self.escalate_after if self.escalate_after and not evidence.quiet else None,
        )  # fmt: skip
        incident = await self._open_incident_on(component)
        if incident is not None:
            signal = signals.declared(signal, incident.id, HUBBUB, at)
        await self.store.add(await self._in_its_place(signal, at))

    async def _in_its_place(self, signal: Signal, at: datetime) -> Signal:
        """Begin the timeline of a new signal: what muted it, what monitors say, whose story it is a part of."""
        if signal.evidence.quiet:
            signal = signals.told(signal, at, HUBBUB.name, signal.evidence.quiet)
        if ended := await self._mute_ended(signal.component, signal.evidence.since, at):
            text = f"opened late: nobody was to be called until {ended:%H:%M} UTC, and customers still report"
            signal = signals.told(signal, at, HUBBUB.name, text)
        for alert in await alerts_about(self.store, signal.component, at):
            signal = remark(signal, alert, at)
        live = await self.store.find(Signal, Where("active_key", "ne", None))
        parent = parent_of(signal, live)
        return signals.joined(signal, parent, self._name(parent.component), at) if parent else signal

    def _name(self, component: str) -> str:
        known = self.components.get(component)
        return known.name("en") if known else component or "no particular component"

    async def _open_incident_on(self, component: str) -> Incident | None:
        known = await self.store.find(Incident, Where("is_open", "eq", True))
        return next((i for i in known if component in i.components), None)

    async def _mute_ended(self, component: str, since: datetime, at: datetime) -> datetime | None:
        """Say when a silence or maintenance ended that kept this rise, which began at `since`, from opening."""
        about = (Where("component", "eq", component), Where("silenced_until", "gt", since))
        silenced = await self.store.find(Signal, *about, order="-opened_at", limit=5)
        ends = [s.silenced_until for s in silenced if s.silenced_until is not None and s.silenced_until <= at]
        planned = ended_since(component, await mutes(self.store, self.maintenance, at), since, at)
        return max([*ends, *([planned] if planned else [])], default=None)

    async def act(self, action: Action) -> str:
        """Carry out what a person asked for; returns the word for them, raises Refused with the reason."""
        return await _HANDLERS[action.verb](self, action)

    async def _acknowledge(self, action: Action) -> str:
        at = self.now()
        await update(self.store, Signal, action.subject, lambda s: signals.acknowledge(s, action.actor, at))
        return "Acknowledged; nobody else is called."

    async def _dismiss(self, action: Action) -> str:
        reason, at = action.values.get("reason", ""), self.now()
        await update(self.store, Signal, action.subject, lambda s: signals.dismiss(s, reason, action.actor, at))
        return "Dismissed."

    async def _silence(self, action: Action) -> str:
        until = self.now() + timedelta(minutes=forms.minutes(action.values.get("minutes", "60")))
        at = self.now()
        await update(self.store, Signal, action.subject, lambda s: signals.silence(s, until, action.actor, at))
        return f"Silenced until {until:%H:%M} UTC; counting goes on."

    async def _declare(self, action: Action) -> str:
        signal = await self.store.get(Signal, action.subject) if action.subject else None
        identity = signal.id if signal else action.key or f"{action.actor.id}|{self.now().isoformat()}"
        since = min(self.now(), signal.evidence.since) if signal else self.now()
        incident = self._first_form(action, identity, since)
        incident = replace(incident, signal_ids=(signal.id,) if signal else ())
        if signal is not None and signal.incident_id is not None and not await self._is_repeat(incident):
            raise Refused("An incident was declared from this signal already.")
        if not (await self.store.add(incident))[0]:
            await self.tie(incident)  # the first try may have ended before this
            return "This incident is declared already."
        await self.tie(incident)
        if incident.private:
            return "Declared, for our people only: nothing of it leaves until you publish it."
        return "Declared. The page says so; the posts wait for your approval on the card."

    def _first_form(self, action: Action, identity: str, since: datetime) -> Incident:
        """Make incident, first update and the drafts of its posts: one document, so one write."""
        at, values, who = self.now(), action.values, action.actor
        titles = forms.texts(values, "title", self.languages)
        components = forms.components(values, self.components)
        impact = forms.choice(values, "impact", Impact, Impact.MINOR)
        first = self.word(action, stable_id("inc", identity), components, IncidentStatus.INVESTIGATING, since)
        incident = Incident(
            id=stable_id("inc", identity), titles=titles, impact=impact, started_at=since, declared_at=at,
            declared_by=who, updates=(first,), card=Card(self.channel), private=values.get("private") == "yes",
            severity=forms.choice(values, "severity", Severity, LIKELY[impact]),
            lead=forms.person(values, "lead", who), comms=forms.person(values, "comms", None),
        )  # fmt: skip
        if not incident.private:
            incident = replace(incident, deliveries=tuple(self.drafts(incident, first)))
        return incidents.told(incident, at, who.name, "declared the incident" + " (private)" * incident.private)

    def word(self, action: Action, incident_id: str, components: Sequence[str], status: IncidentStatus,
             since: datetime) -> Update:  # fmt: skip
        """Read the next word about an incident, which began at `since`, from a form. Raises Refused."""
        at, values = self.now(), action.values
        health = forms.component_status(values, status)
        promise = forms.promise(values)
        resolved = status is IncidentStatus.RESOLVED
        due = at + promise if promise and not resolved else None
        named = touched(components, self.components)
        return Update(
            id=stable_id("upd", incident_id, action.key or at.isoformat()), at=at, status=status,
            texts=filled(forms.texts(values, "text", self.languages), named, since, due, at), by=action.actor.name,
            components=dict.fromkeys(components, health) if health else {},
            next_update_by=due,
        )  # fmt: skip

    async def _is_repeat(self, incident: Incident) -> bool:
        known = await self.store.get(Incident, incident.id)
        return known is not None and known.updates[0].id == incident.updates[0].id

    async def tie(self, incident: Incident) -> None:
        """Tie the signals and the complaints about its components to an open incident; safe to repeat."""
        at, who = self.now(), incident.declared_by
        live = await self.store.find(Signal, Where("active_key", "in_", sorted(incident.components)))
        for signal in dict.fromkeys([*incident.signal_ids, *(signal.id for signal in live)]):
            with suppress(NotFound):
                await update(self.store, Signal, signal, lambda s: signals.declared(s, incident.id, who, at))
        await self.link_cases(incident)

    async def link_cases(self, incident: Incident) -> int:
        """Tie complaints about its components since shortly before it began to the incident; returns how many."""
        return await self.linking.link_cases(incident)

    async def _post_update(self, action: Action) -> str:
        default = IncidentStatus.RESOLVED if action.verb is Verb.RESOLVE else IncidentStatus.IDENTIFIED
        status = default
        if action.verb is Verb.UPDATE:
            status = forms.choice(action.values, "status", IncidentStatus, default)
        incident = await self._get(action.subject)
        news = self.word(action, incident.id, sorted(incident.components), status, incident.started_at)
        posts = tuple(self.drafts(incident, news))
        at = self.now()
        if status is IncidentStatus.RESOLVED and incident.is_open:
            await self.link_cases(incident)  # whoever complained since the last round shall hear of the end too
        await update(self.store, Incident, incident.id, lambda i: updated(i, news, posts, action.actor, at))
        if incident.private:
            return "Written down for our people; nothing of it left the building."
        if status is IncidentStatus.RESOLVED:
            return "Resolved. The page says so; those who complained get a word once you press “Send follow-ups”."
        return "Published on the page; the posts wait for your approval on the card."

    async def _publish(self, action: Action) -> str:
        incident = await self._get(action.subject)
        status = forms.choice(action.values, "status", IncidentStatus, IncidentStatus.INVESTIGATING)
        titles = forms.texts(action.values, "title", self.languages)
        news = self.word(action, incident.id, sorted(incident.components), status, incident.started_at)
        posts, at = tuple(self.drafts(replace(incident, titles=titles), news)), self.now()
        await update(self.store, Incident, incident.id, lambda i: published(i, titles, news, posts, action.actor, at))
        return "Public now. The page says so; the posts wait for your approval on the card."

    async def _split(self, action: Action) -> str:
        old = await self._get(action.subject)
        chosen = forms.components(action.values, self.components)
        if strange := [component for component in chosen if component not in old.components]:
            known = await self.store.get(Incident, self._split_id(action))
            if known is None:
                raise Refused(f"This incident does not touch {strange[0]}.")
        split_off(old, chosen, "", action.actor, self.now())  # refused before anything is written
        new = self._first_form(action, f"{old.id}|{action.key or self.now().isoformat()}", old.started_at)
        new = replace(new, private=old.private, deliveries=() if old.private else new.deliveries)
        await self.store.add(new)
        await self.joining.split(old, new, action.actor)
        return f"“{new.title('en')}” is an incident of its own now."

    def _split_id(self, action: Action) -> str:
        return stable_id("inc", f"{action.subject}|{action.key}")

    async def _merge(self, action: Action) -> str:
        return await self.joining.merge(action)

    async def _unmerge(self, action: Action) -> str:
        return await self.joining.unmerge(action)

    async def _organise(self, action: Action) -> str:
        known, values, who = await self._get(action.subject), action.values, action.actor
        severity = forms.choice(values, "severity", Severity, known.severity)
        lead, comms = forms.person(values, "lead", known.lead), forms.person(values, "comms", known.comms)
        if action.verb is Verb.TAKE_LEAD:
            lead = who
        if action.verb is Verb.TAKE_COMMS:
            comms = who
        at = self.now()
        await update(self.store, Incident, known.id, lambda i: organised(i, severity, lead, comms, who, at))
        return "Changed."

    async def _timeline(self, action: Action) -> str:
        text, at = action.values.get("text", "").strip(), self.now()
        if not text:
            raise Refused("An empty note says nothing.")
        line = f"noted: {text[:MOST_NOTED]}"
        await update(self.store, Incident, action.subject, lambda i: noted(i, line, action.actor, at))
        return "Added to the timeline; customers do not see it."

    async def _link(self, action: Action) -> str:
        return await self.linking.act(action)

    async def _get(self, id: str) -> Incident:
        incident = await self.store.get(Incident, id)
        if incident is None:
            raise Refused("This incident is not known.")
        return incident

    @property
    def linking(self) -> Linking:
        """Who knows which complaints belong where."""
        return Linking(self.store, self.now)

    @property
    def joining(self) -> Joining:
        """Who joins and parts incidents."""
        return Joining(self.store, self.now, self.linking, self.farewell)


def _observed(signal: Signal, state: SignalState, evidence: Evidence, mentions: Sequence[str], at: datetime) -> Signal:
    known = set(signal.mention_ids)
    fresh = tuple(m for m in mentions if m not in known)
    observed = signals.observe(signal, state, evidence, at)
    return replace(observed, mention_ids=(*observed.mention_ids, *fresh)) if fresh and not signal.over else observed


_HANDLERS = {
    Verb.ACKNOWLEDGE: IncidentDesk._acknowledge,
    Verb.DISMISS: IncidentDesk._dismiss,
    Verb.SILENCE: IncidentDesk._silence,
    Verb.DECLARE: IncidentDesk._declare,
    Verb.UPDATE: IncidentDesk._post_update,
    Verb.RESOLVE: IncidentDesk._post_update,
    Verb.PUBLISH: IncidentDesk._publish,
    Verb.MERGE: IncidentDesk._merge,
    Verb.UNMERGE: IncidentDesk._unmerge,
    Verb.SPLIT: IncidentDesk._split,
    Verb.ORGANISE: IncidentDesk._organise,
    Verb.TAKE_LEAD: IncidentDesk._organise,
    Verb.TAKE_COMMS: IncidentDesk._organise,
    Verb.TIMELINE: IncidentDesk._timeline,
    Verb.IS_ABOUT: IncidentDesk._link,
    Verb.NOT_ABOUT: IncidentDesk._link,
}
INCIDENT_VERBS = frozenset(_HANDLERS)
