"""Drafts of posts: one per account and language that has a text, within the account's length."""

from __future__ import annotations

import pytest

from domain.work import DeliveryState
from status_page.posts import Outlet, draft_posts
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
