"""How each component was, day by day, as derived from the incidents we declared; not measured by probes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from domain.component import ComponentStatus
from domain.incidents.incident import Incident, IncidentStatus

DAYS = 90
# How much of the time counts as down; the weights are those of Atlassian Statuspage (help page read 2026-11).
_WEIGHT = {ComponentStatus.MAJOR_OUTAGE: 1.0, ComponentStatus.PARTIAL_OUTAGE: 0.3}
_SEVERITY = {status: level for level, status in enumerate(ComponentStatus)}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in which a component was not well."""

    status: ComponentStatus
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """The last `DAYS` days of one component: its bad days, and the share of time it was up (0..100)."""

    first_day: date
    bad_days: Mapping[date, ComponentStatus] = field(default_factory=dict)
    uptime: float = 100.0


def records(component_ids: Iterable[str], incidents: Iterable[Incident], now: datetime) -> dict[str, Record]:
    """Derive the record of every component; the last day is today (UTC)."""
    spans: dict[str, list[Span]] = {component: [] for component in component_ids}
    start = _window_start(now)
    for incident in incidents:
        if (incident.resolved_at or now) < start:
            continue
        for component, span in incident_spans(incident, now):
            if component in spans and span.end > start and span.start < now:
                spans[component].append(Span(span.status, max(span.start, start), min(span.end, now)))
    return {component: _record(found, start, now) for component, found in spans.items()}


def incident_spans(incident: Incident, now: datetime) -> Iterator[tuple[str, Span]]:
    """Give (component, span) for each stretch in which the incident says that a component was not well."""
    ends = [*(update.at for update in incident.updates[1:]), incident.resolved_at or now]
    known: dict[str, ComponentStatus] = {}
    start = incident.started_at
    for update, end in zip(incident.updates, ends, strict=True):
        known.update(update.components)
        if update.status is not IncidentStatus.RESOLVED:
            for component, status in known.items():
                if status is not ComponentStatus.OPERATIONAL and end > start:
                    yield component, Span(status, start, end)
        start = end


def first_day(now: datetime) -> date:
    """Give the first of the days that the bars show; the last is today (UTC)."""
    return _window_start(now).date()


def _window_start(now: datetime) -> datetime:
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS - 1)


def _record(spans: Sequence[Span], start: datetime, now: datetime) -> Record:
    bad: dict[date, ComponentStatus] = {}
    for span in spans:
        for day in _days(span):
            bad[day] = max(bad.get(day, span.status), span.status, key=_SEVERITY.__getitem__)
    return Record(start.date(), bad, _uptime(spans, (now - start).total_seconds()))


def _days(span: Span) -> Iterator[date]:
    day, last = span.start.astimezone(UTC).date(), (span.end - timedelta(microseconds=1)).astimezone(UTC).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _uptime(spans: Sequence[Span], seconds: float) -> float:
    """Weigh every moment once, by the worst that was said of it."""
    weighed = [span for span in spans if span.status in _WEIGHT]
    if not weighed or seconds <= 0:
        return 100.0
    edges = sorted({edge for span in weighed for edge in (span.start, span.end)})
    down = 0.0
    for left, right in pairwise(edges):
        weights = (_WEIGHT[span.status] for span in weighed if span.start <= left and right <= span.end)
        down += max(weights, default=0.0) * (right - left).total_seconds()
    return max(0.0, 100.0 * (1 - down / seconds))
