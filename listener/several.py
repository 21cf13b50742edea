"""Sources around sources: one that keeps only what a query wants, and one that asks several times under one name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from domain.heard.mention import Batch
from listener.cursor import read_cursor, write_cursor
from listener.items import dig, number_at
from listener.query import Query, why_not
from listener.source import Source


@dataclass(frozen=True, slots=True)
class Filtered:
    """Drops mentions that a query does not want; everything else of the source stays as it is."""

    source: Source
    query: Query

    @property
    def name(self) -> str:
        """The name in the settings."""
        return self.source.name

    @property
    def type(self) -> str:
        """The kind of source, as in the registry."""
        return self.source.type

    @property
    def every(self) -> timedelta:
        """How long to wait between two polls."""
        return self.source.every

    @property
    def page_cost(self) -> float:
        """The most one fetch can be charged, in US dollars."""
        return self.source.page_cost

    async def fetch(self, cursor: str | None) -> Batch:
        """Get what is new and wanted."""
        batch = await self.source.fetch(cursor)
        wanted = tuple(mention for mention in batch.mentions if why_not(self.query, mention) is None)
        return replace(batch, mentions=wanted, dropped=batch.dropped + len(batch.mentions) - len(wanted))


@dataclass(frozen=True, slots=True)
class Several:
    """Asks several searches of one service in turn, each with a cursor of its own; needs at least one."""

    sources: Sequence[Source]

    @property
    def name(self) -> str:
        """The name in the settings."""
        return self.sources[0].name

    @property
    def type(self) -> str:
        """The kind of source, as in the registry."""
        return self.sources[0].type

    @property
    def every(self) -> timedelta:
        """How long to wait between two polls."""
        return self.sources[0].every

    @property
    def page_cost(self) -> float:
        """The most one fetch can be charged, in US dollars."""
        return max(source.page_cost for source in self.sources)

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page of the search whose turn it is; the round goes on until each has been asked to its end."""
        state = read_cursor(cursor)
        turn = (number_at(state, "turn") or 0) % len(self.sources)
        known = dig(state, "cursors")
        cursors = [value if isinstance(value := dig(known, i), str) else None for i in range(len(self.sources))]
        batch = await self.sources[turn].fetch(cursors[turn])
        cursors[turn] = batch.cursor
        turn += not batch.more
        mark = write_cursor(turn=turn % len(self.sources), cursors=cursors)
        return replace(batch, cursor=mark, more=batch.more or turn < len(self.sources))
