"""The world outside: customers who post, write reviews and fill in the form, minute by minute."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import Any
from zlib import crc32

import aiohttp

from app.demo.answering import answer_to
from app.demo.clock import DemoClock
from app.demo.scenario.load import Part, Post
from app.files import write_atomically
from app.standin.town import Town
from app.standin.town.square import Post as TownPost
from domain.heard.proof_of_work import REPORT, solve

ANSWER = "answer:"  # begins the keys of what the scenario does not hold


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person is going to say to a follow-up."""

    at: datetime
    text: str
    person: TownPost  # what they said first
    asked: int  # the id of the follow-up


@dataclass(slots=True)
class World:
    """Says each post where its author would; saying it again (after a kill) changes nothing."""

    posts: Sequence[Post]
    clock: DemoClock
    session: aiohttp.ClientSession
    url: str
    town: Town
    said: int = 0  # posts of the scenario that were said by this process
    asked_last: int = 0  # the newest follow-up in the town that was looked at
    answers: list[Answer] = field(default_factory=list)  # to be said when their moment comes
    suffering: frozenset[str] = field(init=False)  # those for whom the scenario does not end well

    def __post_init__(self) -> None:
        """Look who they are."""
        self.suffering = frozenset(post.author for post in self.posts if post.truth.part is Part.STILL_BROKEN)

    async def step(self) -> int:
        """Say everything whose moment has come; returns how much that was."""
        now, before = self.clock.now(), self.said
        while self.said < len(self.posts) and self._moment(self.posts[self.said]) <= now:
            await self._say(self.posts[self.said])
            self.said += 1
        self._answer(now)
        return self.said - before

    def _answer(self, now: datetime) -> None:
        """Let people answer follow-ups whose moment has come; saying it again (after a kill) changes nothing."""
        fresh = "key >= ? AND key < ? AND id > ?", ("idem:fol_", "idem:fol`", self.asked_last)
        for question in self.town.posts(*fresh, limit=1000, oldest_first=True):
            self.asked_last = question.id
            person = self.town.find(question.parent or 0)
            said = answer_to(question, person, self.suffering) if person is not None else None
            if person is not None and said is not None:
                self.answers.append(Answer(question.at + said[0], said[1], person, question.id))
        for answer in [each for each in self.answers if each.at <= now]:
            self.answers.remove(answer)
            # Under their own post: what is said under somebody else's is not on the timeline that hubbub reads.
            self.town.say(
                answer.person.author, answer.person.name, answer.text, answer.at, key=f"{ANSWER}{answer.asked}",
                language=answer.person.language, in_reply_to=answer.person.id, followers=answer.person.followers,
            )  # fmt: skip

    def skip_to(self, moment: datetime) -> None:
        """Go on after a restart: what was said well before the kill was said for good."""
        while self.said < len(self.posts) and self._moment(self.posts[self.said]) < moment:
            self.said += 1

    def write_reviews(self, path: Path) -> None:
        """Lay out the store's reviews as the replay file that its source reads as time goes by."""
        rows = (self._review(post) for post in self.posts if post.source == "reviews")
        write_atomically(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())

    def _moment(self, post: Post) -> datetime:
        return self.clock.start + post.offset

    async def _say(self, post: Post) -> None:
        if post.source == "form":
            await self._report(post)
        elif post.source in ("mastodon", "forum"):
            self._post(post)

    def _post(self, post: Post) -> None:
        if post.edit_of is not None:
            self.town.edit(post.edit_of, post.text, self._moment(post))
            return
        title = shorten(post.text, 60, placeholder="…") if post.source == "forum" else ""
        self.town.say(
            post.author, post.name, post.text, self._moment(post), key=post.n, place=post.source, title=title,
            language=post.lang, followers=post.followers,
        )  # fmt: skip

    async def _report(self, post: Post) -> None:
        fields = {
            "text": post.text, "contact": post.contact or "", "name": post.name, "language": post.lang,
            "component": post.truth.component or "", "website": "",
            "proof": await asyncio.to_thread(solve, REPORT, datetime.now(UTC), secrets.token_hex(16)),
        }  # fmt: skip
        headers, url = {"X-Forwarded-For": _address(post.author)}, f"{self.url}/report"
        async with self.session.post(url, data=fields, headers=headers, allow_redirects=False) as answer:
            await answer.read()

    def _review(self, post: Post) -> dict[str, Any]:
        return {
            "source_type": "appstore", "native_id": post.native_id, "kind": "review", "rating": post.rating,
            "author": {"id": post.author, "name": post.name, "handle": post.author}, "text": post.text,
            "created_at": self._moment(post).isoformat(), "language": post.lang, "region": post.region,
        }  # fmt: skip


def _address(person: str) -> str:
    """Give each customer an address, as a proxy would name it; these are set aside for tests (RFC 2544)."""
    number = crc32(person.encode()) % 512
    return f"198.{18 + number // 256}.{number % 256}.7"
