"""Erases subscribers with everything that leads back to their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.store.protocol import Store, Where, update
from domain.records import AuditEntry
from domain.told.mailing import Owed
from domain.told.subscriber import Subscriber


async def erase_subscribers(store: Store, ids: Sequence[str], *still: Where) -> int:
    """Erase subscribers that are as `still` says; returns how many there were."""
    # What the log says of them goes first: an id follows from its address, so it would lead back to it.
    for entry in await store.find(AuditEntry, Where("subject", "in_", ids)):
        await update(store, AuditEntry, entry.id, lambda known: replace(known, subject=""))
    await store.delete(Owed, Where("subscriber_id", "in_", ids))
    return await store.delete(Subscriber, Where("id", "in_", ids), *still)
