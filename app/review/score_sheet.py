"""A scorecard as it is shown: clean words in their places, the same for HTML, the desk and Markdown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts.cards import people
from app.review import words
from app.review.figures import Figure
from domain.review.score import Row, Scorecard

_FIRST = {True: "customers", False: "a monitor", None: "–"}


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One incident."""

    id: str
    title: str
    began: datetime
    tags: tuple[str, ...]
    people: str
    to_alert: str
    to_word: str
    bar: float  # how long the public word took, 0..100 of the longest
    unheard: str
    to_resolved: str
    promises: str
    reached: str
    satisfied: str
    first: str  # who noticed first
    silent: bool
    href: str = ""


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """Everything that is shown of a scorecard."""

    since: datetime
    until: datetime
    figures: tuple[Figure, ...]
    rows: tuple[ScoreRow, ...]
    remarks: tuple[str, ...]


def score_sheet(card: Scorecard, href: str = "") -> ScoreSheet:
    """Put a scorecard into words; `href` leads to a review, with {} in the place of the id."""
    longest = max((row.to_word or 0 for row in card.rows), default=0)
    rows = tuple(_row(row, longest, href) for row in card.rows)
    return ScoreSheet(card.since, card.until, _figures(card), rows, _remarks(card))


def _figures(card: Scorecard) -> tuple[Figure, ...]:
    open_ = sum(row.incident.is_open for row in card.rows)
    asked = words.ratings(card.satisfaction)
    return (
        Figure("Incidents", f"{len(card.rows)}", f"{open_} still open" if open_ else ""),
        Figure("First complaint to alert", words.minutes(card.to_alert), "median"),
        Figure("First complaint to public word", words.minutes(card.to_word), _silent(card)),
        Figure("First complaint to the end", words.minutes(card.to_resolved), "median"),
        Figure("Promises kept", words.share(card.promises_kept), "of “next update by”"),
        Figure("Heard from us", words.share(card.reached), "of the affected people"),
        Figure("Felt well informed", words.share(card.satisfied), asked or "ratings of 4 and 5"),
        Figure("Customers were first", f"{card.customers_first} of {card.complained}", "before any monitor"),
    )  # fmt: skip


def _silent(card: Scorecard) -> str:
    return f"median; {card.silent} had none" if card.silent else "median"


def _row(row: Row, longest: int, href: str) -> ScoreRow:
    reach, kept = row.reach, row.kept
    return ScoreRow(
        row.incident.id, words.line(row.incident.title("en"), 100), row.began, _tags(row), f"{row.people:,}",
        words.minutes(row.to_alert), "nothing was said" if row.silent else words.minutes(row.to_word),
        round(100 * (row.to_word or 0) / longest, 1) if longest else 0.0,
        f"{people(row.unheard)} waited by then" if row.unheard and not row.silent else "",
        "still open" if row.incident.is_open else words.minutes(row.to_resolved),
        f"{kept.kept} of {kept.made}" if kept.made else "–",
        f"{reach.either:,} of {reach.affected:,}" if reach.affected else "–", words.share(row.satisfaction.score),
        _FIRST[row.customers_first], row.silent, href.format(row.incident.id) if href else "",
    )  # fmt: skip


def _tags(row: Row) -> tuple[str, ...]:
    tags = [str(row.incident.impact)] + ["private"] * row.incident.private
    return (*tags, f"{people(row.still_broken)}: still broken") if row.still_broken else tuple(tags)


def _remarks(card: Scorecard) -> tuple[str, ...]:
    found = ["Minutes count from the first complaint; 0 min also where we were there before it."]
    found.append("“Heard from us”: got an answer or the word after the end, of public incidents that are over.")
    if card.cut:
        found.append("There were more incidents than one scorecard shows; these are the newest.")
    return tuple(found)
