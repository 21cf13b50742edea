"""The workspace of the stand-in: channels, people, messages and modals, kept in one small file."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.standin.ledger import open_ledger
from app.standin.slack.errors import SlackRefusal

Message = dict[str, Any]
TEAM, APP_ID, BOT_ID, BOT_USER = "T0STANDIN", "A0HUBBUB", "B0HUBBUB", "U0HUBBUB"
ELSEWHERE = "T0ELSEWHERE"  # the workspace of guests, with which all channels are shared (Slack Connect)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MESSAGES = """CREATE TABLE IF NOT EXISTS messages (
    channel TEXT NOT NULL, ts TEXT NOT NULL, thread TEXT NOT NULL, reader TEXT NOT NULL,
    revision INTEGER NOT NULL, body TEXT, PRIMARY KEY (channel, ts)) WITHOUT ROWID"""
_BY_REVISION = "CREATE INDEX IF NOT EXISTS messages_revision ON messages (channel, revision)"
_BY_THREAD = "CREATE INDEX IF NOT EXISTS messages_thread ON messages (channel, thread, ts)"
_VIEWS = """CREATE TABLE IF NOT EXISTS views (
    id TEXT PRIMARY KEY, reader TEXT NOT NULL, open INTEGER NOT NULL, body TEXT)"""
_ROOMS = "CREATE TABLE IF NOT EXISTS direct (id TEXT PRIMARY KEY, reader TEXT NOT NULL)"


@dataclass(frozen=True, slots=True)
class Channel:
    """A place for messages; `reader` is the person of a direct conversation, else empty."""

    id: str
    name: str
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can act in the workspace."""

    id: str
    name: str
    team: str = TEAM

    @property
    def handle(self) -> str:
        """Give the short name without spaces, as Slack's `name` has it."""
        return "".join(self.name.lower().split()) or self.id.lower()


class Workspace:
    """All that the stand-in's Slack knows; each change is on disk before its call is answered."""

    def __init__(
        self, path: Path | None, channels: Sequence[str], users: Sequence[tuple[str, str]],
        now: Callable[[], datetime], guests: Sequence[tuple[str, str]] = (),
    ) -> None:  # fmt: skip
        """Open the file at `path` (None: memory); `channels` are names, `users` and `guests` are (id, name)."""
        self.db = open_ledger(path, _MESSAGES, _BY_REVISION, _BY_THREAD, _VIEWS, _ROOMS)
        self.now = now
        self.people = {id_: Person(id_, name) for id_, name in users}
        self.people |= {id_: Person(id_, name, ELSEWHERE) for id_, name in guests}
        self._channels = {channel.id: channel for channel in map(_named, channels)}
        last = self.db.execute("SELECT MAX(ts), MAX(revision) FROM messages").fetchone()
        self._last_ts = _micros(last[0]) if last[0] else 0
        self.revision = int(last[1] or 0)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    @property
    def names(self) -> dict[str, str]:
        """Give the names of people and channels by id, for mentions."""
        return {p.id: p.name for p in self.people.values()} | {c.id: c.name for c in self._channels.values()}

    def channels(self) -> list[Channel]:
        """List the channels, without direct conversations."""
        return list(self._channels.values())

    def direct_channels(self, reader: str) -> list[Channel]:
        """List the direct conversations of one person with the app."""
        rows = self.db.execute("SELECT id FROM direct WHERE reader = ?", (reader,))
        return [self._direct(reader) for _ in rows]

    def channel(self, key: str) -> Channel:
        """Find a channel by id, "#name", name or person; refuses with `channel_not_found`."""
        if key in self._channels:
            return self._channels[key]
        if key in self.people:
            return self.open_direct(key)
        row = self.db.execute("SELECT reader FROM direct WHERE id = ?", (key,)).fetchone()
        if row is not None:
            return self._direct(row["reader"])
        for channel in self._channels.values():
            if channel.name == key.removeprefix("#"):
                return channel
        raise SlackRefusal("channel_not_found")

    def open_direct(self, user: str) -> Channel:
        """Open (or find) the direct conversation of a person with the app; refuses with `user_not_found`."""
        channel = self._direct(self.person(user).id)
        self.db.execute("INSERT OR IGNORE INTO direct VALUES (?, ?)", (channel.id, user))
        return channel

    def _direct(self, reader: str) -> Channel:
        return Channel(_id("D", reader), self.people[reader].name if reader in self.people else reader, reader)

    def person(self, key: str) -> Person:
        """Find a person by id; refuses with `user_not_found`."""
        if key not in self.people:
            raise SlackRefusal("user_not_found")
        return self.people[key]

    def add(self, channel: str, message: Mapping[str, Any], reader: str = "") -> Message:
        """Write a message down and give it back with its new ts; `reader` makes it visible to that person only."""
        micros = max((self.now() - _EPOCH) // timedelta(microseconds=1), self._last_ts + 1)
        self._last_ts = micros
        made = {**message, "ts": f"{micros // 10**6}.{micros % 10**6:06d}"}
        made = {**made, "blocks": named_blocks(made.get("blocks") or [], made["ts"])}
        self._write(channel, made, reader)
        return made

    def change(self, channel: str, ts: str, message: Mapping[str, Any] | None) -> None:
        """Put another body in the place of a message; None deletes it."""
        row = self._row(channel, ts)
        if message is None:
            self.revision += 1
            # The row stays: a page that shows the message must hear that it is gone.
            query = "UPDATE messages SET body = NULL, revision = ? WHERE channel = ? AND ts = ?"
            self.db.execute(query, (self.revision, channel, ts))
            self._touch(channel, row["thread"])
            return
        made = {**message, "blocks": named_blocks(message.get("blocks") or [], ts)}
        self._write(channel, made, row["reader"])

    def message(self, channel: str, ts: str) -> Message:
        """Find a message, also one that only one person sees; refuses with `message_not_found`."""
        return dict(json.loads(self._row(channel, ts)["body"]))

    def reader_of(self, channel: str, ts: str) -> str:
        """Tell who alone sees a message; empty when everyone does."""
        return str(self._row(channel, ts)["reader"])

    def history(self, channel: str, *, after: str = "", before: str = "~", limit: int = 100) -> list[Message]:
        """List what stands in a channel itself, newest first; `after` and `before` are exclusive."""
        rest = "reader = '' AND ts > ? AND ts < ? ORDER BY ts DESC LIMIT ?"
        return self._list(channel, "", rest, after, before, limit)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """List the replies under a message, oldest first."""
        return self._list(channel, ts, "reader = '' ORDER BY ts")

    def thread_size(self, channel: str, ts: str) -> tuple[int, str] | None:
        """Tell how many replies a message has and the ts of the last one; None without any."""
        query = (
            "SELECT COUNT(*), MAX(ts) FROM messages "
            "WHERE channel = ? AND thread = ? AND body IS NOT NULL AND reader = ''"
        )
        count, last = self.db.execute(query, (channel, ts)).fetchone()
        return (int(count), str(last)) if count else None

    def ephemerals(self, channel: str, reader: str) -> list[Message]:
        """List what only one person sees in a channel, oldest first; empty `channel` or `reader` means any."""
        rows = self.db.execute(
            "SELECT channel, reader, body FROM messages WHERE reader <> '' AND body IS NOT NULL "
            "AND ? IN ('', channel) AND ? IN ('', reader) ORDER BY ts",
            (channel, reader),
        )
        return [{**json.loads(r["body"]), "channel": r["channel"], "user_only": r["reader"]} for r in rows]

    def changed_since(self, channel: str, revision: int, limit: int) -> list[tuple[str, str, Message | None]]:
        """List what changed last in the channel itself, oldest first: (ts, reader, message; None: it is deleted)."""
        rows = self.db.execute(
            "SELECT ts, reader, body FROM messages WHERE channel = ? AND thread = '' AND revision > ? "
            "ORDER BY ts DESC LIMIT ?",
            (channel, revision, limit),
        ).fetchall()
        return [(r["ts"], r["reader"], json.loads(r["body"]) if r["body"] else None) for r in reversed(rows)]

    def count(self, channel: str) -> int:
        """Count what stands in a channel itself."""
        query = "SELECT COUNT(*) FROM messages WHERE channel = ? AND thread = '' AND reader = '' AND body IS NOT NULL"
        return int(self.db.execute(query, (channel,)).fetchone()[0])

    def put_view(self, view: Mapping[str, Any], reader: str, is_open: bool = True) -> None:
        """Write a modal down as it is now, with the person who sees it."""
        row = (view["id"], reader, int(is_open), json.dumps(view))
        self.db.execute("INSERT OR REPLACE INTO views VALUES (?, ?, ?, ?)", row)

    def view(self, key: str) -> tuple[dict[str, Any], str, bool]:
        """Find a modal by id: (view, its reader, whether it is still open); refuses with `not_found`."""
        row = self.db.execute("SELECT * FROM views WHERE id = ?", (key,)).fetchone()
        if row is None:
            raise SlackRefusal("not_found")
        return json.loads(row["body"]), str(row["reader"]), bool(row["open"])

    def _write(self, channel: str, message: Message, reader: str) -> None:
        thread = message.get("thread_ts") or ""
        thread = "" if thread == message["ts"] else thread
        self.revision += 1
        self.db.execute(
            "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?)",
            (channel, message["ts"], thread, reader, self.revision, json.dumps(message)),
        )
        self._touch(channel, thread)

    def _touch(self, channel: str, thread: str) -> None:
        # A reply changes how its parent looks.
        if thread:
            self.db.execute(
                "UPDATE messages SET revision = ? WHERE channel = ? AND ts = ?", (self.revision, channel, thread)
            )

    def _row(self, channel: str, ts: str) -> sqlite3.Row:
        row = self.db.execute("SELECT * FROM messages WHERE channel = ? AND ts = ?", (channel, ts)).fetchone()
        if row is None or row["body"] is None:
            raise SlackRefusal("message_not_found")
        return row  # type: ignore[no-any-return]

    def _list(self, channel: str, thread: str, rest: str, *values: object) -> list[Message]:
        query = f"SELECT body FROM messages WHERE channel = ? AND thread = ? AND body IS NOT NULL AND {rest}"  # noqa: S608
        return [json.loads(row["body"]) for row in self.db.execute(query, (channel, thread, *values))]


def named_blocks(blocks: Sequence[Mapping[str, Any]], seed: str) -> list[dict[str, Any]]:
    """Give each block and element the id that Slack makes up where the app gave none; the same each time."""
    return [_named_block(dict(block), f"{seed}/{number}") for number, block in enumerate(blocks)]


def _named_block(block: dict[str, Any], seed: str) -> dict[str, Any]:
    block.setdefault("block_id", _id("b", seed)[:6])
    for place in ("element", "accessory"):
        if isinstance(block.get(place), Mapping):
            block[place] = _named_element(block[place], f"{seed}/{place}")
    if block["type"] == "actions":
        block["elements"] = [_named_element(e, f"{seed}/{n}") for n, e in enumerate(block["elements"])]
    return block


def _named_element(element: Mapping[str, Any], seed: str) -> dict[str, Any]:
    return dict(element) if element.get("type") == "image" else {"action_id": _id("a", seed)[:6], **element}


def _named(name: str) -> Channel:
    name = name.removeprefix("#")
    return Channel(_id("C", name), name)


def _id(prefix: str, seed: str) -> str:
    return prefix + hashlib.sha256(seed.encode()).hexdigest()[:10].upper()


def _micros(ts: str) -> int:
    seconds, _, rest = ts.partition(".")
    return int(seconds) * 10**6 + int(rest or 0)
