"""Mentions come in: store what is new, then (and only then) move the cursor."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from app.store.protocol import Store, update
from domain.errors import NotFound, ServiceError, TemporaryError
from domain.mention import Batch, Mention, MentionRecord, Stage, person_id
from domain.records import SourceState

log = logging.getLogger(__name__)

MAX_PAGES = 40  # a source that never says "no more" is left after this many pages, until its next turn
LATE = timedelta(minutes=30)  # what arrives later than this after it was said is history, not "now"
BLIND = timedelta(minutes=6)  # a source that was not heard for longer (and for three polls) brings a backlog
MAX_TEXT = 5000  # characters kept of a mention; longer ones are cut, never refused


class Source(Protocol):
    """What the intake needs of a source; `fetch` raises only ServiceErrors."""

    @property
    def name(self) -> str:
        """The name in the settings."""

    @property
    def every(self) -> timedelta:
        """How long to wait between two polls."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get what is new since `cursor`."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch."""

    stored: int = 0
    duplicates: int = 0
    edited: int = 0

    def __add__(self, other: Taken) -> Taken:
        """Sum up two batches."""
        return Taken(self.stored + other.stored, self.duplicates + other.duplicates, self.edited + other.edited)


@dataclass(frozen=True, slots=True)
class Intake:
    """Stores mentions once each and keeps the health of every source."""

    store: Store
    now: Callable[[], datetime]
    own_accounts: Collection[str] = ()  # handles, casefolded, without "@"

    async def poll(self, source: Source) -> Taken:
        """Ask one source for news, page by page; a failure is noted on the source, logged on change, never raised."""
        state = await self.state(source.name)
        if state.not_before is not None and state.not_before > self.now():
            return Taken()
        total, back = Taken(), back_since(state, source.every, self.now())
        for _ in range(MAX_PAGES):
            try:
                batch = await source.fetch(state.cursor)
            except ServiceError as err:
                await self._failed(source.name, err)
                return total
            taken = await self.take(batch.mentions, back)
            total += taken
            state = await self._succeeded(source.name, batch, taken, back)
            if not batch.more or (state.not_before is not None and state.not_before > self.now()):
                break
        return total

    async def take(self, mentions: Sequence[Mention], back: datetime | None = None) -> Taken:
        """Store mentions from a poll, a webhook or the form; known ones count as duplicates, changed ones as edits.

        What was said before `back`, when its source began to answer again, is history however young it is.
        """
        records = [self._record(mention, back) for mention in mentions]
        fresh = await self.store.add(*records) if records else []
        taken = Taken()
        for record, new in zip(records, fresh, strict=True):
            taken += Taken(stored=1) if new else await self._seen_again(record)
        return taken

    async def state(self, source: str) -> SourceState:
        """Give the health record of a source, made on first use."""
        known = await self.store.get(SourceState, source)
        if known is None:
            await self.store.add(SourceState(source))
            known = await self.store.get(SourceState, source)
        return known or SourceState(source)

    def _record(self, mention: Mention, back: datetime | None) -> MentionRecord:
        at = self.now()
        if len(mention.text) > MAX_TEXT:
            mention = replace(mention, text=mention.text[: MAX_TEXT - 1] + "…")
        handle = mention.author.handle.lstrip("@").casefold()
        backlog = back is not None and mention.created_at < back
        return MentionRecord(
            id=mention.id, mention=mention, person_id=person_id(mention), received_at=at,
            history=backlog or at - mention.created_at > LATE, own=handle in self.own_accounts,
        )  # fmt: skip

    async def _seen_again(self, record: MentionRecord) -> Taken:
        known = await self.store.get(MentionRecord, record.id)
        if known is None or known.mention.text == record.mention.text:
            return Taken(duplicates=1)
        await update(self.store, MentionRecord, record.id, lambda old: _edited(old, record.mention))
        return Taken(edited=1)

    async def _succeeded(self, name: str, batch: Batch, taken: Taken, back: datetime | None) -> SourceState:
        at = self.now()
        await self.state(name)
        before = await self.store.get(SourceState, name)
        if before is not None and before.failing_since is not None:
            log.info("source %s answers again after %s", name, at - before.failing_since)
        for item in batch.set_aside:
            log.warning("source %s: one item set aside: %s", name, item.reason)
        return await update(
            self.store, SourceState, name,
            lambda s: replace(
                s, cursor=batch.cursor, last_success=at, last_attempt=at, failing_since=None, error=None, failures=0,
                not_before=batch.not_before, fetched=s.fetched + len(batch.mentions), stored=s.stored + taken.stored,
                set_aside=s.set_aside + len(batch.set_aside), back_since=back,
            ),
        )  # fmt: skip

    async def _failed(self, name: str, err: ServiceError) -> None:
        at = self.now()
        await self.state(name)
        wait = err.retry_after if isinstance(err, TemporaryError) else None

        def noted(s: SourceState) -> SourceState:
            if s.failing_since is None:
                log.warning("source %s fails: %s", name, err)
            return replace(
                s, last_attempt=at, failing_since=s.failing_since or at, error=str(err)[:500],
                failures=s.failures + 1, not_before=at + wait if wait else None,
            )  # fmt: skip

        try:
            await update(self.store, SourceState, name, noted)
        except NotFound:
            log.warning("source %s has no record of its health", name)


def back_since(state: SourceState, every: timedelta, now: datetime) -> datetime | None:
    """Say from when on a source tells us what is said *now*: since its last silence ended, or since it is asked again.

    A burst of posts that waited while a source was down (or hubbub was) must not look like an outage.
    """
    if state.last_success is not None and now - state.last_success > max(BLIND, 3 * every):
        return now
    return state.back_since


def _edited(old: MentionRecord, new: Mention) -> MentionRecord:
    """Take over the new text; it is understood afresh, the earlier text is kept."""
    if old.mention.text == new.text:  # another poll was faster
        return old
    return replace(
        old, mention=replace(new, created_at=old.mention.created_at), edits=(*old.edits, old.mention.text),
        stage=Stage.NEW, classification=None,
    )  # fmt: skip
