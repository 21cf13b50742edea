"""Publishers from their settings: every problem at once, with the place to mend it."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from domain.errors import ConfigError
from status_page.publishers.bluesky import Bluesky
from status_page.publishers.mastodon import Mastodon
from status_page.publishers.registry import PUBLISHERS, Account, build_publisher, problems_of
from status_page.publishers.telegram import Telegram
from status_page.publishers.webhook import Webhook
from status_page.publishers.x import X
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
        (account("fax"), ["publishers.town-tr.type: choose from bluesky, mastodon, telegram, webhook, x"]),
        (account(secret=None), ["publishers.town-tr: set HUBBUB_SECRET_TOWN_TR in the environment"]),
        (account(secret=""), ["publishers.town-tr: set HUBBUB_SECRET_TOWN_TR in the environment"]),
        (account(options={"tag": 1}), ["publishers.town-tr.options.tag: is not known"]),
        (account(base_url="town.example"),
         ["publishers.town-tr.base_url: mastodon needs an address that begins with https://"]),
        (account("x", base_url=None, options={"user_id": 42, "price_link": 0.25, "links": True}), []),
        (account("x", options={"user_id": True, "price_post": "cheap", "price_link": -1, "links": "no"}),
         ["publishers.town-tr.options.user_id: must be a text or a whole number",
          "publishers.town-tr.options.price_post: must be a price in US dollars, from 0 to 100",
          "publishers.town-tr.options.price_link: must be a price in US dollars, from 0 to 100",
          "publishers.town-tr.options.links: must be true or false"]),
        (account("telegram", base_url=None, options={"chat": -100123}), []),
        (account("telegram", base_url=None), ["publishers.town-tr.options.chat: telegram needs it"]),
        (account("bluesky", base_url="bsky.social", options={"identifier": [5]}, secret=None),
         ["publishers.town-tr.options.identifier: bluesky needs it",
          "publishers.town-tr.base_url: bluesky needs an address that begins with https://",
          "publishers.town-tr: set HUBBUB_SECRET_TOWN_TR in the environment"]),
    ],
)  # fmt: skip
def test_every_problem_is_named_with_its_place(asked: Account, problems: list[str]) -> None:
    assert problems_of(asked) == problems


async def test_each_type_is_built_from_its_account(session: aiohttp.ClientSession) -> None:
    options = {"bluesky": {"identifier": "brand.example"}, "telegram": {"chat": "@acme_status"}}
    built = {kind: build_publisher(account(kind, options=options.get(kind, {})), session, lambda: NOW)
             for kind in PUBLISHERS}  # fmt: skip
    assert {kind: type(made) for kind, made in built.items()} == {
        "mastodon": Mastodon, "bluesky": Bluesky, "webhook": Webhook, "x": X, "telegram": Telegram,
    }  # fmt: skip
    assert {made.name for made in built.values()} == {"town-tr"}
    assert {kind: made.limit for kind, made in built.items()} == {
        "mastodon": 500, "bluesky": 300, "webhook": None, "x": 280, "telegram": 4096,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("type", "options", "links"),
    [("mastodon", {}, True), ("x", {}, False), ("x", {"links": True}, True), ("telegram", {"links": False}, False)],
)
def test_posts_carry_the_address_unless_it_costs_more_or_is_not_wanted(
    type: str, options: dict[str, Any], links: bool
) -> None:
    assert account(type, options=options).links is links


@pytest.mark.parametrize(
    ("options", "chat", "channel"),
    [
        ({"chat": "@acme_status"}, "@acme_status", "acme_status"),
        ({"chat": -100123}, "-100123", ""),
        ({"chat": -100123, "channel_name": "@acme_status"}, "-100123", "acme_status"),
    ],
)
async def test_a_public_telegram_channel_is_known_by_its_name(
    options: dict[str, Any], chat: str, channel: str, session: aiohttp.ClientSession
) -> None:
    built = build_publisher(account("telegram", base_url=None, options=options), session, lambda: NOW)
    assert isinstance(built, Telegram)
    assert (built.chat, built.channel, built.base_url) == (chat, channel, "https://api.telegram.org")


async def test_the_prices_of_x_can_be_set(session: aiohttp.ClientSession) -> None:
    options = {"price_post": 0.02, "price_link": 1}
    built = build_publisher(account("x", base_url=None, options=options), session, lambda: NOW)
    assert isinstance(built, X)
    assert (built.cost_of("no link"), built.cost_of("https://acme.com"), built.base_url) == (
        0.02,
        1,
        "https://api.x.com",
    )


async def test_a_wrong_account_is_not_built(session: aiohttp.ClientSession) -> None:
    with pytest.raises(ConfigError) as caught:
        build_publisher(account(base_url=None, secret=None), session, lambda: NOW)
    assert len(caught.value.problems) == 2


def test_an_account_never_shows_its_secret() -> None:
    assert "hunter2" not in repr(account(secret="hunter2"))
