"""Mentions get their meaning: classified, tied to a component, folded with near-duplicates, made a case of."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from app.desk.care import CareDesk
from app.desk.too import join_incident
from app.pipeline.erasing import erase_from_cases
from app.store.protocol import Store, Where, update
from domain.care.case import Case
from domain.care.follow_up import asks_to_stop, body_of
from domain.component import Component, match_component
from domain.errors import NotFound, PermanentError
from domain.heard.classification import Classification
from domain.heard.mention import MentionRecord, Stage, joined_incident
from domain.records import Person

log = logging.getLogger(__name__)
PAGE = 64
FOLD_WITHIN = timedelta(hours=6)


class Folder(Protocol):
    """Finds near-duplicates among the mentions of the last hours."""

    def fold(self, record: MentionRecord) -> str | None:
        """Remember a mention and give the id of an earlier one that says nearly the same, or None."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """Takes stored mentions one page at a time; each step may be repeated after a crash without harm."""

    store: Store
    care: CareDesk
    classify: Callable[[Sequence[str]], Awaitable[list[Classification]]]
    why: Callable[[str, Classification], Awaitable[tuple[str, ...]]]
    components: Sequence[Component]
    folder: Folder
    heard: Callable[[MentionRecord], None] = field(default=lambda record: None)

    async def run(self) -> int:
        """Understand everything that waits; returns how many mentions that were."""
        done, left = 0, 0
        while waiting := await self.store.find(
            MentionRecord, Where("stage", "eq", str(Stage.NEW)), order="received_at", limit=PAGE, skip=left
        ):
            meanings = await self.classify([record.mention.text for record in waiting])
            finished = [await self._try(record, meaning) for record, meaning in zip(waiting, meanings, strict=True)]
            done += sum(finished)
            left += finished.count(False)
        return done

    async def _try(self, record: MentionRecord, meaning: Classification) -> bool:
        """Finish one mention; one that cannot be finished waits for the next round and holds up no other."""
        try:
            await self._finish(record, meaning)
        except PermanentError as err:
            log.error("mention %s is left for the next round: %s", record.id, err)
            return False
        return True

    async def remember(self, now: datetime) -> None:
        """Rebuild the memory of near-duplicates after a start."""
        recent = await self.store.find(
            MentionRecord, Where("received_at", "ge", now - FOLD_WITHIN), Where("stage", "eq", str(Stage.UNDERSTOOD)),
            order="received_at",
        )  # fmt: skip
        for record in recent:
            if _is_own_words(record) and record.deleted_at is None:
                self.folder.fold(record)

    async def _finish(self, record: MentionRecord, meaning: Classification) -> None:
        text = record.mention.text
        latest = await self.store.get(MentionRecord, record.id)
        if latest is None or latest.mention.text != text:  # erased, or edited: then it is understood in its new form
            return
        record = await self._explained(record, meaning)
        case = await join_incident(self.care, record) or await self.care.consider(record)
        await self._remember_person(record)
        done = await self._keep(record, case)
        if done is not None and done.deleted_at is not None and case is not None:
            await erase_from_cases(self.store, record, done.deleted_at)  # removed while its case was being opened
        elif done is not None and done.stage is Stage.UNDERSTOOD:
            self.heard(done)

    async def _explained(self, record: MentionRecord, meaning: Classification) -> MentionRecord:
        """Add which component it is about, what carried the decision, and whose copy it is."""
        text = record.mention.text
        component = record.mention.about or match_component(text, meaning.kind, self.components)
        meaning = replace(meaning, component=component)
        if meaning.is_complaint and record.heard_as_customer:
            meaning = replace(meaning, why=await self.why(text, meaning))
        # What a bot or a competitor said first must not make a copy of the customer who says it after them.
        twin = self.folder.fold(record) if _is_own_words(record) else None
        return replace(record, classification=meaning, duplicate_of=twin if twin != record.id else None)

    async def _keep(self, record: MentionRecord, case: Case | None) -> MentionRecord | None:
        """Write what was understood; an edit that came meanwhile wins and is understood in the next round."""

        def finished(now: MentionRecord) -> MentionRecord:
            if now.mention.text != record.mention.text:
                return now
            return replace(
                now, stage=Stage.UNDERSTOOD, classification=record.classification, duplicate_of=record.duplicate_of,
                case_id=case.id if case else now.case_id,
            )  # fmt: skip

        try:
            return await update(self.store, MentionRecord, record.id, finished)
        except NotFound:  # erased while we thought about it
            return None

    async def _remember_person(self, record: MentionRecord) -> None:
        mention, complaint = record.mention, bool(record.classification and record.classification.is_complaint)
        name = mention.author.handle or mention.author.name or mention.author.id
        first = Person(record.person_id, name, mention.source_type, mention.created_at, mention.created_at)
        await self.store.add(first)
        stops = mention.in_reply_to is not None and asks_to_stop(body_of(mention))
        theirs = Where("person_id", "eq", record.person_id)
        mentions = await self.store.count(MentionRecord, theirs)
        # Counted, never increased: this step is repeated after a crash and after an edit.
        others = await self.store.count(
            MentionRecord, theirs, Where("is_complaint", "eq", True), Where("id", "ne", record.id)
        )
        await update(
            self.store, Person, record.person_id,
            lambda p: replace(
                p, mentions=mentions, complaints=others + complaint, opted_out=p.opted_out or stops,
                first_seen=min(p.first_seen, mention.created_at), last_seen=max(p.last_seen, mention.created_at),
            ),
        )  # fmt: skip


def _is_own_words(record: MentionRecord) -> bool:
    """Tell what a customer wrote: “I have this too” is our words, of which no customer's can be a copy."""
    return record.heard_as_customer and joined_incident(record.mention) is None
