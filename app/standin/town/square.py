"""The town's memory: who said what, when, and what reached the webhook; kept in one small file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.standin.ledger import one_write, open_ledger
from app.standin.town.words import mentions_of, tags_of

MASTODON, FORUM = "mastodon", "forum"
_POSTS = """CREATE TABLE IF NOT EXISTS posts (
    id INTEGER PRIMARY KEY, key TEXT UNIQUE, place TEXT NOT NULL, author TEXT NOT NULL, name TEXT NOT NULL,
    text TEXT NOT NULL, at INTEGER NOT NULL, edited INTEGER, language TEXT, visibility TEXT NOT NULL, parent INTEGER,
    ours INTEGER NOT NULL, title TEXT NOT NULL, followers INTEGER NOT NULL, tags TEXT NOT NULL, mentions TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0)"""
_BY_PARENT = "CREATE INDEX IF NOT EXISTS posts_parent ON posts (parent)"
_BY_AUTHOR = "CREATE INDEX IF NOT EXISTS posts_author ON posts (lower(author))"
_HOOKS = """CREATE TABLE IF NOT EXISTS hooks (
    key TEXT PRIMARY KEY, at INTEGER NOT NULL, times INTEGER NOT NULL, body TEXT NOT NULL)"""
_STATE = "CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL)"
_FIRST = "INSERT OR IGNORE INTO state VALUES (1, 0)"
_COLUMNS = (
    "id", "key", "place", "author", "name", "text", "at", "edited", "language", "visibility", "parent", "ours",
    "title", "followers", "tags", "mentions",
)  # fmt: skip
_INSERT = f"INSERT INTO posts ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
_NOTE = "INSERT INTO hooks VALUES (?, ?, 1, ?) ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Post:
    """Something that stands in the town: on the timeline or, with a title, in the forum."""

    id: int
    place: str
    author: str
    name: str
    text: str
    at: datetime
    edited_at: datetime | None
    language: str | None
    visibility: str
    parent: int | None
    ours: bool  # written by hubbub
    title: str
    followers: int
    gone: bool


class Town:
    """All posts; every change is on disk before its call is answered."""

    def __init__(
        self, path: Path | None, now: Callable[[], datetime], account: tuple[str, str] = ("acme", "Acme"),
        on_post: Callable[[Post], None] | None = None,
    ) -> None:  # fmt: skip
        """`account` is (handle, name) under which hubbub writes; `on_post` hears of each new post of hubbub."""
        self.db = open_ledger(path, _POSTS, _BY_PARENT, _BY_AUTHOR, _HOOKS, _STATE, _FIRST)
        self.now = now
        self.account = account
        self._on_post = on_post

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    @property
    def revision(self) -> int:
        """Count the changes, for pages that ask whether there is something new."""
        return int(self.db.execute("SELECT revision FROM state").fetchone()[0])

    def say(
        self, author: str, name: str, text: str, at: datetime, *, key: str = "", place: str = MASTODON,
        title: str = "", language: str | None = None, visibility: str = "public",
        in_reply_to: str | int | None = None, followers: int = 0,
    ) -> str:  # fmt: skip
        """Let somebody post; gives the id. Saying the same native `key` again changes nothing and gives the old id.

        `in_reply_to` is an id or the key of another post; `place` is "mastodon" or "forum" (which has titles).
        """
        parent = self.find(in_reply_to) if in_reply_to is not None else None
        row = {
            "key": f"say:{key}" if key else None, "place": place, "author": author, "name": name, "text": text,
            "at": at, "language": language, "visibility": visibility, "parent": parent.id if parent else None,
            "ours": False, "title": title, "followers": followers,
        }  # fmt: skip
        return str(self._add(row)[0].id)

    def publish(
        self, text: str, *, idempotency_key: str = "", parent: int | None = None, language: str | None = None,
        visibility: str = "public",
    ) -> Post:  # fmt: skip
        """Let hubbub post; the same idempotency key gives the first post again, for good."""
        row = {
            "key": f"idem:{idempotency_key}" if idempotency_key else None, "place": MASTODON,
            "author": self.account[0], "name": self.account[1], "text": text, "at": self.now(), "language": language,
            "visibility": visibility, "parent": parent, "ours": True, "title": "", "followers": 0,
        }  # fmt: skip
        post, is_new = self._add(row)
        if is_new and self._on_post is not None:
            self._on_post(post)
        return post

    def edit(self, which: str | int, text: str, at: datetime | None = None) -> None:
        """Change the text of a post, found by id or key; the same text again changes nothing."""
        post = self.find(which)
        if post is None or post.text == text:
            return
        with self._change():
            self.db.execute(
                "UPDATE posts SET text = ?, edited = ?, tags = ?, mentions = ? WHERE id = ?",
                (_storable(text), _millis(at or self.now()), *_found_in(text), post.id),
            )

    def remove(self, which: str | int) -> None:
        """Take a post away, found by id or key."""
        if (post := self.find(which)) is not None:
            with self._change():
                self.db.execute("UPDATE posts SET gone = 1 WHERE id = ?", (post.id,))

    def find(self, which: str | int) -> Post | None:
        """Find a post by id or by the key it was said with; None when it is not there (any more)."""
        number = int(which) if str(which).isdecimal() and len(str(which)) < 19 else -1
        found = self.posts("(id = ? OR key = ?)", (number, f"say:{which}"), limit=1)
        return found[0] if found else None

    def posts(self, where: str, values: Sequence[object], *, limit: int, oldest_first: bool = False) -> list[Post]:
        """List posts that are there, by a condition written by us; `values` fill its marks."""
        way = "ASC" if oldest_first else "DESC"
        query = f"SELECT * FROM posts WHERE gone = 0 AND {where} ORDER BY id {way} LIMIT ?"  # noqa: S608
        return [_post(row) for row in self.db.execute(query, (*values, limit))]

    def replies(self, id_: int) -> list[Post]:
        """List the direct answers to a post, oldest first."""
        return self.posts("parent = ?", (id_,), limit=500, oldest_first=True)

    def note_hook(self, key: str, body: Mapping[str, Any]) -> bool:
        """Remember a delivery to the webhook; tells whether its key is new."""
        with self._change():
            row = self.db.execute(_NOTE, (key, _millis(self.now()), json.dumps(body))).fetchone()
        return bool(row["times"] == 1)

    def hooks(self) -> list[dict[str, Any]]:
        """List what reached the webhook, oldest first: key, at, times (more than one: the same key again), body."""
        rows = self.db.execute("SELECT * FROM hooks ORDER BY at, key")
        return [{**dict(row), "at": _moment(row["at"]), "body": json.loads(row["body"])} for row in rows]

    def _add(self, row: Mapping[str, Any]) -> tuple[Post, bool]:
        known = self.db.execute("SELECT * FROM posts WHERE key = ?", (row["key"],)).fetchone()
        if known is not None:
            return _post(known), False
        text = _storable(row["text"])
        tags, mentions = _found_in(text)
        with self._change():
            last = self.db.execute("SELECT MAX(id) FROM posts").fetchone()[0] or 0
            # Like Mastodon's: milliseconds and a 16-bit sequence. Never below the last, or a poller would miss it.
            made = {"id": max(_millis(row["at"]) << 16, last + 1), "tags": tags, "mentions": mentions, "edited": None}
            full = {**row, **made, "text": text, "name": _storable(row["name"]), "at": _millis(row["at"])}
            self.db.execute(_INSERT, [full[name] for name in _COLUMNS])
        return _post(self.db.execute("SELECT * FROM posts WHERE id = ?", (made["id"],)).fetchone()), True

    @contextmanager
    def _change(self) -> Iterator[None]:
        with one_write(self.db):
            self.db.execute("UPDATE state SET revision = revision + 1")
            yield


def _found_in(text: str) -> tuple[str, str]:
    return f" {' '.join(tags_of(text))} ", f" {' '.join(mentions_of(text))} "


def _post(row: sqlite3.Row) -> Post:
    edited = _moment(row["edited"]) if row["edited"] is not None else None
    return Post(
        row["id"], row["place"], row["author"], row["name"], row["text"], _moment(row["at"]), edited, row["language"],
        row["visibility"], row["parent"], bool(row["ours"]), row["title"], row["followers"], bool(row["gone"]),
    )  # fmt: skip


def _storable(text: str) -> str:
    # SQLite takes no lone surrogates; JSON from a hostile client can carry them.
    return text.encode("utf-8", "replace").decode()


def _millis(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _moment(millis: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=millis)
