"""Google Play against a recorded review, served by the replay server; the token comes from a server of our own."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError
from domain.heard.mention import Mention
from tests.listener.service import Reply, Service, source
from tests.listener.test_googleplay import GIVEN, account
from tests.listener.test_recorded import RECORDED, pytestmark, replayed

__all__ = ["pytestmark"]
FILE = "googleplay/reviews_list.replay.json"


async def test_reviews_are_read_to_the_end(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/token", GIVEN)
    seen: list[Mention] = []
    cursor, more = None, True
    async with replayed(FILE) as url:
        app = source(
            "googleplay", session, url, secrets=account(), package_name="com.example.app",
            token_url=f"{service.url}/token",
        )  # fmt: skip
        while more:
            batch = await app.fetch(cursor)
            assert batch.set_aside == ()
            seen, cursor, more = [*seen, *batch.mentions], batch.cursor, batch.more
    (review,) = seen
    assert review.text.startswith("WHAT KIND OF ALARM"), "no tab of a missing title"
    assert (review.rating, review.language, review.created_at.year) == (3, "en", 2017)
    assert len(service.asked) == 1, "one token for all pages"


async def test_an_account_without_the_right_is_told_so(service: Service, session: aiohttp.ClientSession) -> None:
    found: list[Any] = json.loads((RECORDED / FILE).read_text())["interactions"]
    refusal = next(one["response"] for one in found if one["response"]["status"] == 403)
    service.says("/token", GIVEN)
    service.says("/androidpublisher/v3/applications/com.none/reviews", Reply(refusal["json"], 403))
    with pytest.raises(AuthError):
        await source("googleplay", session, service.url, secrets=account(), package_name="com.none").fetch(None)
