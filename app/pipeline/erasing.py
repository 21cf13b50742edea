"""Authors take posts back: every copy of ours goes in the same round, the record that leads to them last."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from app.store.protocol import Store, Where, update
from domain.care.case import Case
from domain.errors import NotFound
from domain.heard.mention import MentionRecord, mention_id
from domain.incidents.signal import Signal
from domain.privacy.erasure import case_without, correction_without, erased, signal_without
from domain.records import Correction, Person

AT_ONCE = 500  # ids that are looked up together
QUOTED_WITHIN = timedelta(hours=24)  # a signal that opened longer after a post does not quote it


async def erase(store: Store, source: str, native_ids: Sequence[str], at: datetime) -> int:
    """Erase what we keep of these posts of a source and say how many there were; unknown ones, and repeats, are none.

    A stream tells of every post on its network that is removed: thousands of ids, hardly one of them ours.
    """
    there: list[MentionRecord] = []
    for first in range(0, len(native_ids), AT_ONCE):
        ids = [mention_id(source, native) for native in native_ids[first : first + AT_ONCE]]
        known = await store.find(MentionRecord, Where("id", "in_", ids))
        there += [record for record in known if record.deleted_at is None]
    for record in there:
        await _erase_copies(store, record, at)
        with suppress(NotFound):
            # Last: as long as it has its words, a crash on the way makes the next round begin again.
            await update(store, MentionRecord, record.id, lambda now: erased(now, at))
        await erase_from_cases(store, record, at)  # again: one may have been opened between the two
    return len(there)


async def erase_from_cases(store: Store, record: MentionRecord, at: datetime) -> None:
    """Take a mention's words out of the cases of its person; also what was just being opened when it was removed."""
    for case in await store.find(Case, Where("person_id", "eq", record.person_id)):
        if record.id not in case.mention_ids:
            continue
        siblings = await store.find(MentionRecord, Where("id", "in_", case.mention_ids))
        others = {other.id for other in siblings if other.deleted_at is None and other.id != record.id}
        with suppress(NotFound):
            await update(store, Case, case.id, lambda c, left=others: case_without(c, record, left, at))  # type: ignore[misc]


async def _erase_copies(store: Store, record: MentionRecord, at: datetime) -> None:
    await erase_from_cases(store, record, at)
    for correction in await store.find(Correction, Where("mention_id", "eq", record.id)):
        await update(store, Correction, correction.id, correction_without)
    said = record.mention.created_at
    near = Where("opened_at", "ge", said - QUOTED_WITHIN), Where("opened_at", "le", said + QUOTED_WITHIN)
    for signal in await store.find(Signal, *near):
        await update(store, Signal, signal.id, lambda s: signal_without(s, record.id))
    await _forget_name(store, record)


async def _forget_name(store: Store, record: MentionRecord) -> None:
    """Forget what somebody is called once the last of their words is gone; whether they want to hear from us stays."""
    theirs = await store.find(MentionRecord, Where("person_id", "eq", record.person_id))
    if all(other.deleted_at is not None or other.id == record.id for other in theirs):
        with suppress(NotFound):
            await update(store, Person, record.person_id, lambda person: replace(person, name=""))
