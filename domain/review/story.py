"""The review of one incident: what customers saw against what we said, minute by minute. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.care.mood import Mood, mood
from domain.care.satisfaction import Satisfaction, tally
from domain.heard.mention import MentionRecord
from domain.incidents.incident import Incident, IncidentStatus, promise_tally
from domain.incidents.promises import Promise, Tally, promises
from domain.incidents.signal import Quote, Signal
from domain.records import MonitorAlert
from domain.review.quotes import quotes
from domain.review.said import Means, Reach, Word, private_words, public_words, reach, unsent
from domain.review.seen import A_MINUTE, LOOK_BACK, Axis, Seen, axis, own_words, people_when, scope, seen


class Step(StrEnum):
    """What happened, in the order in which it should."""

    FIRST_COMPLAINT = "first_complaint"
    MONITOR = "monitor"  # a technical monitor noticed
    ALERT = "alert"  # our people were called
    ACKNOWLEDGED = "acknowledged"
    DECLARED = "declared"
    PUBLIC_WORD = "public_word"  # the first word that everybody could read
    UPDATE = "update"
    RESOLVED = "resolved"
    LAST_FOLLOW_UP = "last_follow_up"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step: whole minutes that had passed since the first complaint, and since the step before it."""

    step: Step
    at: datetime
    minutes: int  # 0 where it came before the first complaint, too
    since_last: int
    ahead: bool = False  # it came before the first complaint
    status: IncidentStatus | None = None  # of an update


@dataclass(frozen=True, slots=True)
class Material:
    """The records that a review is made of."""

    incident: Incident
    merged: tuple[Incident, ...] = ()  # whose story it tells now
    signals: tuple[Signal, ...] = ()
    cases: tuple[Case, ...] = ()  # the linked ones, and those of mentions that may belong elsewhere
    mentions: tuple[MentionRecord, ...] = ()  # that may belong to it; more does no harm
    follow_ups: tuple[FollowUp, ...] = ()
    monitors: tuple[MonitorAlert, ...] = ()
    talk: tuple[MentionRecord, ...] = ()  # what the affected people wrote, for their mood
    cut: bool = False  # there were more mentions than were read

    @property
    def since(self) -> datetime:
        """From when on complaints belong to it: as the incidents say, or earlier where a signal shows more."""
        told = [incident.started_at for incident in (self.incident, *self.merged)]
        # The evidence of a live signal is renewed and reaches further back with time, into everyday complaints.
        shown = [max(signal.evidence.since, signal.opened_at - LOOK_BACK) for signal in self.signals]
        return min([*told, *shown])

    @property
    def linked(self) -> tuple[Case, ...]:
        """The cases of the people who are affected."""
        return tuple(case for case in self.cases if case.incident_id == self.incident.id)


@dataclass(frozen=True, slots=True)
class Review:
    """What customers saw of one incident, what we said, and how that fits together."""

    incident: Incident
    as_of: datetime
    began: datetime
    ended: datetime | None  # None while it is open
    seen: Seen
    words: tuple[Word, ...]  # to everybody
    private_words: tuple[Word, ...]  # to single customers
    answers: tuple[int, ...]  # of them per bar
    milestones: tuple[Milestone, ...]
    unheard: int  # people who had complained before we said the first public word
    reach: Reach
    promises: tuple[Promise, ...]
    kept: Tally
    unsent: Mapping[str, int]  # posts that never went out, by what became of them
    quotes: tuple[Quote, ...]
    satisfaction: Satisfaction
    mood: Mood

    @property
    def axis(self) -> Axis:
        """The time that complaints and words share."""
        return self.seen.axis

    @property
    def still_broken(self) -> int:
        """How many people said after the end that it is not solved for them."""
        return len(self.incident.still_broken)

    @property
    def customers_first(self) -> bool | None:
        """True when customers complained before any monitor spoke; None where nobody complained."""
        monitor = self.reached(Step.MONITOR)
        return None if self.seen.first is None else monitor is None or not monitor.ahead

    def reached(self, step: Step) -> Milestone | None:
        """Give the first milestone of a kind."""
        return next((milestone for milestone in self.milestones if milestone.step is step), None)

    def minutes_to(self, step: Step) -> int | None:
        """Say how long a step took from the first complaint on; None without a complaint, or if it never came."""
        milestone = self.reached(step)
        return None if milestone is None or self.seen.first is None else milestone.minutes


def review(material: Material, now: datetime) -> Review:
    """Hold what customers saw of an incident against what we said, as of `now`."""
    incident, since = material.incident, material.since
    ended = None if incident.is_open else incident.resolved_at
    around = scope(incident, material.cases, since, now)
    complaints = [record for record in material.mentions if around.holds(record)]
    words = public_words(incident, material.merged)
    alone = private_words(material.linked, material.follow_ups)
    own = own_words(complaints)
    first = own[0].mention.created_at if own else None
    began = min(told.started_at for told in (incident, *material.merged))
    began = began if first is None else min(began, first)
    steps = _steps(material, first, words)
    # A monitor may have spoken hours before; the picture is about what people said.
    shape = axis(min([at for step, at, _ in steps if step is not Step.MONITOR], default=began), around.until)
    told = {case.person_id for case in material.linked}
    spoken = words[0].at if words else None
    return Review(
        incident, now, began, ended, seen(complaints, shape, ended, cut=material.cut), words, alone,
        shape.counts(word.at for word in alone), _milestones(steps, first or began),
        people_when(own, lambda at: spoken is None or at < spoken), reach(material.linked, material.follow_ups),
        _promises(material), _kept(material, now), unsent(incident), quotes(complaints),
        tally(material.follow_ups), mood(material.talk, told, since, ended),
    )  # fmt: skip


_Dated = tuple[Step, datetime, IncidentStatus | None]


def _steps(material: Material, first: datetime | None, words: Sequence[Word]) -> list[_Dated]:
    incident = material.incident
    monitor = min((alert.started_at for alert in material.monitors), default=None)
    alert = min((signal.opened_at for signal in material.signals), default=None)
    taken = min((s.acknowledged_at for s in material.signals if s.acknowledged_at is not None), default=None)
    declared = min(told.declared_at for told in (incident, *material.merged))
    closing = private_words((), material.follow_ups)
    once: list[tuple[Step, datetime | None]] = [
        (Step.FIRST_COMPLAINT, first), (Step.MONITOR, monitor), (Step.ALERT, alert), (Step.ACKNOWLEDGED, taken),
        (Step.DECLARED, declared), (Step.PUBLIC_WORD, words[0].at if words else None),
        (Step.RESOLVED, None if incident.is_open else incident.resolved_at),
        (Step.LAST_FOLLOW_UP, closing[-1].at if closing else None),
    ]  # fmt: skip
    return [*((step, at, None) for step, at in once if at is not None), *_updates(incident, words)]


def _updates(incident: Incident, words: Sequence[Word]) -> Iterable[_Dated]:
    """List the updates between the first public word and the end."""
    for word in words[1:]:
        ends = word.at == incident.resolved_at and not incident.is_open
        if word.means is Means.PAGE and word.at > words[0].at and not ends:
            yield Step.UPDATE, word.at, IncidentStatus(word.status)


def _milestones(steps: Iterable[_Dated], zero: datetime) -> tuple[Milestone, ...]:
    """Put steps in order and measure them from `zero`; at the same moment the order of `Step` decides."""
    order, found, last = tuple(Step), list[Milestone](), None
    for step, at, status in sorted(steps, key=lambda known: (known[1], order.index(known[0]))):
        minutes = max(at - zero, timedelta(0)) // A_MINUTE
        gap = 0 if last is None else (at - last) // A_MINUTE
        found.append(Milestone(step, at, minutes, gap, at < zero, status))
        last = at
    return tuple(found)


def _promises(material: Material) -> tuple[Promise, ...]:
    """List what was promised in public, oldest first; the stories of several incidents promise on their own."""
    told = [known for known in (material.incident, *material.merged) if not known.private]
    made = [promise for known in told for promise in promises(known.updates, over=not known.is_open)]
    return tuple(sorted(made, key=lambda promise: promise.made_at))


def _kept(material: Material, now: datetime) -> Tally:
    each = [promise_tally(known, now) for known in (material.incident, *material.merged)]
    late = tuple(minutes for one in each for minutes in one.late_minutes)
    return Tally(sum(one.kept for one in each), sum(one.broken for one in each), late)
