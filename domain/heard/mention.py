"""A mention: one thing one person said in public (or through our own form), as its source tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.heard.classification import Classification
from domain.ids import stable_id


class MentionKind(StrEnum):
    """What sort of utterance it is."""

    POST = "post"
    REPLY = "reply"
    REVIEW = "review"
    MESSAGE = "message"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it, as known at the source; only what answering needs."""

    id: str
    name: str = ""
    handle: str = ""
    followers: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """How a report reached our own form, as far as counting people needs it; nothing here leads back to an address.

    `network` and `visitor` are keyed hashes whose key is thrown away with its day (app/web/networks.py).
    """

    network: str  # the neighbourhood of the address: IPv4 /24, IPv6 /48
    visitor: str = ""  # the network and the browser's name for itself
    proven: bool = False  # the sender did the work that the page asks for
    incident: str | None = None  # “I have this too”: the open incident it is about


@dataclass(frozen=True, slots=True)
class Mention:
    """One utterance. `id` follows from source and native id, so hearing it twice gives the same record."""

    id: str
    source: str  # the name in the settings, e.g. "mastodon-tr"
    source_type: str  # e.g. "mastodon"
    native_id: str
    author: Author
    text: str  # plain text, no HTML
    created_at: datetime
    url: str | None = None
    kind: MentionKind = MentionKind.POST
    language: str | None = None  # as the source says, ISO 639-1
    rating: int | None = None  # stars, 1..5
    in_reply_to: str | None = None  # native id
    root: str | None = None  # native id of the first post of the thread
    region: str | None = None
    contact: str | None = None  # mail address left in our own form
    addressed: bool = False  # the author mentioned or quoted us: many platforms then allow an answer
    edited_at: datetime | None = None
    about: str | None = None  # the component its author picked in our own form
    reply_ref: str | None = None  # what the platform's API answers by, where that is not the native id
    submission: Submission | None = None  # only of what came through our own form


def mention_id(source: str, native_id: str) -> str:
    """Derive the id of a mention from its natural key (name of the source, id at the source)."""
    return stable_id("men", source, native_id)


def person_id(mention: Mention) -> str:
    """Name the person behind a mention: an account at a platform, or the mail address left in the form."""
    if mention.contact:
        return stable_id("per", "mail", mention.contact.strip().casefold())
    return stable_id("per", mention.source_type, mention.author.id)


def joined_incident(mention: Mention) -> str | None:
    """Give the incident that somebody said to have, too; None for all that is said in one's own words."""
    return mention.submission.incident if mention.submission is not None else None


def answer_ref(mention: Mention) -> str:
    """Give what the platform's API answers this mention by."""
    return mention.reply_ref or mention.native_id


@dataclass(frozen=True, slots=True)
class SetAside:
    """An item that could not be read: kept in its raw form (cut to 4,000 characters) with the reason."""

    raw: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What a service still allows us: `remaining` requests until it is refilled at `resets_at`."""

    remaining: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """One answer of a source: what was said, and the cursor to keep once all of it is stored."""

    mentions: tuple[Mention, ...]
    cursor: str | None  # opaque to everyone but the source
    set_aside: tuple[SetAside, ...] = ()
    more: bool = False  # another page waits; fetch again at once
    not_before: datetime | None = None  # the source's quota asks to wait until then
    quota: Quota | None = None  # as the answer says; the interval is stretched to it
    dropped: int = 0  # mentions that the query of the source does not want
    cost: float = 0.0  # US dollars this answer was charged
    deleted: tuple[str, ...] = ()  # native ids of what its authors took back: our copies are erased


class Role(StrEnum):
    """Who speaks, by the owner's lists: only customers open cases and count as reports."""

    CUSTOMER = "customer"
    OWN = "own"  # one of our accounts
    EMPLOYEE = "employee"
    BOT = "bot"
    COMPETITOR = "competitor"


class Stage(StrEnum):
    """How far a stored mention has travelled."""

    NEW = "new"
    UNDERSTOOD = "understood"


@dataclass(frozen=True, slots=True)
class MentionRecord:
    """A mention as we remember it: what was heard, when, what we made of it, and the case it went to."""

    id: str
    mention: Mention
    person_id: str
    received_at: datetime
    stage: Stage = Stage.NEW
    history: bool = False  # fetched late (backlog): fills cases and baselines, never counts as "now"
    classification: Classification | None = None
    duplicate_of: str | None = None  # id of the mention that said nearly the same before
    case_id: str | None = None
    own: bool = False  # one of our own accounts
    role: Role = Role.CUSTOMER
    deleted_at: datetime | None = None  # its author took it back: text, name and link are erased
    edits: tuple[str, ...] = field(default=())  # earlier texts, oldest first
    version: int = 0

    @property
    def heard_as_customer(self) -> bool:
        """True for those whose words open cases and count; our own people, bots and competitors are only kept."""
        return self.role is Role.CUSTOMER and not self.own
