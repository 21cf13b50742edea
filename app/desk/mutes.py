"""When nobody is called: maintenance from the settings and planned work, looked up together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.store.protocol import Store, Where
from domain.incidents.maintenance import Maintenance
from domain.incidents.planned import PlannedWork

LOOK_BACK = timedelta(days=2)  # a rise that began under maintenance is told about it so long after its end


async def mutes(store: Store, fixed: Sequence[Maintenance], now: datetime) -> tuple[Maintenance, ...]:
    """Give every maintenance that may matter now: those in the settings, and the work that is planned or just over."""
    open_ = await store.find(PlannedWork, Where("finished_at", "eq", None))
    over = await store.find(PlannedWork, Where("finished_at", "gt", now - LOOK_BACK))
    times = [work.mute() for work in [*open_, *over]]
    return (*fixed, *(time for time in times if time is not None))
