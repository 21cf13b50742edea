"""Gathers what is shown as evidence: the reports behind a finding, and what else could explain it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.store.protocol import Store, Where
from domain.mention import MentionRecord
from domain.records import SourceState
from domain.signal import Evidence, Signal
from sentiment.evidence import Surroundings, gather, other_causes, words_of
from sentiment.spikes import Reading, moment_of

BAR = 5  # minutes of one bar of the chart
USUAL = timedelta(hours=48)
USUAL_MOST = 400  # mentions that stand for ordinary talk


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence, and the ids of the mentions it rests on."""

    evidence: Evidence
    mentions: tuple[str, ...]


@dataclass(slots=True)
class Proof:
    """Reads the store; usual talk is counted once per signal."""

    store: Store
    usual: dict[str, Counter[str]] = field(default_factory=dict)

    async def gather(self, component: str, reading: Reading, series: tuple[tuple[int, float], ...]) -> Found | None:
        """Give the evidence of a live finding; None when there is nothing to show yet."""
        live = await self.store.find(Signal, Where("active_key", "eq", component), limit=1)
        end = moment_of(reading.minute + 1)
        reports = await self._reports(component, end - timedelta(minutes=max(reading.found.minutes, 15)), end)
        observed, expected = bars(series)
        if not reports:
            return None if not live else Found(_faded(live[0].evidence, observed, expected), ())
        if not live:
            self.usual.pop(component, None)
        folded = await self.store.count(
            MentionRecord, Where("component", "eq", component), Where("duplicate_of", "ne", None),
            Where("created_at", "ge", reports[0].mention.created_at),
        )  # fmt: skip
        around = Surroundings(
            usual_words=await self._usual(component, reports[0].mention.created_at), folded=folded,
            unseen=await self._unseen(), checked=self._checked(folded, len(reports)),
            observed_series=observed, expected_series=expected,
        )  # fmt: skip
        evidence = gather(reading, reports, around)
        if live:
            evidence = replace(evidence, since=min(evidence.since, live[0].evidence.since))
        return Found(evidence, tuple(report.id for report in reports))

    async def _reports(self, component: str, since: datetime, until: datetime) -> list[MentionRecord]:
        return await self.store.find(
            MentionRecord, Where("component", "eq", component or None), Where("created_at", "ge", since),
            Where("created_at", "le", until), Where("is_complaint", "eq", True), Where("own", "eq", False),
            Where("duplicate_of", "eq", None), order="created_at", limit=500,
        )  # fmt: skip

    async def _usual(self, component: str, until: datetime) -> Counter[str]:
        if component not in self.usual:
            before = await self.store.find(
                MentionRecord, Where("created_at", "ge", until - USUAL), Where("created_at", "lt", until),
                order="-created_at", limit=USUAL_MOST,
            )  # fmt: skip
            self.usual[component] = Counter(word for record in before for word in words_of(record.mention.text))
        return self.usual[component]

    async def _unseen(self) -> tuple[str, ...]:
        states = await self.store.find(SourceState)
        return tuple(sorted(s.id for s in states if s.failing_since is not None))

    def _checked(self, folded: int, reports: int) -> tuple[str, ...]:
        causes = other_causes(neutral=0, usual_neutral=1, duplicates=folded, reports=reports)
        return causes or ("no flood of copies",)


def bars(series: tuple[tuple[int, float], ...]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Sum minutes (people, expected) into bars of five, oldest first."""
    groups = [series[i : i + BAR] for i in range(0, len(series), BAR)]
    observed = tuple(sum(people for people, _ in group) for group in groups)
    return observed, tuple(round(sum(expected for _, expected in group), 2) for group in groups)


def _faded(evidence: Evidence, observed: tuple[int, ...], expected: tuple[float, ...]) -> Evidence:
    return replace(evidence, people=0, observed_series=observed, expected_series=expected)
