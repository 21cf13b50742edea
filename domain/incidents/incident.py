"""An incident: what we tell customers about a problem, update by update, until it is solved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.component import ComponentStatus
from domain.errors import Refused
from domain.incidents.planned import PlannedWork, under_maintenance
from domain.incidents.promises import Tally, Watch, promises, tally
from domain.incidents.severity import Severity
from domain.told.posting import Parent as Parent
from domain.told.posting import decide_delivery as decide_delivery
from domain.told.posting import thread_parent as thread_parent
from domain.told.posting import told as told
from domain.told.posting import with_delivery as with_delivery
from domain.work import Actor, Card, Delivery, Line, card_due, deliveries_due, earliest

DOUBTFUL_END = 3  # people who say it is still broken before we suggest to reopen it


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
    moved: tuple[str, ...] = ()  # cases and signals that went along when it was merged
    lent: tuple[str, ...] = ()  # components that the other one names only because of the merge
    not_about: tuple[str, ...] = ()  # cases that people took off: never linked by themselves again
    severity: Severity = Severity.SEV3  # for our people, by it they are reminded
    lead: Actor | None = None
    comms: Actor | None = None  # writes the words for customers
    room: str | None = None  # id of its own Slack channel
    watch: Watch | None = None  # what was done about the promise that is open
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
        """True until it is resolved, or told by another one."""
        return self.status is not IncidentStatus.RESOLVED and self.merged_into is None

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
    def suggests_reopening(self) -> bool:
        """True once so many people say it is still broken that its end is doubtful."""
        return self.status is IncidentStatus.RESOLVED and len(self.still_broken) >= DOUBTFUL_END

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
    if incident.merged_into is not None:
        raise Refused("Another incident tells this story now; write there, or take the merge back first.")
    if not incident.is_open and update.status is IncidentStatus.RESOLVED:
        raise Refused("This incident is resolved already.")
    resolved = update.status is IncidentStatus.RESOLVED
    verb = "posted an update" if incident.is_open else "reopened it with an update"
    incident = replace(
        incident, updates=(*incident.updates, update), deliveries=(*incident.deliveries, *drafts),
        resolved_at=now if resolved else None, follow_up=incident.follow_up or resolved,
        still_broken=incident.still_broken if incident.is_open else (),
    )  # fmt: skip
    return told(incident, now, who.name, f"{verb}: {update.status}")


def still_broken(incident: Incident, person: str, now: datetime) -> Incident:
    """Count a person who reports the problem after its end, once."""
    if person in incident.still_broken:
        return incident
    incident = replace(incident, still_broken=(*incident.still_broken, person))
    return told(incident, now, "hubbub", f"{len(incident.still_broken)} people say it is still broken")


def no_longer_broken(incident: Incident, person: str, now: datetime) -> Incident:
    """Take back that a person says it is still broken: they say now that it is fixed."""
    if person not in incident.still_broken:
        return incident
    incident = replace(incident, still_broken=tuple(known for known in incident.still_broken if known != person))
    return told(incident, now, "hubbub", "one of them says now that it is fixed")


def noted(incident: Incident, text: str, who: Actor, now: datetime) -> Incident:
    """Add what a person observed to the timeline; the same words of the same person stand there once."""
    if any((line.who, line.text) == (who.name, text) for line in incident.history):
        return incident
    return told(incident, now, who.name, text)


def promise_tally(incident: Incident, now: datetime) -> Tally:
    """Count the promises of an incident that were kept and broken; what nobody outside was told promises nothing."""
    if incident.private:
        return Tally()
    return tally(promises(incident.updates, over=not incident.is_open), now)


_SEVERITY = tuple(ComponentStatus)


def component_status(
    component: str, incidents: Iterable[Incident], planned: Iterable[PlannedWork] = ()
) -> ComponentStatus:
    """Say how a component is: the worst that an open incident says of it, else whether it is being worked on."""
    states = [i.components[component] for i in incidents if i.is_open and component in i.components]
    states += [status for known, status in under_maintenance(planned).items() if known == component]
    return max(states, key=_SEVERITY.index, default=ComponentStatus.OPERATIONAL)


class Headline(StrEnum):
    """The one sentence over the page; the words are chosen per language by the renderer."""

    OPERATIONAL = "operational"
    MAINTENANCE = "maintenance"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


def headline(
    component_ids: Iterable[str], incidents: Iterable[Incident], planned: Iterable[PlannedWork] = ()
) -> Headline:
    """Derive the page's headline; never "operational" while an incident is open or a component is not well.

    Maintenance shows only when nothing is worse.
    """
    incidents, active = tuple(i for i in incidents if i.is_open), tuple(w for w in planned if w.is_active)
    worst = max((_IMPACT.index(i.impact) for i in incidents), default=0)
    states = [component_status(c, incidents, active) for c in component_ids]
    worst = max([worst, *(_STATUS_LEVEL[s] for s in states)])
    if worst == 0 and incidents:
        return Headline.MINOR
    if worst == 0 and (active or ComponentStatus.UNDER_MAINTENANCE in states):
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
