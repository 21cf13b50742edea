"""Whatever a service answers, only our own errors come out, and what comes out can be stored."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import ServiceError
from domain.heard.mention import Mention
from listener.items import Parsed
from listener.sources import (
    appstore,
    bluesky,
    discourse,
    facebook,
    form,
    github,
    googleplay,
    graph,
    hackernews,
    instagram,
    jetstream,
    json_api,
    json_rounds,
    letters,
    mastodon,
    meta_changes,
    page_watch,
    reddit,
    reddit_posts,
    replay,
    rss,
    stackexchange,
    telegram,
    tickets,
    trustpilot,
    webhook,
    x,
    x_posts,
    youtube,
)
from listener.sources.google import Allowance
from tests.listener.service import ORIGIN, fixture, json_fixture

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=20),
    st.sampled_from(["<p>", "2026-11-02T10:00:00Z", "\ud800", "\x00", "javascript:x", "mention", "-1", "9" * 400]),
)  # fmt: skip
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)  # fmt: skip
WEBHOOK = webhook.WebhookOptions("data.comments", {"id": "key", "text": "body", "created_at": "when"})
YOUTUBE = youtube.Round(Allowance(9, 0, ORIGIN.now), "vid-1")
PAGE, TAGGED = page_watch.WatchOptions("100"), page_watch.WatchOptions("178", watch="tagged")
TICKETS = tickets.TicketsOptions()
JSON = json_rounds.JsonOptions(
    "/x", "data.comments", {"id": "key", "text": "body", "created_at": "when", "title": "head", "rating": "stars"},
    page=json_rounds.Paging("next_url", "paging.next"), since=json_rounds.Since("since"),
)  # fmt: skip
RSS = rss.RssOptions("https://forum.example/feed.xml")

JSON_PARSERS: dict[str, tuple[str, Callable[[Any], Parsed]]] = {
    "statuses": ("mastodon_tag.json", lambda answer: mastodon.parse_statuses(answer, ORIGIN)),
    "notifications": ("mastodon_mentions.json", lambda answer: mastodon.parse_notifications(answer, ORIGIN)),
    "hits": ("hackernews.json", lambda answer: hackernews.parse_hits(answer, ORIGIN)),
    "posts": ("bluesky.json", lambda answer: bluesky.parse_posts(answer, ORIGIN, "did:plc:us")),
    "threads": ("youtube.json", lambda answer: youtube.parse_threads(answer, ORIGIN)),
    "play": ("googleplay.json", lambda answer: googleplay.parse_reviews(answer, ORIGIN, "com.acme.app")),
    "questions": ("stackexchange.json", lambda answer: stackexchange.parse_questions(answer, ORIGIN, "acme")),
    "forum": ("discourse.json", lambda answer: discourse.parse_posts(answer, ORIGIN, "https://forum.example")),
    "search": ("x_search.json", lambda answer: x_posts.parse_posts(answer, ORIGIN, "900")),
    "updates": ("telegram.json", lambda answer: telegram.parse_updates(answer, ORIGIN, "7")),
    "issues": ("github_issues.json", lambda answer: github.parse_issues(answer, ORIGIN)),
    "issue comments": ("github_comments.json", lambda answer: github.parse_comments(answer, ORIGIN)),
    "page": ("facebook.json", lambda answer: facebook.parse_posts(answer, ORIGIN, PAGE)),
    "page comments": ("facebook_comments.json", lambda answer: facebook.parse_comments(answer, ORIGIN, PAGE, "100_1")),
    "media": ("instagram.json", lambda answer: instagram.parse_media(answer, ORIGIN, PAGE)),
    "media comments": ("instagram.json", lambda answer: instagram.parse_comments(answer, ORIGIN, PAGE, "9001")),
    "tagged": ("instagram_tagged.json", lambda answer: instagram.parse_media(answer, ORIGIN, TAGGED)),
    "changes": ("facebook_webhook.json", lambda answer: meta_changes.parse_changes(answer, ORIGIN)),
    "flat changes": ("facebook_webhook_instagram.json", lambda answer: meta_changes.parse_changes(answer, ORIGIN)),
    "listing": ("reddit.json", lambda answer: reddit_posts.parse_listing(answer, ORIGIN)),
    "trust": ("trustpilot.json", lambda answer: trustpilot.parse_reviews(answer, ORIGIN)),
    "tickets": ("tickets.json", lambda answer: tickets.parse_tickets(answer, ORIGIN, TICKETS, "https://d.example")),
    "trigger": ("tickets_trigger.json", lambda answer: tickets.parse_tickets(answer, ORIGIN, TICKETS)),
    "event": ("jetstream_event.json", lambda answer: _visit(_dumped(answer))),
    "items": ("json_paged.json", lambda answer: json_api.parse_items(answer, ORIGIN, JSON)),
    "body": ("webhook.json", lambda answer: webhook.parse_body(_dumped(answer), ORIGIN, WEBHOOK)),
    "line": ("webhook.json", lambda answer: replay.parse_lines([_dumped(answer)], ORIGIN)),
}
BYTE_PARSERS: dict[str, tuple[str, Callable[[bytes], Parsed]]] = {
    "feed": ("rss.xml", lambda body: rss.parse_feed(body, ORIGIN, RSS)),
    "reviews": ("appstore.xml", lambda body: appstore.parse_reviews(body, ORIGIN, "tr").parsed),
    "reddit": ("reddit.xml", lambda body: reddit_posts.parse_entries(body, ORIGIN)[0]),
    "webhook": ("webhook.json", lambda body: webhook.parse_body(body, ORIGIN, WEBHOOK)),
    "stream": ("jetstream.jsonl", lambda body: _visit(*body.splitlines())),
    "mail": ("mail_en.eml", lambda body: letters.parse_letters([letters.Letter(body, "7:1")], ORIGIN)),
    "turkish mail": ("mail_tr.eml", lambda body: letters.parse_letters([letters.Letter(body, "7:1")], ORIGIN)),
    "replay": ("replay.jsonl", lambda body: replay.parse_lines(body.split(b"\n"), ORIGIN)),
}


def _visit(*frames: bytes) -> Parsed:
    visit = jetstream.Visit(ORIGIN, ("acme",), 0)
    for frame in frames:
        visit.take(frame)
    return visit.parsed()


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Name every place in a JSON value, containers too."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(leaf for key, inner in steps for leaf in _leaves(inner, (*path, key)))]


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Put `new` at one place of a JSON value."""
    if not path:
        return new
    changed = copy.deepcopy(value)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = new
    return changed


def assert_storable(parsed: Parsed) -> None:
    """Everything that came out can be written down and shown."""
    for mention in parsed.mentions:
        assert isinstance(mention, Mention)
        json.dumps(replay.mention_line(mention), ensure_ascii=False).encode()
        assert mention.text
        assert mention.native_id
        assert mention.created_at <= ORIGIN.now
        assert mention.url is None or mention.url.lower().startswith("http")
    for aside in parsed.set_aside:
        aside.raw.encode()
        assert aside.reason
        assert len(aside.raw) <= 4000


def parse(parser: Callable[[Any], Parsed], answer: Any) -> None:
    """Run a parser; only our own errors may come out."""
    try:
        assert_storable(parser(answer))
    except ServiceError as err:
        assert str(err)


@pytest.mark.parametrize("name", JSON_PARSERS)
@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_read_or_refused(name: str, data: st.DataObject) -> None:
    parse(JSON_PARSERS[name][1], data.draw(ANY_JSON))


@pytest.mark.parametrize("name", JSON_PARSERS)
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_answer_with_one_place_changed_is_read_or_refused(name: str, data: st.DataObject) -> None:
    file, parser = JSON_PARSERS[name]
    answer = json_fixture(file)
    parse(parser, _with(answer, data.draw(st.sampled_from(_leaves(answer))), data.draw(ANY_JSON)))


@pytest.mark.parametrize("name", BYTE_PARSERS)
@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_truncated_and_damaged_bytes_are_read_or_refused(name: str, data: st.DataObject) -> None:
    file, parser = BYTE_PARSERS[name]
    body = fixture(file)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    parse(parser, body[:start] + data.draw(st.binary(max_size=20)) + body[end:])
    parse(parser, body[:end])


@given(st.dictionaries(st.sampled_from(["text", "contact", "name", "component", "language", "website"]), SCALARS))
@settings(deadline=None)
def test_any_form_is_a_report_or_a_list_of_problems(fields: dict[str, object]) -> None:
    made = form.parse_report(fields, ORIGIN, components=("app",))
    if isinstance(made, form.Report):
        assert_storable(Parsed((made.mention,)))
    else:
        assert made


@given(ANY_JSON)
@settings(deadline=None)
def test_the_next_request_follows_from_any_answer(answer: Any) -> None:
    for decide in (
        lambda: hackernews.next_window(hackernews.Window(1), answer, 100),
        lambda: bluesky.next_round(bluesky.Round(ORIGIN.now), answer),
        lambda: mastodon.newest_id(answer),
        lambda: json_rounds.next_round(json_rounds.Round(), answer, JSON, ORIGIN.now),
        lambda: json_rounds.next_round(json_rounds.Round(), {"data": {"comments": answer}}, JSON, ORIGIN.now),
        lambda: x.next_round(x.Round("5"), answer),
        lambda: x_posts.gone_ids(answer),
        lambda: telegram.next_offset(answer),
        lambda: github.next_round(github.Round(ORIGIN.now), answer, "", ""),
        lambda: youtube.next_page(YOUTUBE, answer, ORIGIN.now),
        lambda: googleplay.next_page("token", answer, ORIGIN.now),
        lambda: stackexchange.next_round(stackexchange.Round(ORIGIN.now), answer, "creation_date"),
        lambda: stackexchange.pause_in(answer, ORIGIN.now),
        lambda: stackexchange.problem_in(answer, "api.example"),
        lambda: discourse.next_round(discourse.Round(9, 40), answer),
        lambda: discourse.deleted_posts(answer),
        lambda: graph.next_page(answer),
        lambda: page_watch.next_round(page_watch.Round(ORIGIN.now), answer, "timestamp", 9, ORIGIN.now),
        lambda: page_watch.hidden_in(answer, page_watch.FIRST, "hidden"),
        lambda: "".join(meta_changes.taken_back(answer, True)).encode(),
        lambda: "".join(tickets.taken_back(answer, TICKETS)).encode(),
        lambda: "".join(reddit_posts.removed_in(answer)).encode(),
        lambda: reddit.next_round(reddit.Round(ORIGIN.now), answer),
        lambda: trustpilot.next_round(trustpilot.Round(ORIGIN.now), answer),
    ):
        try:
            decide()
        except ServiceError as err:
            assert str(err)
