"""Items that could not be read are kept in their raw form, the newest of each source, for people to look at."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from app.store.protocol import Store, Where
from domain.heard.mention import SetAside
from domain.ids import stable_id
from domain.records import SetAsideItem

log = logging.getLogger(__name__)
MOST = 200  # items kept of a source


def item_of(source: str, item: SetAside, at: datetime) -> SetAsideItem:
    """Name an item by its source and raw form, so that it is one however often it comes."""
    return SetAsideItem(stable_id("set", source, item.raw), source, item.raw, item.reason, at)


async def keep_aside(store: Store, source: str, items: Sequence[SetAside], at: datetime) -> int:
    """Keep items that are not known yet and say how many there were; the oldest of the source make room for them."""
    if not items:
        return 0
    fresh = await store.add(*(item_of(source, item, at) for item in items))
    new = [item for item, is_new in zip(items, fresh, strict=True) if is_new]
    if new:
        log.warning("source %s: %s item(s) set aside, the first: %s", source, len(new), new[0].reason)
        too_many = await store.find(SetAsideItem, Where("source", "eq", source), order="-at", skip=MOST)
        if too_many:
            await store.delete(SetAsideItem, Where("id", "in_", [item.id for item in too_many]))
    return len(new)
