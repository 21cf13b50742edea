"""The way from a source to a signal with real parts: a made-up source, intake, understanding, detector, desks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app import outfit
from app.listening import Listening
from app.pipeline.intake import Intake
from app.pipeline.past import Past
from app.pipeline.providers import Providers
from app.pipeline.spotting import Spotting
from app.pipeline.understanding import Understanding
from config.settings import Settings
from domain.errors import TemporaryError
from domain.heard.classification import Classification, Kind
from domain.heard.mention import Author, Batch, Mention
from domain.incidents.notice import Notice
from domain.incidents.signal import Signal
from tests.app.desk.office import COMPONENTS, Office, open_office, read_words, understanding
from tests.domain.make import NOW, mention

SETTINGS: Mapping[str, Any] = {
    "brand": {"name": "Nar"},
    "components": [{"id": c.id, "names": dict(c.names)} for c in COMPONENTS.values()],
    "sources": [{"type": "rss", "name": "mastodon"}, {"type": "form", "name": "form"}],
    "detection": {"min_people": 3},
}
MINUTE = timedelta(minutes=1)
NAMES = ("", *COMPONENTS)


@dataclass
class Square:
    """A source where people talk; while it is down it fails, and afterwards it tells all that was said meanwhile."""

    name: str = "mastodon"
    type: str = "mastodon"
    every: timedelta = MINUTE
    page_cost: float = 0.0
    posts: list[Mention] = field(default_factory=list)
    down: bool = False

    async def fetch(self, cursor: str | None) -> Batch:
        """Give what was said since the cursor, fifty at a time."""
        if self.down:
            raise TemporaryError("town.example cannot be reached.")
        begin = int(cursor or 0)
        page = tuple(self.posts[begin : begin + 50])
        return Batch(page, str(begin + len(page)), more=begin + len(page) < len(self.posts))


@dataclass
class Watch:
    """One hubbub that listens to one square."""

    office: Office
    square: Square
    intake: Intake
    understanding: Understanding
    spotting: Spotting

    def say(self, person: str, text: str = "card declined", at: datetime | None = None, **changes: Any) -> None:
        """Let somebody say something (now, unless told otherwise)."""
        native = str(len(self.square.posts))
        author = Author(person, person, person)
        self.square.posts.append(mention(text, native, author=author, created_at=at or self.office.clock(), **changes))

    async def minute(self, complaints: int = 0, text: str = "card declined", name: str = "p") -> None:
        """Let a minute pass in which so many different people complain."""
        for _ in range(complaints):
            self.say(f"{name}{len(self.square.posts)}", text)
        self.office.clock.passes(minutes=1)
        await self.intake.poll(self.square)
        await self.understanding.run()
        await self.spotting.run()

    async def minutes(self, count: int, complaints: int = 0, text: str = "card declined") -> None:
        """Let minutes pass."""
        for _ in range(count):
            await self.minute(complaints, text)

    async def signals(self, component: str = "payments") -> list[Signal]:
        """List the signals of a component."""
        return await self.office.all(Signal, component=component)

    async def notices(self) -> list[Notice]:
        """List the notices."""
        return await self.office.all(Notice)


def quiet_past(until: datetime, days: int = 9) -> list[Past]:
    """Days of ordinary talk: two neutral posts a minute, and now and then a complaint about payments."""
    start, past = until - timedelta(days=days), []
    for i in range(days * 1440):
        at = start + i * MINUTE
        past.append(Past(at, "", 0, 0, 2))
        past += [Past(at, name, int(i % 240 == 17), int(i % 60 == 3), 0) for name in COMPONENTS]
    return past


@asynccontextmanager
async def open_watch(warm: bool = True, planned: tuple[Any, ...] = (), **settings: Any) -> AsyncIterator[Watch]:
    """Build it all over a store in memory, after quiet days; the source was asked before."""
    async with open_office() as office:
        front = replace(office.front, incidents=replace(office.incidents, maintenance=planned))
        office.front = front
        spotting = make_spotting(office, **settings)
        if warm:
            await spotting.learn(quiet_past(NOW), NOW)
        heard = understanding(office.store, front, heard=spotting.hear, classify=_read)
        square, intake = Square(), Intake(office.store, office.clock, chance=lambda: 0.5)
        await intake.poll(square)
        yield Watch(office, square, intake, heard, spotting)


async def _read(texts: Sequence[str]) -> list[Classification]:
    kinds = [Kind.DELIVERY if "parcel" in text else Kind.PAYMENT_BILLING for text in texts]
    return [replace(meaning, kind=kind) for meaning, kind in zip(await read_words(texts), kinds, strict=True)]


def make_spotting(office: Office, providers: Providers | None = None, **settings: Any) -> Spotting:
    """Build the detector's side as the wiring does."""
    tree = Settings.model_validate({**SETTINGS, **settings})
    known: Any = providers or Providers(None, {})  # type: ignore[arg-type]
    listening = Listening(office.store, (), "#on-call", office.clock)
    return outfit.spotting(tree, office.store, office.incidents, COMPONENTS, office.clock, known, listening)
