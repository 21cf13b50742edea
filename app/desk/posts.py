"""What people decide about posts: approve, edit, skip, send again; correct or withdraw what is out; stop everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.outbox.posting import switch, why_stopped
from app.store.protocol import Store, update
from domain.action import Action, Verb
from domain.errors import Refused
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork
from domain.told.posting import change_sent, decide_delivery, post_of
from domain.work import Delivery, DeliveryState
from status_page.words.posts import Outlet, remark, why_not

Outlets = Callable[[], Mapping[str, Outlet]]  # asked each time: a server may have told its own limit meanwhile
Telling = TypeVar("Telling", Incident, PlannedWork)
_DECISIONS = {
    Verb.APPROVE_POST: DeliveryState.PENDING,
    Verb.SKIP_POST: DeliveryState.SKIPPED,
    Verb.EDIT_POST: DeliveryState.DRAFT,
}
_CHANGES = frozenset({Verb.CORRECT_POST, Verb.WITHDRAW_POST})
_SWITCHES = frozenset({Verb.STOP_POSTING, Verb.RESUME_POSTING})
POST_VERBS = frozenset({*_DECISIONS, *_CHANGES, *_SWITCHES})


@dataclass(frozen=True, slots=True)
class PostDesk:
    """Takes decisions about the posts of incidents and planned work; `outlets` knows the rules of each channel."""

    store: Store
    now: Callable[[], datetime]
    outlets: Outlets = dict

    async def act(self, action: Action) -> str:
        """Carry out what a person asked for; returns the word for them, raises Refused with the reason."""
        if action.verb in _SWITCHES:
            return await self._switch(action)
        record = await self.store.get(Incident, action.subject)
        planned = await self.store.get(PlannedWork, action.subject) if record is None else None
        if planned is not None:
            return await self._act(action, planned)
        if record is None:
            raise Refused("This record is not known (any more).")
        return await self._act(action, record)

    async def _act(self, action: Action, record: Telling) -> str:
        which, at = action.values.get("delivery", ""), self.now()
        text = _words(action)
        post = post_of(record, which)
        self._check(action.verb, post, text)
        if action.verb in _CHANGES:
            await update(
                self.store, type(record), record.id, lambda r: change_sent(r, which, text, action.actor, at)
            )  # fmt: skip
            return "The words are being replaced." if action.verb is Verb.CORRECT_POST else "It is being taken back."
        decision = _DECISIONS[action.verb]
        await update(
            self.store, type(record), record.id, lambda r: decide_delivery(r, which, decision, action.actor, at, text)
        )
        if decision is DeliveryState.PENDING and (stop := await why_stopped(self.store)) is not None:
            return f"Approved. {stop.words}"
        return {DeliveryState.PENDING: "Approved.", DeliveryState.SKIPPED: "Skipped."}.get(decision, "Changed.")

    def _check(self, verb: Verb, post: Delivery, text: str | None) -> None:
        """Refuse what the channel cannot take or do."""
        outlet = self.outlets().get(post.channel)
        if outlet is None:
            return
        if verb is Verb.CORRECT_POST and not outlet.edits:
            raise Refused(f"{post.channel} cannot edit posts: withdraw it, or write an update.")
        if verb is Verb.WITHDRAW_POST and not outlet.withdraws:
            raise Refused(f"{post.channel} cannot take posts back.")
        if verb in (Verb.SKIP_POST, Verb.WITHDRAW_POST):
            return
        if (reason := why_not(post.text if text is None else text, outlet)) is not None:
            raise Refused(reason)

    def can(self, verb: str, post: Delivery) -> bool:
        """Say whether the channel of a sent post lets it be corrected or withdrawn."""
        outlet = self.outlets().get(post.channel)
        known = {Verb.CORRECT_POST.value: outlet.edits, Verb.WITHDRAW_POST.value: outlet.withdraws} if outlet else {}
        return known.get(verb, True)

    def remark(self, post: Delivery) -> str:
        """Say beside the preview of a post what it costs and how long it is, as its channel counts."""
        outlet = self.outlets().get(post.channel)
        return remark(post.text, outlet) if outlet is not None else ""

    async def _switch(self, action: Action) -> str:
        stop = action.verb is Verb.STOP_POSTING
        changed = await switch(self.store, stop, action.actor, self.now(), action.values.get("reason", ""))
        if stop:
            return "Stopped: nothing is posted until somebody resumes it." if changed else "It was stopped already."
        return "Resumed: what was approved goes out now." if changed else "Posting was not stopped."


def _words(action: Action) -> str | None:
    """Take the new words of a post, None where the verb brings none. Raises Refused for empty ones."""
    if action.verb not in (Verb.EDIT_POST, Verb.CORRECT_POST):
        return None
    text = action.values.get("text", "").strip()
    if not text:
        raise Refused("An empty post cannot be sent.")
    return text
