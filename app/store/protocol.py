"""What the rest of the app may ask of its memory, whichever database keeps it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from domain.errors import NotFound, TemporaryError
from domain.heard.mention import MentionRecord


class Record(Protocol):
    """Anything that can be remembered: a frozen dataclass of `domain` with an id and a version."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str:
        """The name of the record, unique among its kind."""

    @property
    def version(self) -> int:
        """How often it was replaced; the ground of compare-and-set."""


R = TypeVar("R", bound=Record)
Value = str | int | float | bool | datetime | None
Op = Literal["eq", "ne", "lt", "le", "gt", "ge", "in_"]


@dataclass(frozen=True, slots=True)
class Where:
    """One condition on a field that `schema.py` declares; several conditions must all hold.

    `eq None` finds records without the value, `ne x` finds those without it too, as Python's `!=` would;
    `lt`, `le`, `gt` and `ge` never match None. `in_` takes any collection.
    """

    field: str
    op: Op
    value: Value | Sequence[Value] | frozenset[Value] = None


class Store(Protocol):
    """The memory of hubbub. Outages of the database are TemporaryError, an undeclared field is ValueError."""

    async def add(self, *records: Record) -> list[bool]:
        """Store new records, in one batch; False for each whose id or unique key is taken (it is left as it was)."""

    async def get(self, kind: type[R], id: str) -> R | None:
        """Give one record, or None."""

    async def replace(self, record: R) -> bool:
        """Store `record` as version + 1; False if it changed meanwhile, is gone or would break a unique key."""

    async def find(self, kind: type[R], *where: Where, order: str | None = None, limit: int | None = None,
                   skip: int = 0) -> list[R]:  # fmt: skip
        """Give the records that match, by the field `order` ("-": descending), ties by id; None is the least."""

    async def count(self, kind: type[R], *where: Where) -> int:
        """Count the records that match."""

    async def group_count(self, kind: type[R], field: str, *where: Where) -> dict[str, int]:
        """Count the records that match per value of a text field; those without a value count as ""."""

    async def delete(self, kind: type[R], *where: Where) -> int:
        """Forget the records that match (all of them without a condition) and say how many there were."""

    async def search_mentions(self, words: str, limit: int) -> list[MentionRecord]:
        """Find mentions with a word that begins with each of `words`, newest first; accents and case do not matter."""

    async def scrub(self) -> None:
        """Overwrite what deleted and replaced records left behind in the files, where the database lets us.

        Takes seconds for each 100 MB and lets nobody else write meanwhile. Raises TemporaryError while others read.
        """

    async def close(self) -> None:
        """Finish what is under way and let go of the database."""


async def update(store: Store, kind: type[R], id: str, change: Callable[[R], R], tries: int = 8) -> R:
    """Read a record, change it and store it, again if somebody was faster; give it as it is stored now.

    `change` is pure and may run `tries` times; what it raises (domain.errors.Refused) passes through, and an equal
    record writes nothing. Raises NotFound if there is no such record, TemporaryError if it never got its turn.
    """
    for attempt in range(tries):
        known = await store.get(kind, id)
        if known is None:
            raise NotFound(f"There is no {kind.__name__} {id}.")
        changed = change(known)
        if changed == known:
            return known
        if await store.replace(replace(changed, version=known.version)):
            return replace(changed, version=known.version + 1)
        await asyncio.sleep(random.uniform(0, 0.004 * 2**attempt))  # noqa: S311 - spreads rivals, keeps no secret
    raise TemporaryError(f"{kind.__name__} {id} is changed by others all the time.")
