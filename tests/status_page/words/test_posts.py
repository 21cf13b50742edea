"""Drafts of posts: one per account and language that has a text, within the account's length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.work import DeliveryState
from status_page.publishers.mastodon import Mastodon
from status_page.publishers.webhook import Webhook
from status_page.publishers.x import X
from status_page.words.lengths import Measure, bluesky_length, has_link, mastodon_length, telegram_length, x_length
from status_page.words.posts import Outlet, draft_posts, outlet_of, remark, why_not
from tests.status_page.builders import NOW, incident, minutes, update

URL = "https://status.kiosk.example"


def test_each_outlet_gets_a_draft_in_each_of_its_languages_that_has_a_text() -> None:
    news = update(texts={"en": "Text.", "tr": "Metin."})
    outlets = [Outlet("mastodon", ("en", "fa"), 500), Outlet("bluesky-tr", ("tr",), 300), Outlet("hook", (), None)]
    drafts = draft_posts(incident(news), news, outlets, URL)
    assert [(d.channel, d.language) for d in drafts] == [
        ("mastodon", "en"), ("bluesky-tr", "tr"), ("hook", "en"), ("hook", "tr"),
    ]  # fmt: skip
    assert {(d.state, d.subject, d.created_at) for d in drafts} == {(DeliveryState.DRAFT, news.id, news.at)}


def test_drafting_again_gives_the_same_ids_and_another_update_others() -> None:
    one, two = update(1), update(2)
    outlets = [Outlet("mastodon", ("en", "tr"), 500)]
    ids = [{d.id for d in draft_posts(incident(one), news, outlets, URL)} for news in (one, one, two)]
    assert ids[0] == ids[1]
    assert len(ids[0] | ids[2]) == 4


@pytest.mark.parametrize("limit", [200, 280, 300, 500])
def test_a_draft_fits_its_outlet_with_the_address_whole(limit: int) -> None:
    news = update(texts={"en": "word " * 300}, due=NOW + minutes(20))
    (draft,) = draft_posts(incident(news), news, [Outlet("x", ("en",), limit)], URL)
    assert len(draft.text) <= limit
    assert draft.text.endswith(f"\n{URL}/en/incidents/inc_1.html")


def test_an_outlet_without_a_limit_gets_every_word() -> None:
    news = update(texts={"en": "word " * 300})
    (draft,) = draft_posts(incident(news), news, [Outlet("hook", ("en",), None)], URL)
    assert draft.text.count("word") == 300


def test_an_update_without_text_drafts_nothing() -> None:
    news = update(texts={})
    assert draft_posts(incident(news), news, [Outlet("hook", (), None)], URL) == ()


WORDS = {"en": "word " * 900, "tr": "ödeme çalışmıyor " * 270, "fa": "پرداخت‌ها انجام نمی‌شود 👍🏽 " * 180}


@pytest.mark.parametrize("language", list(WORDS))
@pytest.mark.parametrize(
    ("measure", "limit"),
    [(x_length, 280), (bluesky_length, 300), (mastodon_length, 500), (mastodon_length, 5000), (telegram_length, 4096)],
)
def test_a_draft_fits_as_its_platform_counts(measure: Measure, limit: int, language: str) -> None:
    news = update(texts=WORDS, due=NOW + minutes(20))
    outlet = Outlet("out", (language,), limit, measure)
    (draft,) = draft_posts(incident(news), news, [outlet], "https://status.acme.com")
    most = min(limit, 3000)  # characters that a form of Slack can hold
    assert measure(draft.text) <= limit
    assert 0.85 * most < max(measure(draft.text), len(draft.text))
    assert len(draft.text) <= 3000
    assert draft.text.endswith(f"\nhttps://status.acme.com/{language}/incidents/inc_1.html")


@settings(deadline=None, max_examples=60)
@given(text=st.text(min_size=1, max_size=900), limit=st.integers(200, 600))
def test_no_words_make_a_draft_too_long(text: str, limit: int) -> None:
    for measure in (x_length, bluesky_length, mastodon_length, telegram_length):
        news = update(texts={"en": text})
        for draft in draft_posts(incident(news), news, [Outlet("x", ("en",), limit, measure)], URL):
            assert measure(draft.text) <= limit


def test_where_links_cost_the_draft_has_none() -> None:
    news = update(texts={"en": "We look for the cause."})
    (draft,) = draft_posts(incident(news), news, [Outlet("x", ("en",), 280, x_length, links=False)], URL)
    assert draft.text == "Investigating: Cards are declined\nWe look for the cause."


def price(text: str) -> float:
    return 0.20 if has_link(text) else 0.015


@pytest.mark.parametrize(
    ("text", "outlet", "words"),
    [
        ("Hello", Outlet("x", (), 280, x_length, price), "$0.015 · 5 of 280"),
        ("https://acme.com", Outlet("x", (), 280, x_length, price), "$0.20: it has a link · 23 of 280"),
        ("a" * 301, Outlet("b", (), 300), "301 of 300: too long"),
        ("a" * 1200, Outlet("m", (), 5000), "1,200 of 5,000"),
        ("Hello", Outlet("hook", (), None), ""),
    ],
)
def test_beside_a_preview_stands_what_it_costs_and_how_long_it_is(text: str, outlet: Outlet, words: str) -> None:
    assert remark(text, outlet) == words


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("fine", None),
        ("  ", "An empty post cannot be sent."),
        ("の" * 141, "This is 2 over the 280 that x takes: shorten it."),
    ],
)
def test_a_text_that_cannot_be_posted_is_refused_with_the_reason(text: str, reason: str | None) -> None:
    assert why_not(text, Outlet("x", (), 280, x_length)) == reason


def test_an_outlet_is_what_its_publisher_can_do() -> None:
    x = outlet_of(X("x", "", "", None, lambda: NOW), ("en",), False)  # type: ignore[arg-type]
    assert (x.limit, x.links, x.edits, x.withdraws, x.measure("の")) == (280, False, False, True, 2)
    assert x.cost is not None
    hook = outlet_of(Webhook("hook", "", "", None, lambda: NOW), (), True)  # type: ignore[arg-type]
    assert (hook.limit, hook.cost, hook.edits, hook.withdraws, hook.measure("の")) == (None, None, True, True, 1)
    server = Mastodon("mastodon", "", "", None)  # type: ignore[arg-type]
    server.known["max_characters"] = 1000
    assert outlet_of(server, (), True).limit == 1000
