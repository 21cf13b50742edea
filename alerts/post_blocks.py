"""The part of a card that shows its posts: what waits for approval, what is out, what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Protocol

from alerts.blocks import Block, actions, button, confirmation, context, link, phrase, quote, section, select
from alerts.cards import language_name
from domain.action import Verb
from domain.told.posting import Posted
from domain.work import Delivery, DeliveryState

SHOWN_DRAFTS = 10  # two blocks each; more than this and Slack's 50 blocks are near
POST_WORDS = {
    DeliveryState.PENDING: "on their way", DeliveryState.SENT: "sent", DeliveryState.ASSISTED: "to be posted by hand",
    DeliveryState.SKIPPED: "skipped", DeliveryState.FAILED: "failed", DeliveryState.DRAFT: "waiting for approval",
    DeliveryState.WITHDRAWN: "withdrawn", DeliveryState.REHEARSED: "not sent (dry run)",
}  # fmt: skip
Remark = Callable[[Delivery], str]


class Telling(Posted, Protocol):
    """A record with a card whose news go out as posts: an incident, planned work."""

    @property
    def id(self) -> str:
        """The name of the record."""


def drafts(record: Telling, remark: Remark) -> Iterator[Block]:
    """Show each post that waits, with its three buttons; `remark` says beside it what it costs."""
    waiting = [post for post in record.deliveries if post.state is DeliveryState.DRAFT]
    for number, draft in enumerate(waiting[:SHOWN_DRAFTS]):
        beside = f"\n_{phrase(said, 100)}_" if (said := remark(draft)) else ""
        yield section(f"*Post for {_channel(draft)}* waits for approval:\n{quote(draft.text, 700, 8)}{beside}")
        yield actions("post", draft.id, record.revision, list(_draft_buttons(record, draft, number)))
    if len(waiting) > SHOWN_DRAFTS:
        yield context(f"{len(waiting) - SHOWN_DRAFTS} more posts wait; they appear here as these are decided.")


def _draft_buttons(record: Telling, draft: Delivery, number: int) -> Iterator[Block]:
    value = f"{record.id}|{draft.id}"
    yield button("Approve", f"{Verb.APPROVE_POST}:{number}", value, "primary")
    yield button("Edit", f"{Verb.EDIT_POST}:{number}", value)
    yield button("Skip", f"{Verb.SKIP_POST}:{number}", value)


def changes(record: Telling) -> Iterator[Block]:
    """Offer what can still be done: better words or withdrawal for posts that are out, another try for failed ones."""
    sent = [post for post in record.deliveries if post.state is DeliveryState.SENT and not post.withdraw]
    failed = [post for post in record.deliveries if post.state is DeliveryState.FAILED]
    menus = [
        *_menu("Correct a post", Verb.CORRECT_POST, record, sent),
        *_menu("Withdraw a post", Verb.WITHDRAW_POST, record, sent, "It disappears where customers read it now."),
        *_menu("Send again", Verb.APPROVE_POST, record, failed, "Look there first: it may be out already."),
    ]
    if menus:
        yield actions("sent", record.id, record.revision, menus)


def _menu(label: str, verb: Verb, record: Telling, posts: list[Delivery], question: str = "") -> list[Block]:
    choices = [(_plain(post), f"{record.id}|{post.id}") for post in posts[::-1]]
    menu = select(label, verb, choices)
    if menu and question:
        menu[0]["confirm"] = confirmation(question, label)
    return menu


def _plain(post: Delivery) -> str:
    return f"{post.channel[:30]}, {language_name(post.language)}: {post.text}"


def _channel(sent: Delivery) -> str:
    return f"{phrase(sent.channel, 60)}, {language_name(sent.language)}"


def posts_line(record: Telling) -> str:
    """Count the posts by how far they are, with links to those that are out; empty without posts."""
    counts = Counter(sent.state for sent in record.deliveries)
    words = [f"{counts[state]} {word}" for state, word in POST_WORDS.items() if counts[state]]
    sent = [link(post.url, _channel(post)) for post in record.deliveries if post.state is DeliveryState.SENT]
    return f"Posts: {', '.join(words)}" + (f" ({', '.join(sent[-6:])})" if sent else "") if words else ""


def failed_line(record: Telling) -> str:
    """Say which posts failed and why; empty while none did."""
    failed = [sent for sent in record.deliveries if sent.state is DeliveryState.FAILED]
    reasons = [f"{_channel(sent)}: {phrase(sent.error or 'no reason given', 150)}" for sent in failed[-4:]]
    return f":x: Could not be posted: {'; '.join(reasons)}" if reasons else ""
