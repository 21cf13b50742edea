"""The votes that come through our own form, counted apart: the detector hears them, and can be asked without them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.heard.brigading import Standing, standing
from domain.heard.mention import MentionRecord, Submission
from sentiment.spikes import Bucket

KEPT = 60  # minutes that can be asked about after they closed


class FormMinute(NamedTuple):
    """What the form brought one component in a minute: people in the count, and those who wait for other sources."""

    people: int = 0
    waiting: int = 0
    slices: dict[str, int] | None = None


@dataclass(slots=True)
class _Open:
    people: int = 0
    waiting: int = 0
    slices: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class FormVotes:
    """Who has voted through the form lately, by component and network; a network has one vote per window."""

    votes: dict[tuple[str, str], int] = field(default_factory=dict)
    waiting: dict[tuple[str, str], int] = field(default_factory=dict)  # without proof of work, a list of its own
    minutes: dict[int, dict[str, _Open]] = field(default_factory=dict)

    def admit(self, record: MentionRecord, sent: Submission, component: str, minute: int, window: int) -> Standing:
        """Decide whether a report counts now; one that only waits for others is remembered."""
        voter, place = (component, sent.network), self._at(minute, component)
        found = standing(
            sent, is_copy=record.duplicate_of is not None, is_neighbour=_lately(self.votes, voter, minute, window),
            for_component=place.people, in_all=sum(each.people for each in self.minutes[minute].values()),
        )  # fmt: skip
        if found is Standing.UNPROVEN and not _lately(self.waiting, voter, minute, window):
            # Apart from the votes: who did no work must not use up the vote of a neighbour who did.
            self.waiting[voter] = minute
            place.waiting += 1
        return found

    def count(self, sent: Submission, component: str, minute: int, slices: tuple[str, ...]) -> None:
        """Note a report that counts."""
        self.votes[component, sent.network] = minute
        place = self._at(minute, component)
        place.people += 1
        place.slices.update(slices)

    def of(self, component: str, minute: int) -> FormMinute:
        """Tell what the form brought a component in a minute."""
        place = self.minutes.get(minute, {}).get(component)
        return FormMinute(place.people, place.waiting, dict(place.slices)) if place is not None else FormMinute()

    def forget(self, last: int, window: int) -> None:
        """Forget what is older than anybody asks for; `last` is the minute that closed."""
        for minute in [m for m in self.minutes if m < last - KEPT]:
            del self.minutes[minute]
        for known in (self.votes, self.waiting):
            for voter in [v for v, minute in known.items() if minute <= last - window]:
                del known[voter]

    def _at(self, minute: int, component: str) -> _Open:
        return self.minutes.setdefault(minute, {}).setdefault(component, _Open())


def without_form(bucket: Bucket, form: FormMinute) -> Bucket:
    """Give a minute as it would be without our own form."""
    if not form.people:
        return bucket
    slices = Counter(bucket.slices or {})
    slices.subtract(form.slices or {})
    left = {name: count for name, count in slices.items() if count > 0}
    return bucket._replace(outage=bucket.outage - form.people, slices=left or None)


def with_waiting(bucket: Bucket, form: FormMinute) -> Bucket:
    """Give a minute with those whose reports came without proof of work: other sources report the same."""
    return bucket._replace(outage=bucket.outage + form.waiting) if form.waiting else bucket


def _lately(votes: dict[tuple[str, str], int], voter: tuple[str, str], minute: int, window: int) -> bool:
    voted = votes.get(voter)
    return voted is not None and minute - voted < window
