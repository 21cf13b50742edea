"""The JSON files keep to the shape that Statuspage clients expect: keys, types, nulls, times."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from domain.component import ComponentStatus
from domain.incidents.incident import Impact, IncidentStatus
from status_page.render import Site, render_site
from tests.status_page.builders import NOW, incident, minutes, resolved, site, update

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MAYBE_TIME = (str, type(None))
PAGE = {"id": str, "name": str, "url": str, "time_zone": str, "updated_at": str}
COMPONENT = {
    "id": str, "name": str, "status": str, "created_at": str, "updated_at": str, "position": int,
    "description": (str, type(None)), "showcase": bool, "start_date": (str, type(None)),
    "group_id": (str, type(None)), "page_id": str, "group": bool, "only_show_if_degraded": bool,
}  # fmt: skip
UPDATE = {
    "id": str, "status": str, "body": str, "incident_id": str, "created_at": str, "updated_at": str,
    "display_at": str, "affected_components": (list, type(None)), "deliver_notifications": bool,
    "custom_tweet": type(None), "tweet_id": type(None),
}  # fmt: skip
INCIDENT = {
    "id": str, "name": str, "status": str, "created_at": str, "updated_at": str, "monitoring_at": MAYBE_TIME,
    "resolved_at": MAYBE_TIME, "impact": str, "shortlink": str, "started_at": str, "page_id": str,
    "incident_updates": list, "components": list, "reminder_intervals": type(None),
}  # fmt: skip


def api(of: Site, name: str) -> Any:
    """Render a site and read one file of its API."""
    return json.loads(render_site(of)[f"api/v2/{name}.json"])


def fits(found: dict[str, Any], shape: dict[str, Any]) -> None:
    """Check keys (in order), types and the form of every time."""
    assert list(found) == list(shape)
    for key, kind in shape.items():
        assert isinstance(found[key], kind), key
        if key.endswith("_at") and found[key] is not None:
            assert TIME.fullmatch(found[key]), key


def course() -> Site:
    """Make a site with an incident in its third phase and an ended one."""
    known = incident(
        update(1, at=NOW - minutes(60)),
        update(2, IncidentStatus.IDENTIFIED, at=NOW - minutes(40)),
        update(3, IncidentStatus.MONITORING, at=NOW - minutes(10),
               components={"payments": ComponentStatus.DEGRADED_PERFORMANCE}),
    )  # fmt: skip
    return site(known, resolved())


def test_the_summary_has_the_public_shape() -> None:
    found = api(course(), "summary")
    assert list(found) == ["page", "components", "incidents", "scheduled_maintenances", "status"]
    fits(found["page"], PAGE)
    for component in found["components"]:
        fits(component, COMPONENT)
    assert [i["id"] for i in found["incidents"]] == ["inc_1"]
    fits(found["incidents"][0], INCIDENT)
    for one in found["incidents"][0]["incident_updates"]:
        fits(one, UPDATE)
    fits(found["status"], {"indicator": str, "description": str})


@pytest.mark.parametrize(
    ("name", "key"),
    [("status", "status"), ("components", "components"), ("incidents", "incidents"),
     ("incidents/unresolved", "incidents"), ("scheduled-maintenances", "scheduled_maintenances"),
     ("scheduled-maintenances/active", "scheduled_maintenances"),
     ("scheduled-maintenances/upcoming", "scheduled_maintenances")],
)  # fmt: skip
def test_each_file_carries_the_page_and_its_own_list(name: str, key: str) -> None:
    found = api(course(), name)
    assert list(found) == ["page", key]
    fits(found["page"], PAGE)


def test_updates_stand_newest_first_and_tell_what_changed_for_each_component() -> None:
    updates = api(course(), "incidents")["incidents"][0]["incident_updates"]
    payments = {"code": "payments", "name": "Payments"}
    assert [u["status"] for u in updates] == ["monitoring", "identified", "investigating"]
    assert [u["affected_components"] for u in updates] == [
        [payments | {"old_status": "partial_outage", "new_status": "degraded_performance"}],
        [payments | {"old_status": "partial_outage", "new_status": "partial_outage"}],
        [payments | {"old_status": "operational", "new_status": "partial_outage"}],
    ]


def test_an_incident_without_components_has_none_in_its_updates() -> None:
    found = api(site(incident(update(components={}))), "incidents")["incidents"][0]
    assert found["components"] == []
    assert found["incident_updates"][0]["affected_components"] is None


def test_times_follow_the_course_of_the_incident() -> None:
    now, old = api(course(), "incidents")["incidents"]
    assert (now["started_at"], now["created_at"]) == ("2026-11-21T12:57:00.000Z", "2026-11-21T13:10:00.000Z")
    assert (now["monitoring_at"], now["updated_at"]) == ("2026-11-21T14:00:00.000Z",) * 2
    assert now["resolved_at"] is None
    assert old["resolved_at"] == "2026-11-19T14:10:00.000Z"
    assert old["monitoring_at"] is None


@pytest.mark.parametrize(
    ("impact", "state", "indicator", "description"),
    [
        (Impact.NONE, ComponentStatus.DEGRADED_PERFORMANCE, "minor", "Partially Degraded Service"),
        (Impact.MINOR, ComponentStatus.OPERATIONAL, "minor", "Minor Service Outage"),
        (Impact.NONE, ComponentStatus.PARTIAL_OUTAGE, "major", "Partial System Outage"),
        (Impact.CRITICAL, ComponentStatus.PARTIAL_OUTAGE, "critical", "Major Service Outage"),
    ],
)
def test_the_indicator_is_one_that_clients_know(
    impact: Impact, state: ComponentStatus, indicator: str, description: str
) -> None:
    known = incident(update(components={"payments": state}), impact=impact)
    assert api(site(known), "status")["status"] == {"indicator": indicator, "description": description}


def test_a_quiet_site_is_operational_with_empty_lists() -> None:
    found = api(site(), "summary")
    assert found["status"] == {"indicator": "none", "description": "All Systems Operational"}
    assert (found["incidents"], found["scheduled_maintenances"]) == ([], [])
    assert [c["position"] for c in found["components"]] == [1, 2]


def test_the_list_of_incidents_ends_at_fifty() -> None:
    many = [resolved(f"inc_{n}", NOW - timedelta(days=n + 1)) for n in range(60)]
    found = api(site(*many), "incidents")["incidents"]
    assert [i["id"] for i in found] == [f"inc_{n}" for n in range(50)]


def test_links_and_words_are_in_the_default_language() -> None:
    found = api(site(incident(), languages=("tr", "en")), "incidents")["incidents"][0]
    assert found["name"] == "Kartlar reddediliyor"
    assert found["shortlink"] == "https://status.kiosk.example/tr/incidents/inc_1.html"
