"""Who is signed in: a random word in the browser's cookie, its hash in the store; a restart signs nobody out."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.store.protocol import Store, Where
from domain.records import Kept
from domain.work import Actor

LIFE = timedelta(hours=24)
PREFIX = "desk_session:"
_AFTER = PREFIX[:-1] + chr(ord(PREFIX[-1]) + 1)  # the first id behind all sessions


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser."""

    word: str
    id: str
    actor: Actor

    def __repr__(self) -> str:
        """Leave the cookie's word out of logs."""
        return f"Session({self.actor.id})"

    @property
    def csrf(self) -> str:
        """The word that every form and every htmx request of this session carries; another page cannot know it."""
        return hmac.new(self.word.encode(), b"hubbub desk form", hashlib.sha256).hexdigest()[:40]

    def owns(self, csrf: str) -> bool:
        """Say whether a form came from a page of this session."""
        return hmac.compare_digest(self.csrf.encode(), csrf.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Sessions:
    """Keeps sessions; one ends after a day, by signing out, or when its user's password is changed or removed."""

    store: Store
    users: Mapping[str, str]  # name -> password hash
    key: str  # of the owner; a new one signs everybody out
    wall: Callable[[], datetime]

    def __repr__(self) -> str:
        """Leave the key out of logs."""
        return "Sessions()"

    async def start(self, actor: Actor) -> Session:
        """Sign somebody in; sessions that are over are forgotten on the way."""
        await self._forget_old()
        word = secrets.token_urlsafe(32)
        until = (self.wall() + LIFE).isoformat()
        kept = {"id": actor.id, "name": actor.name, "until": until, "proof": self._proof(actor)}
        session = Session(word, self._id(word), actor)
        await self.store.add(Kept(session.id, kept))
        return session

    async def find(self, word: str) -> Session | None:
        """Give the session of a cookie, None when it is unknown or over."""
        if not 20 <= len(word) <= 100:
            return None
        kept = await self.store.get(Kept, self._id(word))
        if kept is None or self._is_over(kept):
            return None
        actor = Actor(str(kept.value["id"]), str(kept.value["name"]), "desk")
        if not hmac.compare_digest(str(kept.value["proof"]), self._proof(actor)):
            return None
        return Session(word, kept.id, actor)

    async def end(self, session: Session) -> None:
        """Sign out."""
        await self.store.delete(Kept, Where("id", "eq", session.id))

    async def _forget_old(self) -> None:
        known = await self.store.find(Kept, Where("id", "ge", PREFIX), Where("id", "lt", _AFTER))
        for kept in known:
            if self._is_over(kept):
                await self.store.delete(Kept, Where("id", "eq", kept.id))

    def _is_over(self, kept: Kept) -> bool:
        return datetime.fromisoformat(str(kept.value["until"])) <= self.wall()

    def _id(self, word: str) -> str:
        return PREFIX + hmac.new(self.key.encode(), word.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def _proof(self, actor: Actor) -> str:
        known = self.users.get(actor.name, "removed") if actor.id == user_id(actor.name) else "link"
        return hashlib.sha256(known.encode()).hexdigest()[:16]


def user_id(name: str) -> str:
    """Name a configured user as an actor."""
    return f"desk:{name}"
