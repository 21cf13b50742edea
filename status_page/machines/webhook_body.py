"""What webhook subscribers are sent: the shape of Atlassian Statuspage's webhooks, so that readers of those work.

Shape from Statuspage's description of webhook notifications, read 2026-11; `component_updates` and `event` are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork
from status_page.machines.api import api_files
from status_page.site import Site

Json = dict[str, Any]


def webhook_body(site: Site, story: Incident | PlannedWork, news: str) -> Json:
    """Write the news about a story; `site` holds the open incidents, from which the state of the page follows."""
    incidents = [story] if isinstance(story, Incident) else []
    files = api_files(_only(site, story), incidents)
    state = api_files(site, site.incidents)["status.json"]
    listed = files["incidents.json"]["incidents"] or files["scheduled-maintenances.json"]["scheduled_maintenances"]
    told: Json = next(each for each in listed if each["id"] == story.id)
    status = state["status"]
    return {
        "event": _event(story, news),
        "page": {
            "id": state["page"]["id"], "status_indicator": status["indicator"],
            "status_description": status["description"],
        },
        "incident": told,
        "component_updates": _changes(told["incident_updates"], news),
    }  # fmt: skip


def _only(site: Site, story: Incident | PlannedWork) -> Site:
    if isinstance(story, Incident):
        return replace(site, incidents=(story,), planned=())
    return replace(site, incidents=(), planned=(story,))


def _event(story: Incident | PlannedWork, news: str) -> str:
    if isinstance(story, Incident):
        return "incident_update"
    is_update = any(update.id == news for update in story.updates)
    return "maintenance_update" if is_update else "maintenance_reminder"


def _changes(updates: Sequence[Json], news: str) -> list[Json]:
    told = next((update for update in updates if update["id"] == news), None)
    touched = (told or {}).get("affected_components") or []
    return [
        {
            "component_id": each["code"], "old_status": each["old_status"], "new_status": each["new_status"],
            "created_at": told["created_at"], "incident_id": told["incident_id"],
        }
        for each in touched if told is not None and each["old_status"] != each["new_status"]
    ]  # fmt: skip
