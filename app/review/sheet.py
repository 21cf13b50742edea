"""A review as it is shown: clean words in their places, the same for HTML, the desk and Markdown. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alerts.cards import people, source_name
from app.review import words
from app.review.drawing import NARROW, Picture, picture
from app.review.figures import Figure, figures
from app.review.rows import Beat, Heard, Kept, Said, Took, beats, kept, quotes, said, steps
from domain.review.story import Review, Step
from domain.work import DeliveryState

Name = Callable[[str | None], str]  # of a component


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that is shown of one review."""

    id: str
    title: str
    tags: tuple[str, ...]
    began: datetime
    ended: datetime | None
    as_of: datetime
    lead: str
    figures: tuple[Figure, ...]
    wide: Picture
    narrow: Picture
    in_words: str  # what the picture shows
    step: str  # of a bar
    steps: tuple[Took, ...]
    said: tuple[Said, ...]
    unsaid: str
    quotes: tuple[Heard, ...]
    who: tuple[tuple[str, str], ...]
    promises: tuple[Kept, ...]
    beats: tuple[Beat, ...]
    remarks: tuple[str, ...]  # how it was counted


def sheet(review: Review, component: Name) -> Sheet:
    """Put a review into words; `component` names a component for the team."""
    zero = review.seen.first or review.began
    spoken = said(review, zero)
    marks = [(word.at, word.ends) for word in spoken]
    wide = picture(review, marks, zero)
    return Sheet(
        review.incident.id, words.line(review.incident.title("en"), 160), _tags(review), review.began, review.ended,
        review.as_of, words.lead(review), figures(review), wide, picture(review, marks, zero, NARROW),
        _in_words(review, len(spoken)), words.minutes(review.axis.step), steps(review), spoken, _unsaid(review),
        quotes(review), _who(review, component), tuple(kept(promise, review) for promise in review.promises),
        beats(review, spoken, zero), _remarks(review),
    )  # fmt: skip


def _tags(review: Review) -> tuple[str, ...]:
    incident = review.incident
    tags = [words.PHASES[incident.status], f"{incident.impact} impact", str(incident.severity)]
    return (*tags, "private") if incident.private else tuple(tags)


def _in_words(review: Review, spoken: int) -> str:
    """Say what the picture shows, for those who do not see it."""
    bars, axis = review.seen.bars, review.axis
    length = words.minutes(axis.step)
    if not any(bars):
        return f"Nobody complained; {words.counted(spoken, 'public word')} of ours."
    busiest = max(range(len(bars)), key=bars.__getitem__)
    when = words.utc(axis.moment(busiest), review.began)
    return (
        f"{people(review.seen.people)} complained, most of them ({bars[busiest]}) within {length} from {when} UTC; "
        f"{words.counted(spoken, 'public word')} of ours, {words.counted(len(review.private_words), 'word')} to single "
        "customers. The table “Minute by minute” says the same."
    )


def _unsaid(review: Review) -> str:
    """Say which posts never went out."""
    parts = [f"{count} {words.UNSENT.get(DeliveryState(state), state)}" for state, count in review.unsent.items()]
    return f"Posts that did not go out: {', '.join(parts)}." if parts else ""


def _who(review: Review, component: Name) -> tuple[tuple[str, str], ...]:
    seen = review.seen
    found = [
        ("Languages", words.listed({words.language(code): count for code, count in seen.languages.items()})),
        ("Platforms", words.listed({words.line(source_name(k), 60): count for k, count in seen.sources.items()})),
        ("Components", words.listed({words.line(component(id or None), 60): n for id, n in seen.components.items()})),
        ("After the end", f"{people(seen.after_end)} complained" if seen.after_end else ""),
        ("Their tone", words.tone(review.mood)),
        ("Monitors", _monitors(review)),
    ]
    return tuple((label, value) for label, value in found if value not in ("", "–"))


def _monitors(review: Review) -> str:
    if review.reached(Step.MONITOR) is None:
        return "none noticed it" if review.seen.people else ""
    return "customers were first" if review.customers_first else "a monitor was first"


def _remarks(review: Review) -> tuple[str, ...]:
    seen = review.seen
    found = ["Each person counts once per bar, however often they write; minutes are whole minutes that had passed."]
    if seen.copies:
        found.append(f"{words.counted(seen.copies, 'complaint')} only repeated what others wrote: not counted.")
    if seen.cut:
        found.append("There were more complaints than are read for one review; the first ones are counted.")
    if review.reach.affected:
        found.append(f"{people(review.reach.affected)} are affected: somebody's complaint is linked to the incident.")
    return (*found, "Quotes are shortened; telephone numbers, addresses and the like are masked.")
