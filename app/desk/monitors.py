"""What technical monitors say, on the same timeline as what customers say; it never calls anybody by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.store.protocol import Store, Where, update
from domain.ids import stable_id
from domain.incidents.signal import Signal, remarked
from domain.records import MonitorAlert
from listener.monitor_hook import Report

STALE = timedelta(hours=24)  # Alertmanager repeats what still fires; what nobody repeated for a day is over
LOOK_BACK = timedelta(hours=1)  # an alert that ended so shortly before a signal still tells something about it


@dataclass(frozen=True, slots=True)
class MonitorDesk:
    """Keeps alerts and writes their changes to the signals of their components."""

    store: Store
    now: Callable[[], datetime]

    async def hear(self, alerts: Iterable[MonitorAlert]) -> int:
        """Take in what a monitor pushed; returns how many alerts are new or have ended. Safe to repeat."""
        return sum([await self._hear(alert) for alert in alerts])

    async def hear_reports(self, monitor: str, reports: Iterable[Report]) -> int:
        """Take in what a generic monitor pushed; an end belongs to the alert of the same name that still fires."""
        return sum([await self._hear_report(monitor, report) for report in reports])

    async def _hear_report(self, monitor: str, report: Report) -> bool:
        at, known = self.now(), await self._firing(monitor, report)
        if known is None and not report.firing:
            return False  # the end of something we never heard of
        if known is not None:
            ended = None if report.firing else at
            return await self._hear(replace(known, received_at=at, ended_at=ended))
        started = min(report.started_at or at, at)
        id = stable_id("mon", monitor, report.name, report.component or "", started.isoformat())
        alert = MonitorAlert(id, monitor, report.name, report.component, started, at, None, report.summary)
        return await self._hear(alert)

    async def _firing(self, monitor: str, report: Report) -> MonitorAlert | None:
        about = Where("firing", "eq", True), Where("component", "eq", report.component)
        firing = await self.store.find(MonitorAlert, *about, order="-received_at", limit=200)
        same = [alert for alert in firing if (alert.monitor, alert.name) == (monitor, report.name)]
        return next(iter(same), None)

    async def _hear(self, alert: MonitorAlert) -> bool:
        known = await self.store.get(MonitorAlert, alert.id)
        news = known is None or (known.firing and not alert.firing)
        # Told before it is stored, so that a crash between the two tells it again; a line is written only once.
        if news:
            await self._tell(alert)
        if known is None:
            await self.store.add(alert)
        else:
            await update(self.store, MonitorAlert, alert.id, lambda old: _renewed(old, alert))
        return news

    async def _tell(self, alert: MonitorAlert) -> None:
        if alert.component is None:
            return
        at = self.now()
        for signal in await self.store.find(Signal, Where("active_key", "eq", alert.component)):
            await update(self.store, Signal, signal.id, lambda s: remark(s, alert, at))


def remark(signal: Signal, alert: MonitorAlert, now: datetime) -> Signal:
    """Write what a monitor says into the timeline of a signal, once."""
    return remarked(signal, now, f"monitor {alert.monitor}", f"says: {alert.words}")


async def alerts_about(store: Store, component: str, now: datetime) -> list[MonitorAlert]:
    """List what monitors say about a component now, or said until shortly before; what fires comes first."""
    recent = await store.find(
        MonitorAlert, Where("component", "eq", component), Where("received_at", "gt", now - STALE),
        order="-received_at", limit=20,
    )  # fmt: skip
    live = [alert for alert in recent if alert.ended_at is None or now - alert.ended_at < LOOK_BACK]
    return sorted(live, key=lambda alert: (not alert.firing, alert.started_at))


def _renewed(known: MonitorAlert, said: MonitorAlert) -> MonitorAlert:
    """Take over the newer word; an alert that has ended stays ended (a late repetition of "firing" changes nothing)."""
    return replace(known, received_at=said.received_at, ended_at=known.ended_at or said.ended_at)
