"""From classified mentions to minutes of *people*: one vote per person and window, per component and slice.

Minutes close by event time, a bounded lateness after they ended. A fresh mention that misses its minute counts in the
oldest open one; an old one (a backlog after downtime, a replay, a wrong clock) only corrects history and cannot alarm.
What comes through our own form counts by the rules of `domain.heard.brigading`, as a report or not at all: it cannot
raise what is expected, as praise, other complaints and copies do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.heard.brigading import Standing
from domain.heard.classification import Classification, Kind
from domain.heard.mention import MentionRecord
from sentiment.form_votes import FormVotes
from sentiment.spikes import Bucket, minute_of

EVERYTHING = ""  # the component of reports that name none
LONGEST_GAP = 30  # minutes; a longer jump of the clock is a gap, not so many empty minutes


@dataclass(frozen=True, slots=True)
class Counting:
    """How people are counted; spans in minutes."""

    lateness: int = 2
    fresh: int = 15
    vote: int = 60  # a person counts once per component in so long


@dataclass(frozen=True, slots=True)
class Correction:
    """A report that came too late to count: add it to the stored history of `minute`."""

    component: str
    minute: int


@dataclass(slots=True)
class _Minute:
    outage: int = 0
    complaint: int = 0
    duplicate: int = 0
    slices: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Crowd:
    """The open minutes of all components, and who has voted lately."""

    components: tuple[str, ...]
    counting: Counting = Counting()
    closed: int | None = None  # the last closed minute
    open: dict[int, dict[str, _Minute]] = field(default_factory=dict)
    neutral: Counter[int] = field(default_factory=Counter)
    unplaced: Counter[int] = field(default_factory=Counter)  # complaints that name no component
    votes: dict[tuple[str, str], int] = field(default_factory=dict)
    form: FormVotes = field(default_factory=FormVotes)

    def component_of(self, meaning: Classification) -> str:
        """Give the component a report is about, where it is one of ours."""
        return meaning.component if meaning.component in self.components else EVERYTHING


def count(crowd: Crowd, record: MentionRecord, now: datetime) -> Correction | None:
    """Take in one classified mention (in place); a Correction if it belongs to a minute that is over.

    Who is no customer (our own people, bots, competitors) and unclassified mentions count nowhere.
    """
    meaning = record.classification
    if not record.heard_as_customer or meaning is None:
        return None
    said = min(minute_of(record.mention.created_at), minute_of(now))
    is_outage = _is_report(meaning)
    component = crowd.component_of(meaning)
    is_form = record.mention.submission is not None
    if record.history or minute_of(now) - said > crowd.counting.fresh:
        return Correction(component, said) if is_outage and not is_form else None
    minute = said if crowd.closed is None else max(said, crowd.closed + 1)
    if is_outage:
        _report(crowd, record, component, minute)
    elif not is_form:
        _talk(crowd, component, minute, is_complaint=meaning.is_complaint)
    return None


def close(crowd: Crowd, now: datetime, *, seen: bool = True) -> Iterable[tuple[str, Bucket]]:
    """Close every minute whose lateness has passed and hand out one bucket per component, oldest first.

    Args:
        crowd: changed in place.
        now: the clock; if it went backwards nothing closes, after a long jump only the last minute does.
        seen: False while our own collection is down: the minutes then say nothing.
    """
    last = minute_of(now) - 1 - crowd.counting.lateness
    if crowd.closed is not None and last <= crowd.closed:
        return []
    known = crowd.closed if crowd.closed is not None else last - 1
    first = known + 1 if last - known <= LONGEST_GAP else last
    closed = [bucket for minute in range(first, last + 1) for bucket in _close(crowd, minute, seen)]
    _forget(crowd, last)
    return closed


def slices_of(record: MentionRecord) -> tuple[str, ...]:
    """Name the slices a report counts in: its region, language and source."""
    mention, meaning = record.mention, record.classification
    language = meaning.language if meaning is not None else mention.language
    named = (("region", mention.region), ("language", language), ("source", mention.source))
    return tuple(f"{kind}:{value}" for kind, value in named if value and value != "unknown")


def _talk(crowd: Crowd, component: str, minute: int, *, is_complaint: bool) -> None:
    if not is_complaint:
        crowd.neutral[minute] += 1
    elif component == EVERYTHING:
        crowd.unplaced[minute] += 1
    else:
        _at(crowd, minute, component).complaint += 1


def _is_report(meaning: Classification) -> bool:
    return meaning.is_complaint and meaning.kind is Kind.OUTAGE


def _report(crowd: Crowd, record: MentionRecord, component: str, minute: int) -> None:
    sent = record.mention.submission
    if sent is None:
        _vote(crowd, record, component, minute)
        return
    found = crowd.form.admit(record, sent, component, minute, crowd.counting.vote)
    if found is Standing.COUNTS and _vote(crowd, record, component, minute):
        crowd.form.count(sent, component, minute, slices_of(record))


def _vote(crowd: Crowd, record: MentionRecord, component: str, minute: int) -> bool:
    # Reports that name no component speak for all of them together, in a stream of their own.
    place = _at(crowd, minute, component)
    if record.duplicate_of is not None:
        place.duplicate += 1
        return False
    voter = (component, record.person_id)
    voted = crowd.votes.get(voter)
    if voted is not None and minute - voted < crowd.counting.vote:
        return False
    crowd.votes[voter] = minute
    place.outage += 1
    place.slices.update(slices_of(record))
    return True


def _at(crowd: Crowd, minute: int, component: str) -> _Minute:
    return crowd.open.setdefault(minute, {}).setdefault(component, _Minute())


def _close(crowd: Crowd, minute: int, seen: bool) -> list[tuple[str, Bucket]]:
    places = crowd.open.get(minute, {})
    neutral, unplaced = crowd.neutral[minute], crowd.unplaced[minute]
    buckets = []
    for component in (EVERYTHING, *crowd.components):
        place = places.get(component) or _Minute()
        complaint = place.complaint + unplaced
        slices = dict(place.slices) or None
        buckets.append((component, Bucket(minute, place.outage, complaint, neutral, place.duplicate, slices, seen)))
    return buckets


def _forget(crowd: Crowd, last: int) -> None:
    crowd.closed = last
    for minutes in (crowd.open, crowd.neutral, crowd.unplaced):
        for minute in [m for m in minutes if m <= last]:
            del minutes[minute]
    crowd.form.forget(last, crowd.counting.vote)
    old = last - crowd.counting.vote
    if len(crowd.votes) > 10_000 or last % 60 == 0:
        crowd.votes = {voter: minute for voter, minute in crowd.votes.items() if minute > old}


def lateness_of(counting: Counting) -> timedelta:
    """Tell how long after its end a minute is judged."""
    return timedelta(minutes=counting.lateness)
