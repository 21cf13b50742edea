"""A review or a scorecard as plain data for JSON: for other tools, with the figures unrounded and moments in UTC."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from app.review.words import paragraphs
from domain.review.said import Word
from domain.review.score import Row, Scorecard
from domain.review.story import Review, Step

_TAKEN = (Step.ALERT, Step.DECLARED, Step.PUBLIC_WORD, Step.RESOLVED)


def review_json(review: Review) -> str:
    """Write a review; customers' words are masked, nobody is named."""
    incident, seen = review.incident, review.seen
    return _written({
        "incident": {
            "id": incident.id, "titles": _clean(incident.titles), "status": incident.status, "impact": incident.impact,
            "severity": incident.severity, "private": incident.private,
            "components": incident.components, "began": review.began, "ended": review.ended,
        },
        "as_of": review.as_of,
        "people": {
            "complained": seen.people, "complaints": seen.complaints, "copies": seen.copies,
            "before_public_word": review.unheard, "after_end": seen.after_end, "still_broken": review.still_broken,
            "languages": seen.languages, "sources": seen.sources, "components": seen.components, "cut": seen.cut,
        },
        "minutes_from_first_complaint": {str(step): review.minutes_to(step) for step in _TAKEN},
        "customers_first": review.customers_first,
        "milestones": [asdict(milestone) for milestone in review.milestones],
        "bars": _bars(review),
        "said": [_word(word) for word in review.words],
        "to_single_customers": [
            {"at": word.at, "means": word.means, "channel": word.channel, "status": word.status}
            for word in review.private_words
        ],
        "unsent": review.unsent, "reach": {**asdict(review.reach), "share": review.reach.share},
        "promises": {**asdict(review.kept), "all": [asdict(promise) for promise in review.promises]},
        "satisfaction": {**asdict(review.satisfaction), "score": review.satisfaction.score},
        "tone": asdict(review.mood),
        "quotes": [
            {"text": paragraphs(quote.text), "language": quote.language, "source": quote.source, "at": quote.at}
            for quote in review.quotes
        ],
    })  # fmt: skip


def scorecard_json(card: Scorecard) -> str:
    """Write a scorecard."""
    return _written({
        "since": card.since, "until": card.until,
        "medians_from_first_complaint": {
            "alert": card.to_alert, "public_word": card.to_word, "resolved": card.to_resolved,
        },
        "promises_kept": card.promises_kept, "reached": card.reached, "satisfied": card.satisfied,
        "customers_first": card.customers_first, "complained_about": card.complained, "silent": card.silent,
        "incidents": [_row(row) for row in card.rows],
    })  # fmt: skip


def _bars(review: Review) -> Mapping[str, Any]:
    return {
        "start": review.axis.start, "step_minutes": review.axis.step, "people": review.seen.bars,
        "new_people": review.seen.newly, "to_single_customers": review.answers,
    }  # fmt: skip


def _word(word: Word) -> dict[str, Any]:
    return {**asdict(word), "texts": _clean(word.texts)}


def _clean(texts: Mapping[str, str]) -> dict[str, str]:
    return {paragraphs(language): paragraphs(text) for language, text in texts.items()}


def _row(row: Row) -> Mapping[str, Any]:
    return {
        "id": row.incident.id, "titles": _clean(row.incident.titles), "began": row.began, "open": row.incident.is_open,
        "private": row.incident.private, "people": row.people, "before_public_word": row.unheard,
        "to_alert": row.to_alert, "to_public_word": row.to_word, "to_resolved": row.to_resolved,
        "promises": asdict(row.kept), "reach": {**asdict(row.reach), "share": row.reach.share},
        "satisfaction": {**asdict(row.satisfaction), "score": row.satisfaction.score},
        "customers_first": row.customers_first, "still_broken": row.still_broken,
    }  # fmt: skip


def _written(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, default=_plain) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
