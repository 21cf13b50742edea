"""A few customers' own words for a review: masked, short, languages taking turns. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from domain.heard.mention import MentionRecord
from domain.incidents.signal import Quote
from domain.privacy.pii import mask
from domain.review.seen import language_of, own_words, people_by

QUOTES, QUOTE_LENGTH = 6, 240  # how many, and characters of each


def quotes(complaints: Iterable[MentionRecord], most: int = QUOTES) -> tuple[Quote, ...]:
    """Pick a few people's words, masked and short: languages take turns (the one most people speak first)."""
    own = [record for record in own_words(complaints) if record.deleted_at is None and record.mention.text.strip()]
    turns: dict[str, list[MentionRecord]] = {language: [] for language in people_by(own, language_of)}
    heard: set[str] = set()
    for record in sorted(own, key=_surest):
        if record.person_id not in heard:
            heard.add(record.person_id)
            turns[language_of(record)].append(record)
    picked: list[MentionRecord] = []
    while len(picked) < most and any(turns.values()):
        picked += [waiting.pop(0) for waiting in turns.values() if waiting]
    return tuple(_quote(record) for record in own_words(picked[:most]))


def _surest(record: MentionRecord) -> tuple[float, datetime, str]:
    sure = record.classification.complaint if record.classification else 0.0
    return -round(sure, 2), record.mention.created_at, record.id


def _quote(record: MentionRecord) -> Quote:
    # Masked before it is cut: half a card number is one that no rule knows any more.
    text = shortened(mask(record.mention.text).text)
    said = record.mention
    return Quote(text, said.source_type, language_of(record), said.created_at, record.id)


def shortened(text: str, length: int = QUOTE_LENGTH) -> str:
    """Fold white space, drop a title that only begins the text, and cut at the end of a word, with "…"."""
    folded = _TITLE.sub("", " ".join(text.split()))
    if len(folded) <= length:
        return folded
    cut = folded[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[length // 2 :] else cut) + "…"


_TITLE = re.compile(r"^(.{10,100})… (?=\1)")  # a feed's title is often the beginning of its text
