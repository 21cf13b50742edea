"""What the forms about an incident begin with: true without any edit, in every language we write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.component import Component
from domain.incidents.incident import IncidentStatus
from status_page.words.incident_words import incident_words


def drafts(components: Sequence[Component], phase: IncidentStatus, languages: Sequence[str]) -> dict[str, str]:
    """Draft `title.<language>` and `text.<language>` of an update."""
    said = incident_words(components, phase, languages)
    titles = {f"title.{language}": title for language, (title, _) in said.items()}
    return titles | {f"text.{language}": text for language, (_, text) in said.items()}


def touched(ids: Sequence[str], known: Mapping[str, Component]) -> list[Component]:
    """Give the components by their ids, without those that are not in the settings any more."""
    return [known[id] for id in ids if id in known]
