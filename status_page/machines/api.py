"""The JSON files that readers of Atlassian Statuspage pages know (API v2).

Shapes, null rules and orders follow recorded answers of public pages (GitHub, Cloudflare, HashiCorp, Payfast, HTX;
2019 to 2026) and Statuspage's own description of the API, read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from domain.incidents.incident import Incident, IncidentStatus, Update
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from status_page.machines.api_components import Components, Json
from status_page.markup import plain
from status_page.pages.view import pick, slug
from status_page.site import Site
from status_page.words.dates import machine
from status_page.words.incident_words import page_of
from status_page.words.work_words import work_page_of

RECENT = 50  # incidents and maintenances in the files that hold all of them, as Statuspage does


def api_files(site: Site, incidents: Sequence[Incident]) -> dict[str, Json]:
    """Give every file below `api/v2/`; `incidents` newest first, texts in the page's default language."""
    view = _Api(site, incidents)
    page = view.parts.page()
    components, status = view.parts.components(), view.parts.status()
    unresolved = [view.incident(i) for i in incidents if i.is_open]
    works = sorted(site.planned, key=lambda w: (w.starts_at, w.id), reverse=True)
    active, upcoming = _having(works, *_ACTIVE), _having(works, WorkStatus.SCHEDULED)
    planned = {
        "scheduled-maintenances.json": works[:RECENT],
        "scheduled-maintenances/active.json": active,
        "scheduled-maintenances/upcoming.json": upcoming,
    }
    return {
        "summary.json": {
            "page": page, "components": components, "incidents": unresolved,
            "scheduled_maintenances": view.works(_having(works, *_ACTIVE, WorkStatus.SCHEDULED)), "status": status,
        },
        "status.json": {"page": page, "status": status},
        "components.json": {"page": page, "components": components},
        "incidents.json": {"page": page, "incidents": [view.incident(i) for i in incidents[:RECENT]]},
        "incidents/unresolved.json": {"page": page, "incidents": unresolved},
        **{name: {"page": page, "scheduled_maintenances": view.works(found)} for name, found in planned.items()},
    }  # fmt: skip


def to_json(content: Json) -> bytes:
    """Write a file of the API: compact, UTF-8."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _having(works: Iterable[PlannedWork], *statuses: WorkStatus) -> list[PlannedWork]:
    return [work for work in works if work.status in statuses]


class _Api:
    """Writes incidents and maintenances; holds what they have in common."""

    def __init__(self, site: Site, incidents: Sequence[Incident]) -> None:
        self.site = site
        self.language = site.languages[0]
        self.parts = Components(site, incidents)

    def incident(self, incident: Incident) -> Json:
        """One incident with its updates, newest first."""
        monitoring = [u.at for u in incident.updates if u.status is IncidentStatus.MONITORING]
        return {
            "id": incident.id, "name": pick(incident.titles, self.language).text, "status": str(incident.status),
            "created_at": machine(incident.declared_at), "updated_at": machine(incident.updates[-1].at),
            "monitoring_at": _time(monitoring[0] if monitoring else None), "resolved_at": _time(incident.resolved_at),
            "impact": str(incident.impact),
            "shortlink": page_of(self.site.public_url, self.language, slug(incident.id)),
            "started_at": machine(incident.started_at), "page_id": self.parts.page_id,
            "incident_updates": list(reversed(self._updates(incident))),
            "components": self.parts.named(incident.components), "reminder_intervals": None,
        }  # fmt: skip

    def _updates(self, incident: Incident) -> list[Json]:
        """Each update names every component that was touched so far, also those that stay as they were."""
        known: dict[str, str] = {}
        written = []
        for update in incident.updates:
            before = dict(known)
            known.update({component: str(status) for component, status in update.components.items()})
            written.append(self._update(incident.id, update, str(update.status), before, known))
        return written

    def works(self, works: Iterable[PlannedWork]) -> list[Json]:
        """Several maintenances."""
        return [self.work(work) for work in works]

    def work(self, work: PlannedWork) -> Json:
        """One maintenance: an incident with a plan. It "started" when it was announced, as at Statuspage."""
        announced = machine(work.announced_at)
        return {
            "id": work.id, "name": pick(work.titles, self.language).text, "status": _status(work.status),
            "created_at": announced, "updated_at": machine(work.changed_at), "monitoring_at": None,
            "resolved_at": _time(work.finished_at), "impact": "maintenance",
            "shortlink": work_page_of(self.site.public_url, self.language, slug(work.id)),
            "started_at": announced, "page_id": self.parts.page_id,
            "incident_updates": list(reversed(self._work_updates(work))),
            "components": self.parts.named(work.components), "reminder_intervals": None,
            "scheduled_for": machine(work.starts_at), "scheduled_until": machine(work.ends_at),
        }  # fmt: skip

    def _work_updates(self, work: PlannedWork) -> list[Json]:
        before = "operational"
        written = []
        for update in work.updates:
            now = "under_maintenance" if update.status in _ACTIVE else "operational"
            states = (dict.fromkeys(work.components, state) for state in (before, now))
            written.append(self._update(work.id, update, _status(update.status), *states))
            before = now
        return written

    def _update(
        self, record: str, update: Update | WorkUpdate, status: str, before: Mapping[str, str], after: Mapping[str, str]
    ) -> Json:
        at = machine(update.at)
        return {
            "id": update.id, "status": status, "body": plain(pick(update.texts, self.language).text),
            "incident_id": record, "created_at": at, "updated_at": at, "display_at": at,
            "affected_components": self.parts.affected(before, after) or None, "deliver_notifications": True,
            "custom_tweet": None, "tweet_id": None,
        }  # fmt: skip


def _time(moment: datetime | None) -> str | None:
    return machine(moment) if moment is not None else None


def _status(status: WorkStatus) -> str:
    # The format has no word for "cancelled", and clients with typed statuses break on one they do not know.
    return str(WorkStatus.COMPLETED if status is WorkStatus.CANCELLED else status)


_ACTIVE = (WorkStatus.IN_PROGRESS, WorkStatus.VERIFYING)
