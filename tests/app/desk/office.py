"""A hubbub without a front wall: store, clock, desks and what leaves the building, for the tests of the app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.desk.care import CareDesk
from app.desk.follow_ups import FollowUps
from app.desk.front import FrontDesk
from app.desk.incidents import IncidentDesk
from app.desk.planned import PlannedDesk
from app.outfit import folder
from app.pipeline.understanding import Understanding
from app.store.open import open_store
from app.store.protocol import Store, Where
from domain.action import Action, Verb
from domain.care.case import CarePolicy, Case
from domain.component import Component
from domain.heard.classification import Classification, Kind, Sentiment
from domain.heard.mention import Mention, MentionRecord, Stage
from domain.incidents.incident import Incident, Update
from domain.incidents.planned import PlannedWork, WorkUpdate
from domain.incidents.templates import Template
from domain.work import Actor, Delivery
from status_page.publishers.publisher import Published
from status_page.words.incident_words import follow_up_text
from status_page.words.posts import Outlet, draft_posts
from status_page.words.work_posts import draft_work_posts
from status_page.words.work_words import Occasion
from tests.domain.make import ADA, NOW, meaning, mention, record

PAGE = "https://status.example"
COMPONENTS = {
    "payments": Component(
        "payments", {"en": "Payments", "tr": "Ödemeler", "fa": "پرداخت"},
        {"en": ("card", "payment"), "tr": ("ödeme",), "fa": ("پرداخت",)}, (Kind.PAYMENT_BILLING,),
    ),
    "delivery": Component("delivery", {"en": "Delivery"}, {"en": ("parcel",)}, (Kind.DELIVERY,)),
}  # fmt: skip
LANGUAGES = ("en", "tr", "fa")
K = TypeVar("K")


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.at

    def passes(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)


@dataclass
class Tape:
    """A publisher that keeps what it is handed; `troubles` are raised first, one for each try."""

    name: str = "mastodon"
    limit: int | None = 500
    troubles: list[Exception] = field(default_factory=list)
    tries: list[Delivery] = field(default_factory=list)
    sent: list[Delivery] = field(default_factory=list)

    async def publish(self, delivery: Delivery) -> Published:
        """Keep one delivery, or fail as told."""
        self.tries.append(delivery)
        if self.troubles:
            raise self.troubles.pop(0)
        self.sent.append(delivery)
        return Published(f"{self.name}-{len(self.sent)}", f"https://town.example/{len(self.sent)}")


@dataclass
class Office:
    """Everything behind the front desk."""

    store: Store
    clock: Clock
    front: FrontDesk
    tapes: dict[str, Tape]

    @property
    def care(self) -> CareDesk:
        """The care desk."""
        return self.front.care

    @property
    def incidents(self) -> IncidentDesk:
        """The incident desk."""
        return self.front.incidents

    @property
    def follow_ups(self) -> FollowUps:
        """Coming back."""
        return self.front.follow_ups

    async def do(self, verb: Verb, subject: str, values: dict[str, str] | None = None, *, who: Actor = ADA,
                 key: str = "") -> str:  # fmt: skip
        """Act as a person."""
        return await self.front.act(Action(verb, subject, who, values or {}, key))

    async def hear(self, text: str = "my card was declined", native: str = "1", *, person: str = "42",
                   understood: Classification | None = None, **changes: Any) -> Case | None:  # fmt: skip
        """Store a mention of now that is understood, and let the care desk consider it."""
        author = replace(mention().author, id=person, handle=f"user{person}")
        said = mention(text, native, **{"author": author, "created_at": self.clock(), **changes})
        made = record(said, understood)
        await self.store.add(made)
        case = await self.care.consider(made)
        if case is not None:
            await self.store.replace(replace(made, case_id=case.id))
        return case

    async def declare(self, signal: str = "", key: str = "k1", **values: str) -> Incident:
        """Declare an incident on payments and give it."""
        await self.do(Verb.DECLARE, signal, DECLARATION | values, key=key)
        (incident,) = await self.store.find(Incident, order="-declared_at", limit=1)
        return incident

    async def resolve(self, incident: Incident, key: str = "r1") -> str:
        """Resolve an incident."""
        return await self.do(Verb.RESOLVE, incident.id, {"text.en": "It is fixed."}, key=key)

    async def all(self, kind: Any, **equal: Any) -> list[Any]:
        """Find records by equal fields."""
        return list(await self.store.find(kind, *(Where(name, "eq", value) for name, value in equal.items())))

    async def get(self, known: Any) -> Any:
        """Read a record again."""
        found = await self.store.get(type(known), known.id)
        assert found is not None
        return found


DECLARATION = {
    "title.en": "Payments fail", "title.tr": "Ödemeler çalışmıyor", "text.en": "We are looking.",
    "text.tr": "Bakıyoruz.", "components": "payments", "impact": "major", "next_update_minutes": "30",
}  # fmt: skip


def front_desk(
    store: Store, clock: Clock, *, tapes: Sequence[str] = ("mastodon", "mail"), auto: bool = False,
    escalate_after: timedelta | None = timedelta(minutes=5), policy: CarePolicy | None = None,
    templates: tuple[Template, ...] = (),
) -> FrontDesk:  # fmt: skip
    """Set up the desks as the wiring does."""
    outlets = [Outlet("mastodon", (), 500)]

    def drafts(incident: Incident, update: Update) -> tuple[Delivery, ...]:
        return draft_posts(incident, update, outlets, PAGE)

    care = CareDesk(store, policy or CarePolicy(), "#care", clock, set(tapes).__contains__)
    incidents = IncidentDesk(store, "#on-call", clock, drafts, COMPONENTS, LANGUAGES, escalate_after)
    follow_ups = FollowUps(store, care, lambda i, c: follow_up_text(i, c, PAGE), clock, auto)

    def work_drafts(work: PlannedWork, occasion: Occasion, news: WorkUpdate) -> tuple[Delivery, ...]:
        return draft_work_posts(work, occasion, news, outlets, PAGE)

    planned = PlannedDesk(store, "#on-call", clock, work_drafts, COMPONENTS, LANGUAGES)
    return FrontDesk(store, care, incidents, follow_ups, clock, planned=planned, templates=templates)


@asynccontextmanager
async def open_office(**options: Any) -> AsyncIterator[Office]:
    """Open an office over a store in memory."""
    store, clock = await open_store("sqlite://"), Clock()
    tapes = {name: Tape(name) for name in options.get("tapes", ("mastodon", "mail"))}
    yield Office(store, clock, front_desk(store, clock, **options), tapes)
    await store.close()


class Crash(BaseException):
    """The process ends here: nothing of ours may catch it."""


class Crashing:
    """A store whose process is killed at the `after`-th call that writes, before or after it was written."""

    def __init__(self, store: Store, after: int, *, written: bool) -> None:
        self._store, self._left, self._written = store, after, written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def add(self, *records: Any) -> list[bool]:
        """Store records, perhaps for the last time."""
        return await self._write(self._store.add, *records)  # type: ignore[no-any-return]

    async def replace(self, record: Any) -> bool:
        """Replace a record, perhaps for the last time."""
        return await self._write(self._store.replace, record)  # type: ignore[no-any-return]

    async def _write(self, call: Any, *args: Any) -> Any:
        self._left -= 1
        if self._left == 0 and not self._written:
            raise Crash
        answer = await call(*args)
        if self._left == 0:
            raise Crash
        return answer


async def read_words(texts: Sequence[str]) -> list[Classification]:
    """Classify by one plain rule, so that a test decides what is a complaint: "broken" and "declined" are."""
    return [_read(text) for text in texts]


def _read(text: str) -> Classification:
    bad = any(word in text.casefold() for word in ("broken", "declined", "bozuk"))
    return meaning(
        complaint=0.95 if bad else 0.05, is_complaint=bad, component=None, why=(),
        sentiment=Sentiment.NEGATIVE if bad else Sentiment.POSITIVE,
    )  # fmt: skip


def understanding(store: Store, front: FrontDesk, **changes: Any) -> Understanding:
    """Set up the understanding over a store, with the plain rule in the place of the transformer."""

    async def why(text: str, meaning: Classification) -> tuple[str, ...]:
        return ("declined",)

    parts: dict[str, Any] = {"classify": read_words, "why": why, "folder": folder(), **changes}
    return Understanding(store=store, care=front.care, components=tuple(COMPONENTS.values()), **parts)


def stored(said: Mention, **changes: Any) -> MentionRecord:
    """A mention as the intake stores it: not understood yet."""
    return replace(record(said), stage=Stage.NEW, classification=None, **changes)
