"""Discourse against recorded answers of a forum, served by the replay server."""

from __future__ import annotations

import json

import aiohttp

from domain.heard.mention import MentionKind
from tests.listener.service import source
from tests.listener.test_recorded import pytestmark, replayed

__all__ = ["pytestmark"]
FILE = "discourse/discourse_api.replay.json"


async def test_the_first_poll_reads_the_newest_posts(session: aiohttp.ClientSession) -> None:
    async with replayed(FILE) as url:
        batch = await source("discourse", session, url).fetch(None)
    assert (batch.set_aside, batch.deleted, batch.more) == ((), (), False)
    reply, topic = batch.mentions[:2]
    assert (reply.text, reply.kind, reply.in_reply_to) == ("holla bullhonky.", MentionKind.REPLY, topic.native_id)
    assert topic.text == "This is an uncategorized title\n\nhi there. hi there. hi there."
    assert json.loads(batch.cursor or "") == {"known": 15}


async def test_a_page_back_closes_the_gap(session: aiohttp.ClientSession) -> None:
    async with replayed(FILE) as url:
        batch = await source("discourse", session, url).fetch('{"known":12,"before":14,"newest":15}')
    assert (batch.set_aside, batch.more, json.loads(batch.cursor or "")) == ((), False, {"known": 15})
    assert len(batch.mentions) >= 2
