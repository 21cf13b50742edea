"""A file of mentions: read on from the cursor, wait for the clock, survive broken lines."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from domain.errors import NotFound, PermanentError
from domain.heard.mention import Author, Batch, MentionKind
from listener.sources.replay import MAX_LINE, mention_line, parse_lines
from tests.listener.service import FIXTURES, NOW, ORIGIN, fixture, source

PLAYED = FIXTURES / "replay.jsonl"


def line(native_id: str, at: datetime = NOW, text: str = "down") -> str:
    return json.dumps({"native_id": native_id, "author": "u", "text": text, "created_at": at.isoformat()}) + "\n"


def ids(batch: Batch) -> list[str]:
    return [mention.native_id for mention in batch.mentions]


async def test_lines_become_mentions_and_broken_ones_are_set_aside(session: aiohttp.ClientSession) -> None:
    batch = await source("replay", session, path=str(PLAYED)).fetch(None)
    assert ids(batch) == ["a1", "a2", "a5"]
    assert [aside.reason[:22] for aside in batch.set_aside] == ["the line is no JSON", "`kind` is none of post"]
    assert batch.set_aside[0].raw == '{"native_id": "a3", "author": "broken'
    first, second, third = batch.mentions
    assert (first.source, first.source_type, first.text) == ("replay-test", "mastodon", "Ödeme yapamıyorum @…")
    assert first.author == Author("u1", "Zeynep", "zeynep", 12)
    assert (second.source_type, second.kind, second.rating) == ("replay", MentionKind.REVIEW, 1)
    assert (third.in_reply_to, third.root, third.addressed) == ("a2", "a2", True)


async def test_reading_goes_on_where_it_stopped(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text("".join(line(str(n)) for n in range(5)))
    played = source("replay", session, path=str(path), page=2)
    seen, cursor, more = [], None, True
    while more:
        batch = await played.fetch(cursor)
        seen, cursor, more = seen + ids(batch), batch.cursor, batch.more
    assert seen == ["0", "1", "2", "3", "4"]
    assert json.loads(cursor or "") == {"offset": path.stat().st_size, "count": 5}
    with path.open("a") as file:
        file.write(line("5"))
    assert ids(await played.fetch(cursor)) == ["5"]


async def test_a_line_still_being_written_is_left_for_the_next_time(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    path = tmp_path / "m.jsonl"
    whole = line("2")
    path.write_text(line("1") + whole[:20])
    played = source("replay", session, path=str(path))
    batch = await played.fetch(None)
    assert (ids(batch), batch.set_aside) == (["1"], ())
    path.write_text(line("1") + whole.rstrip("\n"))
    assert ids(await played.fetch(batch.cursor)) == ["2"], "a whole last line needs no newline"


async def test_a_file_that_shrank_is_read_from_its_start(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(line("1") + line("2"))
    played = source("replay", session, path=str(path))
    cursor = (await played.fetch(None)).cursor
    path.write_text(line("3"))
    batch = await played.fetch(cursor)
    assert ids(batch) == ["3"]
    assert json.loads(batch.cursor or "")["count"] == 1


async def test_what_lies_in_the_future_waits_for_the_clock(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text("".join(line(str(n), NOW + timedelta(minutes=n)) for n in range(4)))
    batch = await source("replay", session, path=str(path), until="now").fetch(None)
    assert (ids(batch), batch.more) == (["0"], False)
    later = source("replay", session, now=NOW + timedelta(minutes=2), path=str(path), until="now")
    batch = await later.fetch(batch.cursor)
    assert ids(batch) == ["1", "2"]
    assert batch.mentions[1].created_at == NOW + timedelta(minutes=2)
    assert ids(await later.fetch(batch.cursor)) == []


async def test_all_lines_can_claim_one_type(session: aiohttp.ClientSession) -> None:
    batch = await source("replay", session, path=str(PLAYED), as_type="bluesky").fetch(None)
    assert {mention.source_type for mention in batch.mentions} == {"bluesky"}


async def test_an_endless_line_is_read_over(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(line("1") + line("big", text="x" * (3 * MAX_LINE)) + line("2"))
    batch = await source("replay", session, path=str(path)).fetch(None)
    assert ids(batch) == ["1", "2"]
    assert batch.set_aside[0].reason == "the line is longer than 1000000 bytes"


async def test_a_missing_file_or_a_folder_is_named(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        await source("replay", session, path=str(tmp_path / "none.jsonl")).fetch(None)
    with pytest.raises(PermanentError, match="cannot be read"):
        await source("replay", session, path=str(tmp_path)).fetch(None)


@pytest.mark.parametrize("cursor", ["", "nonsense", '{"offset":-5}', '{"offset":"x"}', '{"offset":99999999}'])
async def test_a_broken_cursor_starts_afresh(session: aiohttp.ClientSession, cursor: str) -> None:
    assert len((await source("replay", session, path=str(PLAYED)).fetch(cursor)).mentions) == 3


def test_what_fetch_prints_is_read_back_the_same() -> None:
    mention = replace(
        ORIGIN.mention("n1", Author("u", "N", "h", 5, "https://x.example/u"), "salut", NOW),
        url="https://x.example/1", language="fr", kind=MentionKind.REPLY, rating=2, in_reply_to="n0", root="n0",
        region="FR", contact="a@b.example", addressed=True, about="app",
        edited_at=datetime(2026, 11, 2, 11, tzinfo=UTC),
    )  # fmt: skip
    printed = json.dumps(mention_line(mention)).encode()
    assert parse_lines([printed], ORIGIN).mentions == (mention,)


def test_empty_lines_are_nothing() -> None:
    assert parse_lines([b"\n", b"  \r\n"], ORIGIN) == parse_lines([], ORIGIN)


def test_the_fixture_covers_three_languages() -> None:
    assert "پرداخت" in fixture("replay.jsonl").decode()
