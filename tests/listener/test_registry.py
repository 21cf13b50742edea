"""The registry: every problem of a source's settings at once, and every source complete."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from domain.errors import ConfigError
from listener.registry import SOURCES, build_source, check_source
from tests.listener.service import FIXTURES, NOW

ROOT = Path(__file__).parents[2]
RIGHT: dict[str, dict[str, Any]] = {
    "replay": {"options": {"path": "x.jsonl"}},
    "rss": {"options": {"url": "https://x.example/feed"}},
    "mastodon": {"options": {"tags": ["acme"], "own_handles": ["@acme"]}, "base_url": "https://m.example"},
    "hackernews": {"options": {"query": "acme"}},
    "appstore": {"options": {"app_id": "42"}},
    "bluesky": {"options": {"query": "acme", "handle": "acme.bsky.social"}, "secrets": {"app_password": "x"}},
    "webhook": {"secrets": {"secret": "0123456789abcdef"}},
    "form": {},
}


@pytest.mark.parametrize("type_", SOURCES)
async def test_every_source_is_built_from_right_settings(session: aiohttp.ClientSession, type_: str) -> None:
    given = {"base_url": None, "options": {}, "secrets": {}} | RIGHT[type_]
    assert check_source(type_, "one", **given) == []
    made = build_source(type_, "one", every=timedelta(minutes=5), session=session, now=lambda: NOW, **given)
    assert (made.name, made.type, made.every) == ("one", type_, timedelta(minutes=5))


@pytest.mark.parametrize("type_", SOURCES)
def test_every_source_has_fixture_test_file_and_docs_row(type_: str) -> None:
    assert list(FIXTURES.glob(f"{type_}*")), "a hand-written answer in tests/listener/fixtures"
    assert (ROOT / f"tests/listener/test_{type_}.py").exists()
    rows = [row for row in (ROOT / "docs/sources.md").read_text().splitlines() if row.startswith(f"| `{type_}` |")]
    assert len(rows) == 1, "one row in docs/sources.md"
    for option in [field.name for field in fields(SOURCES[type_].options)] + list(SOURCES[type_].secrets):
        assert f"`{option}`" in rows[0], f"docs/sources.md should explain `{option}`"


def test_an_unknown_type_lists_the_known_ones() -> None:
    (problem,) = check_source("mastadon", "one")
    assert "type `mastadon` is not known; did you mean `mastodon`?" in problem
    assert all(known in problem for known in SOURCES)


@pytest.mark.parametrize(
    ("type_", "given", "says"),
    [
        ("hackernews", {"options": {"qurey": "x", "query": "x"}}, "option `qurey` is not known; did you mean `query`?"),
        ("hackernews", {"options": {}}, "option `query` is missing."),
        ("hackernews", {"options": {"query": 7}}, "option `query` is wrong: input should be a valid string."),
        ("appstore", {"options": {"app_id": "id42"}}, "option `app_id` is wrong"),
        ("appstore", {"options": {"app_id": "42", "pages": 11}}, "less than or equal to 10"),
        ("mastodon", {"options": {"tags": ["a"]}}, "`base_url` is missing"),
        ("mastodon", {"base_url": "https://m.example"}, "option `tags` is missing"),
        ("mastodon", {"base_url": "m.example", "options": {"tags": ["a"]}}, "should start with http:// or https://"),
        ("mastodon", {"base_url": "https://m.example", "options": {"timeline": "mentions"}}, "secret `access_token`"),
        ("mastodon", {"base_url": "https://m.example", "options": {"timeline": "home"}}, "option `timeline` is wrong"),
        ("bluesky", {"options": {"query": "x"}}, "option `handle` is missing"),
        ("bluesky", {"options": {"query": "x", "handle": "h"}}, "secret `app_password` is missing"),
        ("rss", {"options": {"url": "file:///etc/passwd"}}, "option `url` is wrong"),
        ("webhook", {"secrets": {"secret": "short"}}, "shorter than 16 characters"),
        ("webhook", {"options": {"fields": {"txt": "a"}}}, "`txt` is not known; did you mean `text`?"),
        ("replay", {"options": {"path": "x", "until": "later"}}, "option `until` is wrong"),
        ("form", {"secrets": {"token": "x"}}, "secret `token` is not known. Known: none."),
        ("form", {"every": timedelta(0)}, "`every` is wrong"),
        ("form", {"options": {"own_handles": "acme"}}, "option `own_handles` is wrong"),
    ],
)
def test_each_mistake_gets_its_sentence(type_: str, given: dict[str, Any], says: str) -> None:
    problems = check_source(type_, "one", **given)
    assert any(says in problem for problem in problems), problems
    assert all(problem.startswith(f"source 'one' ({type_}): ") for problem in problems)


async def test_all_mistakes_come_at_once_and_without_the_secrets(session: aiohttp.ClientSession) -> None:
    with pytest.raises(ConfigError) as caught:
        build_source(
            "mastodon", "one", base_url="nowhere", every=timedelta(0), options={"tagz": ["a"], "limit": 0},
            secrets={"token": "s3cr3t"}, session=session, now=lambda: NOW,
        )  # fmt: skip
    assert len(caught.value.problems) == 5
    assert "s3cr3t" not in str(caught.value)


def test_only_webhook_and_form_wait_to_be_told() -> None:
    assert {type_ for type_, line in SOURCES.items() if line.pushed} == {"webhook", "form"}
