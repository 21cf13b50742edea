"""A file of mentions, one JSON object a line, as `hubbub fetch` prints them: for demos, tests and imports."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import Field

from domain.errors import NotFound, PermanentError
from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.items import (
    BadItem,
    Origin,
    Parsed,
    collect,
    dig,
    kind_of,
    moment_at,
    moment_of,
    needed,
    number_at,
    stars,
    text_at,
)
from listener.source import Configured

MAX_LINE = 1_000_000  # bytes; a longer line is set aside


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """Which file to play."""

    path: Annotated[str, Field(min_length=1)]
    until: Literal["now"] | None = None  # "now": lines said later than the clock wait; the file is sorted by time
    as_type: str = ""  # claim this type of source for all lines, e.g. "mastodon"; else each line's `source_type`
    page: Annotated[int, Field(ge=1, le=5000)] = 500  # lines of one answer


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines read from a file, and the byte each one ends at."""

    lines: tuple[bytes, ...]
    ends: tuple[int, ...]
    start: int
    size: int  # of the file, bytes


def mention_line(mention: Mention) -> dict[str, object]:
    """Give a mention in the form of one line, for `hubbub fetch`; `parse_lines` reads it back."""
    author = mention.author
    return {
        "id": mention.id, "source": mention.source, "source_type": mention.source_type,
        "native_id": mention.native_id, "url": mention.url,
        "author": {
            "id": author.id, "name": author.name, "handle": author.handle, "followers": author.followers,
            "url": author.url,
        },
        "text": mention.text, "language": mention.language, "created_at": mention.created_at.isoformat(),
        "kind": mention.kind.value, "rating": mention.rating, "in_reply_to": mention.in_reply_to,
        "root": mention.root, "region": mention.region, "contact": mention.contact, "addressed": mention.addressed,
        "about": mention.about, "edited_at": mention.edited_at.isoformat() if mention.edited_at else None,
    }  # fmt: skip


def parse_lines(lines: Sequence[bytes], origin: Origin, as_type: str = "") -> Parsed:
    """Read JSON lines; a broken one is set aside, an empty one left out."""
    return collect((line for line in lines if line.strip()), lambda line: _parse_line(line, origin, as_type))


def parse_mention(item: object, origin: Origin, as_type: str = "") -> Mention:
    """Read one mention from its own JSON form; raises `BadItem` naming what is missing."""
    kind = kind_of(text_at(item, "kind") or "post")
    if kind is None:
        raise BadItem(f"`kind` is none of {', '.join(MentionKind)}")
    type_ = as_type or text_at(item, "source_type") or origin.type
    return Origin(origin.name, type_, origin.now, origin.own_handles).mention(
        needed(item, "native_id"), _author(dig(item, "author")), needed(item, "text"), moment_at(item, "created_at"),
        url=text_at(item, "url"), kind=kind, language=text_at(item, "language"),
        rating=stars(number_at(item, "rating")), in_reply_to=text_at(item, "in_reply_to") or None,
        root=text_at(item, "root") or None, region=text_at(item, "region") or None,
        contact=text_at(item, "contact") or None, addressed=dig(item, "addressed") is True,
        edited_at=moment_of(dig(item, "edited_at")), about=text_at(item, "about") or None,
    )  # fmt: skip


def lines_due(lines: Sequence[bytes], now: datetime) -> int:
    """Count the lines before the first one that was said after `now`."""
    for count, line in enumerate(lines):
        moment = _moment(line)
        if moment is not None and moment > now:
            return count
    return len(lines)


class Replay(Configured[ReplayOptions]):
    """Reads on where it stopped; lines appended later are picked up, a file that shrank is read from its start."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get the next lines; the cursor holds the byte offset and the number of lines read."""
        return await asyncio.to_thread(self._read, read_cursor(cursor), self.setup.origin())

    def _read(self, state: Mapping[str, object], origin: Origin) -> Batch:
        found = read_lines(Path(self.options.path), number_at(state, "offset") or 0, self.options.page)
        due = lines_due(found.lines, origin.now) if self.options.until else len(found.lines)
        parsed = parse_lines(found.lines[:due], origin, self.options.as_type)
        offset = found.ends[due - 1] if due else found.start
        count = (number_at(state, "count") or 0) + due if found.start else due
        # `more` only after a full page: what follows it is then at least one line or the end of the file.
        more = due == self.options.page and offset < found.size
        return Batch(parsed.mentions, write_cursor(offset=offset, count=count), parsed.set_aside, more)


def read_lines(path: Path, offset: int, most: int) -> Lines:
    """Read up to `most` whole lines from `offset`; a last line still being written is left for the next time.

    Raises `NotFound` or `PermanentError` naming the file.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            start = offset if 0 <= offset <= size else 0
            file.seek(start)
            return _take(file, start, size, most)
    except FileNotFoundError as err:
        raise NotFound(f"There is no file {path}.") from err
    except (OSError, ValueError) as err:
        raise PermanentError(f"The file {path} cannot be read.") from err


def _take(file: BinaryIO, start: int, size: int, most: int) -> Lines:
    lines: list[bytes] = []
    ends: list[int] = []
    while len(lines) < most and (line := file.readline(MAX_LINE + 1)):
        rest = line
        while rest and not rest.endswith(b"\n"):  # longer than allowed: its tail is read over, not kept
            rest = file.readline(MAX_LINE)
        if not rest and not _is_whole(line):
            break
        lines.append(line)
        ends.append(file.tell())
    return Lines(tuple(lines), tuple(ends), start, size)


def _is_whole(line: bytes) -> bool:
    """Tell a last line without newline from one that is still being written: half an object is never valid JSON."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _parse_line(line: bytes, origin: Origin, as_type: str) -> Mention:
    if len(line) > MAX_LINE:
        raise BadItem(f"the line is longer than {MAX_LINE} bytes")
    try:
        item = json.loads(line)
    except (ValueError, RecursionError) as err:
        raise BadItem("the line is no JSON") from err
    return parse_mention(item, origin, as_type)


def _author(found: object) -> Author:
    if isinstance(found, str):
        return Author(found, found, found)
    handle = text_at(found, "handle")
    return Author(
        text_at(found, "id") or handle or needed(found, "name"), text_at(found, "name"), handle,
        number_at(found, "followers"), text_at(found, "url") or None,
    )  # fmt: skip


def _moment(line: bytes) -> datetime | None:
    try:
        return moment_of(dig(json.loads(line), "created_at"))
    except (ValueError, RecursionError):
        return None
