"""Numbers for Prometheus, read from the store in a round of their own; no customer's words, no names of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from app.listening import Listening
from app.store.protocol import Store, Where
from app.subscribers.queue import Queue
from domain.care.case import ACTIVE, Case
from domain.care.follow_up import FollowUp
from domain.care.satisfaction import Answer
from domain.heard.budget import spend
from domain.heard.mention import MentionRecord
from domain.heard.source_health import Level
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal
from domain.lease import LEASE_ID, Lease
from domain.records import Correction, SourceState
from domain.told.subscriber import Subscriber
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
        "follow_up_answers": ("Answers to our follow-ups", ("answer",)),
        "source_silent_seconds": ("Time since a source last answered", ("source",)),
        "source_failing": ("1 while a source fails", ("source",)),
        "source_stored": ("Mentions stored from a source", ("source",)),
        "source_deaf": ("1 while a source cannot be heard (docs/sources.md)", ("source",)),
        "source_hour": ("Mentions of a source in the last hour", ("source",)),
        "source_hour_usual": ("Mentions of a source in such an hour of earlier days", ("source",)),
        "source_set_aside": ("Items of a source that could not be read", ("source",)),
        "source_capped": ("Rounds of a source that ended before its news did", ("source",)),
        "source_quota_left": ("Requests a service still allows", ("source",)),
        "source_spent_today": ("US dollars a source was charged on this UTC day", ("source",)),
        "source_spent_month": ("US dollars a source was charged in this UTC month", ("source",)),
        "lease_left_seconds": ("Time until another process may do the rounds; below 0: nobody does them", ()),
        "subscribers": ("Addresses that asked to be told of news", ("channel", "state")),
        "subscriber_queue": ("Messages to subscribers that wait", ("channel",)),
        "subscriber_queue_stands_seconds": ("Time in which nothing of that queue went out", ("channel",)),
    }
    return {
        name: Gauge(f"hubbub_{name}", words, labels, registry=registry) for name, (words, labels) in described.items()
    }


@dataclass(slots=True)
class Metrics:
    """One registry per hubbub; `measure` renews every number."""

    store: Store
    now: Callable[[], datetime]
    listening: Listening | None = None
    queue: Queue | None = None
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
        lease = await store.get(Lease, LEASE_ID)
        self.gauges["lease_left_seconds"].set((lease.until - at).total_seconds() if lease is not None else -1)
        answers = await store.group_count(FollowUp, "answer")
        for answer in Answer:
            self.gauges["follow_up_answers"].labels(answer).set(answers.get(answer, 0))
        for source in await store.find(SourceState):
            self._source(source, at)
        await self._precision()
        for name, health in self.listening.health.items() if self.listening else ():
            self.gauges["source_deaf"].labels(name).set(health.level is Level.DEAF)
        for name, flow in self.listening.flows.items() if self.listening else ():
            self.gauges["source_hour"].labels(name).set(flow.last_hour)
            self.gauges["source_hour_usual"].labels(name).set(flow.usual_hour)

        await self._subscribers()

    async def _subscribers(self) -> None:
        shelves = await self.store.group_count(Subscriber, "lane") if self.queue else {}
        self.gauges["subscribers"].clear()  # a state that nobody is in any more must not stay
        for shelf, count in shelves.items():
            self.gauges["subscribers"].labels(*shelf.split(" ", 1)).set(count)
        for channel, length in self.queue.lengths.items() if self.queue else ():
            self.gauges["subscriber_queue"].labels(channel).set(length.waiting)
            self.gauges["subscriber_queue_stands_seconds"].labels(channel).set(length.stands.total_seconds())

    def _source(self, state: SourceState, at: datetime) -> None:
        if state.last_success is not None:
            self.gauges["source_silent_seconds"].labels(state.id).set((at - state.last_success).total_seconds())
        self.gauges["source_failing"].labels(state.id).set(state.failing_since is not None)
        for name, value in (("stored", state.stored), ("set_aside", state.set_aside), ("capped", state.capped)):
            self.gauges[f"source_{name}"].labels(state.id).set(value)
        if state.quota is not None:
            self.gauges["source_quota_left"].labels(state.id).set(state.quota.remaining)
        if state.spent is not None:
            spent = spend(state.spent, 0, at)
            self.gauges["source_spent_today"].labels(state.id).set(spent.today)
            self.gauges["source_spent_month"].labels(state.id).set(spent.month)

    async def _precision(self) -> None:
        flagged = await self.store.group_count(MentionRecord, "language", Where("is_complaint", "eq", True))
        wrong = count_wrong(await self.store.find(Correction))
        for found in precision_by_language(flagged, wrong):
            self.gauges["mentions_flagged"].labels(found.language).set(found.flagged)
            if found.value is not None:
                self.gauges["flagged_precision"].labels(found.language).set(found.value)
