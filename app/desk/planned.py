"""The desk for planned work: the only writer of maintenance that customers are told about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.desk import forms
from app.desk.drafts import touched
from app.store.protocol import Store, Where, update
from domain.action import Action, Verb
from domain.component import Component
from domain.errors import NotFound, Refused
from domain.ids import stable_id
from domain.incidents import planned
from domain.incidents.notice import Notice, NoticeKind
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from domain.told.posting import told
from domain.work import HUBBUB, Actor, Card, Delivery, DeliveryState
from status_page.words.work_words import OCCASION_OF, Occasion, work_text, work_title

Drafts = Callable[[PlannedWork, Occasion, WorkUpdate], Sequence[Delivery]]


@dataclass(frozen=True, slots=True)
class PlannedDesk:
    """Takes people's decisions about planned work and turns it at its times; `drafts` writes the posts a word needs."""

    store: Store
    channel: str  # Slack channel of the people on call
    now: Callable[[], datetime]
    drafts: Drafts
    components: Mapping[str, Component]
    languages: Sequence[str]

    async def act(self, action: Action) -> str:
        """Carry out what a person asked for; returns the word for them, raises Refused with the reason."""
        return await _HANDLERS[action.verb](self, action)

    async def _announce(self, action: Action) -> str:
        work = self._first_form(action)
        if not (await self.store.add(work))[0]:
            return "This maintenance is announced already."
        return "Announced: the page, the feeds and the calendar say so. The posts wait for your approval."

    def _first_form(self, action: Action) -> PlannedWork:
        """Make the work, its first word and the drafts of its posts: one document, so one write."""
        at, values = self.now(), action.values
        if not values.get("components", "").strip():
            raise Refused("Choose at least one component to work on.")
        known = touched(forms.components(values, self.components), self.components)
        starts, ends = moment(values, "starts_at"), moment(values, "ends_at")
        if (problem := planned.why_no_plan(starts, ends, at)) is not None:
            raise Refused(problem)
        titles = self._said(values, "title") or {lang: work_title(known, lang) for lang in self.languages}
        identity = stable_id("mnt", action.key or f"{action.actor.id}|{at.isoformat()}")
        work = PlannedWork(
            id=identity, titles=titles, components=tuple(c.id for c in known), starts_at=starts, ends_at=ends,
            announced_at=at, announced_by=action.actor, updates=(), begins_by_itself=values.get("by_itself") != "no",
            card=Card(self.channel),
        )  # fmt: skip
        first = self._word(work, action, Occasion.ANNOUNCED, WorkStatus.SCHEDULED)
        work = replace(work, updates=(first,), deliveries=tuple(self.drafts(work, Occasion.ANNOUNCED, first)))
        return told(work, at, action.actor.name, "announced the maintenance")

    async def _move(self, action: Action) -> str:
        work, at = await self._known(action.subject), self.now()
        starts = moment(action.values, "starts_at") if action.values.get("starts_at") else work.starts_at
        ends = moment(action.values, "ends_at") if action.values.get("ends_at") else work.ends_at
        if action.values.get("extend_from"):
            ends = planned.extended(work, moment(action.values, "extend_from"), at)
        new = replace(work, starts_at=starts, ends_at=ends)
        news = self._word(new, action, Occasion.MOVED, work.status)
        posts = tuple(self.drafts(new, Occasion.MOVED, news))
        await update(
            self.store, PlannedWork, work.id, lambda w: planned.moved(w, starts, ends, news, posts, action.actor, at)
        )
        return "The new time is on the page, in the feeds and in the calendar. The posts wait for your approval."

    async def _update(self, action: Action) -> str:
        work = await self._known(action.subject)
        status = forms.choice(action.values, "status", WorkStatus, work.status)
        if status is work.status:
            forms.texts(action.values, "text", self.languages)  # there is nothing hubbub could say by itself
        return await self._say(action, work, status)

    async def _begin(self, action: Action) -> str:
        return await self._say(action, await self._known(action.subject), WorkStatus.IN_PROGRESS)

    async def _complete(self, action: Action) -> str:
        return await self._say(action, await self._known(action.subject), WorkStatus.COMPLETED)

    async def _cancel(self, action: Action) -> str:
        return await self._say(action, await self._known(action.subject), WorkStatus.CANCELLED)

    async def _say(self, action: Action, work: PlannedWork, status: WorkStatus) -> str:
        news, at = self._word(work, action, OCCASION_OF[status], status), self.now()
        posts = tuple(self.drafts(work, OCCASION_OF[status], news))
        await update(self.store, PlannedWork, work.id, lambda w: planned.say(w, news, posts, action.actor, at))
        return f"{_DONE[status]} The page says so; the posts wait for your approval."

    def _word(self, work: PlannedWork, action: Action, occasion: Occasion, status: WorkStatus) -> WorkUpdate:
        """Take the words of the form; where there are none, say what is true of every such occasion."""
        at = self.now()
        texts = self._said(action.values, "text") or self._texts(work, occasion)
        return WorkUpdate(stable_id("upd", work.id, action.key or at.isoformat()), at, status, texts, action.actor.name)

    def _said(self, values: Mapping[str, str], name: str) -> dict[str, str]:
        is_empty = not any(values.get(f"{name}.{language}", "").strip() for language in self.languages)
        return {} if is_empty else forms.texts(values, name, self.languages)

    def _texts(self, work: PlannedWork, occasion: Occasion) -> dict[str, str]:
        parts = touched(work.components, self.components)
        return {lang: work_text(occasion, parts, work.starts_at, work.ends_at, lang) for lang in self.languages}

    async def _known(self, id: str) -> PlannedWork:
        work = await self.store.get(PlannedWork, id)
        if work is None:
            raise Refused("This maintenance is not known.")
        return work

    async def upkeep(self) -> None:
        """Turn what has come to its time, and remind of what begins soon; safe to repeat."""
        for work in await self.store.find(PlannedWork, Where("turns_at", "le", self.now()), order="turns_at"):
            with suppress(NotFound, Refused):  # a person was faster
                await self._turn(work)
        for work in await self.store.find(PlannedWork, Where("finished_at", "eq", None), order="starts_at"):
            if planned.reminder_due(work, self.now()):
                await self._remind(work)

    async def _turn(self, work: PlannedWork) -> None:
        """Let it begin, then end; after a long sleep both at once."""
        while (status := planned.next_turn(work, self.now())) is not None:
            at, occasion = self.now(), OCCASION_OF[status]
            news = self._own_word(work, occasion, status)
            posts = tuple(self.drafts(work, occasion, news))
            work = await update(self.store, PlannedWork, work.id, _saying(news, posts, HUBBUB, at))
            has = "begun" if status is WorkStatus.IN_PROGRESS else "ended as planned"
            await self._note(work, occasion, f"Planned maintenance “{work.title('en')}” has {has}.")

    async def _remind(self, work: PlannedWork) -> None:
        at = self.now()
        news = self._own_word(work, Occasion.SOON, work.status)
        posts = tuple(self.drafts(work, Occasion.SOON, news))
        work = await update(self.store, PlannedWork, work.id, lambda w: planned.reminded(w, posts, HUBBUB, at))
        begin = f"begins at {work.starts_at:%H:%M} UTC" + ("" if work.begins_by_itself else " once somebody starts it")
        await self._note(work, Occasion.SOON, f"Planned maintenance “{work.title('en')}” {begin}.")

    def _own_word(self, work: PlannedWork, occasion: Occasion, status: WorkStatus) -> WorkUpdate:
        plan = f"{work.starts_at.isoformat()}/{work.ends_at.isoformat()}"
        texts = self._texts(work, occasion)
        return WorkUpdate(stable_id("upd", work.id, occasion, plan), self.now(), status, texts, HUBBUB.name)

    async def _note(self, work: PlannedWork, occasion: Occasion, text: str) -> None:
        """Tell the people on call, quietly."""
        waiting = sum(delivery.state is DeliveryState.DRAFT for delivery in work.deliveries)
        text += f" {waiting} posts wait for approval." if waiting else ""
        id = stable_id("note", work.id, occasion, work.starts_at.isoformat(), work.ends_at.isoformat())
        await self.store.add(Notice(id, NoticeKind.MAINTENANCE, None, self.now(), text, Card(self.channel)))


def _saying(
    news: WorkUpdate, posts: Sequence[Delivery], who: Actor, at: datetime
) -> Callable[[PlannedWork], PlannedWork]:
    return lambda work: planned.say(work, news, posts, who, at)


def moment(values: Mapping[str, str], name: str) -> datetime:
    """Read a moment like "2026-11-22T22:00" (UTC, or with an offset) to the minute."""
    said = values.get(name, "").strip()
    try:
        read = datetime.fromisoformat(said)
        read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError) as err:
        what = {"starts_at": "start", "ends_at": "end"}.get(name, name)
        example = "a date and a time, e.g. 2026-11-22 22:00"
        raise Refused(f"Give the {what} as {example}{f', not {said[:30]!r}' if said else ''}.") from err
    return read.replace(second=0, microsecond=0)


_DONE = {
    WorkStatus.SCHEDULED: "Published.", WorkStatus.IN_PROGRESS: "It is in progress.",
    WorkStatus.VERIFYING: "The result is being checked.", WorkStatus.COMPLETED: "Completed.",
    WorkStatus.CANCELLED: "Called off: it leaves the calendars.",
}  # fmt: skip
_HANDLERS = {
    Verb.ANNOUNCE_WORK: PlannedDesk._announce,
    Verb.MOVE_WORK: PlannedDesk._move,
    Verb.UPDATE_WORK: PlannedDesk._update,
    Verb.START_WORK: PlannedDesk._begin,
    Verb.COMPLETE_WORK: PlannedDesk._complete,
    Verb.CANCEL_WORK: PlannedDesk._cancel,
}
PLANNED_VERBS = frozenset(_HANDLERS)
