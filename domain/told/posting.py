"""Posts that a record causes: people decide on the drafts, later ones thread under the first; who did what is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from domain.errors import Refused
from domain.work import Actor, Delivery, DeliveryState, Line


class Posted(Protocol):
    """A record whose news go out as posts: an incident, planned work."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The posts, oldest first."""

    @property
    def history(self) -> tuple[Line, ...]:
        """Who did what, when."""

    @property
    def revision(self) -> int:
        """Raised with every change that people can see."""


P = TypeVar("P", bound=Posted)


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a post hangs: both None for the first one of a thread."""

    reply_to: str | None = None
    root: str | None = None


def told(record: P, now: datetime, who: str, text: str) -> P:
    """Add a line to the history, which the card's thread shows."""
    return replace(record, history=(*record.history, Line(now, who, text)), revision=record.revision + 1)


def decide_delivery(record: P, delivery_id: str, decision: DeliveryState, who: Actor, now: datetime,
                    text: str | None = None) -> P:  # fmt: skip
    """Approve (PENDING), edit (DRAFT with `text`) or skip (SKIPPED) the draft of one post.

    One that failed can be approved again: who does that has seen that it is not out.
    """
    draft = post_of(record, delivery_id)
    again = draft.state is DeliveryState.FAILED and decision is not DeliveryState.DRAFT
    if draft.state is not DeliveryState.DRAFT and not again:
        raise Refused(f"This post is {draft.state} already.")
    changed = replace(draft, state=decision, decided_by=who.name, text=draft.text if text is None else text)
    if again:
        changed = replace(changed, attempts=0, unsure_since=None, not_before=None, error=None)
    return told(with_delivery(record, changed), now, who.name, f"{_DECIDED[decision]} the post for {draft.channel}")


def change_sent(record: P, delivery_id: str, text: str | None, who: Actor, now: datetime) -> P:
    """Ask for other words on a post that was sent or, where `text` is None, for its withdrawal."""
    sent = post_of(record, delivery_id)
    if sent.state is not DeliveryState.SENT or sent.withdraw:
        raise Refused(f"This post is {'being withdrawn' if sent.withdraw else sent.state} already.")
    if text == (sent.text if sent.correction is None else sent.correction):
        raise Refused("These are the words it has already.")
    changed = replace(sent, correction=text, withdraw=text is None, attempts=0, not_before=None, error=None)
    asked = "withdrew" if text is None else "corrected"
    return told(with_delivery(record, changed), now, who.name, f"{asked} the post for {sent.channel}")


def post_of(record: Posted, delivery_id: str) -> Delivery:
    """Find one post of a record. Raises Refused when it has none of that id."""
    found = next((d for d in record.deliveries if d.id == delivery_id), None)
    if found is None:
        raise Refused("This post is not known.")
    return found


def with_delivery(record: P, changed: Delivery) -> P:
    """Put the new form of one delivery in the place of the old one."""
    deliveries = tuple(changed if d.id == changed.id else d for d in record.deliveries)
    return replace(record, deliveries=deliveries, revision=record.revision + 1)


def thread_parent(record: Posted, delivery: Delivery) -> Parent | None:
    """Find the post that `delivery` continues on its channel and language; None: wait, an earlier one is pending."""
    earlier = []
    for known in record.deliveries:
        if known.id == delivery.id:
            break
        if (known.channel, known.language) == (delivery.channel, delivery.language):
            earlier.append(known)
    if any(known.state is DeliveryState.PENDING for known in earlier):
        return None
    sent = [known for known in earlier if known.state is DeliveryState.SENT and known.remote_id]
    return Parent(sent[-1].remote_id, sent[0].remote_id) if sent else Parent()


_DECIDED = {DeliveryState.PENDING: "approved", DeliveryState.SKIPPED: "skipped", DeliveryState.DRAFT: "edited"}
