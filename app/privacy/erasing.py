"""Erases a person on their word: nothing is left that says who they were or what they said. Safe to repeat."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.privacy.forgetting import (
    case_forgotten,
    entry_without_words,
    follow_up_forgotten,
    forgotten,
    incident_forgotten,
    signal_forgotten,
    tombstone,
)
from app.privacy.people import Dossier, gather
from app.store.protocol import Record, Store, Where, update
from app.subscribers.erasing import erase_subscribers
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.errors import NotFound, TemporaryError
from domain.heard.mention import MentionRecord
from domain.ids import stable_id
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal
from domain.privacy.erasure import correction_without
from domain.records import AuditEntry, Correction, Person, SetAsideItem

PASSES = 5  # a running hubbub may write while we erase: again until nothing is found
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: how many records of each kind, and the name they go by from now on."""

    stranger: str
    counts: Mapping[str, int]

    @property
    def words(self) -> str:
        """Say it in words, without the person's name."""
        said = [f"{name}: {count}" for name, count in self.counts.items() if count]
        return ", ".join(said) if said else "nothing was left to erase"


async def erase_person(
    store: Store, person_id: str, now: Callable[[], datetime], *, by: str, mail: str | None = None, settle: float = 1.0
) -> Erased:
    """Erase everything about a person, then write one line into the log that does not name them.

    Args:
        store: where they are kept; a hubbub may be running on it.
        person_id: whom.
        now: the clock.
        by: who does it, for the log.
        mail: an address of theirs that no mention names, e.g. of a subscriber.
        settle: seconds to wait before looking if something was written meanwhile.

    Raises:
        TemporaryError: something new is written all the time; what was erased stays erased.
    """
    stranger = f"gone_{secrets.token_hex(10)}"  # by chance: nothing leads from it to the person
    erasing, counts = Erasing(store, stranger, now), Counter[str]()
    touched: list[Dossier] = []
    for _ in range(PASSES):
        dossier = await gather(store, person_id, mail)
        touched += [] if dossier.is_empty else [dossier]
        changed = Counter[str]()
        for each in touched:  # the earlier ones again: a message that was just being sent writes its record back
            changed += await erasing.erase(each)
        if not changed:
            break
        counts += changed
        await asyncio.sleep(settle)
    else:
        raise TemporaryError("This person is written about all the time; stop hubbub, or try again.")
    erased = Erased(stranger, counts)
    if counts:
        entry = stable_id("aud", "erase_person", stranger)
        await store.add(AuditEntry(entry, now(), by, "command line", "erase_person", stranger, erased.words))
    return erased


@dataclass(frozen=True, slots=True)
class Erasing:
    """Goes from the copies to the records that lead to them; the person comes last, so a crash can be repeated."""

    store: Store
    stranger: str
    now: Callable[[], datetime]

    async def erase(self, dossier: Dossier) -> Counter[str]:
        """Erase what a dossier holds; returns how many records changed, by kind."""
        at, stranger, ids = self.now(), self.stranger, dossier.mention_ids
        if dossier.cases or dossier.follow_ups:
            await self.store.add(tombstone(stranger, at))
        counts = Counter[str]()
        subscribed = [subscriber.id for subscriber in dossier.subscriptions]  # found by what cases and mentions say
        counts["subscriptions"] = await erase_subscribers(self.store, subscribed)
        counts["log entries"] = await self._change(AuditEntry, dossier.entries, entry_without_words)
        counts["corrections"] = await self._change(Correction, dossier.corrections, correction_without)
        counts["quotes"] = await self._change(Signal, dossier.signals, lambda s: signal_forgotten(s, ids, redraw=True))
        found = [item.id for item in dossier.set_aside]
        counts["unreadable items"] = await self.store.delete(SetAsideItem, Where("id", "in_", found))
        await self._change(Incident, dossier.incidents, lambda i: incident_forgotten(i, dossier.person_id, stranger))
        told = dossier.follow_ups
        counts["follow-ups"] = await self._change(FollowUp, told, lambda f: follow_up_forgotten(f, stranger))
        counts["cases"] = await self._change(Case, dossier.cases, lambda c: case_forgotten(c, stranger, at))
        counts["mentions"] = await self._change(MentionRecord, dossier.mentions, lambda m: forgotten(m, stranger, at))
        counts["person"] = await self.store.delete(Person, Where("id", "eq", dossier.person_id))
        return counts

    async def _change(self, kind: type[R], records: Iterable[R], change: Callable[[R], R]) -> int:
        """Change each record as it is stored now; returns how many were not in that form yet."""
        changed = 0
        for record in records:
            before = record.version

            def noted(latest: R) -> R:
                nonlocal before
                before = latest.version
                return change(latest)

            with suppress(NotFound):
                changed += (await update(self.store, kind, record.id, noted)).version != before
        return changed
