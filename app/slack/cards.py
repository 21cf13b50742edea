"""Keeps each record's one Slack card true: posted once, edited in place, its history in the thread."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from alerts.cards import View, clock
from alerts.client import SlackClient
from alerts.text import fit, phrase
from app.privacy.masking import Mask, hide_all, masked_line
from app.store.protocol import Store, update
from domain.care.case import Case
from domain.errors import ServiceError, TemporaryError
from domain.incidents.incident import Incident
from domain.incidents.notice import Notice
from domain.incidents.planned import PlannedWork
from domain.incidents.signal import Signal
from domain.work import Card, Line

log = logging.getLogger(__name__)
Shown = TypeVar("Shown", Case, Signal, Incident, PlannedWork, Notice)


@dataclass(frozen=True, slots=True)
class Cards:
    """Shows records in Slack. `views` draws each type; a card that was perhaps posted before a crash is searched."""

    store: Store
    slack: SlackClient
    now: Callable[[], datetime]
    draw: Callable[[Case | Signal | Incident | PlannedWork | Notice], Awaitable[View]]
    hide: Mask = hide_all  # for the lines of the thread, which quote our answers and notes
    sure: set[str] = field(default_factory=set)  # records whose thread this process has followed from its start

    async def show(self, record: Shown) -> None:
        """Bring a record's card up to date; a failure is kept on the card with the time of the next try."""
        card = record.card
        if card is None:
            return
        try:
            card = await self._message(record, card)
            card = await self._thread(record, card)
            await self._keep(record, replace(card, attempts=0, not_before=None, error=None))
        except ServiceError as err:
            self.sure.discard(record.id)  # what failed may have been written all the same: searched next time
            if card.error is None:
                log.warning("the card of %s waits: %s", record.id, err)
            await self._note(record, card, err)

    async def _note(self, record: Shown, card: Card, err: ServiceError) -> None:
        at = self.now()
        # On the card as it is stored: lines that were written before the failure stay counted.
        await update(self.store, type(record), record.id, lambda r: replace(r, card=_failed(r.card or card, err, at)))

    async def _message(self, record: Shown, card: Card) -> Card:
        view = await self.draw(record)
        if card.ts is None:
            return await self._post(record, card, view)
        if card.shown != record.revision:
            await self.slack.update(card.channel, card.ts, view)
        return replace(card, shown=record.revision)

    async def _post(self, record: Shown, card: Card, view: View) -> Card:
        # Posting is not idempotent at Slack: the attempt is noted first, and after a crash the card is searched.
        if card.attempts:
            found = await self.slack.find(card.channel, record.id, oldest=None)
            if found is not None:
                return replace(card, ts=found, shown=-1)
        await self._keep(record, replace(card, attempts=card.attempts + 1))
        posted = await self.slack.post(card.channel, view, record.id)
        self.sure.add(record.id)
        card = replace(card, channel=posted.channel_id, ts=posted.ts, shown=record.revision, attempts=0)
        await self._keep(record, card)
        return card

    async def _thread(self, record: Shown, card: Card) -> Card:
        for index in range(card.lines, len(record.history)):
            key = f"{record.id}#{index}"
            known = record.id in self.sure or card.ts is None
            if known or not await self.slack.find_in_thread(card.channel, card.ts or "", key):
                await self.slack.thread(card.channel, card.ts or "", self._words(record.history[index]), key)
            card = replace(card, lines=index + 1)
            await self._keep(record, card)
        self.sure.add(record.id)
        return card

    def _words(self, line: Line) -> str:
        line = masked_line(line, self.hide)
        return f"{clock(line.at)} · {phrase(line.who, 80)} {fit(line.text, 2000)}"

    async def _keep(self, record: Shown, card: Card) -> None:
        await update(self.store, type(record), record.id, lambda latest: replace(latest, card=card))


def _failed(card: Card, err: ServiceError, now: datetime) -> Card:
    wait = err.retry_after if isinstance(err, TemporaryError) and err.retry_after else None
    wait = wait or timedelta(seconds=min(5 * 2 ** min(card.attempts, 8), 900))
    return replace(card, attempts=card.attempts + 1, not_before=now + wait, error=str(err)[:300])
