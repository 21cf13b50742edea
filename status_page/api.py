"""The JSON files that readers of Atlassian Statuspage pages know (API v2, shapes as seen 2026-11)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.component import Component, ComponentStatus
from domain.ids import stable_id
from domain.incident import Headline, Incident, IncidentStatus, Update, component_status, headline
from status_page.dates import machine
from status_page.markup import plain
from status_page.site import Site
from status_page.view import pick, slug
from status_page.words import page_of

RECENT = 50  # incidents in incidents.json, as Statuspage does
Json = dict[str, Any]


def api_files(site: Site, incidents: Sequence[Incident]) -> dict[str, Json]:
    """Give every file below `api/v2/`; `incidents` newest first, texts in the page's default language."""
    view = _Api(site, incidents)
    page, components, status = view.page(), view.components(), view.status()
    unresolved = [view.incident(i) for i in incidents if i.is_open]
    nothing_planned: Json = {"page": page, "scheduled_maintenances": []}
    return {
        "summary.json": {
            "page": page, "components": components, "incidents": unresolved,
            "scheduled_maintenances": [], "status": status,
        },
        "status.json": {"page": page, "status": status},
        "components.json": {"page": page, "components": components},
        "incidents.json": {"page": page, "incidents": [view.incident(i) for i in incidents[:RECENT]]},
        "incidents/unresolved.json": {"page": page, "incidents": unresolved},
        "scheduled-maintenances.json": nothing_planned,
        "scheduled-maintenances/active.json": nothing_planned,
        "scheduled-maintenances/upcoming.json": nothing_planned,
    }  # fmt: skip


def to_json(content: Json) -> bytes:
    """Write a file of the API: compact, UTF-8."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class _Api:
    """Writes the pieces; holds what they have in common."""

    def __init__(self, site: Site, incidents: Sequence[Incident]) -> None:
        self.site = site
        self.language = site.languages[0]
        self.page_id = stable_id("page", site.public_url)
        self.by_id: Mapping[str, Component] = {c.id: c for c in site.components}
        self.position = {c.id: place for place, c in enumerate(site.components, start=1)}
        self.open = [i for i in incidents if i.is_open]
        # Nobody records when a component was created; it is no younger than the first incident we know.
        self.since = min((i.started_at for i in incidents), default=_new_year(site.now))
        self.touched = _touched(incidents)

    def page(self) -> Json:
        """The page itself; `updated_at` is the moment of writing, so that readers can see how old it is."""
        return {
            "id": self.page_id, "name": self.site.brand, "url": self.site.public_url,
            "time_zone": "Etc/UTC", "updated_at": machine(self.site.now),
        }  # fmt: skip

    def status(self) -> Json:
        """The headline, in the words that readers of the format expect."""
        level = headline((c.id for c in self.site.components), self.open)
        states = {component_status(c.id, self.open) for c in self.site.components}
        slow_only = states <= {ComponentStatus.OPERATIONAL, ComponentStatus.DEGRADED_PERFORMANCE} and len(states) > 1
        words = "Partially Degraded Service" if level is Headline.MINOR and slow_only else _DESCRIPTION[level]
        return {"indicator": _INDICATOR[level], "description": words}

    def components(self) -> list[Json]:
        """Every component as it is now."""
        return [self.component(c, component_status(c.id, self.open)) for c in self.site.components]

    def component(self, component: Component, status: ComponentStatus) -> Json:
        """One component."""
        return {
            "id": component.id, "name": component.name(self.language), "status": str(status),
            "created_at": machine(self.since), "updated_at": machine(self.touched.get(component.id, self.since)),
            "position": self.position[component.id], "description": None, "showcase": True, "start_date": None,
            "group_id": None, "page_id": self.page_id, "group": False, "only_show_if_degraded": False,
        }  # fmt: skip

    def incident(self, incident: Incident) -> Json:
        """One incident with its updates, newest first."""
        monitoring = [u.at for u in incident.updates if u.status is IncidentStatus.MONITORING]
        affected = [self.by_id[c] for c in incident.components if c in self.by_id]
        return {
            "id": incident.id, "name": pick(incident.titles, self.language).text, "status": str(incident.status),
            "created_at": machine(incident.declared_at), "updated_at": machine(incident.updates[-1].at),
            "monitoring_at": machine(monitoring[0]) if monitoring else None,
            "resolved_at": machine(incident.resolved_at) if incident.resolved_at else None,
            "impact": str(incident.impact),
            "shortlink": page_of(self.site.public_url, self.language, slug(incident.id)),
            "started_at": machine(incident.started_at), "page_id": self.page_id,
            "incident_updates": list(reversed(self._updates(incident))),
            "components": [self.component(c, component_status(c.id, self.open)) for c in affected],
            "reminder_intervals": None,
        }  # fmt: skip

    def _updates(self, incident: Incident) -> list[Json]:
        known: dict[str, ComponentStatus] = {}
        written = []
        for update in incident.updates:
            written.append(self._update(incident, update, known))
            known.update(update.components)
        return written

    def _update(self, incident: Incident, update: Update, before: Mapping[str, ComponentStatus]) -> Json:
        affected = [
            {
                "code": c, "name": self.by_id[c].name(self.language),
                "old_status": str(before.get(c, ComponentStatus.OPERATIONAL)), "new_status": str(status),
            }
            for c, status in update.components.items() if c in self.by_id
        ]  # fmt: skip
        at = machine(update.at)
        return {
            "id": update.id, "status": str(update.status), "body": plain(pick(update.texts, self.language).text),
            "incident_id": incident.id, "created_at": at, "updated_at": at, "display_at": at,
            "affected_components": affected or None, "deliver_notifications": True,
            "custom_tweet": None, "tweet_id": None,
        }  # fmt: skip


def _touched(incidents: Sequence[Incident]) -> dict[str, datetime]:
    touched: dict[str, datetime] = {}
    for incident in incidents:
        for update in incident.updates:
            for component in update.components:
                touched[component] = max(touched.get(component, update.at), update.at)
    return touched


def _new_year(now: datetime) -> datetime:
    return datetime(now.year, 1, 1, tzinfo=UTC)


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
