"""Only what is needed is kept: a round that forgets what is older than the setting `privacy.keep`."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from app.privacy.forgetting import ERASED, entry_without_words, forgotten, signal_aged
from app.store.protocol import Record, Store, Where, update
from domain.care.case import ACTIVE, Case, CaseStatus
from domain.care.follow_up import FollowUp
from domain.errors import NotFound
from domain.heard.mention import MentionRecord
from domain.ids import stable_id
from domain.incidents.incident import Incident
from domain.incidents.notice import Notice
from domain.incidents.signal import Signal
from domain.privacy.erasure import correction_without
from domain.records import AuditEntry, Correction, MonitorAlert, Person, SetAsideItem

log = logging.getLogger(__name__)
EVERY = timedelta(hours=1)
BATCH = 200  # records that are read and written together; other work gets its turn in between
LOG_KEPT = timedelta(days=730)  # who did what: the words typed there go with everything else, the entry after this
R = TypeVar("R", bound=Record)
_ACTIVE = sorted(ACTIVE)
_OVER = sorted(set(CaseStatus) - ACTIVE)


@dataclass(slots=True)
class Retention:
    """Forgets in small steps; open cases and incidents, and what belongs to them, are never touched."""

    store: Store
    keep: timedelta
    now: Callable[[], datetime]
    rest: float = 0.01  # seconds between two batches
    salt: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)  # dies with the process
    through: datetime | None = None  # what stays, without its words, is done up to here

    async def run(self) -> int:
        """Forget all that is due; returns how many records that were."""
        limit = self.now() - self.keep
        done = await self._cases(limit)  # first: what belongs to a case goes only when the case has gone
        done += await self._mentions(limit)
        done += await self._follow_ups(limit)
        done += await self._people(limit)
        done += await self._strip(Signal, "closed_at", limit, signal_aged)
        done += await self._strip(Correction, "at", limit, correction_without)
        done += await self._strip(AuditEntry, "at", limit, entry_without_words)
        done += await self._drop(SetAsideItem, Where("at", "lt", limit))
        done += await self._drop(MonitorAlert, Where("received_at", "lt", limit))
        done += await self._drop(Notice, Where("at", "lt", limit))
        done += await self._drop(AuditEntry, Where("at", "lt", self.now() - max(self.keep, LOG_KEPT)))
        self.through = limit
        if done:
            log.info("%s records older than %s are forgotten", done, self.keep)
        return done

    async def _mentions(self, limit: datetime) -> int:
        due = Where("created_at", "lt", limit), Where("deleted_at", "eq", None)

        async def forget(batch: Sequence[MentionRecord]) -> int:
            waiting = await self._active_cases("id", {record.case_id for record in batch if record.case_id})
            old = [record for record in batch if record.case_id not in waiting]
            for record in old:
                await self._change(MentionRecord, record.id, self._aged)
            return len(old)

        return await self._each(MentionRecord, due, "created_at", forget)

    def _aged(self, record: MentionRecord) -> MentionRecord:
        # Different people stay different people for the counts, but nobody can tell any more which ones.
        stranger = stable_id("gone", self.salt, record.person_id)
        return replace(forgotten(record, stranger, self.now()), case_id=None)

    async def _cases(self, limit: datetime) -> int:
        going = {incident.id for incident in await self.store.find(Incident, Where("is_open", "eq", True))}
        due = Where("status", "in_", _OVER), Where("updated_at", "lt", limit)

        async def forget(batch: Sequence[Case]) -> int:
            return await self._delete(Case, [case.id for case in batch if case.incident_id not in going])

        return await self._each(Case, due, "updated_at", forget)

    async def _follow_ups(self, limit: datetime) -> int:
        """Delete the words to those affected by incidents that ended long ago; the incident itself stays public."""
        done = 0
        over = Where("is_open", "eq", False), Where("resolved_at", "lt", limit), *self._since("resolved_at")
        for incident in await self.store.find(Incident, *over):
            done += await self._drop(FollowUp, Where("incident_id", "eq", incident.id))
            if any(not id.startswith("gone_") for id in incident.still_broken):
                done += await self._change(Incident, incident.id, self._nameless)
        return done

    def _nameless(self, incident: Incident) -> Incident:
        gone = (id if id.startswith("gone_") else stable_id("gone", self.salt, id) for id in incident.still_broken)
        return replace(incident, still_broken=tuple(gone))

    async def _people(self, limit: datetime) -> int:
        async def forget(batch: Sequence[Person]) -> int:
            waiting = await self._active_cases("person_id", {person.id for person in batch})
            old = [person for person in batch if person.id not in waiting]
            # Who does not want to hear from us is remembered for that alone.
            silent = [person for person in old if person.opted_out and person.source_type != ERASED]
            for person in silent:
                await self._change(Person, person.id, lambda p: replace(p, name=""))
            return await self._delete(Person, [person.id for person in old if person not in silent])

        return await self._each(Person, (Where("last_seen", "lt", limit),), "last_seen", forget)

    async def _active_cases(self, field: str, ids: Collection[str]) -> set[str | None]:
        if not ids:
            return set()
        cases = await self.store.find(Case, Where(field, "in_", sorted(ids)), Where("status", "in_", _ACTIVE))
        return {getattr(case, field) for case in cases}

    async def _strip(self, kind: type[R], moment: str, limit: datetime, change: Callable[[R], R]) -> int:
        """Take the words out of old records, which stay for their figures."""
        done, due = 0, (Where(moment, "lt", limit), *self._since(moment))

        async def strip(batch: Sequence[R]) -> int:
            nonlocal done
            for record in batch:
                if change(record) != record:
                    done += await self._change(kind, record.id, change)
            return 0  # all of them stay

        await self._each(kind, due, moment, strip)
        return done

    def _since(self, moment: str) -> list[Where]:
        return [] if self.through is None else [Where(moment, "ge", self.through - EVERY)]

    async def _drop(self, kind: type[R], *due: Where) -> int:
        async def drop(batch: Sequence[R]) -> int:
            return await self._delete(kind, [record.id for record in batch])

        return await self._each(kind, due, None, drop)

    async def _each(
        self, kind: type[R], due: Sequence[Where], order: str | None, work: Callable[[Sequence[R]], Awaitable[int]]
    ) -> int:
        """Hand over all due records batch by batch; `work` says how many of a batch are due no more."""
        done = spared = 0
        while batch := await self.store.find(kind, *due, order=order, limit=BATCH, skip=spared):
            gone = await work(batch)
            done, spared = done + gone, spared + len(batch) - gone
            await asyncio.sleep(self.rest)
        return done

    async def _delete(self, kind: type[R], ids: Sequence[str]) -> int:
        return await self.store.delete(kind, Where("id", "in_", ids)) if ids else 0

    async def _change(self, kind: type[R], id: str, change: Callable[[R], R]) -> int:
        try:
            await update(self.store, kind, id, change)
        except NotFound:  # gone meanwhile
            return 0
        return 1
