"""A made-up source for tests of the intake: it gives the batches it was given, or fails as told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.pipeline.intake import Intake
from app.store.protocol import Store
from domain.errors import ServiceError
from domain.heard.mention import Batch, MentionRecord
from tests.app.desk.office import Clock
from tests.domain.make import mention


@dataclass
class Stream:
    """A source that gives the batches of its script, by cursor; errors are raised."""

    script: dict[str | None, Batch | ServiceError] = field(default_factory=dict)
    name: str = "mastodon"
    type: str = "mastodon"
    every: timedelta = timedelta(minutes=2)
    page_cost: float = 0.0
    asked: list[str | None] = field(default_factory=list)

    async def fetch(self, cursor: str | None) -> Batch:
        """Give the batch behind a cursor."""
        self.asked.append(cursor)
        found = self.script.get(cursor, Batch((), cursor))
        if isinstance(found, ServiceError):
            raise found
        return found


def batch(cursor: str, *natives: str, **more: Any) -> Batch:
    """Give a page with one mention for each native id."""
    return Batch(tuple(mention(f"text {native}", native) for native in natives), cursor, **more)


def make_intake(store: Store, clock: Clock, **more: Any) -> Intake:
    """Set up an intake whose pauses are not spread by chance: 0.5 is the middle."""
    return Intake(store, clock, **{"chance": lambda: 0.5, **more})


async def texts(store: Store) -> list[str]:
    """List the texts that are kept."""
    return sorted(record.mention.text for record in await store.find(MentionRecord))
