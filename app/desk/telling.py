"""Which incident tells the story now: itself, or the one it was merged into."""

from __future__ import annotations

from app.store.protocol import Store
from domain.incidents.incident import Incident


async def telling(store: Store, id: str | None, *, to_customers: bool = True) -> Incident | None:
    """Find the incident that tells the story; None where there is none, or none that customers may read of."""
    seen: set[str] = set()
    while id is not None and id not in seen:
        seen.add(id)
        incident = await store.get(Incident, id)
        if incident is None or (to_customers and incident.private):
            return None
        if incident.merged_into is None:
            return incident
        id = incident.merged_into
    return None
