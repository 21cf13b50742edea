"""The registry: every problem of a source's settings at once. (What holds for every type: test_every_source.py.)"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import ConfigError
from listener.options import SecretProblem
from listener.registry import SOURCES, build_source, check_source
from tests.listener.service import NOW


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
        ("appstore", {"options": {"app_id": True}}, "option `app_id` is wrong"),
        ("mastodon", {"options": {"tags": ["a"]}}, "`base_url` is missing"),
        ("mastodon", {"base_url": "https://m.example"}, "option `tags` is missing"),
        ("mastodon", {"base_url": "m.example", "options": {"tags": ["a"]}}, "should start with http:// or https://"),
        ("mastodon", {"base_url": "https://m.example", "options": {"timeline": "mentions"}}, "secret `access_token`"),
        ("mastodon", {"base_url": "https://m.example", "options": {"timeline": "home"}}, "option `timeline` is wrong"),
        ("bluesky", {"options": {"query": "x"}}, "option `handle` is missing"),
        ("bluesky", {"options": {"query": "x", "handle": "h"}}, "secret `app_password` is missing"),
        ("rss", {"options": {"url": "file:///etc/passwd"}}, "option `url` is wrong"),
        ("x", {"secrets": {"access_token": "x"}}, "option `query` is missing"),
        ("x", {"options": {"query": "x"}}, "secret `access_token` is missing"),
        ("x", {"options": {"timeline": "mentions"}}, "option `user_id` is missing"),
        ("x", {"options": {"query": "x", "user_id": "@acme"}}, "option `user_id` is wrong"),
        ("x", {"options": {"query": "x", "max_results": 5}}, "option `max_results` is wrong"),
        ("telegram", {}, "secret `bot_token` is missing"),
        ("github", {}, "option `repo` is missing."),
        ("github", {"options": {"repo": "acme/app/../x"}}, "option `repo` is wrong"),
        ("youtube", {"secrets": {"api_key": "x"}}, "option `videos` or `channel` is missing"),
        ("youtube", {"options": {"channel": "UC1"}}, "secret `api_key` is missing"),
        ("youtube", {"options": {"channel": "@acme"}}, "option `channel` is wrong"),
        ("googleplay", {"options": {"package_name": "com.acme"}}, "secret `service_account` is missing"),
        ("googleplay", {"options": {"package_name": "acme"}}, "option `package_name` is wrong"),
        (
            "googleplay",
            {"options": {"package_name": "a.b"}, "secrets": {"service_account": "key.json"}},
            "secret `service_account` is no JSON",
        ),
        (
            "googleplay",
            {"options": {"package_name": "a.b"}, "secrets": {"service_account": '{"client_id": "1"}'}},
            "lacks `client_email` or `private_key`",
        ),
        ("stackexchange", {}, "option `query` or `tagged` is missing"),
        ("stackexchange", {"options": {"tagged": ["a"], "sort": "votes"}}, "option `sort` is wrong"),
        ("discourse", {}, "`base_url` is missing"),
        ("facebook", {"options": {"account": "100"}}, "secret `access_token` is missing"),
        ("facebook", {"options": {"account": "a/b"}, "secrets": {"access_token": "x"}}, "option `account` is wrong"),
        ("instagram", {"secrets": {"access_token": "x"}}, "option `account` is missing"),
        ("instagram", {"options": {"account": "1", "version": "21"}}, "option `version` is wrong"),
        ("facebook_webhook", {"options": {"verify_token": "eight ch"}}, "secret `app_secret` is missing"),
        ("facebook_webhook", {}, "option `verify_token` is missing"),
        ("reddit", {}, "option `subreddit` or `query` is missing"),
        ("reddit", {"options": {"subreddit": "r/acme"}}, "option `subreddit` is wrong"),
        ("reddit", {"options": {"query": "acme", "watch": "comments"}}, "Reddit searches posts only"),
        ("reddit", {"options": {"query": "acme", "client_id": "x"}}, "secret `client_secret` is missing"),
        ("reddit", {"options": {"query": "acme"}, "secrets": {"client_secret": "x"}}, "option `client_id` is missing"),
        (
            "reddit",
            {"options": {"query": "acme", "client_id": "x"}, "secrets": {"client_secret": "x"}},
            "option `username` is missing",
        ),
        ("trustpilot", {"options": {"business_unit": "46d6"}}, "secret `api_key` is missing"),
        ("trustpilot", {"options": {"business_unit": "acme.example"}}, "option `business_unit` is wrong"),
        ("tickets", {"secrets": {"secret": "short"}}, "shorter than 16 characters"),
        ("tickets", {"options": {"fields": {"txt": "a"}}}, "`txt` is not known; did you mean `text`?"),
        ("webhook", {"secrets": {"secret": "short"}}, "shorter than 16 characters"),
        ("webhook", {"options": {"fields": {"txt": "a"}}}, "`txt` is not known; did you mean `text`?"),
        ("replay", {"options": {"path": "x", "until": "later"}}, "option `until` is wrong"),
        ("mail", {"options": {"host": "mail.x.example", "user": "u"}}, "secret `password` is missing"),
        (
            "json",
            {"options": {"url": "https://x.example/c", "token_header": "X-Key"}},
            "secret `token` is missing: option `token_header` names the header",
        ),
        ("form", {"secrets": {"token": "x"}}, "secret `token` is not known. Known: none."),
        ("form", {"every": timedelta(0)}, "`every` is wrong"),
        ("form", {"options": {"own_handles": "acme"}}, "option `own_handles` is wrong"),
    ],
)
def test_each_mistake_gets_its_sentence(type_: str, given: dict[str, Any], says: str) -> None:
    problems = check_source(type_, "one", **given)
    assert any(says in problem for problem in problems), problems
    assert all(problem.startswith(f"source 'one' ({type_}): ") for problem in problems)
    for problem in problems:
        is_about_secret = "): secret `" in problem and "is not known" not in problem
        assert problem.endswith("Set HUBBUB_SECRET_ONE in the environment.") == is_about_secret


def test_a_missing_secret_is_said_with_the_variable_that_would_hold_it() -> None:
    (problem,) = check_source("telegram", "our-bot")
    assert problem.endswith("gave for your bot. Set HUBBUB_SECRET_OUR_BOT in the environment.")
    assert not any("HUBBUB_" in problem for problem in check_source("github", "one"))


def test_a_problem_is_known_to_be_about_a_secret_by_its_kind_not_by_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ["secret `x` is only spoken of.", SecretProblem("The key is wrong.")]
    monkeypatch.setitem(SOURCES, "rss", replace(SOURCES["rss"], problems_of=lambda *_: found))
    spoken, wanted = check_source("rss", "one", options={"url": "https://x.example/feed"})
    assert spoken.endswith("is only spoken of.")
    assert wanted.endswith("The key is wrong. Set HUBBUB_SECRET_ONE in the environment.")


@pytest.mark.parametrize(
    ("type_", "options"),
    [("appstore", {"app_id": 123456789}), ("x", {"user_id": 42, "query": "acme"}), ("facebook", {"account": 100})],
)
def test_an_id_may_be_written_as_a_number(type_: str, options: dict[str, Any]) -> None:
    secrets = {name: "token" for name in SOURCES[type_].secrets}
    assert check_source(type_, "one", options=options, secrets=secrets) == []


async def test_all_mistakes_come_at_once_and_without_the_secrets(session: aiohttp.ClientSession) -> None:
    with pytest.raises(ConfigError) as caught:
        build_source(
            "mastodon", "one", base_url="nowhere", every=timedelta(0), options={"tagz": ["a"], "limit": 0},
            secrets={"token": "s3cr3t"}, session=session, now=lambda: NOW,
        )  # fmt: skip
    assert len(caught.value.problems) == 5
    assert "s3cr3t" not in str(caught.value)


def test_only_webhooks_and_the_form_wait_to_be_told() -> None:
    pushed = {type_ for type_, line in SOURCES.items() if line.pushed}
    assert pushed == {"webhook", "form", "facebook_webhook", "tickets"}
