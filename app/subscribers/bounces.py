"""Bounces that come back by mail (RFC 3464): read without trusting them, and held against the subscriber they prove.

A bounce is a mail from anybody. It counts only with a tag of ours in it, which nobody can make but us: in the return
path it was sent to (VERP) or in the Message-ID of the mail it returns. What the mail provider itself reports, signed,
needs no tag: there the address is enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from enum import StrEnum

from app.store.protocol import Store, update
from app.subscribers.addresses import mail_address
from app.subscribers.judging import judge_status
from app.subscribers.links import Links
from app.subscribers.retrying import mark
from domain.errors import NotFound
from domain.told.mailing import Outcome, Verdict
from domain.told.subscriber import Channel, Standing, Subscriber, stopped, subscriber_id

MAX_BYTES = 1_000_000
_TO = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_RETURNED = ("message-id", "return-path", "list-unsubscribe")
_RETURNS = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})")
_DEPTH = 20
_STRANGER = "not about a subscriber of ours"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says: where a tag of ours may stand, whom it names, and how it ended."""

    traces: tuple[str, ...]  # headers, cut
    address: str | None
    status: str  # e.g. "5.1.1"; "" when it says none
    permanent: bool

    @property
    def verdict(self) -> Verdict:
        """What it means for the address."""
        if not self.permanent:
            return Verdict.LATER
        return judge_status(self.status) if self.status else Verdict.REFUSED


def read_bounce(raw: bytes) -> Bounce | None:
    """Read a mail as a delivery report; None when it is none, whatever else it is. Never raises."""
    try:
        # compat32: the parser of policy.default trips over broken headers, and slowly.
        message = message_from_bytes(raw[:MAX_BYTES])
        return _read(message)
    except Exception:
        return None


def _read(message: Message) -> Bounce | None:
    parts = list(_parts(message, _DEPTH))
    reports = (_fields(part) for part in parts if part.get_content_type() == "message/delivery-status")
    fields = next(filter(None, reports), None)
    if fields is None:
        return None
    returned = [inner for part in parts if part.get_content_type() in _RETURNS for inner in _inner(part)]
    traces = [_header(message, name) for name in _TO] + [_header(each, name) for each in returned for name in _RETURNED]
    status = _STATUS.search(fields.get("status", ""))
    code = status[1] if status else ""
    final = fields.get("final-recipient", fields.get("original-recipient", ""))
    permanent = fields["action"].strip().lower() == "failed" and not code.startswith("4.")
    return Bounce(tuple(filter(None, traces)), final.rpartition(";")[2].strip() or None, code, permanent)


def _parts(message: Message, depth: int) -> Iterator[Message]:
    """Give the parts of a mail, without looking into the mail that is returned."""
    yield message
    inner = message.get_payload() if message.get_content_maintype() == "multipart" else None
    for part in inner if isinstance(inner, list) and depth else ():
        if isinstance(part, Message):
            yield from _parts(part, depth - 1)


def _fields(part: Message) -> dict[str, str]:
    """Give the fields about the first recipient that failed, else about the last one."""
    payload, found = part.get_payload(), dict[str, str]()
    for block in payload if isinstance(payload, list) else ():
        fields = {n.lower(): str(v)[:500] for n, v in block.items()} if isinstance(block, Message) else {}
        if "action" in fields:
            found = fields
            if fields["action"].strip().lower() == "failed":
                break
    return found


def _inner(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (inner for inner in payload[:1] if isinstance(inner, Message))
    elif isinstance(payload, str):
        yield message_from_bytes(payload.encode("utf-8", "replace"))


def _header(message: Message, name: str) -> str:
    return " ".join(str(value)[:1000] for value in (message.get_all(name) or [])[:5])


class Trouble(StrEnum):
    """What a mail provider reports of an address."""

    HARD = "hard"  # there is nobody
    SOFT = "soft"  # it did not take this mail, e.g. the mailbox is full
    COMPLAINT = "complaint"  # its owner called our mail spam


@dataclass(frozen=True, slots=True)
class Bounces:
    """Takes delivery reports."""

    store: Store
    links: Links
    now: Callable[[], datetime]

    async def take(self, raw: bytes) -> str:
        """Hold one report against the subscriber it proves, and say in a few words what came of it."""
        bounce = read_bounce(raw)
        if bounce is None:
            return "no delivery report"
        named = next(filter(None, map(self.links.bounced, bounce.traces)), None)
        known = await self.store.get(Subscriber, named) if named is not None else None
        if known is None:
            return _STRANGER
        if bounce.verdict is Verdict.LATER:
            return f"{known.id}: delayed, nothing to do"
        return await self._mark(known, Outcome(bounce.verdict, f"bounced {bounce.status}".strip()), bounce.status)

    async def hear(self, typed: str, trouble: Trouble) -> str:
        """Take the word of our own mail provider for an address, and say in a few words what came of it."""
        address = mail_address(typed)
        named = subscriber_id(Channel.MAIL, address) if address is not None else ""
        known = await self.store.get(Subscriber, named)
        if known is None:
            return _STRANGER
        if trouble is Trouble.COMPLAINT:
            return await self._stop(known)
        verdict = Verdict.GONE if trouble is Trouble.HARD else Verdict.REFUSED
        return await self._mark(known, Outcome(verdict, f"the mail provider reports a {trouble} bounce"), trouble)

    async def _mark(self, known: Subscriber, outcome: Outcome, why: str) -> str:
        await mark(self.store, known, outcome, self.now(), late=True)
        after = await self.store.get(Subscriber, known.id)
        is_over = after is not None and after.state is Standing.BOUNCED
        return f"{known.id}: {'stopped' if is_over else 'noted'} ({why or 'no status'})"

    async def _stop(self, known: Subscriber) -> str:
        def over(subscriber: Subscriber) -> Subscriber:
            return replace(stopped(subscriber, self.now()), error="called our mail spam")

        try:
            await update(self.store, Subscriber, known.id, over)
        except NotFound:  # erased meanwhile
            return _STRANGER
        return f"{known.id}: stopped (complaint)"
