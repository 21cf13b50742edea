"""What the templates show of an incident in one language: every decision is made here, none in the markup."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from domain.component import Component, ComponentStatus
from domain.ids import stable_id
from domain.incidents.incident import Impact, Incident, IncidentStatus, Update
from domain.incidents.planned import PlannedWork, WorkStatus
from domain.incidents.promises import promises as list_promises
from domain.incidents.promises import tally
from status_page.markup import clean, to_html


@dataclass(frozen=True, slots=True)
class Said:
    """A text in the language it was written in, which may not be the one that was wanted."""

    text: str
    language: str
    foreign: bool


def pick(texts: Mapping[str, str], language: str) -> Said:
    """Choose the text in `language`, else English, else the first that says something."""
    for candidate in (language, "en", *texts):
        text = clean(texts.get(candidate, "")).strip()
        if text:
            return Said(text, candidate, candidate != language)
    return Said("", language, False)


@dataclass(frozen=True, slots=True)
class Change:
    """What an update says of a component: how it was before, and how it is from then on."""

    name: str
    before: ComponentStatus
    after: ComponentStatus


@dataclass(frozen=True, slots=True)
class Help:
    """A page that helps with a component, in the wanted language if there is one."""

    name: str  # of the component
    url: str
    language: str | None  # of the help, where it is another than the page's


@dataclass(frozen=True, slots=True)
class UpdateView:
    """One public word, ready for the page."""

    id: str
    status: IncidentStatus
    at: datetime
    html: Markup
    words: str  # as they were typed, for the search
    language: str
    foreign: bool
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Promises:
    """How the promises "next update by" went: open one, whether it is overdue, how the past ones were kept."""

    due: datetime | None = None
    overdue: bool = False
    made: int = 0  # promises whose time has come
    kept: int = 0
    last_late_minutes: int | None = None  # of the last one that was answered; 0: kept; None: there was none


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident in one language."""

    id: str
    slug: str  # for file names and anchors
    title: Said
    impact: Impact
    status: IncidentStatus
    is_open: bool
    worst: ComponentStatus  # for the colour
    started_at: datetime
    resolved_at: datetime | None
    changed_at: datetime
    components: tuple[tuple[str, ComponentStatus], ...]  # (name, worst state while it lasted)
    updates: tuple[UpdateView, ...]  # newest first
    promises: Promises
    foreign: bool  # something in it is not in the wanted language
    helps: tuple[Help, ...] = ()  # with what it touches, while it is open

    @property
    def duration(self) -> timedelta | None:
        """How long it lasted, once it is over."""
        return self.resolved_at - self.started_at if self.resolved_at else None


def incident_view(
    incident: Incident, components: Mapping[str, Component], language: str, now: datetime
) -> IncidentView:
    """Turn an incident into what customers may see of it; names, quotes and history stay behind."""
    title = pick(incident.titles, language)
    updates = _updates(incident.updates, components, language)
    worst = _worst(incident.updates)
    touched = [components[c] for c in worst if c in components] if incident.is_open else []
    named = tuple((clean(components[c].name(language)), state) for c, state in worst.items() if c in components)
    return IncidentView(
        id=incident.id, slug=slug(incident.id), title=title, impact=incident.impact, status=incident.status,
        is_open=incident.is_open, worst=colour(incident.impact, worst), started_at=incident.started_at,
        resolved_at=incident.resolved_at, changed_at=incident.updates[-1].at, components=named, updates=updates,
        promises=promises(incident, now), foreign=title.foreign or any(u.foreign for u in updates),
        helps=tuple(found for found in (help_with(component, language) for component in touched) if found),
    )  # fmt: skip


def help_with(component: Component, language: str) -> Help | None:
    """Find help about a component in `language`, else in English, else in the first language there is."""
    for candidate in (language, "en", *component.help):
        if candidate in component.help:
            foreign = None if candidate == language else candidate
            return Help(clean(component.name(language)), component.help[candidate], foreign)
    return None


def _updates(updates: Sequence[Update], components: Mapping[str, Component], language: str) -> tuple[UpdateView, ...]:
    """Turn the updates into views, newest first; what did not change with an update is not repeated."""
    known: dict[str, ComponentStatus] = {}
    views = []
    for update in updates:
        changes = tuple(
            Change(clean(components[c].name(language)), known.get(c, ComponentStatus.OPERATIONAL), after)
            for c, after in update.components.items()
            if c in components and after is not known.get(c, ComponentStatus.OPERATIONAL)
        )
        known.update(update.components)
        said = pick(update.texts, language)
        views.append(
            UpdateView(
                update.id, update.status, update.at, to_html(said.text), said.text, said.language, said.foreign, changes
            )
        )
    return tuple(reversed(views))


@dataclass(frozen=True, slots=True)
class WorkUpdateView:
    """One public word about planned work, ready for the page."""

    id: str
    status: WorkStatus
    at: datetime
    html: Markup
    words: str  # as they were typed, for the search
    language: str
    foreign: bool
    changes: tuple[Change, ...] = ()  # none: the plan says it all


@dataclass(frozen=True, slots=True)
class WorkView:
    """Planned work in one language."""

    id: str
    slug: str  # for file names and anchors: {language}/maintenance/{slug}.html
    title: Said
    status: WorkStatus
    is_active: bool  # is being worked on now
    is_over: bool  # completed or cancelled
    starts_at: datetime
    ends_at: datetime  # as planned
    begun_at: datetime | None
    finished_at: datetime | None
    changed_at: datetime
    components: tuple[str, ...]  # names
    updates: tuple[WorkUpdateView, ...]  # newest first
    foreign: bool  # something in it is not in the wanted language


def work_view(work: PlannedWork, components: Mapping[str, Component], language: str) -> WorkView:
    """Turn planned work into what customers may see of it; names of our people and history stay behind."""
    title = pick(work.titles, language)
    said = [(update, pick(update.texts, language)) for update in reversed(work.updates)]
    updates = tuple(
        WorkUpdateView(update.id, update.status, update.at, to_html(text.text), text.text, text.language, text.foreign)
        for update, text in said
    )
    return WorkView(
        id=work.id, slug=slug(work.id), title=title, status=work.status, is_active=work.is_active,
        is_over=work.is_over, starts_at=work.starts_at, ends_at=work.ends_at, begun_at=work.begun_at,
        finished_at=work.finished_at, changed_at=work.changed_at, updates=updates,
        components=tuple(clean(components[c].name(language)) for c in work.components if c in components),
        foreign=title.foreign or any(text.foreign for _, text in said),
    )  # fmt: skip


def slug(identity: str) -> str:
    """Make an id safe for a file name; our own ids pass unchanged."""
    return identity if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", identity) else stable_id("inc", identity)


def promises(incident: Incident, now: datetime) -> Promises:
    """Compare what was promised with what came; an open promise counts once its time has passed."""
    made = list_promises(incident.updates, over=not incident.is_open)
    told = tally(made, now)
    answered = [promise.late(now) for promise in made if promise.answered_at is not None]
    last = math.ceil(answered[-1] / timedelta(minutes=1)) if answered else None
    due = incident.next_update_by
    return Promises(due, due is not None and due < now, told.made, told.kept, last)


def _worst(updates: Sequence[Update]) -> dict[str, ComponentStatus]:
    worst: dict[str, ComponentStatus] = {}
    for update in updates:
        for component, state in update.components.items():
            worst[component] = max(worst.get(component, state), state, key=_SEVERITY.index)
    return worst


def colour(impact: Impact, worst: Mapping[str, ComponentStatus]) -> ComponentStatus:
    """Say which component state stands for the incident: the worst it named, else what its impact is like."""
    return max([_LIKE[impact], *worst.values()], key=_SEVERITY.index)


_SEVERITY = tuple(ComponentStatus)
_LIKE = {
    Impact.NONE: ComponentStatus.DEGRADED_PERFORMANCE,
    Impact.MINOR: ComponentStatus.DEGRADED_PERFORMANCE,
    Impact.MAJOR: ComponentStatus.PARTIAL_OUTAGE,
    Impact.CRITICAL: ComponentStatus.MAJOR_OUTAGE,
}
