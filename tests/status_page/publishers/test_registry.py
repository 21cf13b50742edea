"""Publishers from their settings: every problem at once, with the place to mend it."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from domain.errors import ConfigError
from status_page.publishers.bluesky import Bluesky
from status_page.publishers.mastodon import Mastodon
from status_page.publishers.registry import PUBLISHERS, Account, build_publisher, problems_of
from status_page.publishers.webhook import Webhook
from tests.domain.make import NOW


def account(type: str = "mastodon", **changes: Any) -> Account:
    given = {"name": "town-tr", "base_url": "https://town.example", "options": {}, "secret": "tok", **changes}
    return Account(type, **given)


@pytest.mark.parametrize(
    ("asked", "problems"),
    [
        (account(), []),
        (account("webhook", base_url="http://127.0.0.1:9/x"), []),
        (account("bluesky", base_url=None, options={"identifier": "brand.example"}), []),
        (account("fax"), ["publishers.town-tr.type: choose from bluesky, mastodon, webhook"]),
        (account(secret=None), ["publishers.town-tr: set HUBBUB_SECRET_TOWN_TR in the environment"]),
        (account(secret=""), ["publishers.town-tr: set HUBBUB_SECRET_TOWN_TR in the environment"]),
        (account(options={"tag": 1}), ["publishers.town-tr.options.tag: is not known"]),
        (account(base_url="town.example"),
         ["publishers.town-tr.base_url: mastodon needs an address that begins with https://"]),
        (account("bluesky", base_url="bsky.social", options={"identifier": 5}, secret=None),
         ["publishers.town-tr.options.identifier: bluesky needs it",
          "publishers.town-tr.base_url: bluesky needs an address that begins with https://",
          "publishers.town-tr: set HUBBUB_SECRET_TOWN_TR in the environment"]),
    ],
)  # fmt: skip
def test_every_problem_is_named_with_its_place(asked: Account, problems: list[str]) -> None:
    assert problems_of(asked) == problems


async def test_each_type_is_built_from_its_account(session: aiohttp.ClientSession) -> None:
    options = {"bluesky": {"identifier": "brand.example"}}
    built = {kind: build_publisher(account(kind, options=options.get(kind, {})), session, lambda: NOW)
             for kind in PUBLISHERS}  # fmt: skip
    assert {kind: type(made) for kind, made in built.items()} == {
        "mastodon": Mastodon, "bluesky": Bluesky, "webhook": Webhook,
    }  # fmt: skip
    assert {made.name for made in built.values()} == {"town-tr"}
    assert (built["mastodon"].limit, built["bluesky"].limit, built["webhook"].limit) == (500, 300, None)


async def test_a_wrong_account_is_not_built(session: aiohttp.ClientSession) -> None:
    with pytest.raises(ConfigError) as caught:
        build_publisher(account(base_url=None, secret=None), session, lambda: NOW)
    assert len(caught.value.problems) == 2


def test_an_account_never_shows_its_secret() -> None:
    assert "hunter2" not in repr(account(secret="hunter2"))
