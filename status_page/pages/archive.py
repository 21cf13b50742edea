"""What is over, month by month in the readers' calendar: incidents and planned work together, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from domain.incidents.planned import WorkStatus
from status_page.pages.view import IncidentView, WorkView
from status_page.words.dates import month_of


@dataclass(frozen=True, slots=True)
class Story:
    """An incident or planned work in a list."""

    at: datetime  # when it began
    view: IncidentView | WorkView

    @property
    def kind(self) -> str:
        """What it is: "incident" or "maintenance"."""
        return "incident" if isinstance(self.view, IncidentView) else "maintenance"

    @property
    def path(self) -> str:
        """Its permanent page, relative to the language's folder."""
        return f"{'incidents' if self.kind == 'incident' else 'maintenance'}/{self.view.slug}.html"

    @property
    def ended_at(self) -> datetime | None:
        """When it was over, None while it is not."""
        return self.view.resolved_at if isinstance(self.view, IncidentView) else self.view.finished_at

    @property
    def is_worth_a_word(self) -> bool:
        """True when its status says more than that it is over as it should be."""
        if isinstance(self.view, IncidentView):
            return self.view.is_open
        return self.view.status is not WorkStatus.COMPLETED


@dataclass(frozen=True, slots=True)
class Month:
    """A month of history."""

    key: str
    words: str
    stories: tuple[Story, ...]

    @property
    def count(self) -> int:
        """How much began in it."""
        return len(self.stories)

    @property
    def path(self) -> str:
        """Its page, relative to the language's folder."""
        return f"history/{self.key}.html"


def stories(incidents: Iterable[IncidentView], works: Iterable[WorkView]) -> list[Story]:
    """Put together what happened, newest first; work that is still to come is no history."""
    told = [Story(view.started_at, view) for view in incidents]
    told += [Story(_began(view), view) for view in works if view.status is not WorkStatus.SCHEDULED]
    return sorted(told, key=lambda story: (story.at, story.view.id), reverse=True)


def _began(work: WorkView) -> datetime:
    if work.status is WorkStatus.CANCELLED:
        return min(work.starts_at, work.finished_at or work.starts_at)
    return work.begun_at or work.starts_at


def months(told: Sequence[Story], language: str) -> list[Month]:
    """Cut history (newest first) into months."""

    def month(story: Story) -> tuple[str, str]:
        return month_of(story.at.astimezone(UTC).date(), language)

    return [Month(key, words, tuple(found)) for (key, words), found in groupby(told, month)]
