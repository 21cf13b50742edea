"""An incident: what we tell customers about a problem, update by update, until it is solved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.component import ComponentStatus
from domain.errors import Refused
from domain.work import Actor, Card, Delivery, DeliveryState, Line, card_due, deliveries_due, earliest


class Impact(StrEnum):
    """How bad it is for customers."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class IncidentStatus(StrEnum):
    """How far we are."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Update:
    """One public word about an incident, in each language it was written in."""

    id: str
    at: datetime
    status: IncidentStatus
    texts: Mapping[str, str]  # language -> plain text
    by: str  # internal, never shown to customers
    components: Mapping[str, ComponentStatus] = field(default_factory=dict)  # their state from now on
    next_update_by: datetime | None = None  # the public promise


@dataclass(frozen=True, slots=True)
class Incident:
    """A problem customers are told about; its updates and the deliveries they need are one document."""

    id: str
    titles: Mapping[str, str]  # language -> title
    impact: Impact
    started_at: datetime
    declared_at: datetime
    declared_by: Actor
    updates: tuple[Update, ...]  # oldest first, at least one
    deliveries: tuple[Delivery, ...] = ()
    signal_ids: tuple[str, ...] = ()
    resolved_at: datetime | None = None
    still_broken: tuple[str, ...] = ()  # persons who said so after the end
    affected: int = 0  # people whose cases are linked
    follow_up: bool = False  # the resolve asks for follow-ups that are not all drafted yet
    private: bool = False  # seen by our people only: never on the page, in feeds, posts or mails
    merged_into: str | None = None  # the incident that tells its story now
    history: tuple[Line, ...] = ()
    card: Card | None = None
    revision: int = 0
    version: int = 0

    @property
    def public(self) -> bool:
        """True when customers may see it."""
        return not self.private and self.merged_into is None

    @property
    def status(self) -> IncidentStatus:
        """The status of the newest update."""
        return self.updates[-1].status

    @property
    def is_open(self) -> bool:
        """True until it is resolved."""
        return self.status is not IncidentStatus.RESOLVED

    @property
    def components(self) -> Mapping[str, ComponentStatus]:
        """The components it touches and how they are by the newest update that names them."""
        known: dict[str, ComponentStatus] = {}
        for update in self.updates:
            known.update(update.components)
        return known

    @property
    def next_update_by(self) -> datetime | None:
        """The promise that is open now."""
        return self.updates[-1].next_update_by if self.is_open else None

    @property
    def work_at(self) -> datetime | None:
        """When the next message about this incident is due."""
        return earliest(card_due(self.card, self.revision, len(self.history)), deliveries_due(self.deliveries))

    def title(self, language: str) -> str:
        """Give the title in `language`, else in English, else in the first language there is."""
        return self.titles.get(language) or self.titles.get("en") or next(iter(self.titles.values()))


def next_phase(status: IncidentStatus) -> IncidentStatus:
    """Guess what the next update will say; a resolved incident is looked into again."""
    order = {
        IncidentStatus.INVESTIGATING: IncidentStatus.IDENTIFIED,
        IncidentStatus.RESOLVED: IncidentStatus.INVESTIGATING,
    }
    return order.get(status, IncidentStatus.MONITORING)


def add_update(incident: Incident, update: Update, drafts: Iterable[Delivery], who: Actor, now: datetime) -> Incident:
    """Say the next word: update and the deliveries it needs in one new document."""
    if any(known.id == update.id for known in incident.updates):
        return incident
    if not incident.is_open and update.status is IncidentStatus.RESOLVED:
        raise Refused("This incident is resolved already.")
    resolved = update.status is IncidentStatus.RESOLVED
    incident = replace(
        incident, updates=(*incident.updates, update), deliveries=(*incident.deliveries, *drafts),
        resolved_at=now if resolved else None, follow_up=incident.follow_up or resolved,
    )  # fmt: skip
    return told(incident, now, who.name, f"posted an update: {update.status}")


def decide_delivery(incident: Incident, delivery_id: str, decision: DeliveryState, who: Actor, now: datetime,
                    text: str | None = None) -> Incident:  # fmt: skip
    """Approve (PENDING), edit (DRAFT with `text`) or skip (SKIPPED) the draft of one post."""
    draft = next((d for d in incident.deliveries if d.id == delivery_id), None)
    if draft is None:
        raise Refused("This post is not known.")
    if draft.state is not DeliveryState.DRAFT:
        raise Refused(f"This post is {draft.state} already.")
    changed = replace(draft, state=decision, decided_by=who.name, text=draft.text if text is None else text)
    word = {DeliveryState.PENDING: "approved", DeliveryState.SKIPPED: "skipped", DeliveryState.DRAFT: "edited"}[
        decision
    ]
    incident = with_delivery(incident, changed)
    return told(incident, now, who.name, f"{word} the post for {draft.channel}")


def with_delivery(incident: Incident, changed: Delivery) -> Incident:
    """Put the new form of one delivery in the place of the old one."""
    deliveries = tuple(changed if d.id == changed.id else d for d in incident.deliveries)
    return replace(incident, deliveries=deliveries, revision=incident.revision + 1)


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a post hangs: both None for the first one of a thread."""

    reply_to: str | None = None
    root: str | None = None


def thread_parent(incident: Incident, delivery: Delivery) -> Parent | None:
    """Find the post that `delivery` continues on its channel and language; None: wait, an earlier one is pending."""
    earlier = []
    for known in incident.deliveries:
        if known.id == delivery.id:
            break
        if (known.channel, known.language) == (delivery.channel, delivery.language):
            earlier.append(known)
    if any(known.state is DeliveryState.PENDING for known in earlier):
        return None
    sent = [known for known in earlier if known.state is DeliveryState.SENT and known.remote_id]
    return Parent(sent[-1].remote_id, sent[0].remote_id) if sent else Parent()


def still_broken(incident: Incident, person: str, now: datetime) -> Incident:
    """Count a person who reports the problem after its end, once."""
    if person in incident.still_broken:
        return incident
    incident = replace(incident, still_broken=(*incident.still_broken, person))
    return told(incident, now, "hubbub", f"{len(incident.still_broken)} people say it is still broken")


def told(incident: Incident, now: datetime, who: str, text: str) -> Incident:
    """Add a line to the history, which the card's thread shows."""
    return replace(incident, history=(*incident.history, Line(now, who, text)), revision=incident.revision + 1)


_SEVERITY = tuple(ComponentStatus)


def component_status(component: str, incidents: Iterable[Incident]) -> ComponentStatus:
    """Say how a component is: the worst that an open incident says of it, else operational."""
    states = [i.components[component] for i in incidents if i.is_open and component in i.components]
    return max(states, key=_SEVERITY.index, default=ComponentStatus.OPERATIONAL)


class Headline(StrEnum):
    """The one sentence over the page; the words are chosen per language by the renderer."""

    OPERATIONAL = "operational"
    MAINTENANCE = "maintenance"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


def headline(component_ids: Iterable[str], incidents: Iterable[Incident]) -> Headline:
    """Derive the page's headline; never "operational" while an incident is open or a component is not well."""
    incidents = tuple(i for i in incidents if i.is_open)
    worst = max((_IMPACT.index(i.impact) for i in incidents), default=0)
    states = [component_status(c, incidents) for c in component_ids]
    worst = max([worst, *(_STATUS_LEVEL[s] for s in states)])
    if worst == 0 and incidents:
        return Headline.MINOR
    if worst == 0 and ComponentStatus.UNDER_MAINTENANCE in states:
        return Headline.MAINTENANCE
    return (Headline.OPERATIONAL, Headline.MINOR, Headline.MAJOR, Headline.CRITICAL)[worst]


_IMPACT = tuple(Impact)
_STATUS_LEVEL = {
    ComponentStatus.OPERATIONAL: 0,
    ComponentStatus.UNDER_MAINTENANCE: 0,
    ComponentStatus.DEGRADED_PERFORMANCE: 1,
    ComponentStatus.PARTIAL_OUTAGE: 2,
    ComponentStatus.MAJOR_OUTAGE: 3,
}
