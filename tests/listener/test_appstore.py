"""App Store reviews: stars, edits, pages, and Apple's error pages."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import aiohttp
import pytest

from domain.errors import PermanentError, TemporaryError
from domain.heard.mention import Author, MentionKind
from listener.items import Parsed
from listener.sources.appstore import ReviewPage, next_page, parse_reviews
from tests.listener.service import ORIGIN, Reply, Service, fixture, source

EMPTY = re.sub(rb"<entry>.*</entry>", b"", fixture("appstore.xml"), flags=re.DOTALL)
AT = datetime(2026, 11, 2, 10, tzinfo=UTC)


def page_path(page: int) -> str:
    return f"/tr/rss/customerreviews/page={page}/id=42/sortby=mostrecent/xml"


def test_a_review_becomes_a_mention_with_its_stars() -> None:
    (review,) = parse_reviews(fixture("appstore.xml"), ORIGIN, "tr").parsed.mentions
    assert review.text == "Sürekli çöküyor\n\nSon güncellemeden sonra açılmıyor <3\nLütfen düzeltin"
    assert (review.kind, review.rating, review.region, review.native_id) == (MentionKind.REVIEW, 1, "TR", "9001")
    assert review.author == Author(
        "https://itunes.apple.com/tr/reviews/id777", "Ünal Ç.", url="https://itunes.apple.com/tr/reviews/id777"
    )
    assert review.created_at == AT
    assert review.url == "https://itunes.apple.com/tr/review?id=42&type=Purple%20Software"


def test_the_app_itself_is_no_review_and_a_broken_review_is_set_aside() -> None:
    page = parse_reviews(fixture("appstore.xml"), ORIGIN, "tr")
    assert [aside.reason for aside in page.parsed.set_aside] == ["`updated` is no readable date"]
    assert page.last == 2


def test_a_changed_review_keeps_its_id_and_tells_its_new_text() -> None:
    changed = (
        fixture("appstore.xml").replace(b"2026-11-02T03:00", b"2026-11-02T05:00").replace("çöküyor".encode(), b"ok")
    )
    (before,) = parse_reviews(fixture("appstore.xml"), ORIGIN, "tr").parsed.mentions
    (after,) = parse_reviews(changed, ORIGIN, "tr").parsed.mentions
    assert after.id == before.id
    assert after.text != before.text
    assert after.created_at > before.created_at, "it comes up again above what is known"


def test_no_review_is_no_mention() -> None:
    assert parse_reviews(EMPTY, ORIGIN, "tr").parsed == Parsed()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!DOCTYPE html><html><title>403</title>", TemporaryError),
        (b"<html>", TemporaryError),
        (b"", PermanentError),
        (b'{"feed": {}}', PermanentError),
        (b"<error/>", PermanentError),
    ],
)
def test_error_pages_are_told_apart_from_feeds(body: bytes, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        parse_reviews(body, ORIGIN, "tr")


@pytest.mark.parametrize(
    ("page", "changed", "last", "since", "then"),
    [
        (1, (AT,), 8, None, 2),
        (8, (AT,), 8, None, None),
        (10, (AT,), None, None, None),
        (1, (), 8, None, None),
        (1, (AT, datetime(2026, 11, 1, tzinfo=UTC)), 8, datetime(2026, 11, 2, tzinfo=UTC), None),
        (1, (AT,), 8, AT, 2),
    ],
    ids=["first", "last of the feed", "last Apple shows", "empty", "known", "same second: read on"],
)
def test_pages_are_read_down_to_what_is_known(
    page: int, changed: tuple[datetime, ...], last: int | None, since: datetime | None, then: int | None
) -> None:
    assert next_page(page, ReviewPage(Parsed(), changed, last), since, pages=10) == then


async def test_a_round_reads_the_pages_and_then_knows_the_newest(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(page_path(1), Reply(fixture("appstore.xml")))
    service.says(page_path(2), Reply(EMPTY))
    reviews = source("appstore", session, service.url, app_id="42", country="tr")
    first = await reviews.fetch(None)
    assert (first.more, json.loads(first.cursor or "")) == (True, {"newest": AT.isoformat(), "page": 2})
    second = await reviews.fetch(first.cursor)
    assert (second.more, json.loads(second.cursor or "")) == (False, {"since": AT.isoformat()})
    assert [asked.path for asked in service.asked] == [page_path(1), page_path(2)]
