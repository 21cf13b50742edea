"""Maintenance and groups in the JSON files, in the shapes that Statuspage clients expect."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from domain.component import Component, ComponentStatus, Group
from domain.incidents.incident import Impact
from domain.incidents.planned import PlannedWork, WorkStatus
from status_page.render import render_site
from tests.status_page.builders import DELIVERY, LANGUAGES, NOW, PAYMENTS, SECRET, incident, resolved, site, update
from tests.status_page.machines.test_api import COMPONENT, INCIDENT, UPDATE, api, fits
from tests.status_page.works import DAY, HOUR, called_off, done, going_on, news, work

MAINTENANCE = INCIDENT | {"scheduled_for": str, "scheduled_until": str}
FILES = ("scheduled-maintenances", "scheduled-maintenances/active", "scheduled-maintenances/upcoming", "summary")
GROUPED = (replace(PAYMENTS, group="money"), DELIVERY, Component("refunds", {"en": "Refunds"}, group="money"),
           Component("app", {"en": "App"}, group="nowhere"))  # fmt: skip
GROUPS = (Group("money", {"en": "Money", "fa": "پول"}), Group("empty", {"en": "Empty"}))


def listed(*works: PlannedWork) -> dict[str, list[str]]:
    """Give the ids in each file that lists maintenance."""
    made = site(planned=works)
    return {name: [w["id"] for w in api(made, name)["scheduled_maintenances"]] for name in FILES}


def one(known: PlannedWork, **changes: Any) -> Any:
    """Give a maintenance as the file of all of them has it."""
    return api(site(planned=[known], **changes), "scheduled-maintenances")["scheduled_maintenances"][0]


@pytest.mark.parametrize("known", [work(), going_on(), done(), called_off()])
def test_a_maintenance_has_the_public_shape(known: PlannedWork) -> None:
    found = one(known)
    fits(found, MAINTENANCE)
    for said in found["incident_updates"]:
        fits(said, UPDATE)
    for component in found["components"]:
        fits(component, COMPONENT)
    assert (found["impact"], found["monitoring_at"]) == ("maintenance", None)
    assert SECRET not in json.dumps(found)


def test_each_file_lists_what_its_name_says_newest_first() -> None:
    later = work(id="later", starts_at=NOW + 3 * DAY, ends_at=NOW + 4 * DAY)
    checked = work(news(), news(2, WorkStatus.VERIFYING, NOW), id="checked", starts_at=NOW - HOUR)
    found = listed(work(id="soon"), later, going_on(id="now"), checked, done(id="over"), called_off(id="off"))
    assert found == {
        "scheduled-maintenances": ["later", "soon", "off", "now", "checked", "over"],
        "scheduled-maintenances/active": ["now", "checked"],
        "scheduled-maintenances/upcoming": ["later", "soon"],
        "summary": ["later", "soon", "now", "checked"],
    }


def test_the_list_of_all_ends_at_fifty() -> None:
    many = [done(id=f"mnt_{n}", starts_at=NOW - n * DAY) for n in range(1, 61)]
    assert listed(*many)["scheduled-maintenances"] == [f"mnt_{n}" for n in range(1, 51)]


def test_its_times_are_the_plan_and_what_came_of_it() -> None:
    found = one(done())
    assert (found["created_at"], found["started_at"]) == ("2026-11-20T14:10:00.000Z",) * 2
    assert (found["scheduled_for"], found["scheduled_until"]) == (
        "2026-11-21T11:10:00.000Z",
        "2026-11-21T13:10:00.000Z",
    )
    assert (found["resolved_at"], found["updated_at"]) == ("2026-11-21T13:10:00.000Z",) * 2
    assert one(work())["resolved_at"] is None


def test_its_updates_tell_how_the_components_went_newest_first() -> None:
    said = one(done())["incident_updates"]
    states = [(u["status"], u["affected_components"][0]["old_status"], u["affected_components"][0]["new_status"])
              for u in said]  # fmt: skip
    assert states == [
        ("completed", "under_maintenance", "operational"), ("in_progress", "operational", "under_maintenance"),
        ("scheduled", "operational", "operational"),
    ]  # fmt: skip
    assert {u["incident_id"] for u in said} == {"mnt_1"}


def test_what_was_called_off_is_completed_in_a_format_without_a_word_for_it() -> None:
    found = one(called_off())
    assert (found["status"], found["resolved_at"]) == ("completed", "2026-11-21T13:10:00.000Z")
    assert found["incident_updates"][0]["status"] == "completed"
    assert found["incident_updates"][0]["affected_components"][0]["new_status"] == "operational"


def test_name_text_and_link_are_in_the_default_language() -> None:
    found = one(work(), languages=("fa", "en"))
    assert found["name"] == "پایگاه دادهٔ جدید پرداخت"
    assert found["incident_updates"][0]["body"] == "ممکن است پرداخت با کارت انجام نشود."
    assert found["shortlink"] == "https://status.kiosk.example/fa/maintenance/mnt_1.html"


@pytest.mark.parametrize(
    ("planned", "indicator", "description", "payments"),
    [
        ([work()], "none", "All Systems Operational", "operational"),
        ([going_on()], "maintenance", "Service Under Maintenance", "under_maintenance"),
        ([done()], "none", "All Systems Operational", "operational"),
        ([called_off()], "none", "All Systems Operational", "operational"),
    ],
)
def test_the_indicator_says_maintenance_while_it_goes_on(
    planned: list[PlannedWork], indicator: str, description: str, payments: str
) -> None:
    found = api(site(planned=planned), "summary")
    assert found["status"] == {"indicator": indicator, "description": description}
    assert [c["status"] for c in found["components"]] == [payments, "operational"]


def test_an_incident_is_louder_than_maintenance() -> None:
    known = incident(update(components={"payments": ComponentStatus.PARTIAL_OUTAGE}), impact=Impact.MAJOR)
    found = api(site(known, planned=[going_on()]), "summary")
    assert found["status"] == {"indicator": "major", "description": "Partial System Outage"}
    assert found["components"][0]["status"] == "partial_outage"


def test_slowness_beside_maintenance_is_still_slowness() -> None:
    slow = incident(update(components={"delivery": ComponentStatus.DEGRADED_PERFORMANCE}), impact=Impact.MINOR)
    found = api(site(slow, planned=[going_on()]), "status")["status"]
    assert found == {"indicator": "minor", "description": "Partially Degraded Service"}


def test_a_component_was_touched_when_the_work_on_it_began_and_ended() -> None:
    def touched(*planned: PlannedWork) -> str:
        return str(api(site(planned=planned), "components")["components"][0]["updated_at"])

    assert touched(going_on()) == "2026-11-21T13:40:00.000Z"
    assert touched(done()) == "2026-11-21T13:10:00.000Z"


# --- groups


def grouped(**changes: Any) -> list[dict[str, Any]]:
    """Give the components of a site with a group."""
    made = site(components=GROUPED, groups=GROUPS, **changes)
    return list(api(made, "components")["components"])


def test_a_group_stands_before_its_components_and_names_them() -> None:
    found = grouped()
    assert [(c["id"], c["group"], c["group_id"], c["position"]) for c in found] == [
        ("delivery", False, None, 1), ("app", False, None, 2), ("money", True, None, 3),
        ("payments", False, "money", 1), ("refunds", False, "money", 2),
    ]  # fmt: skip
    money = next(c for c in found if c["group"])
    assert list(money) == [*COMPONENT, "components"]
    assert (money["name"], money["components"], money["showcase"]) == ("Money", ["payments", "refunds"], False)
    for component in found:
        fits({k: v for k, v in component.items() if k != "components"}, COMPONENT)


def test_a_group_is_as_well_as_the_worst_of_its_own() -> None:
    def money(**changes: Any) -> str:
        return next(str(c["status"]) for c in grouped(**changes) if c["group"])

    assert money() == "operational"
    assert money(planned=[going_on()]) == "under_maintenance"
    assert money(incidents=[incident()], planned=[going_on(components=("refunds",))]) == "partial_outage"


def test_updates_name_a_component_with_its_group() -> None:
    made = site(incident(), planned=[work()], components=GROUPED, groups=GROUPS)
    for file, key in (("incidents", "incidents"), ("scheduled-maintenances", "scheduled_maintenances")):
        affected = api(made, file)[key][0]["incident_updates"][0]["affected_components"][0]
        assert (affected["code"], affected["name"]) == ("payments", "Money - Payments")


def test_a_group_that_is_called_like_a_component_gets_an_id_of_its_own() -> None:
    made = site(components=(replace(PAYMENTS, group="payments"),), groups=(Group("payments", {"en": "All payments"}),))
    found = api(made, "components")["components"]
    assert [(c["id"], c["group_id"]) for c in found] == [("group-payments", None), ("payments", "group-payments")]


# --- what a strictly typed client accepts

TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
MAYBE_TIME = {"anyOf": [TIME, {"type": "null"}]}
STATES = {"enum": [str(status) for status in ComponentStatus]}
TEXT, ADDRESS = {"type": "string", "minLength": 1}, {"type": "string", "format": "uri", "pattern": "^https://"}


def exactly(**properties: Any) -> dict[str, Any]:
    """Make the schema of an object with just these fields, all of them there."""
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def many(items: dict[str, Any]) -> dict[str, Any]:
    """Make the schema of a list."""
    return {"type": "array", "items": items}


PAGE = exactly(id=TEXT, name=TEXT, url=ADDRESS, time_zone={"const": "Etc/UTC"}, updated_at=TIME)
ENTRY: dict[str, Any] = {
    "id": TEXT, "name": TEXT, "status": STATES, "created_at": TIME, "updated_at": TIME, "position": {"type": "integer"},
    "description": {"type": ["string", "null"]}, "showcase": {"type": "boolean"}, "start_date": {"type": "null"},
    "group_id": {"type": ["string", "null"]}, "page_id": TEXT, "only_show_if_degraded": {"type": "boolean"},
}  # fmt: skip
PART = exactly(**ENTRY, group={"const": False})
GROUP = exactly(**ENTRY | {"group_id": {"type": "null"}}, group={"const": True}, components=many(TEXT))
AFFECTED = many(exactly(code=TEXT, name=TEXT, old_status=STATES, new_status=STATES)) | {"minItems": 1}


def told(*statuses: str) -> dict[str, Any]:
    """Make the schema of an update."""
    return exactly(
        id=TEXT, status={"enum": statuses}, body={"type": "string"}, incident_id=TEXT, created_at=TIME, updated_at=TIME,
        display_at=TIME, affected_components={"anyOf": [AFFECTED, {"type": "null"}]},
        deliver_notifications={"type": "boolean"}, custom_tweet={"type": "null"}, tweet_id={"type": "null"},
    )  # fmt: skip


def story(impacts: list[str], *statuses: str, **more: Any) -> dict[str, Any]:
    """Make the schema of an incident or a maintenance."""
    return exactly(
        id=TEXT, name=TEXT, status={"enum": statuses}, created_at=TIME, updated_at=TIME, monitoring_at=MAYBE_TIME,
        resolved_at=MAYBE_TIME, impact={"enum": impacts}, shortlink=ADDRESS, started_at=TIME, page_id=TEXT,
        incident_updates=many(told(*statuses)) | {"minItems": 1}, components=many(PART),
        reminder_intervals={"type": "null"}, **more,
    )  # fmt: skip


TROUBLE = story(
    ["none", "minor", "major", "critical"], "investigating", "identified", "monitoring", "resolved", "postmortem"
)
PLAN = story(
    ["maintenance"], "scheduled", "in_progress", "verifying", "completed", scheduled_for=TIME, scheduled_until=TIME
)
HEAD = exactly(
    indicator={"enum": ["none", "minor", "major", "critical", "maintenance"]},
    description={"enum": ["All Systems Operational", "Partially Degraded Service", "Minor Service Outage",
                          "Partial System Outage", "Major Service Outage", "Service Under Maintenance"]},
)  # fmt: skip
PARTS = many({"anyOf": [PART, GROUP]})
SCHEMAS = {
    "summary": exactly(page=PAGE, components=PARTS, incidents=many(TROUBLE), scheduled_maintenances=many(PLAN),
                       status=HEAD),
    "status": exactly(page=PAGE, status=HEAD),
    "components": exactly(page=PAGE, components=PARTS),
    **{name: exactly(page=PAGE, incidents=many(TROUBLE)) for name in ("incidents", "incidents/unresolved")},
    **{name: exactly(page=PAGE, scheduled_maintenances=many(PLAN)) for name in FILES[:3]},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_is_what_a_strictly_typed_client_accepts(language: str) -> None:
    known = [incident(), incident(update(components={}), id="inc_2"), resolved()]
    works = [work(), going_on(id="mnt_2"), done(id="mnt_3"), called_off(id="mnt_4")]
    for made in (
        site(languages=(language,)),
        site(*known, planned=works, components=GROUPED, groups=GROUPS, languages=(language, "en")),
    ):
        files = {path: content for path, content in render_site(made).items() if path.startswith("api/v2/")}
        assert {path.removeprefix("api/v2/").removesuffix(".json") for path in files} == set(SCHEMAS)
        for path, content in files.items():
            schema = SCHEMAS[path.removeprefix("api/v2/").removesuffix(".json")]
            Draft202012Validator(schema, format_checker=FormatChecker()).validate(json.loads(content))
