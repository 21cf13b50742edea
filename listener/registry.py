"""All sources we know, by the `type` written in the settings. A new source is its own file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from domain.errors import ConfigError
from domain.variables import variable
from listener.dialects import Dialect, hashtags, joined_by_or, one_each, words, x_search
from listener.items import web_url
from listener.options import SecretProblem, read_options, unknown
from listener.query import Query
from listener.several import Filtered, Several
from listener.source import Setup, Source
from listener.sources import (
    appstore,
    bluesky,
    discourse,
    facebook,
    facebook_webhook,
    form,
    github,
    googleplay,
    hackernews,
    instagram,
    jetstream,
    json_api,
    json_rounds,
    mail,
    mastodon,
    page_watch,
    reddit,
    replay,
    rss,
    stackexchange,
    telegram,
    tickets,
    trustpilot,
    webhook,
    x,
    youtube,
)

OWN_HANDLES = "own_handles"  # an option of every source: our accounts there; others' handles are shortened to "@…"


def _no_problems(options: object, base_url: str | None, secrets: object) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class SourceType:
    """One line of the registry."""

    options: type[Any]  # the dataclass the settings' `options` become
    source: Callable[[Setup, Any], Source]
    secrets: tuple[str, ...] = ()  # names of the secrets it knows
    problems_of: Callable[[Any, str | None, Mapping[str, str]], list[str]] = _no_problems
    pushed: bool = False  # mentions are brought to us: nothing to poll
    searches: Dialect | None = None  # how a query becomes its options; None: what it brings is only filtered


SOURCES: Mapping[str, SourceType] = {
    "replay": SourceType(replay.ReplayOptions, replay.Replay),
    "rss": SourceType(rss.RssOptions, rss.Rss, (), rss.problems_of),
    "mastodon": SourceType(
        mastodon.MastodonOptions, mastodon.Mastodon, ("access_token",), mastodon.problems_of, searches=hashtags
    ),
    "hackernews": SourceType(hackernews.HackerNewsOptions, hackernews.HackerNews, searches=one_each),
    "appstore": SourceType(appstore.AppStoreOptions, appstore.AppStore),
    "bluesky": SourceType(
        bluesky.BlueskyOptions, bluesky.Bluesky, ("app_password",), bluesky.problems_of, searches=one_each
    ),
    "jetstream": SourceType(jetstream.JetstreamOptions, jetstream.Jetstream, searches=words),
    "x": SourceType(x.XOptions, x.X, ("access_token",), x.problems_of, searches=x_search),
    "telegram": SourceType(telegram.TelegramOptions, telegram.Telegram, ("bot_token",), telegram.problems_of),
    "github": SourceType(github.GitHubOptions, github.repository, ("access_token",)),
    "youtube": SourceType(youtube.YouTubeOptions, youtube.YouTube, ("api_key",), youtube.problems_of),
    "googleplay": SourceType(
        googleplay.GooglePlayOptions, googleplay.GooglePlay, ("service_account",), googleplay.problems_of
    ),
    "stackexchange": SourceType(
        stackexchange.StackExchangeOptions,
        stackexchange.StackExchange,
        ("key",),
        stackexchange.problems_of,
        searches=one_each,
    ),
    "discourse": SourceType(discourse.DiscourseOptions, discourse.Discourse, ("api_key",), discourse.problems_of),
    "facebook": SourceType(page_watch.WatchOptions, facebook.facebook, ("access_token",), page_watch.problems_of),
    "instagram": SourceType(page_watch.WatchOptions, instagram.instagram, ("access_token",), page_watch.problems_of),
    "facebook_webhook": SourceType(
        facebook_webhook.FacebookWebhookOptions,
        facebook_webhook.FacebookWebhook,
        ("app_secret",),
        facebook_webhook.problems_of,
        pushed=True,
    ),
    "reddit": SourceType(
        reddit.RedditOptions, reddit.Reddit, ("client_secret",), reddit.problems_of, searches=joined_by_or
    ),
    "trustpilot": SourceType(trustpilot.TrustpilotOptions, trustpilot.Trustpilot, ("api_key",), trustpilot.problems_of),
    "tickets": SourceType(tickets.TicketsOptions, tickets.Tickets, ("secret",), tickets.problems_of, pushed=True),
    "mail": SourceType(mail.MailOptions, mail.Mail, ("password",), mail.problems_of),
    "json": SourceType(json_rounds.JsonOptions, json_api.Json, ("token",), json_api.problems_of),
    "webhook": SourceType(webhook.WebhookOptions, webhook.Webhook, ("secret",), webhook.problems_of, pushed=True),
    "form": SourceType(form.FormOptions, form.Form, pushed=True),
}


def check_source(
    type: str,
    name: str,
    *,
    base_url: str | None = None,
    every: timedelta = timedelta(minutes=1),
    options: Mapping[str, object] | None = None,
    secrets: Mapping[str, str] | None = None,
    query: Query | None = None,
) -> list[str]:
    """List everything wrong with a source's settings, one sentence each, for `hubbub check-config`."""
    searched = searches(type, options or {}, query)
    read = (_read(type, name, base_url, every, asked, secrets or {})[1] for asked in searched)
    problems = list(dict.fromkeys(problem for found in read for problem in found))
    if query is not None and type in SOURCES and SOURCES[type].pushed:
        problems.append(f"source {name!r} ({type}): `query` is for sources that are polled; this one is pushed to.")
    return problems


def build_source(
    type: str,
    name: str,
    *,
    base_url: str | None,
    every: timedelta,
    options: Mapping[str, object],
    secrets: Mapping[str, str],
    session: aiohttp.ClientSession,
    now: Callable[[], datetime],
    query: Query | None = None,
) -> Source:
    """Build a source from its settings; raises `ConfigError` with every problem at once."""
    problems = check_source(type, name, base_url=base_url, every=every, options=options, secrets=secrets, query=query)
    if problems:
        raise ConfigError(*problems)
    own, _ = _own_handles(options)
    setup = Setup(name, type, every, session, now, base_url, dict(secrets), own)
    built = [
        SOURCES[type].source(setup, _read(type, name, base_url, every, asked, secrets)[0])
        for asked in searches(type, options, query)
    ]
    source = built[0] if len(built) == 1 else Several(built)
    return source if query is None else Filtered(source, query)


def searches(type: str, options: Mapping[str, object], query: Query | None) -> list[Mapping[str, object]]:
    """Give the options of every search that a query needs at this source; options in the settings go before."""
    kind = SOURCES.get(type)
    if query is None or kind is None or kind.searches is None:
        return [options]
    asked = [found for found in kind.searches(query) if not set(found) & set(options)]
    return [{**found, **options} for found in asked] or [options]


def _read(
    type: str, name: str, base_url: str | None, every: timedelta, options: Mapping[str, object],
    secrets: Mapping[str, str],
) -> tuple[object, list[str]]:  # fmt: skip
    kind = SOURCES.get(type)
    if kind is None:
        return None, [f"source {name!r}: {unknown('type', type, list(SOURCES))}"]
    read, problems = read_options(kind.options, {k: v for k, v in options.items() if k != OWN_HANDLES}, (OWN_HANDLES,))
    problems += _own_handles(options)[1]
    problems += [unknown("secret", key, kind.secrets) for key in secrets if key not in kind.secrets]
    if base_url is not None and web_url(base_url) is None:
        problems.append("`base_url` is wrong: it should start with http:// or https://.")
    if every <= timedelta(0):
        problems.append("`every` is wrong: it should be longer than no time at all.")
    if read is not None:
        problems += [_with_variable(problem, name) for problem in kind.problems_of(read, base_url, secrets)]
    return read, [f"source {name!r} ({type}): {problem}" for problem in problems]


def _with_variable(problem: str, name: str) -> str:
    """Say where a secret that is wanted comes from."""
    return f"{problem} Set {variable(name)} in the environment." if isinstance(problem, SecretProblem) else problem


def _own_handles(options: Mapping[str, object]) -> tuple[frozenset[str], list[str]]:
    given = options.get(OWN_HANDLES, ())
    if not isinstance(given, list | tuple) or not all(isinstance(handle, str) for handle in given):
        return frozenset(), [f"option `{OWN_HANDLES}` is wrong: it should be a list of our handles."]
    return frozenset(handle.lstrip("@").casefold() for handle in given), []
