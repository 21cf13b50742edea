"""Telegram against recorded answers of getUpdates, served by the replay server."""

from __future__ import annotations

import json

import aiohttp

from domain.heard.mention import MentionKind
from tests.listener.service import source
from tests.listener.test_recorded import pytestmark, replayed

__all__ = ["pytestmark"]
FILE = "telegram/getUpdates.replay.json"


async def test_updates_are_read_from_offset_to_offset(session: aiohttp.ClientSession) -> None:
    async with replayed(FILE) as url:
        bot = source("telegram", session, url, secrets={"bot_token": "TOKEN"})
        first = await bot.fetch(None)
        second = await bot.fetch('{"offset":2}')
        third = await bot.fetch('{"offset":4}')
    assert [len(batch.mentions) for batch in (first, second, third)] == [3, 3, 0]
    assert [batch.set_aside for batch in (first, second, third)] == [(), (), ()]
    assert json.loads(first.cursor or "")["offset"] == 319280321
    assert json.loads(second.cursor or "")["offset"] == 319280324
    private, before, after = second.mentions
    assert (private.kind, private.addressed, private.author.handle) == (MentionKind.MESSAGE, True, "sdd")
    assert (before.id, before.text, after.text) == (after.id, "Hola Hola", "Holaaa"), "an edit of the same message"
    assert after.edited_at is not None
