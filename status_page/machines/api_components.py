"""The page, its headline and its components in the words of Statuspage's API v2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.component import Component, ComponentStatus, Group
from domain.ids import stable_id
from domain.incidents.incident import Headline, Incident, component_status, headline
from domain.incidents.planned import PlannedWork
from status_page.pages.sections import sections
from status_page.site import Site
from status_page.words.dates import machine

Json = dict[str, Any]


class Components:
    """Writes what stands on the page; `incidents` in any order."""

    def __init__(self, site: Site, incidents: Sequence[Incident]) -> None:
        """Look up how every component is now and when it changed last."""
        self.site = site
        self.language = site.languages[0]
        self.page_id = stable_id("page", site.public_url)
        self.by_id: Mapping[str, Component] = {c.id: c for c in site.components}
        self.groups: Mapping[str, Group] = {group.id: group for group in site.groups}
        # Components and groups share one list in this format: a group that is called like a component needs a new id.
        self.group_ids = {g: f"group-{g}" if g in self.by_id else g for g in self.groups}
        self.open = [i for i in incidents if i.is_open]
        self.active = [w for w in site.planned if w.is_active]
        self.now = {c: component_status(c, self.open, self.active) for c in self.by_id}
        # Nobody records when a component was created; it is no younger than the first thing we know of.
        known = [*(i.started_at for i in incidents), *(w.announced_at for w in site.planned)]
        self.since = min(known, default=datetime(site.now.year, 1, 1, tzinfo=UTC))
        self.touched = _touched(incidents, site.planned)
        self.position = _positions(site, self.group_ids)

    def page(self) -> Json:
        """The page itself; `updated_at` is the moment of writing, so that readers can see how old it is."""
        return {
            "id": self.page_id, "name": self.site.brand, "url": self.site.public_url,
            "time_zone": "Etc/UTC", "updated_at": machine(self.site.now),
        }  # fmt: skip

    def status(self) -> Json:
        """The headline, in the words that readers of the format expect."""
        level = headline(self.by_id, self.open, self.active)
        states = set(self.now.values())
        slow_only = states <= _SLOW and ComponentStatus.DEGRADED_PERFORMANCE in states
        words = "Partially Degraded Service" if level is Headline.MINOR and slow_only else _DESCRIPTION[level]
        return {"indicator": _INDICATOR[level], "description": words}

    def components(self) -> list[Json]:
        """Every component as it is now, each group before its own."""
        written = []
        for section in sections(self.site.components, self.site.groups):
            if section.group is not None:
                written.append(self._group(section.group, section.components))
            written += [self._component(c) for c in section.components]
        return written

    def named(self, ids: Iterable[str]) -> list[Json]:
        """Those of the components that are on the page."""
        return [self._component(self.by_id[c]) for c in ids if c in self.by_id]

    def affected(self, before: Mapping[str, str], after: Mapping[str, str]) -> list[Json]:
        """What an update did to each component; one that nobody spoke of before was operational."""
        return [
            {
                "code": c, "name": self._full_name(self.by_id[c]),
                "old_status": before.get(c, "operational"), "new_status": status,
            }
            for c, status in after.items() if c in self.by_id
        ]  # fmt: skip

    def _full_name(self, component: Component) -> str:
        group = self.groups.get(component.group or "")
        name = component.name(self.language)
        return f"{group.name(self.language)} - {name}" if group else name

    def _component(self, component: Component) -> Json:
        group = self.group_ids.get(component.group or "")
        name, status = component.name(self.language), self.now[component.id]
        return self._entry(component.id, name, status, self.touched.get(component.id, self.since), group)

    def _group(self, group: Group, components: Sequence[Component]) -> Json:
        """A group is as well as the worst of its components."""
        worst = max((self.now[c.id] for c in components), key=_SEVERITY.index)
        touched = max(self.touched.get(c.id, self.since) for c in components)
        entry = self._entry(self.group_ids[group.id], group.name(self.language), worst, touched, None)
        return entry | {"showcase": False, "group": True, "components": [c.id for c in components]}

    def _entry(self, id: str, name: str, status: ComponentStatus, touched: datetime, group: str | None) -> Json:
        return {
            "id": id, "name": name, "status": str(status),
            "created_at": machine(self.since), "updated_at": machine(touched),
            "position": self.position[id], "description": None, "showcase": True, "start_date": None,
            "group_id": group, "page_id": self.page_id, "group": False, "only_show_if_degraded": False,
        }  # fmt: skip


def _positions(site: Site, group_ids: Mapping[str, str]) -> dict[str, int]:
    """Count from one: what stands on top together, the components of a group among themselves."""
    found: dict[str, int] = {}
    top = 0
    for section in sections(site.components, site.groups):
        if section.group is not None:
            top += 1
            found[group_ids[section.group.id]] = top
        first = 0 if section.group is not None else top
        found |= {c.id: place for place, c in enumerate(section.components, start=first + 1)}
        top = top if section.group is not None else top + len(section.components)
    return found


def _touched(incidents: Iterable[Incident], works: Iterable[PlannedWork]) -> dict[str, datetime]:
    touched: dict[str, datetime] = {}
    said = [(c, update.at) for incident in incidents for update in incident.updates for c in update.components]
    worked = [(c, at) for work in works for at in (work.begun_at, work.finished_at) if at for c in work.components]
    for component, at in [*said, *worked]:
        touched[component] = max(touched.get(component, at), at)
    return touched


_SEVERITY = tuple(ComponentStatus)
_SLOW = {ComponentStatus.OPERATIONAL, ComponentStatus.UNDER_MAINTENANCE, ComponentStatus.DEGRADED_PERFORMANCE}
_INDICATOR = {
    Headline.OPERATIONAL: "none", Headline.MAINTENANCE: "maintenance", Headline.MINOR: "minor",
    Headline.MAJOR: "major", Headline.CRITICAL: "critical",
}  # fmt: skip
_DESCRIPTION = {
    Headline.OPERATIONAL: "All Systems Operational",
    Headline.MAINTENANCE: "Service Under Maintenance",
    Headline.MINOR: "Minor Service Outage",
    Headline.MAJOR: "Partial System Outage",
    Headline.CRITICAL: "Major Service Outage",
}
