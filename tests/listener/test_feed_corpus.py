"""1757 feeds, from feedparser's own tests and from other people's collections: none may crash, hang or lose."""

from __future__ import annotations

import io
import random
import tarfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
import pytest

from domain.errors import ServiceError
from listener.items import Parsed
from listener.sources.rss import RssOptions, parse_feed
from listener.text import clean_line, html_to_text
from tests.listener.service import ORIGIN

SHARED = Path(__file__).parents[2] / "../shared/fixtures/rss"
ARCHIVE = SHARED / "feedparser_wellformed.tar.gz"
OPTIONS = RssOptions("https://forum.example/feed.xml")
TOO_LONG = 5.0  # seconds for one file; they take 2 ms
GROUPS = 8

pytestmark = pytest.mark.skipif(not ARCHIVE.exists(), reason=f"{ARCHIVE.name} is not beside the checkout")


@cache
def corpus() -> tuple[tuple[str, bytes], ...]:
    with tarfile.open(ARCHIVE) as packed:
        read = [(m.name, found.read()) for m in packed if m.isfile() and (found := packed.extractfile(m))]
    loose = [(p.name, p.read_bytes()) for p in sorted(SHARED.iterdir()) if p.suffix in (".rss", ".atom", ".xml")]
    return tuple(sorted((name, body) for name, body in [*read, *loose] if not name.endswith("LICENSE")))


def part(group: int) -> Iterator[tuple[str, bytes]]:
    yield from corpus()[group::GROUPS]


def read(name: str, body: bytes) -> Parsed | None:
    """Read a feed as the source does; None when it is refused with one of our own errors."""
    started = time.perf_counter()
    try:
        return parse_feed(body, ORIGIN, OPTIONS)
    except ServiceError as err:
        assert str(err), name
        return None
    finally:
        assert time.perf_counter() - started < TOO_LONG, name


def theirs(body: bytes) -> list[Any]:
    """Give feedparser's own view of a feed, with its own guess at the encoding and its own cleaning."""
    return list(feedparser.parse(io.BytesIO(body)).entries)


def is_named(entry: Any) -> bool:
    return bool(entry.get("id") or entry.get("link") or html_to_text(entry.get("title") or ""))


def heart(entry: Any) -> tuple[str, ...]:
    """Tell entries apart by what a reader sees of them."""
    texts = (entry.get("title") or "", entry.get("summary") or "")
    return (entry.get("id") or "", entry.get("link") or "", *map(html_to_text, texts))


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_entry_with_an_id_a_link_or_a_title_is_lost(group: int) -> None:
    lost = []
    for name, body in part(group):
        wanted = [entry for entry in theirs(body) if is_named(entry)]
        found = read(name, body)
        mentions = found.mentions if found else ()
        distinct = len(set(map(heart, wanted)))
        if len(mentions) < distinct:
            lost.append((name, len(mentions), distinct))
    assert lost == []


@pytest.mark.parametrize("group", range(GROUPS))
def test_entries_keep_the_id_or_link_that_feedparser_finds(group: int) -> None:
    wrong = []
    for name, body in part(group):
        found = read(name, body)
        ids = {mention.native_id for mention in found.mentions} if found else set()
        links = " ".join(mention.url or mention.native_id for mention in found.mentions) if found else ""
        for entry in theirs(body):
            if entry.get("id") and clean_line(entry["id"], 500) not in ids:
                wrong.append((name, entry["id"]))
            elif not entry.get("id") and entry.get("link") and entry["link"] not in links:
                wrong.append((name, entry["link"]))
    assert wrong == []


@pytest.mark.parametrize("group", range(GROUPS))
def test_what_has_nothing_to_tell_is_set_aside_and_counted(group: int) -> None:
    for name, body in part(group):
        found = read(name, body)
        if found is not None:
            assert len(found.mentions) + len(found.set_aside) >= len(set(map(heart, theirs(body)))), name
            assert {aside.reason for aside in found.set_aside} <= {"it has no id"}, name


@pytest.mark.parametrize("group", range(GROUPS))
def test_damaged_feeds_are_read_or_refused(group: int) -> None:
    chance = random.Random(group)
    for name, body in list(part(group))[::4]:
        at = chance.randrange(len(body) + 1)
        for damaged in (
            body[:at],
            body[at:],
            body[:at] + bytes(chance.randrange(256) for _ in range(8)) + body[at:],
            body.replace(b"</", b"<", 1 + at % 3),
            body.replace(b">", b"", 1 + at % 5),
            b"\n\n  " + body + b"<p>Warning: out of memory</p>",
        ):
            read(name, damaged)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1254", "cp1256"])
def test_feeds_in_any_encoding_keep_their_entries(encoding: str) -> None:
    for name, body in corpus()[::25]:
        text = body.decode("utf-8", "replace")
        known = read(name, text.encode())
        moved = read(name, text.encode(encoding, "xmlcharrefreplace"))
        assert (known is None) == (moved is None), name
        if known and moved:
            assert len(moved.mentions) == len(known.mentions), name


def test_feeds_of_other_collections_are_read_to_the_end() -> None:
    found = {name: read(name, body) for name, body in corpus() if "/" not in name}
    counts = {name: len(parsed.mentions) for name, parsed in found.items() if parsed}
    assert len(counts) >= 8
    assert min(counts.values()) >= 1
    assert not any(parsed.set_aside for parsed in found.values() if parsed)
