"""The story behind a mailing, and the end of a mailing whose story has gone on."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from app.store.protocol import Store, Where, update
from app.subscribers.carrier import News
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork
from domain.told.mailing import Mailing, MailingState, finished
from domain.told.subscriber import Standing, Subscriber, lane

log = logging.getLogger(__name__)


async def news_of(store: Store, mailing: Mailing) -> News | None:
    """Give the story of a mailing as it is now, None when customers may not see it (any more)."""
    incident = await store.get(Incident, mailing.about)
    if incident is not None:
        return News(mailing, incident) if incident.public else None
    work = await store.get(PlannedWork, mailing.about)
    return News(mailing, work) if work is not None else None


async def left(store: Store, mailing: Mailing) -> int:
    """Count the subscribers whose turn has not come yet; some of them may want other components."""
    shelf = Where("lane", "eq", lane(mailing.channel, Standing.ACTIVE))
    behind = await store.count(Subscriber, shelf, Where("id", "gt", mailing.position))
    return max(0, behind - len(mailing.done))


async def supersede(store: Store, mailing: Mailing, now: datetime) -> None:
    """End an older mailing of a story whose newer word goes out; those it has not reached get only that one."""
    stale = await left(store, mailing)
    change = partial(finished, state=MailingState.SUPERSEDED, now=now, stale=stale)
    await update(store, Mailing, mailing.id, change)
    log.info("mailing %s is superseded; %d subscribers get the newer word only", mailing.id, stale)
