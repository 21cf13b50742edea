"""The scorecard of a time: how honest and how fast we were, one row per incident and the middle of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from domain.care.satisfaction import Satisfaction
from domain.incidents.incident import Incident
from domain.incidents.promises import Tally
from domain.review.said import Reach
from domain.review.story import Review, Step


@dataclass(frozen=True, slots=True)
class Row:
    """One incident; minutes are from the first complaint on, None where there was none or it never came to that."""

    incident: Incident
    began: datetime
    people: int
    unheard: int  # who had complained before our first public word
    to_alert: int | None
    to_word: int | None
    to_resolved: int | None
    kept: Tally
    reach: Reach
    satisfaction: Satisfaction
    customers_first: bool | None  # before any monitor; None: nobody complained
    still_broken: int = 0

    @property
    def silent(self) -> bool:
        """True when customers complained in vain: nothing was ever said in public."""
        return self.people > 0 and self.to_word is None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The incidents that were declared from `since` to `until`, newest first, and their figures together."""

    since: datetime
    until: datetime
    rows: tuple[Row, ...]
    cut: bool = False  # there were more incidents than were looked at

    @property
    def to_alert(self) -> float | None:
        """The median of the minutes from the first complaint to the alert."""
        return self._median(lambda row: row.to_alert)

    @property
    def to_word(self) -> float | None:
        """The median of the minutes from the first complaint to the first public word."""
        return self._median(lambda row: row.to_word)

    @property
    def to_resolved(self) -> float | None:
        """The median of the minutes from the first complaint to the end."""
        return self._median(lambda row: row.to_resolved)

    @property
    def promises_kept(self) -> float | None:
        """The share of the promises that came to their time and were kept, 0..1."""
        return _share(sum(row.kept.kept for row in self.rows), sum(row.kept.made for row in self.rows))

    @property
    def reached(self) -> float | None:
        """The share of the affected people of public incidents that are over who heard from us, 0..1."""
        over = [row.reach for row in self.rows if row.incident.public and not row.incident.is_open]
        return _share(sum(reach.either for reach in over), sum(reach.affected for reach in over))

    @property
    def satisfied(self) -> float | None:
        """The share of ratings of 4 and 5, 0..1."""
        return self.satisfaction.score

    @property
    def satisfaction(self) -> Satisfaction:
        """What all who were asked answered, together."""
        each = [row.satisfaction for row in self.rows]
        return Satisfaction(
            sum(one.asked for one in each), sum(one.answered for one in each), sum(one.fixed for one in each),
            sum(one.still_broken for one in each), tuple(rating for one in each for rating in one.ratings),
        )  # fmt: skip

    @property
    def complained(self) -> int:
        """How many incidents customers complained about."""
        return sum(row.customers_first is not None for row in self.rows)

    @property
    def customers_first(self) -> int:
        """How many of them customers reported before any monitor did."""
        return sum(row.customers_first is True for row in self.rows)

    @property
    def silent(self) -> int:
        """How many of them we never said a public word about."""
        return sum(row.silent for row in self.rows)

    def _median(self, minutes: Callable[[Row], int | None]) -> float | None:
        known = [value for row in self.rows if (value := minutes(row)) is not None]
        return float(median(known)) if known else None


def row_of(review: Review) -> Row:
    """Take out of a review what the scorecard shows."""
    return Row(
        review.incident, review.began, review.seen.people, review.unheard, review.minutes_to(Step.ALERT),
        review.minutes_to(Step.PUBLIC_WORD), review.minutes_to(Step.RESOLVED), review.kept, review.reach,
        review.satisfaction, review.customers_first, review.still_broken,
    )  # fmt: skip


def scorecard(reviews: Iterable[Review], since: datetime, until: datetime, *, cut: bool = False) -> Scorecard:
    """Put the reviews of a time together."""
    rows = sorted(map(row_of, reviews), key=lambda row: (row.incident.declared_at, row.incident.id), reverse=True)
    return Scorecard(since, until, tuple(rows), cut)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
