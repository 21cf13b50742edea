"""Stack Exchange against recorded answers; their texts were taken out, so the titles are put back in here."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from tests.listener.service import Reply, Service, source
from tests.listener.test_recorded import RECORDED, pytestmark

__all__ = ["pytestmark"]
NOW = datetime(2016, 4, 7, tzinfo=UTC)


def recorded() -> list[Any]:
    found = json.loads((RECORDED / "stackexchange/questions.replay.json").read_text())["interactions"]
    answers = [one["response"]["json"] for one in found]
    for answer in answers:
        for item in answer["items"]:
            item["title"] = f"Question {item['question_id']}"
    return answers


async def test_questions_are_read_to_the_end(service: Service, session: aiohttp.ClientSession) -> None:
    first, last, _ = recorded()
    service.says("/2.3/questions", Reply(first), Reply(last))
    asked = source("stackexchange", session, service.url, NOW, tagged=["python"], page_size=1, lookback_hours=720)
    batch = await asked.fetch(None)
    assert (batch.more, batch.set_aside) == (True, ())
    assert [mention.text for mention in batch.mentions] == ["Question 1"], "the recording has it twice"
    assert all(mention.author.handle and mention.author.id.startswith("stackoverflow:") for mention in batch.mentions)
    assert batch.quota is not None
    assert (batch.quota.remaining, batch.quota.resets_at) == (9989, NOW + timedelta(days=1))
    assert not (await asked.fetch(batch.cursor)).more
    assert [dict(one.query)["page"] for one in service.asked] == ["1", "2"]


async def test_back_off_is_waited_for(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/2.3/questions", Reply(recorded()[2]))
    batch = await source("stackexchange", session, service.url, NOW, tagged=["python"]).fetch(None)
    assert batch.not_before == NOW + timedelta(seconds=0.2)
