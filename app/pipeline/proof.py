"""Gathers what is shown as evidence: the reports behind a finding, and what else could explain it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from app.desk.monitors import alerts_about
from app.store.protocol import Store, Where
from domain.heard.brigading import Weight, weigh
from domain.heard.mention import MentionRecord, Role, joined_incident
from domain.incidents.signal import Evidence, Signal
from sentiment.evidence import Surroundings, gather, other_causes, words_of
from sentiment.spikes import Reading, moment_of

BAR = 5  # minutes of one bar of the chart
USUAL = timedelta(hours=48)
USUAL_MOST = 400  # mentions that stand for ordinary talk
MOST_SHOWN = 500  # reports of a window that the evidence rests on, and as many of our own form


class Beat(NamedTuple):
    """One minute of a component as the card shows it; `usual` is the other talk expected in it."""

    minute: int
    people: int
    expected: float
    neutral: int = 0
    usual: float = 0.0
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence, and the ids of the mentions it rests on."""

    evidence: Evidence
    mentions: tuple[str, ...]


@dataclass(slots=True)
class Proof:
    """Reads the store; usual talk is counted once per signal."""

    store: Store
    holidays: Collection[date] = ()
    trouble: Callable[[], str | None] = lambda: None  # of those we depend on, in words
    unheard: Callable[[], tuple[str, ...]] = tuple  # sources that cannot be heard now, in words
    forms: frozenset[str] = frozenset()  # the names of our own forms
    usual: dict[str, Counter[str]] = field(default_factory=dict)

    async def gather(self, component: str, reading: Reading, series: Sequence[Beat], quiet: str = "") -> Found | None:
        """Give the evidence of a live finding; None when there is nothing to show yet.

        `quiet` says why the finding calls nobody: nothing but our own form reports it.
        """
        live = await self.store.find(Signal, Where("active_key", "eq", component), limit=1)
        quiet = quiet if not live or live[0].evidence.quiet else ""  # what was loud once stays so
        end = moment_of(reading.minute + 1)
        since = end - timedelta(minutes=max(reading.found.minutes, 15))
        form = weigh(await self._by_form(component, since, end), confirmed=not quiet)
        heard = [*await self._reports(component, since, end), *form.people]
        reports = sorted(heard, key=lambda report: report.mention.created_at)
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
            unseen=self.unheard(), checked=await self._checked(component, reading, series, len(reports), form, quiet),
            observed_series=observed, expected_series=expected,
        )  # fmt: skip
        evidence = replace(gather(reading, reports, around), quiet=quiet)
        if live:
            evidence = replace(evidence, since=min(evidence.since, live[0].evidence.since))
        return Found(evidence, tuple(report.id for report in reports))

    async def _reports(self, component: str, since: datetime, until: datetime) -> list[MentionRecord]:
        others = [Where("source", "ne", name) for name in sorted(self.forms)]
        return await self._said(component, since, until, Where("duplicate_of", "eq", None), *others)

    async def _by_form(self, component: str, since: datetime, until: datetime) -> list[MentionRecord]:
        """Read apart what came through our own form, copies too: a flood there must not crowd out the others."""
        if not self.forms:
            return []
        return await self._said(component, since, until, Where("source", "in_", sorted(self.forms)))

    async def _said(self, component: str, since: datetime, until: datetime, *more: Where) -> list[MentionRecord]:
        found = await self.store.find(
            MentionRecord, Where("component", "eq", component or None), Where("created_at", "ge", since),
            Where("created_at", "le", until), Where("is_complaint", "eq", True), Where("own", "eq", False),
            Where("role", "eq", str(Role.CUSTOMER)), *more, order="created_at", limit=MOST_SHOWN,
        )  # fmt: skip
        said = [report for report in found if joined_incident(report.mention) is None]
        return [report for report in said if report.deleted_at is None]  # counted in their minute, but without words

    async def _usual(self, component: str, until: datetime) -> Counter[str]:
        if component not in self.usual:
            before = await self.store.find(
                MentionRecord, Where("created_at", "ge", until - USUAL), Where("created_at", "lt", until),
                Where("role", "eq", str(Role.CUSTOMER)), order="-created_at", limit=USUAL_MOST,
            )  # fmt: skip
            self.usual[component] = Counter(word for record in before for word in words_of(record.mention.text))
        return self.usual[component]

    async def _checked(
        self, component: str, reading: Reading, series: Sequence[Beat], reports: int, form: Weight, quiet: str
    ) -> tuple[str, ...]:
        """Say what else was looked at: what monitors say, other causes, and where it is loudest."""
        at = moment_of(reading.minute + 1)
        said = [f"monitor {a.monitor} says: {a.words}" for a in await alerts_about(self.store, component, at)]
        where = [f"loudest in {reading.found.slice.replace(':', ' ', 1)}"] if reading.found.slice else []
        window = [beat for beat in series if beat.minute > reading.minute - max(reading.found.minutes, 15)]
        holiday = "a holiday in the settings" if at.date() in self.holidays else None
        by_form = [words for words in (form.words, quiet) if words]
        return (*by_form, *said, *causes(window, reports, holiday, self.trouble()), *where)


def causes(window: Sequence[Beat], reports: int, holiday: str | None, trouble: str | None) -> tuple[str, ...]:
    """Name what else could explain a rise, with figures; where nothing does, say what was looked at."""
    neutral, usual = sum(beat.neutral for beat in window), sum(beat.usual for beat in window)
    copies = sum(beat.duplicates for beat in window)
    found = other_causes(
        neutral=neutral, usual_neutral=usual, duplicates=copies, reports=reports, holiday=holiday, provider=trouble
    )
    calm = [f"other talk is {neutral / usual:.1f} times the usual"] if usual >= 1 and neutral <= 3 * usual else []
    return (*found, *calm, *(() if copies > max(reports, 5) else ("no flood of copies",)))


def bars(series: Sequence[Beat]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Sum minutes into bars of five, oldest first: people, and how many were expected."""
    groups = [series[i : i + BAR] for i in range(0, len(series), BAR)]
    observed = tuple(sum(beat.people for beat in group) for group in groups)
    return observed, tuple(round(sum(beat.expected for beat in group), 2) for group in groups)


def _faded(evidence: Evidence, observed: tuple[int, ...], expected: tuple[float, ...]) -> Evidence:
    return replace(evidence, people=0, observed_series=observed, expected_series=expected)
