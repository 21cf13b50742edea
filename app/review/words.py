"""How a review says things in English, for HTML, Markdown and the desk alike. Pure; escapes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from babel import Locale

from alerts.cards import people, source_name, span
from alerts.text import clean, one_line
from domain.care.mood import Mood
from domain.care.satisfaction import Satisfaction
from domain.incidents.incident import IncidentStatus
from domain.review.said import Means, Word
from domain.review.story import Milestone, Review, Step
from domain.work import DeliveryState

PHASES = {
    IncidentStatus.INVESTIGATING: "investigating", IncidentStatus.IDENTIFIED: "cause found",
    IncidentStatus.MONITORING: "watching the fix", IncidentStatus.RESOLVED: "resolved",
}  # fmt: skip
STEPS = {
    Step.FIRST_COMPLAINT: "First complaint", Step.MONITOR: "A monitor noticed", Step.ALERT: "Our people were called",
    Step.ACKNOWLEDGED: "Somebody was looking", Step.DECLARED: "Incident declared",
    Step.PUBLIC_WORD: "First public word", Step.UPDATE: "Update", Step.RESOLVED: "Resolved",
    Step.LAST_FOLLOW_UP: "Last follow-up sent",
}  # fmt: skip
UNSENT = {
    DeliveryState.DRAFT: "never approved", DeliveryState.PENDING: "still on its way",
    DeliveryState.ASSISTED: "to be posted by hand", DeliveryState.SKIPPED: "skipped", DeliveryState.FAILED: "failed",
    DeliveryState.REHEARSED: "dry run",
}  # fmt: skip


def minutes(count: float | None) -> str:
    """Write a number of minutes: "12 min", "2 h 5 min", "3 days"; a dash where there is none."""
    if count is None:
        return "–"
    if count < 60:
        return f"{count:g} min"
    return span(timedelta(minutes=count))


def share(value: float | None) -> str:
    """Write a share as per cent; a dash where there is none."""
    return "–" if value is None else f"{round(100 * value)} %"


def counted(count: int, noun: str) -> str:
    """Count things: "1 post", "2 posts"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def language(code: str) -> str:
    """Name a language in English; the code itself where it is not known."""
    if code in {"", "unknown"}:
        return "unknown language"
    return Locale("en").languages.get(code.lower().partition("-")[0]) or line(code, 20)


def channel(name: str) -> str:
    """Name where a word was said."""
    return "the page" if name == "page" else line(source_name(name), 60)


def line(text: str, limit: int = 200) -> str:
    """Make foreign text one clean line: nothing in it hides or reorders what stands beside it; never empty."""
    shown = one_line(text[: limit * 8])
    return (shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…") or "–"


def paragraphs(text: str, limit: int = 4000) -> str:
    """Clean a longer text of ours; its lines stay."""
    return clean(text[:limit]) or "–"


def listed(names: Mapping[str, int], most: int = 8) -> str:
    """Write counts: "English 31, Turkish 11, others 3"."""
    shown = [f"{name} {count:,}" for name, count in list(names.items())[:most]]
    rest = sum(list(names.values())[most:])
    return ", ".join([*shown, f"others {rest:,}"] if rest else shown) or "–"


def utc(at: datetime, near: datetime | None = None) -> str:
    """Write a moment in UTC, with its day unless that is the day of `near`."""
    at = at.astimezone(UTC)
    if near is not None and near.astimezone(UTC).date() == at.date():
        return f"{at:%H:%M}"
    return f"{at:%d %b %Y %H:%M}" if near is None else f"{at:%d %b %H:%M}"


def milestone(known: Milestone) -> str:
    """Name a step, an update with how far we were."""
    return f"{STEPS[known.step]}: {PHASES[known.status]}" if known.status else STEPS[known.step]


def since_first(known: Milestone) -> str:
    """Say how long after the first complaint a step came."""
    if known.step is Step.FIRST_COMPLAINT:
        return "0 min"
    return "before it" if known.ahead else minutes(known.minutes)


def heading(word: Word) -> str:
    """Say what a public word was: how far we were, or where it was posted."""
    if word.means is Means.PAGE:
        return PHASES[IncidentStatus(word.status)].capitalize()
    taken = ", taken back later" if word.status == DeliveryState.WITHDRAWN else ""
    return f"Post on {channel(word.channel)}{taken}"


def lead(review: Review) -> str:
    """Say in two or three sentences how what customers saw and what we said fit together."""
    who, told = review.seen.people, review.reached(Step.PUBLIC_WORD)
    if not who:
        return f"Nobody complained. {_without(review)}".strip()
    said = f"{people(who)} complained."
    if told is None:
        silent = "it is private, so" if review.incident.private else "no word of ours was public:"
        return f"{said} Customers were told nothing: {silent} all of them were left without one."
    if told.ahead:
        return f"{said} Our first public word was there before the first complaint."
    waited = f"The first public word came {minutes(told.minutes)} after the first complaint"
    if not review.unheard:
        return f"{said} {waited}."
    return f"{said} {waited}; {people(review.unheard)} had complained by then."


def _without(review: Review) -> str:
    if review.words:
        return f"We said {counted(len(review.words), 'public word')}."
    return "Nothing of it is public." if review.incident.private else ""


def tone(mood: Mood) -> str:
    """Say how the tone of the same people changed; empty where nobody spoke before and after."""
    if mood.before is None or mood.after is None:
        return ""
    change = mood.after - mood.before
    word = "friendlier" if change > 0.1 else "angrier" if change < -0.1 else "the same"
    return f"{word} after the end ({mood.before:+.2f} before, {mood.after:+.2f} after, {people(mood.people)})"


def ratings(found: Satisfaction) -> str:
    """Say what people answered when they were asked if it is solved; empty where nobody was asked."""
    if not found.asked and not found.answered:
        return ""
    said = f"{found.answered:,} of {found.asked:,} answered"
    return f"{said}: {found.fixed:,} solved, {found.still_broken:,} not" if found.answered else said
