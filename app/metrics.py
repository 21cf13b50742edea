"""Numbers for Prometheus, read from the store in a round of their own; no customer's words, no names of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from app.store.protocol import Store, Where
from domain.case import ACTIVE, Case
from domain.follow_up import FollowUp
from domain.incident import Incident
from domain.mention import MentionRecord
from domain.records import Correction, SourceState
from domain.signal import Signal
from sentiment.corrections import count_wrong, precision_by_language

WORKING = {"case": Case, "signal": Signal, "incident": Incident, "follow_up": FollowUp}


def _gauges(registry: CollectorRegistry) -> Mapping[str, Gauge]:
    described = {
        "mentions": ("Mentions kept", ()),
        "mentions_flagged": ("Mentions that were called a complaint", ("language",)),
        "flagged_precision": ("Share of flagged mentions nobody corrected", ("language",)),
        "cases_waiting": ("Cases that wait for an answer", ()),
        "cases_overdue": ("Cases whose promised time has passed", ()),
        "signals_live": ("Components that customers report", ()),
        "incidents_open": ("Incidents that customers are told about", ()),
        "outbox_waiting": ("Records whose messages are due", ("record",)),
        "source_silent_seconds": ("Time since a source last answered", ("source",)),
        "source_failing": ("1 while a source fails", ("source",)),
        "source_stored": ("Mentions stored from a source", ("source",)),
    }
    return {
        name: Gauge(f"hubbub_{name}", words, labels, registry=registry) for name, (words, labels) in described.items()
    }


@dataclass(slots=True)
class Metrics:
    """One registry per hubbub; `measure` renews every number."""

    store: Store
    now: Callable[[], datetime]
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    gauges: Mapping[str, Gauge] = field(init=False)

    def __post_init__(self) -> None:
        """Make the gauges."""
        self.gauges = _gauges(self.registry)

    async def measure(self) -> None:
        """Count anew."""
        at, store = self.now(), self.store
        waiting = Where("status", "in_", sorted(ACTIVE))
        self.gauges["mentions"].set(await store.count(MentionRecord))
        self.gauges["cases_waiting"].set(await store.count(Case, waiting))
        self.gauges["cases_overdue"].set(await store.count(Case, waiting, Where("due_at", "lt", at)))
        self.gauges["signals_live"].set(await store.count(Signal, Where("active_key", "ne", None)))
        self.gauges["incidents_open"].set(await store.count(Incident, Where("is_open", "eq", True)))
        for name, kind in WORKING.items():
            due = await store.count(kind, Where("work_at", "le", at))
            self.gauges["outbox_waiting"].labels(name).set(due)
        for source in await store.find(SourceState):
            self._source(source, at)
        await self._precision()

    def _source(self, state: SourceState, at: datetime) -> None:
        if state.last_success is not None:
            self.gauges["source_silent_seconds"].labels(state.id).set((at - state.last_success).total_seconds())
        self.gauges["source_failing"].labels(state.id).set(state.failing_since is not None)
        self.gauges["source_stored"].labels(state.id).set(state.stored)

    async def _precision(self) -> None:
        flagged = await self.store.group_count(MentionRecord, "language", Where("is_complaint", "eq", True))
        wrong = count_wrong(await self.store.find(Correction))
        for found in precision_by_language(flagged, wrong):
            self.gauges["mentions_flagged"].labels(found.language).set(found.flagged)
            if found.value is not None:
                self.gauges["flagged_precision"].labels(found.language).set(found.value)
