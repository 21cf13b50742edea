"""The world outside: customers who post, write reviews and fill in the form, minute by minute."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from textwrap import shorten
from typing import Any

import aiohttp

from app.demo.clock import DemoClock
from app.demo.scenario.load import Post
from app.files import write_atomically
from app.standin.town import Town


@dataclass(slots=True)
class World:
    """Says each post where its author would; saying it again (after a kill) changes nothing."""

    posts: Sequence[Post]
    clock: DemoClock
    session: aiohttp.ClientSession
    url: str
    town: Town
    said: int = 0  # posts of the scenario that were said by this process

    async def step(self) -> int:
        """Say everything whose moment has come; returns how much that was."""
        now, before = self.clock.now(), self.said
        while self.said < len(self.posts) and self._moment(self.posts[self.said]) <= now:
            await self._say(self.posts[self.said])
            self.said += 1
        return self.said - before

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
            "component": post.truth.component or "", "nonce": post.n, "website": "",
        }  # fmt: skip
        async with self.session.post(f"{self.url}/report", data=fields, allow_redirects=False) as answer:
            await answer.read()

    def _review(self, post: Post) -> dict[str, Any]:
        return {
            "source_type": "appstore", "native_id": post.native_id, "kind": "review", "rating": post.rating,
            "author": {"id": post.author, "name": post.name, "handle": post.author}, "text": post.text,
            "created_at": self._moment(post).isoformat(), "language": post.lang, "region": post.region,
        }  # fmt: skip
