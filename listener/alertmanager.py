"""What a technical monitor pushes: Alertmanager's webhook, version 4, read into alerts about our components.

Format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config (2026-11).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import PermanentError
from domain.heard.mention import SetAside
from domain.ids import stable_id
from domain.records import MonitorAlert
from listener.items import BadItem, dig, moment_of, needed, raw_of, text_at
from listener.text import clean_line

MAX_ALERTS = 1000  # of one body
STATES = ("firing", "resolved")


@dataclass(frozen=True, slots=True)
class Monitor:
    """One monitor of the settings: which label of its alerts names a component, and how it calls them."""

    name: str
    label: str
    components: Mapping[str, str]  # value of the label -> component
    known: Collection[str] = ()  # our components, which may be named as they are
    fields: Mapping[str, str] = field(default_factory=dict)  # of a generic body: what we want -> dotted path to it


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was read out of one body."""

    alerts: tuple[MonitorAlert, ...] = ()
    set_aside: tuple[SetAside, ...] = field(default=())


def parse_alerts(body: bytes, monitor: Monitor, now: datetime) -> Pushed:
    """Read one body; an alert that cannot be read is set aside. Raises PermanentError for what is no webhook."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as err:
        raise PermanentError("The body is not valid JSON.") from err
    items = dig(found, "alerts")
    if not isinstance(items, list):
        raise PermanentError("The body has no list `alerts`; Alertmanager's webhook format, version 4, is understood.")
    if len(items) > MAX_ALERTS:
        raise PermanentError(f"The body has more than {MAX_ALERTS} alerts.")
    alerts: list[MonitorAlert] = []
    aside: list[SetAside] = []
    for item in items:
        try:
            alerts.append(_parse_alert(item, monitor, now))
        except (ValueError, OverflowError, RecursionError) as err:
            aside.append(SetAside(raw_of(item), clean_line(str(err)) or type(err).__name__))
    return Pushed(tuple(alerts), tuple(aside))


def _parse_alert(item: object, monitor: Monitor, now: datetime) -> MonitorAlert:
    status = needed(item, "status")
    if status not in STATES:
        raise BadItem(f"`status` must be firing or resolved, not {status[:20]!r}")
    started = moment_of(dig(item, "startsAt"))
    if started is None:
        raise BadItem("`startsAt` is no readable date")
    name = clean_line(text_at(item, "labels", "alertname"), 80) or "an alert"
    # Without a fingerprint (other senders of the format) the labels themselves tell alerts apart.
    print_ = text_at(item, "fingerprint") or json.dumps(dig(item, "labels"), sort_keys=True)
    # `endsAt` of a firing alert is a guess of the sender's, or the year 1.
    ended = min(moment_of(dig(item, "endsAt")) or now, now) if status == "resolved" else None
    return MonitorAlert(
        id=stable_id("mon", monitor.name, print_, started.isoformat()), monitor=monitor.name, name=name,
        component=_component(item, monitor), started_at=min(started, now), received_at=now, ended_at=ended,
        summary=_summary(item),
    )  # fmt: skip


def _component(item: object, monitor: Monitor) -> str | None:
    value = text_at(item, "labels", monitor.label)
    return monitor.components.get(value) or (value if value in monitor.known else None)


def _summary(item: object) -> str:
    said = text_at(item, "annotations", "summary") or text_at(item, "annotations", "description")
    return clean_line(said, 300)
