"""What the settings say about sources reaches the parts: budgets, lists of who is no customer, queries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import aiohttp

from app import outfit
from config.secrets import Secrets
from config.settings import Settings
from domain.heard.budget import Budget
from domain.heard.mention import Author, Role
from domain.heard.roles import NOBODY, role_of
from listener.several import Filtered

NEWS: dict[str, Any] = {"type": "rss", "name": "news", "options": {"url": "https://news.example/rss"}}


def settings(*sources: dict[str, Any], **more: Any) -> Settings:
    tree = {
        "brand": {"name": "Nar"}, "components": [{"id": "payments", "names": {"en": "Payments"}}],
        "sources": list(sources), **more,
    }  # fmt: skip
    return Settings.model_validate(tree)


def test_budgets_are_found_by_the_name_of_the_source() -> None:
    made = settings(NEWS, {**NEWS, "name": "paid", "budget": {"daily": 5, "monthly": 100}})
    assert outfit.budgets(made) == {"news": Budget(), "paid": Budget(5.0, 100.0)}


def test_the_lists_of_the_brand_say_who_is_no_customer() -> None:
    brand = {
        "name": "Nar", "own_accounts": ["@Nar"], "employees": ["kim@town.example"], "bots": ["Repeater"],
        "competitors": ["elma"],
    }  # fmt: skip
    lists = outfit.no_customers(settings(brand=brand))
    found = [role_of(Author("1", "", handle), lists) for handle in ("nar", "kim@town.example", "repeater", "ELMA", "z")]
    assert found == [Role.OWN, Role.EMPLOYEE, Role.BOT, Role.COMPETITOR, Role.CUSTOMER]
    assert outfit.no_customers(settings()) == NOBODY


async def test_a_source_with_a_query_keeps_its_name_type_pace_and_price() -> None:
    query = {"name": "us", "any": ["Nar"]}
    made = settings({**NEWS, "query": "us", "every": "PT7M"}, {**NEWS, "name": "all"}, queries=[query])
    async with aiohttp.ClientSession() as session:
        wrapped, plain = outfit.sources(made, Secrets(), session, lambda: datetime.now(UTC))
    assert isinstance(wrapped, Filtered)
    assert not isinstance(plain, Filtered)
    assert (wrapped.name, wrapped.type, wrapped.every.seconds, wrapped.page_cost) == ("news", "rss", 420, 0.0)


def test_only_what_is_pushed_is_not_polled() -> None:
    assert {"form", "webhook"} <= outfit.BROUGHT
    assert not {"rss", "mastodon", "replay", "bluesky"} & outfit.BROUGHT
