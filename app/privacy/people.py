"""Finds a person by id, handle, name or mail address, and gathers everything that is kept about them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from app.store.codec import plain
from app.store.protocol import Record, Store, Where
from app.subscribers.addresses import mail_address
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.heard.mention import MentionRecord
from domain.ids import stable_id
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal
from domain.records import AuditEntry, Correction, Person, SetAsideItem
from domain.told.subscriber import Channel, Subscriber, subscriber_id

PAGE = 500
TELLING = 4  # characters a name needs, to be searched for in what could not be read
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant."""

    id: str
    name: str
    platform: str
    last_seen: datetime
    mail: str | None = None  # the address they were found by


@dataclass(slots=True)
class Dossier:
    """Everything that is kept about one person."""

    person_id: str
    mail: str | None = None  # the address they were found by
    person: Person | None = None
    mentions: list[MentionRecord] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)  # that quote them
    incidents: list[Incident] = field(default_factory=list)  # that they say are still broken
    set_aside: list[SetAsideItem] = field(default_factory=list)  # that name them
    entries: list[AuditEntry] = field(default_factory=list)  # what was done with their cases
    subscriptions: list[Subscriber] = field(default_factory=list)  # of their mail addresses to our news

    @property
    def is_empty(self) -> bool:
        """True when nothing at all is known of them."""
        return not (self.person or self.mentions or self.cases or self.follow_ups or self.subscriptions)

    @property
    def mention_ids(self) -> set[str]:
        """The ids of their mentions, also of those that only their cases know."""
        return {record.id for record in self.mentions} | {id for case in self.cases for id in case.mention_ids}

    @property
    def addresses(self) -> set[str]:
        """Their mail addresses."""
        left = {record.mention.contact for record in self.mentions} | {case.contact for case in self.cases}
        return {mail for mail in (*left, self.mail) if mail}

    @property
    def names(self) -> set[str]:
        """All that names them: accounts, handles, addresses, links, and the ids of their posts."""
        said = [record.mention for record in self.mentions]
        found = {name for m in said for name in (m.author.id, m.author.name, m.author.handle, m.author.url)}
        found |= {name for m in said for name in (m.url, m.contact, m.native_id)}
        found |= {name for case in self.cases for name in (case.author, case.handle, case.contact, case.url)}
        found |= {self.person.name} if self.person else set()
        return {name.lstrip("@") for name in found if name and len(name.lstrip("@")) >= TELLING}

    def as_data(self) -> dict[str, Any]:
        """Give it as plain data, unmasked: it is for the person themselves."""
        said = [record.mention for record in self.mentions]
        accounts = {(m.source_type, m.author.id, m.author.handle, m.author.name, m.author.url, m.contact) for m in said}
        keys = ("platform", "account", "handle", "name", "url", "mail")
        return {
            "id": self.person_id, "person": plain(self.person) if self.person else None,
            "identities": [dict(zip(keys, account, strict=True)) for account in sorted(accounts, key=str)],
            "mentions": _plain(self.mentions), "cases": _plain(self.cases), "follow_ups": _plain(self.follow_ups),
            "corrections": _plain(self.corrections), "log": _plain(self.entries), "unreadable": _plain(self.set_aside),
            "subscriptions": _plain(self.subscriptions),
            "quoted_in": [
                {"signal": signal.id, "text": quote.text, "at": quote.at.isoformat()}
                for signal in self.signals for quote in signal.evidence.quotes if quote.mention_id in self.mention_ids
            ],
            "said_it_is_still_broken": [incident.id for incident in self.incidents],
        }  # fmt: skip


def _plain(records: Sequence[Record]) -> list[dict[str, Any]]:
    return [plain(record) for record in records]


async def every(store: Store, kind: type[R]) -> AsyncIterator[list[R]]:
    """Read all records, page by page, so that a large store holds nothing up."""
    last = ""
    # No other condition: an index for it would have SQLite sort all that is left for each page.
    while page := await store.find(kind, Where("id", "gt", last), order="id", limit=PAGE):
        yield page
        last = page[-1].id


async def find_people(store: Store, wanted: str) -> list[Candidate]:
    """Find who may be meant by a person's id, a mail address, a handle (with or without "@") or a name."""
    wanted = wanted.strip()
    by_mail = stable_id("per", "mail", wanted.casefold())
    for id, mail in ((wanted, None), (by_mail, wanted)):
        known = await store.get(Person, id)
        newest = await store.find(MentionRecord, Where("person_id", "eq", id), order="-created_at", limit=1)
        if known is not None or newest:
            return [replace(_candidate(id, known, newest), mail=mail)]
    subscribed = await store.find(Subscriber, Where("id", "in_", _subscribed_as(wanted)), limit=1)
    if subscribed:
        return [Candidate(by_mail, wanted, "subscriber", subscribed[0].asked_at, wanted)]
    return await _by_name(store, wanted.lstrip("@").casefold())


def _subscribed_as(address: str) -> list[str]:
    """Name the subscriber of an address, however its domain is written (şirket.com.tr, xn--irket-idb.com.tr)."""
    return [subscriber_id(Channel.MAIL, form) for form in (address, mail_address(address)) if form]


def _candidate(id: str, known: Person | None, newest: Sequence[MentionRecord]) -> Candidate:
    if known is not None:
        return Candidate(id, known.name, known.source_type, known.last_seen)
    said = newest[0].mention
    return Candidate(id, said.author.handle or said.author.name, said.source_type, said.created_at)


async def _by_name(store: Store, name: str) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    if not name:
        return []
    async for people in every(store, Person):
        for person in people:
            if person.name.lstrip("@").casefold() == name:
                found[person.id] = _candidate(person.id, person, ())
    # Also those who were called so in only some of their posts, or were not understood yet.
    async for records in every(store, MentionRecord):
        for record in records:
            author = record.mention.author
            if name in {known.lstrip("@").casefold() for known in (author.handle, author.name, author.id)}:
                found.setdefault(record.person_id, _candidate(record.person_id, None, (record,)))
    return sorted(found.values(), key=lambda one: one.last_seen, reverse=True)


async def gather(store: Store, person_id: str, mail: str | None = None) -> Dossier:
    """Gather everything that is kept about a person; `mail` is an address of theirs that no mention names."""
    theirs = Where("person_id", "eq", person_id)
    dossier = Dossier(
        person_id, mail, await store.get(Person, person_id),
        await store.find(MentionRecord, theirs, order="created_at"),
        await store.find(Case, theirs, order="opened_at"), await store.find(FollowUp, theirs),
    )  # fmt: skip
    ids = dossier.mention_ids
    dossier.corrections = await store.find(Correction, Where("mention_id", "in_", sorted(ids)))
    dossier.signals = await quoting(store, ids)
    subjects = [case.id for case in dossier.cases] + [follow_up.id for follow_up in dossier.follow_ups]
    dossier.entries = await store.find(AuditEntry, Where("subject", "in_", subjects), order="at")
    async for incidents in every(store, Incident):
        dossier.incidents += [incident for incident in incidents if person_id in incident.still_broken]
    dossier.set_aside = await naming(store, dossier.names)
    subscribed = sorted({id for address in dossier.addresses for id in _subscribed_as(address)})
    dossier.subscriptions = await store.find(Subscriber, Where("id", "in_", subscribed))
    return dossier


async def quoting(store: Store, mention_ids: Collection[str]) -> list[Signal]:
    """Find the signals that quote one of these mentions."""
    found: list[Signal] = []
    async for signals in every(store, Signal):
        found += [s for s in signals if any(quote.mention_id in mention_ids for quote in s.evidence.quotes)]
    return found


async def naming(store: Store, names: Collection[str]) -> list[SetAsideItem]:
    """Find the items that could not be read and that name somebody, also in the way JSON writes their letters."""
    wanted = {form.casefold() for name in names for form in (name, json.dumps(name)[1:-1])}
    found: list[SetAsideItem] = []
    async for items in every(store, SetAsideItem):
        found += [item for item in items if any(name in item.raw.casefold() for name in wanted)]
    return found
