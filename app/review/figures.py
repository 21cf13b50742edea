"""The figures at the head of a review. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from alerts.cards import people
from app.review import words
from domain.review.story import Review, Step


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its label, and a remark under it."""

    label: str
    value: str
    remark: str = ""


def figures(review: Review) -> tuple[Figure, ...]:
    """Pick the figures that people look for first."""
    reach, kept = review.reach, review.kept
    late = f"late by {', '.join(map(str, kept.late_minutes))} min" if kept.late_minutes else ""
    return (
        Figure("People who complained", f"{review.seen.people:,}", words.counted(review.seen.complaints, "complaint")),
        _until("First complaint to alert", review, Step.ALERT), _word_figure(review),
        _until("First complaint to the end", review, Step.RESOLVED),
        Figure("Promises kept", f"{kept.kept} of {kept.made}" if kept.made else "–", late or "“next update by”"),
        Figure("Heard from us", f"{reach.either:,} of {reach.affected:,}" if reach.affected else "–", _reached(review)),
        Figure("Say it is still broken", f"{review.still_broken:,}", "after we said it was solved"),
        Figure("Felt well informed", words.share(review.satisfaction.score), words.ratings(review.satisfaction)),
    )  # fmt: skip


def _until(label: str, review: Review, step: Step) -> Figure:
    known = review.reached(step)
    if known is None or review.seen.first is None:
        open_ = "not yet" if step is Step.RESOLVED and review.ended is None else ""
        return Figure(label, "–", open_)
    return Figure(label, words.minutes(known.minutes), "before it" if known.ahead else "")


def _word_figure(review: Review) -> Figure:
    figure = _until("First complaint to public word", review, Step.PUBLIC_WORD)
    if figure.value == "–":
        return replace(figure, remark="none was said" if not review.words else "")
    return figure if figure.remark else replace(figure, remark=f"{people(review.unheard)} waited by then")


def _reached(review: Review) -> str:
    reach = review.reach
    parts = [f"{reach.answered:,} answered", f"{reach.told:,} told after the end"]
    parts += [f"{reach.waiting:,} still wait"] if reach.waiting else []
    parts += [f"{reach.forbidden:,} may not be written to"] if reach.forbidden else []
    return ", ".join(parts) if reach.affected else "no complaint is linked"
