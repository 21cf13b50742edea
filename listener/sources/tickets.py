"""Tickets of a help desk as Zendesk pushes them: its own events, or the JSON that a trigger sends.

Signature and events: https://developer.zendesk.com/documentation/webhooks/verifying and
https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events (read 2026-11).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.errors import AuthError, PermanentError
from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.items import BadItem, Origin, Parsed, collect, dig, moment_of, text_at
from listener.options import SecretProblem, unknown
from listener.paths import steps
from listener.pushed import decoded, header_of
from listener.source import Configured
from listener.text import clean_line

SIGNATURE, SIGNED_AT = "X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"
TOLERANCE = timedelta(minutes=5)  # older signatures may be replays
MAX_TICKETS = 100  # of one body
FIRST = "0"  # stands for the first comment, which is the ticket's description
_EVENT, _OF_TICKET = "zen:event-type:", "zen:event-type:ticket."
_SPOKEN = frozenset({"", "created", "comment_added", "description_changed"})  # "": what a trigger sends
_DELETED = frozenset({"soft_deleted", "permanently_deleted"})
_MAIL = re.compile(r"[^\s@<>\"',;:()]{1,64}@[^\s@<>\"',;:()]{1,255}")
_BLACKED_OUT = "▇"  # what Zendesk puts in the place of a redacted letter
# Where a field is found: in Zendesk's events, then in what triggers usually send. The first that is there counts.
PATHS: Mapping[str, tuple[str, ...]] = {
    "ticket": ("detail.id", "ticket.id", "ticket_id", "id"),
    "subject": ("detail.subject", "ticket.subject", "ticket.title", "subject", "title"),
    "description": ("detail.description", "ticket.description", "description"),
    "comment": (
        "event.comment.id", "event.comment_id", "ticket.latest_comment.id", "ticket.comment.id", "comment_id",
    ),
    "text": (
        "event.comment.body", "ticket.latest_comment.body", "ticket.latest_comment.value", "ticket.latest_comment",
        "ticket.comment.body", "ticket.comment", "latest_comment", "comment",
    ),
    "created_at": ("time", "ticket.latest_comment.created_at", "ticket.updated_at", "updated_at"),
    "opened_at": ("detail.created_at", "ticket.created_at", "created_at"),
    "language": ("ticket.requester.locale", "ticket.requester.language", "ticket.language", "language"),
    "url": ("ticket.link", "ticket.url", "url"),
    "author_id": ("detail.requester_id", "ticket.requester_id", "requester_id"),
    "author_name": ("ticket.requester_name", "requester_name"),
    "contact": ("ticket.requester_email", "requester_email", "ticket.email", "email"),
}  # fmt: skip
# Whoever wrote the comment, else whoever opened the ticket: the first block that is there, and nothing of the others.
_PEOPLE = ("event.comment.author", "ticket.latest_comment.author", "ticket.requester", "requester")
_PERSON = {"author_id": "id", "author_name": "name", "contact": "email"}
_STAFF = ("agent", "admin")
_PRIVACY = ("event.comment.is_public", "ticket.latest_comment.is_public", "ticket.latest_comment.public")


@dataclass(frozen=True, slots=True)
class TicketsOptions:
    """How to read what is sent."""

    fields: Mapping[str, str] = field(default_factory=dict)  # our field -> path in the body, over the usual ones


def verify(body: bytes, signature: str, stamp: str, secret: str, now: datetime) -> None:
    """Accept a body only if it was signed with our secret within five minutes; raises `AuthError`."""
    if not secret or not signature or not stamp:
        raise AuthError(f"The header {SIGNATURE} or {SIGNED_AT} is missing.")
    wanted = base64.b64encode(hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest())
    if not hmac.compare_digest(wanted, signature.encode("utf-8", "replace")):
        raise AuthError("The signature does not fit the body.")
    signed_at = moment_of(stamp)
    if signed_at is None or abs(now - signed_at) > TOLERANCE:
        raise AuthError("The signature is older than five minutes, or the clocks disagree.")


def parse_tickets(answer: object, origin: Origin, options: TicketsOptions, desk: str = "") -> Parsed:
    """Read what customers wrote; what our people wrote, and what is no text, is left out.

    `desk` is the address of the help desk, for links. Raises `PermanentError` when there are too many tickets.
    """
    return collect(_items(answer), lambda item: _parse_ticket(Ticket(item, options.fields), origin, desk))


def taken_back(answer: object, options: TicketsOptions) -> tuple[str, ...]:
    """List the native ids of what was deleted or redacted; of a deleted ticket only the description is known."""
    found: list[str] = []
    for item in _items(answer):
        ticket = Ticket(item, options.fields)
        known, is_redacted = ticket.at("ticket"), ticket.event == "comment_redacted"
        first = ticket.event in _DELETED or (is_redacted and _BLACKED_OUT in ticket.at("description"))
        found += [f"{known}:{FIRST}"] if first and known else []
        found += [f"{known}:{ticket.at('comment')}"] if is_redacted and known and ticket.at("comment") else []
    return tuple(clean_line(native_id, 500) for native_id in found)


def problems_of(options: TicketsOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say which mapped fields we do not have, and whether the secret is missing."""
    problems = [unknown("option `fields`:", name, list(PATHS)) for name in options.fields if name not in PATHS]
    if len(text_at(secrets, "secret")) < 16:
        problems.append(
            SecretProblem("secret `secret` is missing or shorter than 16 characters: the help desk signs with it.")
        )
    return problems


class Tickets(Configured[TicketsOptions]):
    """Takes what the help desk pushes; there is nothing to poll."""

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Batch:
        """Check and read one request; raises `AuthError` or `PermanentError`. Header names in any case."""
        secret = self.setup.secrets.get("secret", "")
        verify(body, header_of(headers, SIGNATURE), header_of(headers, SIGNED_AT), secret, self.setup.now())
        answer = decoded(body)
        parsed = parse_tickets(answer, self.setup.origin(), self.options, self.setup.base_url or "")
        return Batch(parsed.mentions, None, parsed.set_aside, deleted=taken_back(answer, self.options))

    async def fetch(self, cursor: str | None) -> Batch:
        """Give nothing: mentions come through `receive`."""
        return Batch((), cursor)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A body, and where to find things in it."""

    item: object
    fields: Mapping[str, str]

    @property
    def event(self) -> str:
        """What happened ("created"); "" for what a trigger sends, "-" for events that are not about tickets."""
        kind = text_at(self.item, "type")
        if not kind.startswith(_EVENT):
            return ""
        return kind.removeprefix(_OF_TICKET) if kind.startswith(_OF_TICKET) else "-"

    def at(self, name: str) -> str:
        """Read one of our fields, "" when it is nowhere."""
        if name in self.fields:
            return text_at(self.item, *steps(self.fields[name]))
        person = next((known for path in _PEOPLE if (known := dig(self.item, *steps(path)))), None)
        if name in _PERSON and isinstance(person, Mapping):
            return text_at(person, _PERSON[name])
        return next(filter(None, (text_at(self.item, *steps(path)) for path in PATHS[name])), "")

    def is_ours(self) -> bool:
        """Say whether our own people wrote it, or wrote it for each other."""
        people = [dig(self.item, *steps(path)) for path in _PEOPLE]
        is_private = any(dig(self.item, *steps(path)) is False for path in _PRIVACY)
        is_staff = any(dig(person, "is_staff") is True or text_at(person, "role") in _STAFF for person in people)
        return is_private or is_staff


def _parse_ticket(ticket: Ticket, origin: Origin, desk: str) -> Mention | None:
    if not isinstance(ticket.item, Mapping):
        raise BadItem("the ticket is no object")
    if ticket.event not in _SPOKEN or ticket.is_ours():
        return None
    known = ticket.at("ticket")
    if not known:
        raise BadItem("no id of a ticket is found where the settings say")
    said, is_first = _said(ticket)
    happened, first = moment_of(ticket.at("created_at")) or origin.now, f"{known}:{FIRST}"
    author, contact = _author(ticket, known)
    return origin.mention(
        first if is_first else f"{known}:{_comment(ticket, said)}", author, said,
        _opened_at(ticket, happened) if is_first else happened, kind=MentionKind.MESSAGE, addressed=True,
        url=_link(ticket, known, desk), language=ticket.at("language"), contact=contact, root=first,
        in_reply_to=None if is_first else first,
        edited_at=happened if ticket.event == "description_changed" else None,
    )  # fmt: skip


def _author(ticket: Ticket, known: str) -> tuple[Author, str | None]:
    """Give who wrote it, and their mail address where it is one."""
    said = ticket.at("contact").strip()
    contact = said if _MAIL.fullmatch(said) else None
    return Author(ticket.at("author_id") or contact or f"ticket:{known}", ticket.at("author_name")), contact


def _comment(ticket: Ticket, said: str) -> str:
    """Name a comment; one without id by its words, so that it is one however often it comes."""
    return ticket.at("comment") or hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:40]


def _opened_at(ticket: Ticket, happened: datetime) -> datetime:
    return moment_of(ticket.at("opened_at")) or happened


def _link(ticket: Ticket, known: str, desk: str) -> str:
    said = ticket.at("url")
    if not said:
        return f"{desk.rstrip('/')}/agent/tickets/{known}" if desk and known.isalnum() else ""
    return f"https://{said}" if re.match(r"[\w.-]+/", said) else said  # Zendesk leaves the scheme out


def _said(ticket: Ticket) -> tuple[str, bool]:
    """Give what was said, and whether it is the description; Zendesk sends the first comment once as each of both."""
    text, description = ticket.at("text").strip(), ticket.at("description").strip()
    if text and text != description and ticket.event not in ("created", "description_changed"):
        return text, False
    subject = ticket.at("subject").strip()
    is_told = description.startswith(subject)  # the desk made the subject out of the first words
    return (description or text) if is_told else f"{subject}\n\n{description or text}", True


def _items(answer: object) -> list[object]:
    items = answer if isinstance(answer, list) else [answer]
    if len(items) > MAX_TICKETS:
        raise PermanentError(f"The body has more than {MAX_TICKETS} tickets.")
    return items
