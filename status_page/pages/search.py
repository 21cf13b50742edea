"""What the search of past incidents looks through: a JSON file per language, read by a script in the browser."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC

from status_page.pages.archive import Story
from status_page.pages.templating import duration_words
from status_page.pages.view import IncidentView, UpdateView, WorkUpdateView, WorkView
from status_page.words.dates import day_words
from status_page.words.language import catalogue

MOST = 400  # characters of the updates of one story: enough to find it again, and the file stays small


def search_index(told: Iterable[Story], language: str) -> bytes:
    """Write the index, newest first: u address, t title, l its language if foreign, s a line about it, x more words."""
    entries = [_entry(story, language) for story in told]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _entry(story: Story, language: str) -> dict[str, str]:
    view = story.view
    entry = {"u": story.path, "t": view.title.text, "s": _line(story, language)}
    if view.title.foreign:
        entry["l"] = view.title.language
    return {**entry, "x": " ".join([*_names(view), _said(view)[:MOST]])}


def _names(view: IncidentView | WorkView) -> tuple[str, ...]:
    return tuple(name for name, _ in view.components) if isinstance(view, IncidentView) else view.components


def _said(view: IncidentView | WorkView) -> str:
    updates: Sequence[UpdateView | WorkUpdateView] = view.updates
    return " ".join(update.words for update in reversed(updates))


def _line(story: Story, language: str) -> str:
    t, view = catalogue(language), story.view
    day = day_words(story.at.astimezone(UTC).date(), language)
    if not isinstance(view, IncidentView) or view.duration is None:
        word = t.gettext("not solved yet") if isinstance(view, IncidentView) else t.gettext("Planned maintenance")
        return f"{day} · {word}"
    lasted = duration_words(view.duration, language)
    return t.gettext("Began %(day)s, lasted %(duration)s") % {"day": day, "duration": lasted}
