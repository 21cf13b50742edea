"""Classified mentions for tests."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.heard.classification import Classification, Kind, Sentiment
from domain.heard.mention import Author, Mention, MentionRecord

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def record(
    id: str, text: str = "cannot sign in", *, at: datetime = NOON, person: str | None = None,
    kind: Kind | None = Kind.OUTAGE, component: str | None = "login", language: str = "en",
    source: str = "mastodon", region: str | None = None, own: bool = False, history: bool = False,
    duplicate_of: str | None = None,
) -> MentionRecord:  # fmt: skip
    """Build a mention with its classification; `kind` None is neutral talk."""
    meaning = Classification(
        language,
        Sentiment.NEGATIVE,
        {},
        0.9 if kind else 0.1,
        kind is not None,
        kind or Kind.OTHER,
        {},
        "test",
        component,
    )
    mention = Mention(id, source, "mastodon", id, Author(person or id), text, at, region=region)
    return MentionRecord(
        id, mention, person or id, at, classification=meaning, own=own, history=history, duplicate_of=duplicate_of
    )
