"""Who counts among those who write through our own form: many hands of one person must not look like many people.

The form asks for no account, so what counts is bounded by what cannot be made up as easily as a name: the network a
report comes from and the work that was done for it. Everything is stored and read by the care team; this decides only
what counts as a person who reports an outage. Pure, each decision with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.heard.mention import MentionRecord, Submission

PER_COMPONENT = 20  # people of the form that count for one component in a minute; the others of that minute do not
IN_ALL = 60  # and for all components together
UNCHECKED = 2  # people of the form alone that the page's chart may count: fewer than it ever shows


class Standing(StrEnum):
    """Whether a report through the form counts as a person who reports, and why not."""

    COUNTS = "it counts"
    JOINED = "it joins an incident that everybody knows about"
    COPY = "it repeats what was said before"
    UNPROVEN = "it came without proof of work, so it counts only while other sources report the same"
    NEIGHBOUR = "somebody of the same network counts already"
    CROWDED = "too many came in this minute"


def standing(
    sent: Submission, *, is_copy: bool, is_neighbour: bool, for_component: int = 0, in_all: int = 0
) -> Standing:
    """Decide whether a report through the form counts.

    Args:
        sent: how it came.
        is_copy: somebody, or the same person, said nearly the same before.
        is_neighbour: its network counts for this component already.
        for_component: how many of this minute count for its component so far.
        in_all: the same for all components together.
    """
    if sent.incident is not None:
        return Standing.JOINED
    if is_copy:
        return Standing.COPY
    if is_neighbour:
        return Standing.NEIGHBOUR
    if not sent.proven:
        return Standing.UNPROVEN
    if for_component >= PER_COMPONENT or in_all >= IN_ALL:
        return Standing.CROWDED
    return Standing.COUNTS


@dataclass(frozen=True, slots=True)
class Weight:
    """What the reports of one component through the form weigh: `people` are the ones that stand for all of them."""

    people: tuple[MentionRecord, ...] = ()
    reports: int = 0
    networks: int = 0
    unproven: int = 0

    @property
    def words(self) -> str:
        """Say it for the evidence: "12 reports from 2 networks count as 2"; empty when there were none."""
        if not self.reports:
            return ""
        verb, people = "counts" if self.reports == 1 else "count", len(self.people)
        told = f"our form: {_many(self.reports, 'report')} from {_many(self.networks, 'network')} {verb} as {people}"
        return f"{told} ({self.unproven} without proof of work)" if self.unproven else told


def weigh(records: Sequence[MentionRecord], *, confirmed: bool) -> Weight:
    """Weigh the reports of one component, oldest first; `confirmed`: other sources report the same."""
    sent = [(record, s) for record in records if (s := record.mention.submission) is not None and s.incident is None]
    known, minutes, people = set[str](), Counter[datetime](), list[MentionRecord]()
    for record, submission in sent:
        minute = record.mention.created_at.replace(second=0, microsecond=0)
        found = standing(
            submission, is_copy=record.duplicate_of is not None, is_neighbour=submission.network in known,
            for_component=minutes[minute],
        )  # fmt: skip
        if found is Standing.COUNTS or (found is Standing.UNPROVEN and confirmed):
            known.add(submission.network)
            minutes[minute] += 1
            people.append(record)
    networks, unproven = {s.network for _, s in sent}, sum(not s.proven for _, s in sent)
    return Weight(tuple(people), len(sent), len(networks), unproven)


def why_quiet(*, has_opened: bool, score: float, enough: float) -> str:
    """Say why a rise is only for a look: our form is the only one to report it; "" when people may be called.

    Args:
        has_opened: the sources beside the form are enough for a signal of their own.
        score: how strongly they report the same.
        enough: the score from which they bear the form out.
    """
    if has_opened or score >= enough:
        return ""
    return "for a look: only our own form reports it, so nobody is called until other sources do"


def public_people(others: int, by_form: int) -> int:
    """Count people for the page's chart: the form at most doubles the others, so it publishes nothing on its own."""
    return others + min(by_form, max(others, UNCHECKED))


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
