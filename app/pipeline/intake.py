"""Mentions come in: store what is new, then (and only then) move the cursor."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.pipeline.aside import keep_aside
from app.pipeline.erasing import erase
from app.pipeline.polling import MAX_PAGES, Rounds
from app.pipeline.standing import Taken
from app.store.protocol import Store, Where, update
from domain.heard.budget import Budget
from domain.heard.mention import Batch, Mention, MentionRecord, Role, Stage, person_id
from domain.heard.roles import NOBODY, Known, role_of
from domain.records import SourceState
from listener.source import Source

__all__ = ["LATE", "MAX_PAGES", "MAX_TEXT", "Intake", "Source", "Taken"]

LATE = timedelta(minutes=30)  # what arrives later than this after it was said is history, not "now"
MAX_TEXT = 5000  # characters kept of a mention; longer ones are cut, never refused
OURS = frozenset({Role.OWN, Role.EMPLOYEE})


@dataclass(frozen=True, slots=True)
class Intake:
    """Stores mentions once each and keeps the health of every source."""

    store: Store
    now: Callable[[], datetime]
    known: Known = NOBODY  # who is no customer
    budgets: Mapping[str, Budget] = field(default_factory=dict)  # by the source's name
    chance: Callable[[], float] = random.random  # 0..1, spreads the polls
    rounds: Rounds = field(init=False)

    def __post_init__(self) -> None:
        """Set up the rounds, which keep through this intake what they are given."""
        rounds = Rounds(self.store, self.now, self.keep, self.budgets, self.chance)
        object.__setattr__(self, "rounds", rounds)  # the usual way in a frozen dataclass

    async def poll(self, source: Source) -> Taken:
        """Ask one source for news, page by page; a failure is noted on the source, logged on change, never raised."""
        return await self.rounds.poll(source)

    async def turn(self, source: Source) -> timedelta:
        """Poll a source if its time has come; gives how long to wait before its next turn."""
        return await self.rounds.turn(source)

    async def state(self, source: str) -> SourceState:
        """Give the health record of a source, made on first use."""
        return await self.rounds.state(source)

    async def keep(self, source: str, batch: Batch, back: datetime | None = None) -> Taken:
        """Keep all that a source brought, polled or pushed: mentions, removals, and what could not be read."""
        taken = await self.take(batch.mentions, back)
        # After the mentions: a post and its removal may come in one batch.
        gone = await erase(self.store, source, batch.deleted, self.now())
        aside = await keep_aside(self.store, source, batch.set_aside, self.now())
        return taken + Taken(deleted=gone, set_aside=aside)

    async def take(self, mentions: Sequence[Mention], back: datetime | None = None) -> Taken:
        """Store mentions from a poll, a webhook or the form; known ones count as duplicates, changed ones as edits.

        What was said before `back`, when its source began to answer again, is history however young it is.
        """
        known = await self._known(mentions)
        strangers = [mention for mention in mentions if mention.id not in known]
        again = [mention for mention in mentions if mention.id in known]
        fresh = await self.store.add(*(self._record(mention, back) for mention in strangers)) if strangers else []
        # Known by now: twice on one page, or another process was faster.
        late = [mention for mention, is_new in zip(strangers, fresh, strict=True) if not is_new]
        known |= await self._known(late)
        edited = sum([await self._edit(mention, known) for mention in (*again, *late)])
        return Taken(stored=sum(fresh), duplicates=len(again) + len(late) - edited, edited=edited)

    async def _known(self, mentions: Sequence[Mention]) -> dict[str, MentionRecord]:
        if not mentions:
            return {}
        ids = sorted({mention.id for mention in mentions})
        return {record.id: record for record in await self.store.find(MentionRecord, Where("id", "in_", ids))}

    def _record(self, mention: Mention, back: datetime | None) -> MentionRecord:
        at, role = self.now(), role_of(mention.author, self.known)
        backlog = back is not None and mention.created_at < back
        return MentionRecord(
            id=mention.id, mention=_cut(mention), person_id=person_id(mention), received_at=at,
            history=backlog or at - mention.created_at > LATE, own=role in OURS, role=role,
        )  # fmt: skip

    async def _edit(self, mention: Mention, known: Mapping[str, MentionRecord]) -> bool:
        """Take over what its author changed; True if anything did."""
        mention, before = _cut(mention), known.get(mention.id)
        if before is None or not _differs(before, mention):
            return False
        await update(self.store, MentionRecord, mention.id, lambda old: _edited(old, mention))
        return True


def _cut(mention: Mention) -> Mention:
    if len(mention.text) <= MAX_TEXT:
        return mention
    return replace(mention, text=mention.text[: MAX_TEXT - 1] + "…")


def _differs(old: MentionRecord, new: Mention) -> bool:
    """Tell an edit from the same again; what its author removed stays removed, however often a cache shows it."""
    return old.deleted_at is None and (old.mention.text, old.mention.rating) != (new.text, new.rating)


def _edited(old: MentionRecord, new: Mention) -> MentionRecord:
    """Take over the new words; they are understood afresh, the earlier text is kept."""
    if not _differs(old, new):  # another poll was faster
        return old
    earlier = () if old.mention.text == new.text else (old.mention.text,)
    return replace(
        old, mention=replace(new, created_at=old.mention.created_at), edits=(*old.edits, *earlier),
        stage=Stage.NEW, classification=None,
    )  # fmt: skip
