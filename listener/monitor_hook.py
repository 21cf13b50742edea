"""What any technical monitor pushes as JSON: which of its fields say name, component, state, start and summary.

Known without any setting: a flat body, Uptime Kuma's webhook (source: its docs and server/notification-providers/
webhook.js, 2026-11) and Gatus' custom alert with the body of docs/detection.md; Grafana sends Alertmanager's format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.errors import PermanentError
from domain.heard.mention import SetAside
from listener.alertmanager import MAX_ALERTS, Monitor
from listener.items import BadItem, dig, moment_of, raw_of, text_at
from listener.text import clean_line

FIELDS = ("name", "component", "state", "started_at", "summary")
FIRING = frozenset({"firing", "triggered", "alerting", "down", "open", "problem", "critical", "error", "failing", "0"})
RESOLVED = frozenset({"resolved", "ok", "up", "closed", "recovered", "recovery", "operational", "healthy", "1"})
_KUMA = {
    "name": "monitor.name", "component": "monitor.name", "state": "heartbeat.status", "summary": "msg",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """One word of a monitor; `started_at` is None where it does not tell since when."""

    name: str
    component: str | None
    firing: bool
    started_at: datetime | None
    summary: str


@dataclass(frozen=True, slots=True)
class Reported:
    """What was read out of one body."""

    reports: tuple[Report, ...] = ()
    set_aside: tuple[SetAside, ...] = ()


def parse_reports(body: bytes, monitor: Monitor) -> Reported:
    """Read one body, an object or a list of them; what cannot be read is set aside. Raises PermanentError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as err:
        raise PermanentError("The body is not valid JSON.") from err
    items = found if isinstance(found, list) else [found]
    if not items or not isinstance(items[0], Mapping):
        raise PermanentError("The body is no JSON object and no list of them.")
    if len(items) > MAX_ALERTS:
        raise PermanentError(f"The body has more than {MAX_ALERTS} reports.")
    reports: list[Report] = []
    aside: list[SetAside] = []
    for item in items:
        try:
            reports.append(_report(item, monitor))
        except (ValueError, OverflowError, RecursionError) as err:
            aside.append(SetAside(raw_of(item), clean_line(str(err)) or type(err).__name__))
    return Reported(tuple(reports), tuple(aside))


def _report(item: object, monitor: Monitor) -> Report:
    where = {**_known_shape(item), **monitor.fields}

    def said(field: str) -> str:
        return clean_line(text_at(item, *where.get(field, field).split(".")), 300)

    state = said("state").casefold()
    if state not in FIRING | RESOLVED:
        raise BadItem(f"`{where.get('state', 'state')}` says neither that it fires nor that it is over: {state[:20]!r}")
    value = said("component")
    component = monitor.components.get(value) or (value if value in monitor.known else None)
    started = moment_of(dig(item, *where.get("started_at", "started_at").split(".")))
    return Report(said("name")[:80] or "an alert", component, state in FIRING, started, said("summary"))


def _known_shape(item: object) -> Mapping[str, str]:
    return _KUMA if dig(item, "heartbeat", "status") is not None else {}
